"""Findings on the Data page: a line each, with buttons that change what is prepared, and nothing else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.data import findings_panel
from pages.components.data.findings_panel import State
from pages.components.shell import page_frame, shutdown_runs
from services import settings
from services.data import preparation_plan
from services.data.findings import findings as table_findings
from services.data.findings.finding import Finding
from tests.services.fake_s3 import FakeS3

pytestmark = pytest.mark.slow

PAGE = str(Path(__file__).parents[2] / "pages" / "data.py")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeS3:
    """An account whose S3 is a dictionary, and a computer that has kept no plan."""
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    monkeypatch.setattr(page_frame, "_show_rate", lambda account, meter: None)  # asks of more than this account has
    monkeypatch.setattr(shutdown_runs, "banner", lambda account, with_results: None)  # so does this
    monkeypatch.setattr(preparation_plan, "FOLDER", tmp_path / "plans")
    st.cache_data.clear()
    st.cache_resource.clear()
    return account


def make_table(rows: int = 500) -> pd.DataFrame:
    """One rare class, a copy of it, an identifier and a constant."""
    random = np.random.default_rng(2)
    left = random.random(rows) < 0.15
    return pd.DataFrame(
        {
            "size": random.normal(size=rows).round(6),
            "key": [f"A-{number}" for number in range(rows)],
            "*source*": "web",
            "refund": np.where(left, "P", "N"),
            "left": np.where(left, "yes", "no"),
        }
    )


def upload(table: pd.DataFrame) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=150)
    page.query_params["source"] = "Upload"
    page.query_params["target"] = str(table.columns[-1])
    page.run()
    page.file_uploader(key="upload").set_value(("rows.csv", table.to_csv(index=False).encode(), "text/csv"))
    page.run()
    assert not page.exception
    assert not page.main.error
    return page


def lines(page: AppTest) -> list[str]:
    """The findings as they are written, by their place."""
    return [element.value for element in page.main.markdown if "-badge[" in element.value]


def line(page: AppTest, words: str) -> str:
    (found,) = (one for one in lines(page) if words in one)
    return found


def press(page: AppTest, label: str, words: str) -> AppTest:
    """Press the button with a label on the line with these words; buttons stand in the order of their lines."""
    number = next(nth for nth, one in enumerate(lines(page)) if words in one)
    keys = {"Undo": "undo_", "Ignore": "ignore_"}
    (button,) = (
        one
        for one in page.main.button
        if one.label == label and str(one.key).startswith((f"{keys.get(label, 'remedy_')}{number}",))
    )
    return button.click().run()


def prepared(page: AppTest, account: FakeS3) -> dict[str, object]:
    """The manifest of what the page prepares."""
    page.button(key="prepare").click().run()
    assert not page.main.error
    manifest: dict[str, object] = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    return manifest


@pytest.mark.usefixtures("account")
def test_findings_are_counted_by_what_waits_for_somebody() -> None:
    page = upload(make_table())
    assert "**4 findings: 1 to decide, 3 for information**" in [element.value for element in page.main.markdown]


@pytest.mark.usefixtures("account")
def test_a_table_without_findings_says_so() -> None:
    table = make_table()[["size", "left"]].assign(left=["yes", "no"] * 250)
    assert "**No problems found in 2 columns**" in [element.value for element in upload(table).main.markdown]


@pytest.mark.usefixtures("account")
def test_names_in_the_data_are_read_as_they_were_written() -> None:
    assert r"\*source\* has one value only: web" in line(upload(make_table()), "one value only")


def test_a_column_that_tells_too_much_is_excluded_by_its_button(account: FakeS3) -> None:
    page = press(upload(make_table()), "Exclude column", "refund alone")
    assert ":green-badge[:material/check: Done]" in line(page, "refund alone")
    assert "**Excluded.**" in line(page, "refund alone")
    assert prepared(page, account)["features"] == ["size", "*source*=web"]


def test_an_applied_remedy_is_taken_back_by_undo(account: FakeS3) -> None:
    page = press(upload(make_table()), "Exclude column", "refund alone")
    page = press(page, "Undo", "refund alone")
    assert ":orange-badge[:material/help: Decide]" in line(page, "refund alone")
    assert "refund=P" in str(prepared(page, account)["features"])


def test_an_identifier_is_used_where_somebody_wants_it(account: FakeS3) -> None:
    page = press(upload(make_table()), "Use it anyway", "key is an identifier")
    assert line(page, "key is an identifier").endswith(" **In use.**")
    assert "key" in str(prepared(page, account)["features"])


@pytest.mark.usefixtures("account")
def test_what_is_left_out_is_said() -> None:
    assert line(upload(make_table()), "key is an identifier").endswith("500 rows. **Left out.**")


@pytest.mark.usefixtures("account")
def test_what_is_ignored_stays_so_until_it_is_asked_for() -> None:
    page = press(upload(make_table()), "Ignore", "one value only")
    assert len(lines(page)) == 3
    assert "**4 findings: 1 to decide, 2 for information, 1 ignored**" in [one.value for one in page.main.markdown]
    assert len(lines(page.button(key="show_ignored").click().run())) == 4


def test_weighting_reaches_the_prepared_data(account: FakeS3) -> None:
    page = press(upload(make_table()), "Weight classes", "is rare")
    assert "**Weighted.**" in line(page, "is rare")
    assert prepared(page, account)["weighted"] is True


@pytest.mark.usefixtures("account")
def test_findings_are_computed_once_for_a_table_whichever_columns_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = table_findings.findings

    def counted(*of: Any, **more: Any) -> tuple[Finding, ...]:
        asked.append(of)
        return real(*of, **more)

    monkeypatch.setattr(table_findings, "findings", counted)
    press(upload(make_table()), "Exclude column", "refund alone").run()
    assert len(asked) == 1


@pytest.mark.usefixtures("account")
def test_many_findings_are_folded() -> None:
    random = np.random.default_rng(1)
    keys = {f"key {number}": [f"{number}-{row}" for row in range(300)] for number in range(11)}
    page = upload(pd.DataFrame({"size": random.normal(size=300), **keys, "left": ["yes", "no"] * 150}))
    assert "Show 3 more findings" in [expander.label for expander in page.main.expander]
    assert len(lines(page)) == 11


def test_the_headline_tells_what_is_done_and_ignored() -> None:
    states = [State.DECIDE, State.DONE, State.DONE, State.IGNORED]
    assert findings_panel.headline(states, 9) == "4 findings: 1 to decide, 2 done, 1 ignored"
