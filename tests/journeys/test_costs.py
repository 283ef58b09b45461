"""Cleaning up in a real browser: a month of a team's work, from its cost per hour to $0.000/h, and its ledger.

On the account that `seed-demo` fills. The screenshots are in `screenshots/`, to be looked at.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from services.aws import tags
from services.aws.account import Account
from services.shutdown.grace import STOP_AT
from tests.journeys.visitor import Visitor, dashboard
from tests.local.demo.test_demo import seed

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PRODUCTION = ("fraud-scoring", "churn-on-demand")  # need their names typed
CONFIRM_ABOVE = 5  # more resources than that need their number typed


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """The demonstration account, beside the browser."""
    files = tmp_path / "home" / "data" / "aws"
    return Account("This computer", "us-east-1", "sagedeck", (files / "config", files / "credentials"))


@pytest.fixture
def visitor(tmp_path: Path, running: Browser) -> Iterator[Visitor]:
    """A visitor of the dashboard over the demonstration account."""
    (tmp_path / "home").mkdir()
    done = seed(tmp_path / "home" / "data")
    assert done.returncode == 0, done.stderr
    with dashboard(tmp_path / "home") as address:
        yield Visitor(running, address)


def test_a_demo_account_is_cleaned_to_nothing_an_hour_and_the_ledger_shows_every_shutdown(
    visitor: Visitor, account: Account
) -> None:
    pause_and_resume(visitor, "credit-demo")
    stop_by_rule(visitor, account, "credit-gpu")
    ended = shut_down_what_is_idle(visitor) + shut_down_the_rest(visitor) + delete_the_disks(visitor)
    read_the_ledger(visitor, ended)
    assert visitor.faults == []


def pause_and_resume(visitor: Visitor, endpoint: str) -> None:
    visitor.open(f"endpoints?endpoint={endpoint}")
    visitor.press("pause_endpoint")
    visitor.sees(f"DeleteEndpoint EndpointName={endpoint}")
    visitor.press("pause_confirm")
    visitor.sees("1 of 1 resource is paused")
    visitor.walk("Costs")
    visitor.sees(f"{endpoint}, paused")
    visitor.press("shutdown_dismiss")
    visitor.picture("costs-paused")
    visitor.click(f"bring_back_{endpoint}")
    expect(visitor.page.get_by_text("Paused endpoints", exact=True)).to_have_count(0)
    visitor.settle()


def stop_by_rule(visitor: Visitor, account: Account, notebook: str) -> None:
    """Make a rule that is due at once, see it announced, and wait until it has stopped the notebook instance."""
    visitor.tick_row(notebook)
    visitor.press("costs_schedule")
    visitor.page.get_by_text("Daily at", exact=True).click()
    visitor.settle()
    visitor.sees("Due now: 1 resource")
    visitor.page.get_by_text("Yes, ten minutes after it is saved").click()
    visitor.settle()
    visitor.picture("costs-schedule")
    visitor.click("schedule_keep")
    visitor.sees(f"Notebook instance {notebook}")
    visitor.sees("is shut down by its rule in")  # the rules run every minute
    visitor.picture("costs-announced")
    let_ten_minutes_pass(account, notebook)
    visitor.sees("By rule: 1 of 1 resource is shut down", within=180)
    visitor.picture("costs-by-rule")
    visitor.press("rules_seen")
    visitor.sees(f"Notebook volume {notebook}: at 18:00")  # the tag stays, and bills no more than its disk
    visitor.settle()


def let_ten_minutes_pass(account: Account, notebook: str) -> None:
    """Set the moment of the announced shutdown back to now."""
    described = account.call("sagemaker", "describe_notebook_instance", NotebookInstanceName=notebook)
    tags.save(account, described["NotebookInstanceArn"], {STOP_AT: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})


def shut_down_what_is_idle(visitor: Visitor) -> int:
    visitor.picture("costs-demo")
    visitor.press("costs_all_idle")
    return shut_down(visitor, "costs-idle")


def propose_all(visitor: Visitor) -> None:
    """Tick every row and open the dialog; again when the rows change meanwhile, which keeps none selected."""
    button = visitor.key("costs_shut_down").get_by_role("button").first
    while not visitor.page.get_by_role("dialog").is_visible():
        visitor.tick_all()
        with suppress(Error):
            button.click(timeout=2000)
        visitor.settle()


def shut_down_the_rest(visitor: Visitor) -> int:
    propose_all(visitor)
    for name in PRODUCTION:
        visitor.page.get_by_role("textbox", name=f"Type **{name}** to shut it down").fill(name)
        visitor.page.keyboard.press("Enter")
        visitor.settle()
    return shut_down(visitor, "costs-rest")


def shut_down(visitor: Visitor, picture: str) -> int:
    """Dry-run and confirm the shutdown of the dialog, and wait until every resource is verified; returns how many."""
    resources = int(re.sub(r"\D", "", visitor.key("shutdown_confirm").inner_text()))
    if resources > CONFIRM_ABOVE:
        visitor.press("shutdown_confirm")
        visitor.sees(f"Type {resources}, or select fewer")
        visitor.fill("shutdown_number", str(resources))
    visitor.press("shutdown_dry_run")
    visitor.sees("no call was made")
    visitor.sees(f"{resources} resource{'s' if resources > 1 else ''} would be shut down, 0 would stay.")
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    for button in ("shutdown_confirm", "shutdown_dry_run", "shutdown_cancel"):
        expect(visitor.key(button)).to_be_in_viewport(ratio=1)
    visitor.page.screenshot(path=f"screenshots/{picture}.png")
    visitor.click("shutdown_confirm")
    verb = "are" if resources > 1 else "is"
    visitor.sees(f"{resources} of {resources} resource{'s' if resources > 1 else ''} {verb} shut down")
    visitor.settle()
    visitor.picture(f"{picture}-over")
    visitor.press("shutdown_dismiss")
    return resources


def delete_the_disks(visitor: Visitor) -> int:
    """Delete the volume of the notebook instance stopped last; then nothing bills."""
    visitor.sees("1 resource running")
    propose_all(visitor)
    visitor.sees_in_table("The notebook instance and every file on its disk")
    deleted = shut_down(visitor, "costs-disks")
    visitor.sees("Nothing is running: $0.000/h.")
    assert visitor.metric("AWS cost per hour") == visitor.metric("Running now") == "$0.000/h"
    return deleted


def read_the_ledger(visitor: Visitor, ended: int) -> None:
    """It holds what was paused, stopped by rule and shut down, each with its rate, and the sum."""
    with visitor.page.expect_download() as download:
        visitor.press("ledger_csv")
    with download.value.path().open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ended + 2
    assert [row["Name"] for row in rows if row["Reason"]] == ["credit-gpu"]
    assert set(PRODUCTION) < {row["Name"] for row in rows}
    # An endpoint that was paused and resumed was shut down twice, and is counted once.
    total = sum(float(row["$/h"] or 0) for row in rows if row["Status after"] != "paused")
    visitor.sees(f"by {len(rows)} shutdowns, ${total:.3f}/h in total. 1 failed at creation")
    visitor.sees("saved so far")
