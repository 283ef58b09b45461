"""From an uploaded table to a job in the history, on an AWS account in a real browser. moto is the AWS.

moto trains nothing: the job is completed at once, in no time, without a log, a metric or a model file. So there is no
learning curve, no cost and nothing to evaluate; what is seen is what was sent, and that the job is found again.
"""

import random
from pathlib import Path

import pytest

from tests.journeys.visitor import Visitor, set_the_role, train
from tests.moto_account import BUCKET, ROLE, client

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROWS, DEFAULTS = 500, 90


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Loans: two numbers, a text, and whether it was not paid back, the class to find, last."""
    luck = random.Random(1729)
    lines = [
        f"{luck.randint(20, 70)},{luck.randint(1000, 9000)},{luck.choice(('car', 'house'))},"
        f"{'yes' if row < DEFAULTS else 'no'}"
        for row in range(ROWS)
    ]
    path = tmp_path / "loans.csv"
    path.write_text("\n".join(["age,income,purpose,default", *lines]))
    return path


def test_an_uploaded_table_is_prepared_trained_on_and_its_job_found_in_the_history(
    on_aws: Visitor, aws_url: str, table: Path
) -> None:
    set_the_role(on_aws)
    upload(on_aws, table)
    is_in_the_bucket(aws_url)
    train(on_aws)
    on_aws.sees("The log has no learning curve.")
    on_aws.picture("train-on-aws")
    job = was_sent(aws_url)
    find_in_history(on_aws, job)
    on_aws.sees_no_fault()


def upload(visitor: Visitor, table: Path) -> None:
    visitor.walk("Data")
    visitor.page.get_by_role("radio", name="Upload").click()
    visitor.settle()
    visitor.page.locator("input[type=file]").set_input_files(table)
    visitor.sees("Rows by class")
    visitor.settle()
    assert visitor.metric("Rows") == f"{ROWS}"
    visitor.press("prepare")
    visitor.sees(f"loans is prepared at s3://{BUCKET}/sagedeck/data/loans")
    visitor.picture("data-on-aws")


def is_in_the_bucket(url: str) -> None:
    """Every row is in one of the three files, the class first as 0 or 1, then two numbers and a column a purpose."""
    s3 = client(url, "s3")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="sagedeck/data/loans/")["Contents"]
    files = [item["Key"] for item in listed if item["Key"].endswith(".csv")]
    texts = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in files]
    rows = [line.split(",") for text in texts for line in text.splitlines()]
    assert (len(files), len(rows), {len(row) for row in rows}) == (3, ROWS, {5})
    assert [row[0] for row in rows].count("1") == DEFAULTS


def was_sent(url: str) -> str:
    """The name of the one training job, which learns from these rows under the role of Settings."""
    sagemaker = client(url, "sagemaker")
    (listed,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    job = sagemaker.describe_training_job(TrainingJobName=listed["TrainingJobName"])
    sources = {channel["ChannelName"]: channel["DataSource"]["S3DataSource"] for channel in job["InputDataConfig"]}
    assert job["RoleArn"] == ROLE
    assert {name: source["S3Uri"] for name, source in sources.items()} == {
        name: f"s3://{BUCKET}/sagedeck/data/loans/{name}/" for name in ("train", "validation")
    }
    return str(listed["TrainingJobName"])


def find_in_history(visitor: Visitor, job: str) -> None:
    visitor.walk("History")
    visitor.sees_in_table(job)
    visitor.sees_in_table("Completed")
    visitor.choose("on", "loans")
    visitor.sees("Page 1: 1 of 1 job match.")
    visitor.tick_first_row()
    visitor.picture("history-on-aws")
    visitor.page.get_by_role("link", name="Open job").click()
    visitor.settle()
    assert visitor.address["job"] == [job]
    visitor.sees("Completed")
