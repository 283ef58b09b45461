"""From a cell of the confusion matrix to the customers behind it, their file and the slices, in a browser."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from services.data.table_sources.sample_customers import customers
from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAID = re.compile(r"(\d+) false negatives at threshold 0\.500: class yes, but not flagged\.")


def test_a_cell_of_the_matrix_leads_to_its_rows_their_file_and_the_slices(running: Browser, tmp_path: Path) -> None:
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        score(visitor)
        missed = click_missed(visitor)
        check_file(visitor, missed, tmp_path)
        select_row(visitor)
        slices(visitor)
        visitor.sees_no_fault()


def score(visitor: Visitor) -> None:
    visitor.open("data?source=Sample customers")
    visitor.press("prepare")
    visitor.sees("sample-customers is prepared at", within=60)
    main = visitor.page.get_by_test_id("stMain")
    main.get_by_role("link", name="Train a model").click()
    visitor.settle()
    visitor.press("launch")
    visitor.sees("Training job completed", within=180)
    main.get_by_role("link", name="Evaluate").first.click()
    visitor.settle()
    visitor.press("score")
    visitor.sees("Confusion matrix")


def click_missed(visitor: Visitor) -> int:
    """Click the cell of the missed customers; returns how many there are."""
    cells = visitor.key("confusion_chart").locator(".nsewdrag").first
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    assert box
    place = box["x"] + box["width"] / 4, box["y"] + box["height"] * 3 / 4
    visitor.page.mouse.move(*place)
    visitor.sees("Click to see them")
    visitor.page.mouse.click(*place)
    headline = visitor.page.get_by_role("heading", name=SAID)
    expect(headline).to_be_visible()
    visitor.settle()
    assert visitor.address["view"] == ["Rows"]
    visitor.picture("evaluated-rows")
    found = SAID.search(headline.inner_text())
    assert found
    return int(found[1])


def check_file(visitor: Visitor, missed: int, folder: Path) -> None:
    """The file has the missed customers with every column of the table as it was, the lowest score first."""
    with visitor.page.expect_download() as waiting:
        visitor.click("download_rows")
    waiting.value.save_as(folder / "rows.csv")
    rows, table = pd.read_csv(folder / "rows.csv"), customers()
    assert len(rows) == missed
    assert rows.columns.tolist() == ["row", "actual", "score", "decision", *table.columns]
    assert set(rows["actual"]) == set(rows["cancelled"]) == {"yes"}
    assert set(rows["decision"]) == {"not flagged"}
    assert rows["score"].is_monotonic_increasing
    assert len(rows.merge(table.drop_duplicates(), on=list(table.columns))) == missed


def select_row(visitor: Visitor) -> None:
    visitor.tick_first_row()
    expect(visitor.key("explain_row")).to_contain_text(re.compile(r"Explain row [\d,]+"))


def slices(visitor: Visitor) -> None:
    visitor.page.get_by_role("radio", name="Slices", exact=True).click()
    visitor.sees("than the rest, beyond noise")
    visitor.sees_in_table("satisfaction")
    visitor.settle()
    visitor.picture("evaluated-slices")
    visitor.choose("slice_column", "plan")
    visitor.sees_in_table("Basic")
    visitor.settle()
    visitor.picture("evaluated-slices-of-a-column")
