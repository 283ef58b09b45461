"""Two prepared sets in a browser: compared, one renamed, and deleted by typing its name."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_set_is_compared_renamed_and_deleted_with_what_depends_on_it(running: Browser, tmp_path: Path) -> None:
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        visitor.open("data?source=Breast cancer")
        visitor.press("prepare")
        visitor.sees("breast-cancer is prepared at")
        visitor.fill("name", "cells")
        visitor.press("prepare")
        visitor.sees("cells is prepared at")
        train(visitor)
        compare(visitor)
        rename(visitor)
        delete(visitor)
        visitor.sees_no_fault()


def train(visitor: Visitor) -> None:
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Train a model").click()
    visitor.settle()
    visitor.press("launch")
    visitor.sees("Training job completed")
    visitor.walk("Data")
    visitor.sees("Prepared data")


def compare(visitor: Visitor) -> None:
    visitor.page.get_by_role("tab", name="Compare").click()
    visitor.sees("0 of 30 features drifted")


def rename(visitor: Visitor) -> None:
    visitor.click("rename_set")
    visitor.page.get_by_label("Display name").fill("Cells of May")
    visitor.page.get_by_label("Display name").press("Enter")
    visitor.click("rename_confirm")
    expect(visitor.key("prepared").locator("input").first).to_have_value("Cells of May")
    visitor.settle()


def delete(visitor: Visitor) -> None:
    visitor.click("delete_set")
    visitor.sees("1 job can no longer be evaluated on its test rows")
    expect(visitor.key("delete_confirm").get_by_role("button")).to_be_disabled()
    visitor.page.get_by_label("Type Cells of May to confirm").fill("Cells of May")
    visitor.page.get_by_label("Type Cells of May to confirm").press("Enter")
    expect(visitor.key("delete_confirm").get_by_role("button")).to_be_enabled()
    visitor.click("delete_confirm")
    visitor.sees("Cells of May: 6 files deleted")
    expect(visitor.key("prepared").locator("input").first).to_have_value("breast-cancer")
    visitor.settle()
    assert visitor.address["data"] == ["breast-cancer"]
    expect(visitor.page.get_by_text("is not available here")).to_have_count(0)
