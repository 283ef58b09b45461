"""The prepared data sets on the Data page: their rows, their names, two beside each other, and deletion."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from services import settings
from services.aws.account import Account
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.lineage import dependents
from services.lineage.dependents import Dependents
from tests.pages.app import errors, open_page, words
from tests.services.training_factory import make_data, make_model

pytestmark = pytest.mark.slow


def open_set(data: PreparedData, view: str = "Overview") -> AppTest:
    page = open_page("data", source="Breast cancer", data=data.name)
    page.session_state["prepared_view"] = view
    page.run()
    assert not page.exception
    assert not errors(page)
    return page


def said(page: AppTest) -> list[str]:
    return [element.value for element in page.error]


def table_with(page: AppTest, column: str) -> pd.DataFrame:
    found: pd.DataFrame = next(table.value for table in page.dataframe if column in table.value)
    return found


def test_a_set_says_where_it_came_from(account: Account) -> None:
    page = open_set(make_data(account))
    assert "ill (two classes) of a test, 3 features. Shuffled 70/20/10, seed 1729. Prepared" in words(page)


@pytest.mark.usefixtures("account")
def test_the_first_rows_have_the_names_that_the_files_lack(data: PreparedData) -> None:
    page = open_set(data, "First rows")
    rows = table_with(page, "weight")
    assert list(rows) == ["ill", "size", "age", "weight"]
    assert set(rows["ill"]) == {"no", "yes"}
    assert "The first 280 of 280 train rows." in words(page)


def test_a_renamed_set_is_shown_by_its_display_name_and_keeps_its_address(account: Account) -> None:
    data = make_data(account)
    page = open_set(data)
    page.button(key="rename_set").click().run()
    page.text_input(key="rename_title").set_value("Patients of May")
    page.button(key="rename_confirm").click().run()
    assert not said(page)
    box = page.selectbox(key="prepared")
    assert ("Patients of May" in box.options, box.value) == (True, data.name)
    assert prepared_data.load(account, data.name) == replace(data, title="Patients of May")


def test_a_name_that_another_set_has_is_refused_in_one_sentence(account: Account, data: PreparedData) -> None:
    page = open_set(make_data(account))
    page.button(key="rename_set").click().run()
    page.text_input(key="rename_title").set_value(data.name)
    page.button(key="rename_confirm").click().run()
    assert said(page) == [f"Display name '{data.name}': another data set is called that. Choose another name."]


def test_two_sets_are_compared_column_by_column(account: Account, data: PreparedData) -> None:
    page = open_set(make_data(account, rows=900), "Compare")
    page.selectbox(key="compare_set").set_value(data.name).run()
    assert not errors(page)
    assert "**0 of 3 features drifted.**" in words(page)
    assert set(table_with(page, "PSI")["Feature"]) == {"size", "age", "weight"}


def test_a_set_nothing_was_made_from_is_deleted_with_two_clicks(account: Account) -> None:
    data = make_data(account)
    page = open_set(data)
    page.button(key="delete_set").click().run()
    parts = ["Test rows", "Train rows", "Validation rows"]
    assert table_with(page, "File")["Content"].tolist() == ["Manifest", "Raw test rows", "Raw validation rows", *parts]
    assert "No job, model, version or evaluation was made from it." in [each.value for each in page.markdown]
    page.button(key="delete_confirm").click().run()
    assert not said(page)
    assert page.main.success[0].value.startswith(f"{data.name}: 6 files deleted, ")
    assert page.main.success[0].value.endswith("Verified: nothing left.")
    assert not page.main.warning
    assert data.name not in prepared_data.names(account)


def test_a_set_that_jobs_learned_from_is_deleted_by_its_name_only(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Dependents(training_jobs=("a", "b"))
    monkeypatch.setattr(dependents, "find", lambda account, data: made)
    data = make_data(account)
    page = open_set(data)
    page.button(key="delete_set").click().run()
    assert table_with(page, "Made from it")["Name"].tolist() == ["a", "b"]
    assert any("2 jobs can no longer be evaluated on their test rows" in each.value for each in page.markdown)
    assert page.button(key="delete_confirm").disabled
    page.text_input(key="delete_typed").set_value(data.name).run()
    page.button(key="delete_confirm").click().run()
    assert data.name not in prepared_data.names(account)


def test_a_set_that_a_job_reads_has_no_button_that_deletes_it(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Dependents(running=("training job a",), training_jobs=("a",))
    monkeypatch.setattr(dependents, "find", lambda account, data: made)
    page = open_set(make_data(account))
    page.button(key="delete_set").click().run()
    assert said(page) == ["Still read by training job a. Stop that first, or wait until it has ended."]
    assert "delete_confirm" not in [button.key for button in page.button]


def test_in_read_only_mode_neither_name_nor_files_are_touched(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_data(account)
    monkeypatch.setattr(settings, "read_only", lambda: True)
    page = open_set(data)
    page.button(key="rename_set").click().run()
    page.text_input(key="rename_title").set_value("Other")
    page.button(key="rename_confirm").click().run()
    assert "read-only" in said(page)[0]
    page = open_set(data)
    page.button(key="delete_set").click().run()
    page.button(key="delete_confirm").click().run()
    assert "read-only" in said(page)[0]
    assert prepared_data.load(account, data.name) == data


def test_what_was_made_from_a_set_is_listed_before_it_is_deleted(account: Account) -> None:
    data = make_data(account)
    job = make_model(account, data)
    page = open_set(data)
    page.button(key="delete_set").click().run()
    assert table_with(page, "Made from it").to_dict("records") == [{"Made from it": "Training job", "Name": job.name}]
