"""`python -m services.local seed-demo`: what a team left in an account, seen from boto3."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from services.evaluation import evaluated_model, scoring
from services.evaluation.metrics import Scored
from services.evaluation.models import attached_data
from services.training import jobs as training_jobs
from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local_service import PROJECT, LocalService, eventually

pytestmark = pytest.mark.slow


def seed(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.local", "seed-demo", "--data-dir", str(folder)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A service over a folder with the demonstration."""
    folder = tmp_path_factory.mktemp("demo")
    done = seed(folder)
    assert done.returncode == 0, done.stderr
    service = LocalService(folder)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def sagemaker(seeded: LocalService) -> Any:
    return seeded.client("sagemaker")


def last_invoked(seeded: LocalService, endpoint: str, variant: str) -> timedelta | None:
    """How long ago the last hour with an invocation began."""
    now = datetime.now(UTC)
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    points = seeded.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=dimensions,
        StartTime=now - timedelta(days=30),
        EndTime=now,
        Period=3_600,
        Statistics=["Sum"],
    )["Datapoints"]
    return now - max(point["Timestamp"] for point in points) if points else None


def test_jobs_of_every_ending_are_listed(sagemaker: Any) -> None:
    jobs = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    assert {job["TrainingJobStatus"] for job in jobs} == {"Completed", "Failed", "InProgress"}


def test_a_failed_job_tells_why(sagemaker: Any) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="churn-typo")
    assert job["FailureReason"] == "ClientError: Extraneous hyperparameter found: max_deph"


def test_things_were_made_over_weeks(sagemaker: Any) -> None:
    jobs = sagemaker.list_training_jobs(MaxResults=100, SortOrder="Ascending")["TrainingJobSummaries"]
    age = datetime.now(UTC) - jobs[0]["CreationTime"]
    assert timedelta(days=19) < age < timedelta(days=21)
    assert jobs[-1]["CreationTime"] > datetime.now(UTC) - timedelta(days=1)


def test_a_job_took_time_on_the_day_it_was_made(sagemaker: Any) -> None:
    job = sagemaker.describe_training_job(TrainingJobName="fraud-baseline")
    assert job["BillableTimeInSeconds"] > 0
    assert job["CreationTime"] < job["TrainingEndTime"] < job["CreationTime"] + timedelta(days=1)


def test_the_job_in_progress_really_runs_and_can_be_stopped(seeded: LocalService, sagemaker: Any) -> None:
    name = "credit-long-run"

    def learned() -> list[str]:
        group = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamNamePrefix": f"{name}/"}
        answer = seeded.client("logs").filter_log_events(**group, filterPattern='"validation-auc"')
        return [event["message"] for event in answer["events"]]

    eventually(learned)
    sagemaker.stop_training_job(TrainingJobName=name)
    assert factories.ended(seeded, name)["TrainingJobStatus"] == "Stopped"


def test_every_model_can_be_evaluated_at_once(seeded: LocalService, sagemaker: Any) -> None:
    completed = sagemaker.list_training_jobs(StatusEquals="Completed", MaxResults=100)["TrainingJobSummaries"]
    assert len(completed) == 8
    for summary in completed:
        model = evaluated_model.of_job(training_jobs.describe(seeded.account, summary["TrainingJobName"]))
        data = attached_data.data_of(seeded.account, model)
        assert data
        rows = scoring.read_split(seeded.account, data, "test")
        scored = Scored.of(rows.labels, scoring.from_artifact(seeded.account, model.uri, rows.features))
        assert scored.roc_auc
        assert scored.roc_auc > 0.8


def test_the_tuning_job_has_a_best_training_job(sagemaker: Any) -> None:
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="fraud-tuning")
    assert job["TrainingJobStatusCounters"]["Completed"] == 4
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] > 0.6


def test_transform_jobs_ended_as_their_data_deserved(sagemaker: Any) -> None:
    jobs = sagemaker.list_transform_jobs()["TransformJobSummaries"]
    statuses = {job["TransformJobName"]: job["TransformJobStatus"] for job in jobs}
    assert statuses == {"fraud-backfill": "Completed", "churn-backfill": "Failed"}


