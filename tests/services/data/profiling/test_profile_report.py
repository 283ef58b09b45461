"""The report that is downloaded: whole in one file, true to the table, and nothing in it but text of the data."""

from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pandas as pd
import pytest

from services.data.division.partition import SplitPlan
from services.data.profiling.correlations import CorrelationMeasure
from services.data.profiling.profile_report import profile_report
from services.data.profiling.report_html import as_html
from tests.services.data.profiling import tables

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PLANTED = "<script>alert(1)</script><img src=https://example.com/x.png>"


class Tags(HTMLParser):
    """The tags of a page, its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(frame: pd.DataFrame, target: str, source: str = "rows.csv") -> str:
    return as_html(profile_report(frame, target, SplitPlan()), source, NOW)


def test_text_of_the_data_is_escaped_wherever_it_stands() -> None:
    frame = pd.DataFrame({PLANTED: [PLANTED, "x"] * 20, "n": [PLANTED] * 40, "y": [0, 1] * 20})
    page = Tags(page_of(frame, "y", source=PLANTED))
    assert not page.tags & {"script", "img", "a", "link"}
    assert PLANTED in page.text


def test_the_report_loads_nothing_from_elsewhere() -> None:
    page = page_of(tables.mixed(), "few")
    assert "://" not in page
    assert not Tags(page).attributes & {"src", "href", "onclick", "onload"}
    assert "default-src 'none'" in page


def test_the_report_tells_rows_columns_duplicates_and_training_rows() -> None:
    frame = pd.concat([tables.mixed()] * 2)
    text = Tags(page_of(frame.reset_index(drop=True), "few")).text
    assert "500 rows repeat an earlier row." in text
    assert "Computed from the 700 training rows only." in text
    assert all(str(name) in text for name in frame)


def test_the_target_is_in_no_table_of_correlations() -> None:
    report = profile_report(tables.mixed(), "number", SplitPlan())
    assert sorted(report.correlations[CorrelationMeasure.PEARSON].columns) == ["few", "whole"]


def test_a_table_too_small_for_a_split_says_so() -> None:
    frame = pd.DataFrame({"n": [1.0, 2.0], "y": [0, 1]})
    assert "2 classes have one row only" in Tags(page_of(frame, "y")).text


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_odd_tables_have_a_report(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    text = Tags(page_of(frame, str(frame.columns[0]))).text
    assert f"{len(frame):,}" in text
