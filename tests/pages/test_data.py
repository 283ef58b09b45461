"""The Data page, from a choice to prepared data."""

import json
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.data import plan_state
from pages.components.shell import page_frame, shutdown_runs
from services import settings
from services.data import preparation_plan
from services.data import sources as data_sources
from tests.services.fake_s3 import FakeS3

PAGE = str(Path(__file__).parents[2] / "pages" / "data.py")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeS3:
    """An account whose S3 is a dictionary, and a data folder that is empty."""
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    monkeypatch.setattr(page_frame, "_show_rate", lambda account, meter: None)  # asks of more than this account has
    monkeypatch.setattr(shutdown_runs, "banner", lambda account, with_results: None)  # so does this
    monkeypatch.setattr(data_sources, "FOLDER", tmp_path)
    monkeypatch.setattr(preparation_plan, "FOLDER", tmp_path / "plans")
    monkeypatch.delenv("SAGEDECK_CARD_FRAUD", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    return account


def open_page(source: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["source"] = source
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.main.markdown, *page.main.caption])


def table_with(page: AppTest, column: str) -> pd.DataFrame:
    """The first table on the page that has a column."""
    return next(table.value for table in page.dataframe if column in table.value)


def mixed_table() -> bytes:
    lines = (f"{number * 3},{'red' if number % 3 else 'blue'},A-{number},{number % 2}\n" for number in range(30))
    return f"size,colour,key,ill\n{''.join(lines)}".encode()


def editor_key(page: AppTest) -> str:
    return f"columns_used_{page.session_state[plan_state.REVISION]}"


def upload(content: bytes, name: str = "rows.csv") -> AppTest:
    page = open_page("Upload")
    page.file_uploader(key="upload").set_value((name, content, "text/csv"))
    return page.run()


@pytest.mark.usefixtures("account")
def test_the_classes_of_the_breast_cancer_set_are_counted_in_words() -> None:
    assert "Malignant: 212 of 569 rows (37 %)." in words(open_page("Breast cancer"))


@pytest.mark.usefixtures("account")
def test_the_page_says_why_accuracy_misleads() -> None:
    said = "A model that always predicts benign is 63 % accurate, but finds none of the 212 other rows."
    assert said in words(open_page("Breast cancer"))


def test_preparing_uploads_three_files_and_then_the_manifest(account: FakeS3) -> None:
    page = open_page("Breast cancer")
    page.text_input(key="name").set_value("cells")
    page.button(key="prepare").click().run()
    home = "s3://bucket/sagedeck/data/cells"
    assert page.success[0].value == f"cells is prepared at {home}."
    assert set(account.objects) == {
        *(f"{home}/{part}/data.csv" for part in ("train", "validation", "test")),
        f"{home}/manifest.json",
    }


@pytest.mark.usefixtures("account")
def test_what_is_prepared_is_shown_with_the_way_on() -> None:
    page = open_page("Breast cancer").button(key="prepare").click().run()
    splits = page.dataframe[-1].value
    assert list(splits["Rows"]) == ["398", "114", "57"]
    assert page.selectbox(key="prepared").value == "breast-cancer"


@pytest.mark.usefixtures("account")
def test_a_taken_name_is_refused_in_one_sentence_and_nothing_typed_is_lost() -> None:
    page = open_page("Breast cancer")
    page.number_input(key="seed").set_value(7)
    page.button(key="prepare").click().run()
    page.button(key="prepare").click().run()
    assert [error.value for error in page.main.error] == [
        "Data set breast-cancer: it exists already. Choose another name."
    ]
    assert page.number_input(key="seed").value == 7


@pytest.mark.usefixtures("account")
def test_a_bad_upload_is_one_sentence() -> None:
    page = upload(b"a,b\n1,2\n3\n")
    assert [error.value for error in page.main.error] == [
        "rows.csv: row 3: Expected 2 columns, got 1: 3. Correct that row; the header is row 1."
    ]
    assert not page.exception


@pytest.mark.usefixtures("account")
def test_text_columns_of_an_upload_are_encoded_and_identifiers_left_out() -> None:
    page = upload(mixed_table())
    assert "**2 of 3 columns are text: 1 one-hot encoded, 1 excluded.**" in words(page)


def test_preparing_a_table_with_text_keeps_how_its_columns_became_features(account: FakeS3) -> None:
    page = upload(mixed_table())
    page.button(key="prepare").click().run()
    assert not page.main.error
    kept = json.loads(account.objects["s3://bucket/sagedeck/data/rows/recipe.json"])
    assert (kept["inputs"], kept["features"]) == (["size", "colour"], ["size", "colour=blue", "colour=red"])


def test_a_column_is_used_as_a_person_chooses(account: FakeS3) -> None:
    page = upload(mixed_table())
    key = editor_key(page)
    page.session_state[key] = {"edited_rows": {0: {"Use": False}, 1: {"Becomes": "Target encoding"}}}
    page.run().button(key="prepare").click().run()
    kept = json.loads(account.objects["s3://bucket/sagedeck/data/rows/recipe.json"])
    assert (kept["inputs"], [step["kind"] for step in kept["steps"]]) == (["colour"], ["target_encoding"])


