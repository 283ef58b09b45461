"""A journey on an AWS account in a real browser: two tabs, and two dashboards on one data folder. moto is the AWS.

moto trains nothing: its jobs are completed at once and its models are files that are not there. What is seen here is
that the same clicks make their calls there, and that nobody is told anything of this computer instead.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, chromium, dashboard
from tests.moto_account import ROLE, running_aws
from tests.profiles import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PLACE = "account=work&region=us-east-1"


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of someone with one AWS profile, which leads to moto."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    with running_aws() as url:
        folder = tmp_path / "home"
        (folder / ".aws").mkdir(parents=True)
        settings = {**KEYS, "region": "us-east-1", "endpoint_url": url}
        lines = ["[profile work]", *(f"{name} = {value}" for name, value in settings.items())]
        (folder / ".aws" / "config").write_text("\n".join(lines))
        yield folder


def test_the_path_on_an_account_in_two_tabs_and_two_dashboards(home: Path, running: Browser) -> None:
    with dashboard(home) as second_address:
        with dashboard(home) as address:
            analyst, owner = Visitor(running, address), Visitor(running, address)
            set_the_role(analyst)
            prepare(analyst)
            train_and_deploy(analyst)
            owner.open(f"costs?{PLACE}")
            owner.sees("Running resources")
            shut_down(analyst)
            owner.sees("1 of 1 resource is shut down", within=60)
            colleague = Visitor(running, second_address)
            colleague.open(f"costs?{PLACE}")
            colleague.sees("by 1 shutdown")
        # The second dashboard goes on alone, with a local service of its own.
        colleague.open("costs")
        colleague.sees("Nothing is running", within=60)
    assert [*analyst.faults, *owner.faults, *colleague.faults] == []


def set_the_role(visitor: Visitor) -> None:
    visitor.open(f"settings?{PLACE}")
    visitor.sees("AWS · work · us-east-1")
    visitor.fill("role", ROLE)
    visitor.press("keep")


def prepare(visitor: Visitor) -> None:
    visitor.walk("Data")
    visitor.page.get_by_role("radio", name="Breast cancer").click()
    visitor.sees("Rows by class")
    visitor.fill("name", "cells")
    visitor.press("prepare")
    visitor.sees("cells is prepared at")


def train_and_deploy(visitor: Visitor) -> None:
    visitor.walk("Train")
    visitor.press("launch")
    visitor.sees("Completed", within=60)
    visitor.walk("Endpoints")
    visitor.page.get_by_label("Endpoint name").fill("cells-live")
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("InService", within=60)


def shut_down(visitor: Visitor) -> None:
    visitor.walk("Costs")
    visitor.tick_row("cells-live")
    visitor.press("costs_shut_down")
    visitor.picture("costs-on-aws")
    visitor.click("shutdown_confirm")
    visitor.sees("1 of 1 resource is shut down", within=60)
    visitor.settle()
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
