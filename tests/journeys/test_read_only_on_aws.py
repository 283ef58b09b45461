"""Read-only mode on an AWS account in a real browser: every button that would change something says why it does not.

moto is the AWS, and tells everything it holds: objects, jobs, models, endpoints, notebook instances and their tags. A
rule on one of them came due long ago, so that the server's background thread would shut it down, too. moto's jobs are
never active, so that no Stop button can be tried; and it has no ListInferenceComponents, without which the files of a
job are not offered for deletion.
"""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from services.aws.s3 import Address
from services.shutdown.grace import STOP_AT
from services.shutdown.rules import TAG
from tests.journeys.visitor import Visitor, prepare_tumours, set_the_role, train
from tests.moto_account import client, held, make_endpoint, make_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REMEDY = "Switch read-only mode off in Settings."


def test_in_read_only_mode_no_button_changes_the_account_and_every_one_says_why(on_aws: Visitor, aws_url: str) -> None:
    set_the_role(on_aws)
    prepare_tumours(on_aws, "cells")
    train(on_aws)
    put_the_model_file(aws_url)
    make_endpoint(aws_url, "demo")
    switch(on_aws)
    expect(on_aws.page.get_by_text("READ ONLY")).to_be_visible()
    make_notebook(aws_url, "overdue", **overdue(datetime.now(UTC)))
    before = held(aws_url)

    try_settings(on_aws)
    try_data(on_aws)
    try_launches(on_aws)
    try_registry(on_aws)
    try_endpoints(on_aws)
    try_costs(on_aws)

    assert held(aws_url) == before
    switch(on_aws)
    expect(on_aws.page.get_by_text("READ ONLY")).to_have_count(0)
    save_a_limit(on_aws)
    on_aws.sees("of $5.00 spent or reserved.")
    assert held(aws_url) != before
    on_aws.sees_no_fault()


def put_the_model_file(url: str) -> None:
    """Where the one training job has it; moto writes none."""
    sagemaker, s3 = client(url, "sagemaker"), client(url, "s3")
    (listed,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    job = sagemaker.describe_training_job(TrainingJobName=listed["TrainingJobName"])
    file = Address.parse(job["ModelArtifacts"]["S3ModelArtifacts"])
    s3.put_object(Bucket=file.bucket, Key=file.key, Body=b"no model")


def switch(visitor: Visitor) -> None:
    """Switch the mode on, or off again."""
    visitor.walk("Settings")
    visitor.page.get_by_text("Read-only: block all changes").click()
    visitor.settle()


def overdue(now: datetime) -> dict[str, str]:
    """Tags of what a rule would have shut down a minute ago."""
    return {TAG: f"until {now - timedelta(days=1):%Y-%m-%dT%H:%M}", STOP_AT: f"{now - timedelta(minutes=1):%FT%TZ}"}


def refuses(visitor: Visitor, operation: str) -> None:
    """Fails unless one sentence names the request that was not made, the mode and the way out."""
    visitor.sees(f"this dashboard is in read-only mode, and {operation} changes something. {REMEDY}")
    expect(visitor.page.get_by_text(REMEDY)).to_have_count(1)
    visitor.settle()


def save_a_limit(visitor: Visitor) -> None:
    visitor.page.get_by_label("Maximum per day ($)").fill("5")
    visitor.press("keep_limits")


def try_settings(visitor: Visitor) -> None:
    save_a_limit(visitor)
    refuses(visitor, "PutObject")
    visitor.press("keep_precautions")
    refuses(visitor, "PutObject")


def try_data(visitor: Visitor) -> None:
    visitor.walk("Data")
    visitor.fill("name", "tissue")
    visitor.press("prepare")
    refuses(visitor, "PutObject")
    visitor.picture("data-read-only")


def try_launches(visitor: Visitor) -> None:
    visitor.walk("Train")
    visitor.page.get_by_text("Name and note").click()
    visitor.page.get_by_label("Display name").fill("the first")
    visitor.press("keep_note")
    refuses(visitor, "AddTags")
    visitor.page.get_by_role("radio", name="New job").click()
    visitor.settle()
    visitor.press("launch")
    refuses(visitor, "CreateTrainingJob")
    visitor.walk("Tune")
    visitor.press("launch_tuning")
    refuses(visitor, "CreateHyperParameterTuningJob")


def try_registry(visitor: Visitor) -> None:
    visitor.walk("Registry")
    visitor.page.get_by_role("radio", name="Register").click()
    visitor.settle()
    visitor.press("register")
    refuses(visitor, "CreateModelPackageGroup")


def try_endpoints(visitor: Visitor) -> None:
    visitor.walk("Endpoints")
    visitor.press("deploy")
    refuses(visitor, "CreateModel")
    visitor.press("pause_endpoint")
    visitor.press("pause_confirm")
    refuses(visitor, "PutObject")
    visitor.page.keyboard.press("Escape")
    visitor.settle()
    visitor.press("delete_endpoint")
    visitor.press("shutdown_confirm")
    refuses(visitor, "PutObject")
    visitor.press("shutdown_cancel")


def try_costs(visitor: Visitor) -> None:
    visitor.walk("Costs")
    visitor.sees("This dashboard is read-only and does not apply them.")
    expect(visitor.page.get_by_text("still loading")).to_have_count(0)
    visitor.settle()
    visitor.tick_row("overdue")
    visitor.press("costs_shut_down")
    visitor.press("shutdown_confirm")
    refuses(visitor, "PutObject")
    visitor.press("shutdown_cancel")
    visitor.press("costs_schedule")
    visitor.press("schedule_keep")
    refuses(visitor, "AddTags")
    visitor.picture("costs-read-only")
    visitor.page.keyboard.press("Escape")
    visitor.settle()
    visitor.press("costs_protect")
    refuses(visitor, "AddTags")
    visitor.page.get_by_role("button", name="Remove").click()
    refuses(visitor, "AddTags")