def test_a_processing_job_has_been_in_progress_for_hours(sagemaker: Any) -> None:
    [job] = sagemaker.list_processing_jobs(StatusEquals="InProgress")["ProcessingJobSummaries"]
    document = sagemaker.describe_processing_job(ProcessingJobName=job["ProcessingJobName"])
    assert datetime.now(UTC) - document["ProcessingStartTime"] > timedelta(hours=6)
    assert document["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 2


def test_the_waiter_of_processing_jobs_comes_back(sagemaker: Any) -> None:
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="fraud-feature-engineering", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    with pytest.raises(WaiterError, match="terminal failure state"):
        waiter.wait(ProcessingJobName="churn-explanations", WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_an_endpoint_of_two_variants_really_answers(seeded: LocalService) -> None:
    row = ",".join(["0.1"] * 12)
    assert len(factories.invoke(seeded, "fraud-scoring", f"{row}\n{row}\n")) == 2


@pytest.mark.parametrize(
    ("endpoint", "variant", "least", "most"),
    [
        ("fraud-scoring", "champion", timedelta(0), timedelta(hours=4)),
        ("fraud-scoring", "challenger", timedelta(0), timedelta(days=2)),
        ("churn-weekly", "AllTraffic", timedelta(days=8), timedelta(days=10)),
        ("churn-on-demand", "AllTraffic", timedelta(days=1), timedelta(days=2)),
    ],
)
def test_endpoints_were_invoked_when_they_were_of_use(
    seeded: LocalService, endpoint: str, variant: str, least: timedelta, most: timedelta
) -> None:
    ago = last_invoked(seeded, endpoint, variant)
    assert ago is not None
    assert least <= ago <= most


def test_one_endpoint_was_never_invoked(seeded: LocalService) -> None:
    assert last_invoked(seeded, "credit-demo", "AllTraffic") is None


def test_one_endpoint_failed_in_one_sentence(sagemaker: Any) -> None:
    reason = sagemaker.describe_endpoint(EndpointName="credit-torn")["FailureReason"]
    assert reason.startswith("The model data is not a valid tar.gz archive")
    assert "\n" not in reason


def test_one_endpoint_is_serverless(sagemaker: Any) -> None:
    [variant] = sagemaker.describe_endpoint(EndpointName="churn-on-demand")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def test_notebook_instances_have_been_in_service_for_days(sagemaker: Any) -> None:
    instances = {
        item["NotebookInstanceName"]: item for item in sagemaker.list_notebook_instances()["NotebookInstances"]
    }
    assert {name: item["NotebookInstanceStatus"] for name, item in instances.items()} == {
        "fraud-exploration": "InService",
        "credit-gpu": "InService",
        "onboarding": "Stopped",
    }
    up = datetime.now(UTC) - instances["fraud-exploration"]["LastModifiedTime"]
    assert timedelta(days=15) < up < timedelta(days=17)


def test_apps_tell_how_long_nobody_has_used_them(sagemaker: Any) -> None:
    now, members = datetime.now(UTC), ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
    apps = [
        sagemaker.describe_app(**{member: item[member] for member in members if member in item})
        for item in sagemaker.list_apps()["Apps"]
    ]
    hours = {
        app.get("SpaceName", app.get("UserProfileName")): (now - app["LastUserActivityTimestamp"]) / timedelta(hours=1)
        for app in apps
    }
    assert {owner: round(idle) for owner, idle in hours.items()} == {
        "ada-notebooks": 2,
        "fraud-team": 120,
        "grace-editor": 26,
        "linus": 180,
    }


def test_tags_tell_whose_it_is_and_what_is_in_production(sagemaker: Any) -> None:
    arn = sagemaker.describe_endpoint(EndpointName="fraud-scoring")["EndpointArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"owner": "katherine", "team": "payments", "project": "fraud", "environment": "production"}


def test_a_model_of_the_demonstration_can_be_deployed(seeded: LocalService) -> None:
    config = endpoint_factory.make_config(seeded, endpoint_factory.variant("fraud-first", "one"))
    endpoint = endpoint_factory.make_endpoint(seeded, config)
    assert len(factories.invoke(seeded, endpoint, ",".join(["0.1"] * 12))) == 1


def test_a_folder_that_is_served_is_refused(seeded: LocalService) -> None:
    refused = seed(seeded.folder)
    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        f"Data folder {seeded.folder}: another service serves it at {seeded.url}. Stop it, seed the folder, and start "
        "it again.",
    )


def test_a_folder_that_has_the_demonstration_is_refused(tmp_path: Path, own_local: LocalService) -> None:
    """Told by the name of a job, which a folder keeps for ever: a whole second seeding is not needed to see it."""
    data = factories.put_data(own_local)
    request = factories.training_request("fraud-baseline", data, num_round="1")
    own_local.client("sagemaker").create_training_job(**request)
    factories.ended(own_local, "fraud-baseline")
    own_local.kill()
    refused = seed(own_local.folder)
    own_local.start()
    assert refused.returncode == 1
    assert refused.stderr.strip().endswith(
        "it already contains the demonstration. Seed another folder, or serve this one."
    )
