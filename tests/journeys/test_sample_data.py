"""Someone with an empty account follows the buttons of the pages with the built-in sample, to a raw row predicted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_sample_goes_the_whole_path_on_screen(running: Browser, tmp_path: Path) -> None:
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        prepare(visitor)
        train(visitor)
        evaluate(visitor)
        deploy(visitor)
        leaving, staying = (predict(visitor, calls, score) for calls, score in (("5", "1"), ("0", "5")))
        assert leaving > 0.1 > staying > 0
        assert visitor.faults == []


def no_errors(visitor: Visitor) -> None:
    """No page of the path shows an error, be it a sentence or an exception."""
    visitor.settle()
    for box in ("stException", "stAlertContentError"):
        expect(visitor.page.get_by_test_id(box)).to_have_count(0)


def prepare(visitor: Visitor) -> None:
    visitor.open("data?source=Breast cancer")
    visitor.walk("Start")
    visitor.picture("start-empty")
    visitor.page.get_by_role("button", name="Try it with sample data").click()
    visitor.sees("3,000 customers of a subscription")
    assert (visitor.address["source"], visitor.address["target"]) == (["Sample customers"], ["cancelled"])
    no_errors(visitor)
    visitor.picture("data-sample")
    visitor.press("prepare")
    visitor.sees("sample-customers is prepared at")
    no_errors(visitor)
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Train a model").click()


def train(visitor: Visitor) -> None:
    visitor.settle()
    visitor.press("launch")
    visitor.sees("Training job completed")
    no_errors(visitor)
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Evaluate").click()


def evaluate(visitor: Visitor) -> None:
    visitor.settle()
    visitor.press("score")
    visitor.sees("of sample-customers")
    no_errors(visitor)
    visitor.picture("evaluate-sample")
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Deploy").click()


def deploy(visitor: Visitor) -> None:
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("InService")
    no_errors(visitor)


def predict(visitor: Visitor, calls: str, satisfaction: str) -> float:
    """The probability that a customer with so many support calls and that satisfaction cancels."""
    visitor.key("feature_support_calls").locator("input").fill(calls)
    visitor.key("feature_satisfaction").locator("input").fill(satisfaction)
    visitor.press("predict_row")
    shown = visitor.page.get_by_test_id("stMetric").filter(has_text="Score for cancelled = yes")
    expect(shown.get_by_test_id("stMetricValue")).to_have_text(re.compile(r"0\.\d+"))
    no_errors(visitor)
    visitor.picture("predict-sample-row")
    return float(shown.get_by_test_id("stMetricValue").inner_text())
