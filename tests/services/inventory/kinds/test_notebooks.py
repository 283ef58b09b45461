"""What notebook instances and Studio apps cost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from services.aws.account import Account
from services.inventory.collect import CollectContext
from services.inventory.kinds.notebooks import app_resource, notebook_resource, studio_apps
from services.inventory.resources import BillableResource, LastUse
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from services.shutdown.protection import Confirmation

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKING = CollectContext(Account("AWS", "us-east-1"), NOW)
HOUR = timedelta(hours=1)


def make_app(**more: Any) -> BillableResource:
    app = {
        "DomainId": "d-1",
        "SpaceName": "fraud-space",
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
        "CreationTime": NOW - 10 * HOUR,
        "ResourceSpec": {"InstanceType": "ml.t3.medium"},
    }
    return app_resource(app | more, ASKING)


def make_notebook() -> BillableResource:
    notebook = {
        "NotebookInstanceName": "guide",
        "NotebookInstanceStatus": "InService",
        "InstanceType": "ml.t2.medium",
        "CreationTime": NOW - 100 * HOUR,
        "LastModifiedTime": NOW - 10 * HOUR,
        "VolumeSizeInGB": 20,
    }
    return notebook_resource(notebook, ASKING)


def test_a_notebook_instance_has_cost_its_hours_since_it_was_started() -> None:
    assert make_notebook().cost_so_far == pytest.approx(0.464)


def test_the_volume_of_a_notebook_instance_goes_on_billing() -> None:
    assert "20 GB volume, $2.80 a month" in make_notebook().bills_after


def test_use_of_a_notebook_instance_is_unknown() -> None:
    assert make_notebook().last_use is LastUse.UNKNOWN


def test_an_app_is_named_after_its_space() -> None:
    assert make_app().name == "fraud-space / default"


def test_an_app_of_a_user_profile_is_ended_by_the_profile() -> None:
    app = make_app(SpaceName=None, UserProfileName="ana")

    assert app.identity == (
        ("DomainId", "d-1"),
        ("UserProfileName", "ana"),
        ("AppType", "JupyterLab"),
        ("AppName", "default"),
    )


def test_an_app_is_idle_since_its_user_was_last_active() -> None:
    app = make_app(LastUserActivityTimestamp=NOW - 4 * HOUR, LastHealthCheckTimestamp=NOW)

    assert (app.last_use, app.idle_hours) == (LastUse.SEEN, 4.0)


def test_a_health_check_is_no_user() -> None:
    app = make_app(LastUserActivityTimestamp=NOW - HOUR, LastHealthCheckTimestamp=NOW - HOUR)

    assert (app.last_use, app.idle_hours) == (LastUse.UNKNOWN, None)


def test_an_app_without_a_told_type_has_no_known_price() -> None:
    assert make_app(ResourceSpec={}).usd_per_hour is None


@dataclass(frozen=True)
class StubbedAccount(Account):
    """An account whose SageMaker answers what the stub was told, checked against the API's own model."""

    title: str = "AWS"
    region: str = "us-east-1"
    sagemaker: Any = field(default_factory=lambda: boto3.Session("key", "secret").client("sagemaker", "us-east-1"))

    def client(self, service: str) -> Any:
        return self.sagemaker


APP = {"DomainId": "d-1", "SpaceName": "fraud-space", "AppType": "JupyterLab", "AppName": "default"}


def answer_app(stub: Stubber, instance_type: str) -> None:
    stub.add_response("list_apps", {"Apps": [{**APP, "Status": "InService"}]}, {"MaxResults": 100})
    described = {**APP, "Status": "InService", "CreationTime": NOW, "ResourceSpec": {"InstanceType": instance_type}}
    stub.add_response("describe_app", described, APP)


def test_apps_of_every_domain_are_asked_for_and_priced() -> None:
    account = StubbedAccount()
    with Stubber(account.sagemaker) as stub:
        answer_app(stub, "ml.t3.medium")

        (app,) = studio_apps(CollectContext(account, NOW))

    assert isinstance(app, BillableResource)
    assert app.usd_per_hour == 0.05


def test_an_app_on_the_free_system_instance_is_not_listed() -> None:
    account = StubbedAccount()
    with Stubber(account.sagemaker) as stub:
        answer_app(stub, "system")

        assert list(studio_apps(CollectContext(account, NOW))) == []


def test_apps_that_ended_are_not_asked_about() -> None:
    account = StubbedAccount()
    with Stubber(account.sagemaker) as stub:
        stub.add_response("list_apps", {"Apps": [{**APP, "Status": "Deleted"}]}, {"MaxResults": 100})

        assert list(studio_apps(CollectContext(account, NOW))) == []


def test_an_app_is_deleted_by_all_its_names() -> None:
    account = StubbedAccount()
    app = make_app()
    (step,) = shutdown_plan.plan([app])
    with Stubber(account.sagemaker) as stub:
        stub.add_response("delete_app", {}, APP)

        assert shutdown_execution.execute(account, step, Confirmation({app.key: app.name})).ok