@pytest.mark.usefixtures("account")
def test_three_classes_are_named_when_one_tries_to_prepare_them() -> None:
    page = upload(b"size,kind\n" + b"1,a\n2,b\n3,c\n" * 10)
    page.selectbox(key="target").set_value("kind").run()
    page.button(key="prepare").click().run()
    assert page.main.error[0].value == ("Target kind: it has 3 classes: a, b, c. Choose a column with two classes.")


@pytest.mark.usefixtures("account")
def test_a_missing_file_is_one_sentence() -> None:
    page = open_page("Card fraud")
    page.text_input(key="path").set_value("/nowhere/creditcard.csv").run()
    assert page.main.error[0].value == "File /nowhere/creditcard.csv: the file does not exist. Check the path."


def test_a_table_is_read_from_s3(account: FakeS3) -> None:
    account.objects["s3://mine/some/rows.csv"] = b"size,ill\n" + b"1,0\n2,1\n" * 20
    page = open_page("S3 address")
    page.text_input(key="address").set_value("s3://mine/some/rows.csv").run()
    assert "Class 1: 20 of 40 rows (50 %)" in words(page)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("view", ["Rows", "Describe", "Columns", "Associations", "By class"])
def test_every_view_of_the_table_opens(view: str) -> None:
    page = open_page("Breast cancer")
    page.session_state["view"] = view
    page.run()
    assert not page.exception
    assert not page.main.error


COLOURS = b"size,colour,ill\n" + b"1,red,0\n2,blue,1\n3,red,1\n" * 10


@pytest.mark.usefixtures("account")
def test_changed_choices_of_columns_come_back_by_a_button() -> None:
    page = upload(COLOURS)
    assert "restore_columns" not in {button.key for button in page.main.button}
    page.session_state[editor_key(page)] = {"edited_rows": {1: {"Use": False}}}
    assert "1 of 2 columns is text: 1 excluded." in words(page.run())
    assert "1 of 2 columns is text: 1 one-hot encoded." in words(page.button(key="restore_columns").click().run())


def test_a_column_without_any_cell_is_left_out_at_first(account: FakeS3) -> None:
    rows = "".join(f"{number * 3},,{number % 2}\n" for number in range(30))
    page = upload(f"size,colour,ill\n{rows}".encode())
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert manifest["features"] == ["size"]


@pytest.mark.usefixtures("account")
def test_the_page_says_which_words_mean_missing() -> None:
    helps = [metric.help for metric in upload(COLOURS).main.metric if metric.label == "Missing cells"]
    assert "In columns of numbers and dates, NA, N/A, n/a and None do, too" in helps[0]


@pytest.mark.usefixtures("account")
def test_the_code_shown_reads_the_file_as_the_page_did() -> None:
    page = upload(b"size;ill\n" + b"1,5;0\n2,5;1\n" * 20)
    assert "table = pandas.read_csv('rows.csv', sep=';', decimal=',')" in page.main.code[0].value


@pytest.mark.usefixtures("account")
def test_duplicate_rows_are_counted() -> None:
    page = upload(COLOURS)
    assert {metric.label: metric.value for metric in page.main.metric}["Duplicate rows"] == "27"


@pytest.mark.usefixtures("account")
def test_associations_say_that_only_training_rows_were_looked_at() -> None:
    page = open_page("Breast cancer")
    page.session_state["view"] = "Associations"
    assert "Computed from the 398 training rows only" in words(page.run())


@pytest.mark.usefixtures("account")
def test_text_columns_are_described_beside_numbers() -> None:
    page = upload(COLOURS)
    page.session_state["view"] = "Describe"
    table = table_with(page.run(), "Distribution").set_index("Column")
    assert table["Type"].to_dict() == {"size": "number", "colour": "text", "ill": "number"}
    assert table["Most frequent"]["colour"] == "red"


@pytest.mark.usefixtures("account")
def test_a_target_of_numbers_is_compared_by_quarter() -> None:
    rows = "".join(f"{number},{number * 2}\n" for number in range(100))
    page = upload(f"size,price\n{rows}".encode())
    page.selectbox(key="target").set_value("price")
    page.session_state["view"] = "By class"
    table = table_with(page.run(), "Quarter")
    assert list(table["Quarter"]) == ["0 to 48", "50 to 98", "100 to 148", "150 to 198"]
    assert list(table["Mean"]) == ["12", "37", "62", "87"]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("view", ["Describe", "Columns", "Associations", "By class"])
def test_a_table_of_one_row_is_looked_at_without_a_traceback(view: str) -> None:
    page = upload(b"size,ill\n1,0\n")
    page.session_state["view"] = view
    assert not page.run().exception


@pytest.mark.usefixtures("account")
def test_what_is_odd_about_a_column_is_shown_as_it_is_written() -> None:
    rows = "".join(f"[a](http://b),{number},{number % 2}\n" for number in range(40))
    page = upload(f"note,size,ill\n{rows}".encode())
    page.session_state["view"] = "Columns"
    page.session_state["detail"] = "note"
    (badge,) = [element.value for element in page.run().main.markdown if "Constant" in element.value]
    assert "[a](" not in badge
    assert page.selectbox(key="detail").value == "note"
