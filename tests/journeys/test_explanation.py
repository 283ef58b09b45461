"""From a scored model to why one row has its score, and to what the score would be with other values."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import test_business_table as business
from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_score_is_explained_and_other_values_are_tried(running: Browser, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    business.table().to_csv(file, index=False, sep=";")
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        business.prepare(visitor, file)
        business.train(visitor)
        explain_all(visitor)
        explain_one(visitor)
        what_if(visitor)
        visitor.sees_no_fault()


def explain_all(visitor: Visitor) -> None:
    visitor.walk("Evaluate")
    visitor.press("score", within=120)
    visitor.page.get_by_role("radio", name="Explain", exact=True).click()
    visitor.sees("job moves the score of class yes most", within=120)
    visitor.sees("Gain in training")
    visitor.settle()
    visitor.picture("explain-all-rows")


def explain_one(visitor: Visitor) -> None:
    """By an address, as somebody sends it."""
    visitor.open(f"evaluate?job={visitor.address['job'][0]}&view=Explain&row=5")
    visitor.sees("Row 5 of ")
    expect(visitor.key("row_waterfall").get_by_text("average", exact=True)).to_be_visible()
    visitor.settle()
    visitor.picture("explain-one-row")


def what_if(visitor: Visitor) -> None:
    visitor.fill("what_if_5_feature_months", "20")
    visitor.sees("With the changed values")
    visitor.sees_in_table("months")
    expect(visitor.key("changed_waterfall").get_by_text("months = 20", exact=True)).to_be_visible()
    visitor.settle()
    visitor.picture("explain-what-if")
    visitor.press("reset_row")
    expect(visitor.key("changed_waterfall")).to_have_count(0)
