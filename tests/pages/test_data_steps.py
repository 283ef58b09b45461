"""A person's own steps on the Data page: added, previewed, moved, removed, undone, and used when data is prepared."""

import io
import json
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import data_page
from tests.pages.data_page import editor_key, upload, words
from tests.services.fake_s3 import FakeS3

pytestmark = pytest.mark.slow

account = data_page.account  # the fixture: an account whose S3 is a dictionary

LINES = [f"{number % 7 or ''},{'red' if number % 3 else 'blue'},{number % 5},{number % 3}" for number in range(60)]
TABLE = "\n".join(["size,colour,grade,kind", *LINES]).encode()
TWO = "\n".join(["size,colour,grade,ill", *(line[:-1] + str(place % 2) for place, line in enumerate(LINES))]).encode()


def opened(content: bytes = TWO) -> AppTest:
    page = upload(content)
    page.session_state["add_step_form"] = True
    return page.run()


def add(page: AppTest, operation: str, **fields: object) -> AppTest:
    page.selectbox(key="step_operation").set_value(operation).run()
    for key, value in fields.items():
        widgets = [*page.selectbox, *page.text_input, *page.checkbox, *page.number_input, *page.multiselect]
        (widget,) = [widget for widget in widgets if widget.key == f"step_{key}"]
        widget.set_value(value).run()
    return page.button(key="add_step").click().run()


def prepared(page: AppTest, account: FakeS3) -> dict[str, object]:
    page.button(key="prepare").click().run()
    assert not page.main.error
    return dict(json.loads(account.objects["s3://bucket/sagedeck/data/rows/recipe.json"]))


def errors(page: AppTest) -> list[str]:
    return [error.value for error in page.main.error]


@pytest.mark.usefixtures("account")
def test_the_suggested_steps_are_listed_in_their_order() -> None:
    assert r"1\. One-hot encode colour" in words(upload(TWO))


@pytest.mark.usefixtures("account")
def test_many_suggested_steps_of_a_kind_are_one_line() -> None:
    lines = "\n".join(f"{'a,b,c,d' if number % 3 else 'b,c,d,a'},{number % 2}" for number in range(40))
    page = upload(f"p,q,r,s,ill\n{lines}".encode())
    assert r"1\. 4 columns one-hot encoded" in [block.label for block in page.main.expander]


def test_an_added_step_says_what_it_learned_and_is_in_the_recipe(account: FakeS3) -> None:
    page = add(opened(), "Fill missing cells", column="size", indicator=True)
    assert "Fill missing cells of size with the median of the training rows, " in words(page)
    kept = prepared(page, account)
    assert kept["features"] == ["size", "size_missing", "colour=blue", "colour=red", "grade"]


@pytest.mark.usefixtures("account")
def test_a_preview_shows_counts_and_first_rows_before_and_after() -> None:
    page = add(opened(), "Fill missing cells", column="size")
    page.session_state["preview_steps_0"] = True
    tables = [table.value for table in page.run().main.dataframe]
    facts = next(table for table in tables if "Distinct" in table and "" in table)
    assert facts[""].tolist() == ["Before", "After"]
    assert facts["Missing"].tolist()[1] == "0"
    assert int(facts["Missing"].tolist()[0]) > 0
    assert any(list(table) == ["size before", "size after"] for table in tables)


@pytest.mark.usefixtures("account")
def test_only_columns_that_an_operation_applies_to_are_offered() -> None:
    page = opened()
    assert page.selectbox(key="step_column").options == ["size"]  # the only one with gaps
    page.selectbox(key="step_operation").set_value("Encode by frequency").run()
    assert page.selectbox(key="step_column").options == ["colour"]
    page.selectbox(key="step_operation").set_value("Clip outliers").run()
    assert page.selectbox(key="step_column").options == ["size", "grade"]


@pytest.mark.usefixtures("account")
def test_a_step_that_cannot_be_added_is_one_sentence_and_what_was_filled_in_stays() -> None:
    page = opened()
    page.text_input(key="name").set_value("mine").run()
    page = add(page, "Rename column", column="colour", name="grade")
    assert errors(page) == ["Rename colour: there is a column grade already. Choose another name."]
    assert page.text_input(key="step_name").value == "grade"
    assert page.text_input(key="name").value == "mine"
    assert "Rename colour" not in words(page)


