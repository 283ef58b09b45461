"""Training and tuning in a real browser: a limit that refuses, a job stopped and cloned, a search to its verdict.

On 569 tumours, so that a model takes a second or two. The screenshots are in `screenshots/`, to be looked at.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DATA = "breast-cancer"
ENDLESS, SOME = "1000000", "1000"  # rounds; some are a moment, to be watched


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, running: Browser) -> Iterator[str]:
    """A dashboard on which the tumours are prepared."""
    with dashboard(tmp_path_factory.mktemp("home")) as address:
        visitor = Visitor(running, address)
        visitor.open("data?source=Breast+cancer")
        visitor.sees("569 rows")
        visitor.press("prepare")
        visitor.sees(f"{DATA} is prepared at")
        yield address


def test_a_limit_refuses_a_launch_and_a_job_is_stopped_trained_again_with_a_change_and_its_files_deleted(
    url: str, running: Browser
) -> None:
    visitor = Visitor(running, url)
    visitor.open("")
    limit(visitor, "0.10")
    visitor.walk("Train")
    visitor.fill("hp_num_round", ENDLESS)
    visitor.sees("maximum $0.24 (time limit)")
    visitor.press("launch")
    visitor.sees(
        "it may cost up to $0.24, today's launches have spent or reserved $0.00, and your limit per day is $0.10"
    )
    visitor.picture("train-refused")
    limit(visitor, "50.00")
    visitor.walk("Train")
    expect(visitor.key("hp_num_round").locator("input")).to_have_value(ENDLESS)  # nothing typed is lost
    visitor.click("launch")
    visitor.sees("of 1,000,000")
    expect(visitor.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    visitor.picture("train-running", live=True)
    visitor.click("stop_job")
    visitor.sees("Clone job")
    train_again_from_history(visitor)
    delete_files(visitor)
    assert visitor.faults == []


def test_what_aws_would_make_nothing_of_is_told_and_mended_before_the_launch(url: str, running: Browser) -> None:
    visitor = Visitor(running, url)
    visitor.open(f"train?data={DATA}")
    visitor.fill("hp_early_stopping_rounds", "5")
    visitor.sees("Without eval_metric it has no effect on AWS")
    visitor.picture("train-warned")
    visitor.press("mend_early_stopping_rounds")
    expect(visitor.page.get_by_text("Without eval_metric it has no effect on AWS")).to_have_count(0)
    visitor.open(f"tune?data={DATA}")
    visitor.sees("image 3.2-0 on AWS counts every score above 0 as class 1")
    visitor.picture("tune-warned")
    assert visitor.faults == []


def limit(visitor: Visitor, dollars: str) -> None:
    """Allow that much a day."""
    visitor.walk("Settings")
    visitor.fill("limit_day", dollars)
    visitor.sees(f"Today: $0.00 of ${dollars} spent or reserved.")


def train_again_from_history(visitor: Visitor) -> None:
    visitor.walk("History")
    visitor.tick_first_row()
    visitor.picture("history")
    visitor.page.get_by_role("link", name="Clone job").click()
    expect(visitor.key("hp_num_round").locator("input")).to_have_value(ENDLESS)
    visitor.settle()
    visitor.fill("hp_num_round", SOME)
    visitor.click("launch")
    visitor.sees("Training job completed")
    visitor.picture("train-again")


def delete_files(visitor: Visitor) -> None:
    visitor.walk("History")
    visitor.tick_first_row()
    visitor.page.get_by_role("button", name="Delete files").click()
    visitor.sees("the model can no longer be deployed or evaluated")
    visitor.settle()
    visitor.picture("delete-files")
    visitor.press("discard_confirm")
    visitor.sees("Verified: nothing left.")


def test_a_search_is_watched_to_its_verdict_and_its_best_model_deployed_and_deleted(url: str, running: Browser) -> None:
    visitor = Visitor(running, url)
    visitor.open(f"tune?data={DATA}")
    visitor.fill("tune_rounds", SOME)
    visitor.fill("max_jobs", "12")
    visitor.click("launch_tuning")
    expect(visitor.page.get_by_text(re.compile("of 12 trials|Search result")).first).to_be_visible()
    visitor.picture("search-running", live=True)  # unless a fast computer has ended it already
    visitor.sees("Search result")
    visitor.sees("of them malignant), average precision went from", within=180)
    visitor.picture("search-verdict")
    visitor.page.get_by_role("link", name="Deploy best model").click()
    expect(visitor.page.get_by_label("Endpoint name")).to_be_visible()
    (best,) = visitor.address["job"]
    expect(visitor.key("deploy_job").locator("input").first).to_have_value(best)
    visitor.page.get_by_label("Endpoint name").fill("best-of-twelve")
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("Evaluate on test data")
    visitor.picture("best-deployed")
    visitor.press("delete_endpoint")
    visitor.sees_in_table("DeleteEndpoint EndpointName=best-of-twelve")
    visitor.press("shutdown_confirm")
    visitor.sees("No endpoints, no cost.")
    assert visitor.faults == []
