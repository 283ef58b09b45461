"""Shutting down on an AWS account in a real browser, by hand and by a rule. moto is the AWS.

What runs there was made by somebody else. moto lists endpoints, notebook instances, most jobs and clusters; of 21 kinds
that bill (Studio apps and spaces, inference components, monitoring schedules and others) it has no list, and Costs says
so. It has no Price List: the prices are those of the dated table. It deletes and stops at once.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from services.shutdown.grace import STOP_AT
from services.shutdown.rules import TAG
from tests.journeys.visitor import AWS, Visitor
from tests.local_service import eventually
from tests.moto_account import BUCKET, client, make_endpoint, make_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STOPPED, KEPT = "night-shift", "day-shift"  # notebook instances


def notebook(url: str, name: str) -> tuple[str, dict[str, str]]:
    """Status and tags of a notebook instance."""
    sagemaker = client(url, "sagemaker")
    described = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    tags = sagemaker.list_tags(ResourceArn=described["NotebookInstanceArn"])["Tags"]
    return described["NotebookInstanceStatus"], {tag["Key"]: tag["Value"] for tag in tags}


def documents(url: str, prefix: str) -> list[dict[str, Any]]:
    """The JSON documents of the dashboard under a prefix, in the order of their keys."""
    s3 = client(url, "s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"sagedeck/{prefix}").get("Contents", [])]
    return [json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys]


def test_what_runs_is_listed_and_an_endpoint_is_shut_down_verified_and_recorded(on_aws: Visitor, aws_url: str) -> None:
    make_endpoint(aws_url, "demo")
    make_notebook(aws_url, KEPT)
    on_aws.open(f"costs?{AWS}")
    is_listed(on_aws, "demo", KEPT)
    assert on_aws.metric("Cost per hour") == "$0.510/h"
    is_planned(on_aws, aws_url)
    on_aws.click("shutdown_confirm")
    on_aws.sees("1 of 1 resource is shut down, which saves $0.460/h")
    on_aws.sees_in_table("Verified: deleted.")
    on_aws.sees("by 1 shutdown, $0.460/h in total")
    on_aws.settle()
    on_aws.picture("costs-on-aws-over")
    only_the_endpoint_is_gone(aws_url)
    is_recorded(aws_url)
    on_aws.sees_no_fault()


def is_listed(visitor: Visitor, *names: str) -> None:
    """These and no others run in any region; what could not be listed is said."""
    visitor.sees("21 kinds of resources not included:")
    expect(visitor.page.get_by_text("still loading")).to_have_count(0)
    for name in names:
        visitor.sees_in_table(name)
    visitor.settle()
    assert visitor.metric("Resources") == f"{len(names)}"


def is_planned(visitor: Visitor, url: str) -> None:
    """The calls are listed, and a dry run makes none of them."""
    visitor.tick_row("demo")
    visitor.press("costs_shut_down")
    visitor.sees_in_table("DeleteEndpoint EndpointName=demo, then DeleteEndpointConfig EndpointConfigName=demo-config")
    visitor.press("shutdown_dry_run")
    visitor.sees("no call was made")
    visitor.sees("1 resource would be shut down, 0 would stay.")
    assert [listed["EndpointName"] for listed in client(url, "sagemaker").list_endpoints()["Endpoints"]] == ["demo"]


def only_the_endpoint_is_gone(url: str) -> None:
    sagemaker = client(url, "sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert [model["ModelName"] for model in sagemaker.list_models()["Models"]] == ["demo-model"]
    assert notebook(url, KEPT)[0] == "InService"


def is_recorded(url: str) -> None:
    (entry,) = documents(url, "ledger/")
    assert (entry["kind"], entry["name"], entry["usd_per_hour"], entry["why"]) == ("Endpoint", "demo", 0.46, "")
    assert entry["calls"] == [
        "DeleteEndpoint EndpointName=demo",
        "DeleteEndpointConfig EndpointConfigName=demo-config",
    ]


@pytest.mark.timeout(900)  # the rules are applied once a minute
def test_a_rule_that_is_due_when_it_is_made_wants_a_confirmation_and_acts_only_after_its_grace(
    on_aws: Visitor, aws_url: str
) -> None:
    for name in (STOPPED, KEPT):
        make_notebook(aws_url, name)
    on_aws.open(f"costs?{AWS}")
    is_listed(on_aws, STOPPED, KEPT)
    make_a_rule_of_last_year(on_aws)
    saved = datetime.now(UTC)
    on_aws.click("schedule_keep")
    on_aws.sees(f"Notebook instance {STOPPED} ($0.050/h) is shut down by its rule in", within=240)
    on_aws.picture("costs-on-aws-announced")
    rules_run_again_without_acting(aws_url, saved)
    let_the_grace_end(aws_url)
    on_aws.sees("By rule: 1 of 1 resource is shut down", within=240)
    on_aws.picture("costs-on-aws-by-rule")
    assert (notebook(aws_url, STOPPED)[0], notebook(aws_url, KEPT)[0]) == ("Stopped", "InService")
    (entry,) = documents(aws_url, "ledger/")
    assert (entry["name"], entry["why"].partition(" (tag")[0]) == (STOPPED, f"past {last_year(saved)} UTC")
    on_aws.sees_no_fault()


def last_year(now: datetime) -> str:
    """The moment of the rule, as it is told: tomorrow's date at 18:00, a year ago."""
    tomorrow = now + timedelta(days=1)
    return f"{tomorrow.year - 1}-{tomorrow:%m-%d} 18:00"


def make_a_rule_of_last_year(visitor: Visitor) -> None:
    """It cannot be saved until it was confirmed that it is due at once."""
    save = visitor.key("schedule_keep").get_by_role("button")
    visitor.tick_row(STOPPED)
    visitor.press("costs_schedule")
    visitor.page.get_by_text("At date", exact=True).click()
    visitor.settle()
    expect(save).to_be_enabled()
    visitor.page.get_by_role("spinbutton", name="year, Day").press("ArrowDown")
    visitor.page.get_by_role("heading", name="Auto-shutdown rule", level=2).click()  # a day counts once it is left
    visitor.sees(f"Due now: 1 resource, $0.050/h: {STOPPED}.")
    expect(save).to_be_disabled()
    visitor.page.get_by_text("Yes, ten minutes after it is saved").click()
    expect(save).to_be_enabled()
    visitor.settle()


def rules_run_again_without_acting(url: str, saved: datetime) -> None:
    """Ten minutes stand in the mark, and another run of the rules, a minute later, leaves the instance alone."""
    _, tags = notebook(url, STOPPED)
    grace = datetime.fromisoformat(tags[STOP_AT]) - saved
    assert TAG in tags
    assert timedelta(minutes=10) - timedelta(seconds=1) <= grace < timedelta(minutes=14)
    marked = datetime.fromisoformat(documents(url, "rules-run")[0]["at"])
    eventually(lambda: datetime.fromisoformat(documents(url, "rules-run")[0]["at"]) > marked, within=240)
    assert notebook(url, STOPPED)[0] == "InService"


def let_the_grace_end(url: str) -> None:
    """Set the moment of the announced shutdown back to now."""
    sagemaker = client(url, "sagemaker")
    arn = sagemaker.describe_notebook_instance(NotebookInstanceName=STOPPED)["NotebookInstanceArn"]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": STOP_AT, "Value": now}])