def test_steps_are_moved_removed_and_the_change_is_undone(account: FakeS3) -> None:
    page = add(opened(), "Take logarithm", column="grade")
    page = add(page, "Drop column", column="size")
    page.button(key="move_up_steps_1").click().run()
    page.button(key="remove_steps_1").click().run()
    page.button(key="undo_plan").click().run()
    kept = prepared(page, account)
    assert [step["kind"] for step in kept["steps"]] == ["drop", "log", "one_hot"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("account")
def test_a_step_whose_column_is_excluded_later_says_so_and_can_be_removed() -> None:
    page = add(opened(), "Take logarithm", column="grade")
    page.session_state["add_step_form"] = False
    page.session_state[editor_key(page)] = {"edited_rows": {2: {"Use": False}}}
    page.run()
    said = 'Step "Take the logarithm of 1 + grade": there is no column grade.'
    assert [error.partition(" Remove")[0] for error in errors(page)] == [said]
    page.button(key="remove_steps_0").click().run()
    assert not errors(page)


def test_rows_are_filtered_before_the_split(account: FakeS3) -> None:
    page = add(opened(), "Keep rows", filter_column="grade", comparison="is less than", value="3")
    assert "36 of 60 rows left" in words(page)
    kept = prepared(page, account)
    assert [step["kind"] for step in kept["row_steps"]] == ["keep_rows"]  # type: ignore[attr-defined]
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert sum(manifest["rows"].values()) == 36


def test_three_classes_become_two_and_the_new_name_can_be_the_positive_class(account: FakeS3) -> None:
    page = upload(TABLE)
    page.selectbox(key="target").set_value("kind").run()
    page.session_state["add_step_form"] = True
    page.run()
    page.selectbox(key="step_operation").set_value("Rename or merge classes").run()
    page.multiselect(key="step_classes").set_value(["1", "2"]).run()
    page.text_input(key="step_class_name").set_value("some").run()
    page.button(key="add_step").click().run()
    assert "Rename classes 1 and 2 to some" in words(page)
    assert "**Class 0: 20 of 60 rows (33 %).**" in words(page)
    assert "Classes: 0, some" in words(page)
    page.selectbox(key="positive").set_value("some").run()
    prepared(page, account)
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert manifest["classes"] == ["0", "some"]
    assert sum(manifest["positives"].values()) == 40


@pytest.mark.usefixtures("account")
def test_words_used_as_numbers_are_said_to_become_missing_before_anything_is_prepared() -> None:
    page = upload(TWO)
    page.session_state[editor_key(page)] = {"edited_rows": {1: {"Becomes": "Number"}}}
    page.run()
    said = "colour as Number: 60 of 60 cells hold no number and become missing."
    assert said in [warning.value for warning in page.main.warning]
    page.button(key="use_suggestion_1").click().run()
    assert said not in [warning.value for warning in page.main.warning]
    assert "One-hot encode colour" in words(page)


@pytest.mark.usefixtures("account")
def test_the_code_shown_has_the_steps() -> None:
    page = add(opened(), "Keep rows", filter_column="grade", comparison="is less than", value="3")
    page = add(page, "Clip outliers", column="size")
    code = page.main.code[0].value
    assert "pandas.to_numeric(table['grade'], errors='coerce') < 3.0" in code
    assert ".quantile([0.01, 0.99])" in code


class FakeBoto3(ModuleType):
    """A boto3 whose S3 takes uploads and keeps nothing."""

    def client(self, service: str, **options: str) -> MagicMock:
        return MagicMock()


def test_the_code_shown_makes_the_files_that_the_page_uploads(
    account: FakeS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = add(opened(), "Keep rows", filter_column="grade", comparison="is not", value="2")
    page = add(page, "Fill missing cells", column="size", indicator=True)
    page = add(page, "Clip outliers", column="grade")
    page = add(page, "Encode by frequency", column="colour")
    prepared(page, account)

    (tmp_path / "rows.csv").write_bytes(TWO)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "boto3", FakeBoto3("boto3"))
    exec(page.main.code[0].value, {})
    for part in ("train", "validation", "test"):
        uploaded = account.objects[f"s3://bucket/sagedeck/data/rows/{part}/data.csv"]
        theirs = pd.read_csv(tmp_path / f"{part}.csv", header=None)
        pd.testing.assert_frame_equal(theirs, pd.read_csv(io.BytesIO(uploaded), header=None), check_dtype=False)
