"""The Data page, from a choice to prepared data."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.data import plan_state
from pages.components.shell import page_frame, shutdown_runs
from services import settings
from services.data import preparation_plan
from services.data.division.partition import SplitMethod
from services.data.division.resampling import ResamplingMethod
from services.data.reading.encodings import TextEncoding
from services.data.table_sources import content_hash, sample_customers
from services.data.table_sources import sources as data_sources
from services.data.target_kind import TargetKind
from tests.pages.planted_text import PLANTED, drawn
from tests.services.data import xlsx
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


def test_three_classes_are_prepared_with_their_names(account: FakeS3) -> None:
    page = upload(b"size,kind\n" + b"1,a\n2,b\n3,c\n" * 10)
    page.selectbox(key="target").set_value("kind").run()
    assert "kind holds 3 different texts." in words(page)
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert (manifest["kind"], manifest["classes"]) == ("several classes", ["a", "b", "c"])
    assert list(page.dataframe[-1].value.columns) == ["Split", "Rows", "Class a", "Class b", "Class c", "Address"]


def test_one_of_three_classes_may_stand_against_the_others(account: FakeS3) -> None:
    page = upload(b"size,kind\n" + b"1,a\n2,b\n3,b\n" * 10 + b"4,c\n" * 5)
    page.selectbox(key="target").set_value("kind").run()
    page.segmented_control(key="target_kind").set_value(TargetKind.TWO_CLASSES).run()
    page.selectbox(key="positive").set_value("a").run()
    assert "A: 10 of 35 rows (29 %)." in words(page)
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert (manifest["classes"], sum(manifest["positives"].values())) == (["not a", "a"], 10)


NUMBERS = "size,price\n" + "".join(f"{number % 7},{number + 0.5}\n" for number in range(60))


def test_a_number_is_told_by_its_range_and_middle_and_prepared(account: FakeS3) -> None:
    page = upload(NUMBERS.encode())
    page.selectbox(key="target").set_value("price").run()
    said = words(page)
    assert "price holds 60 different numbers, 0.5 to 59.5." in said
    assert "price: 0.5 to 59.5, mean 30, median 30, in 60 rows." in said
    assert "positive" not in {field.key for field in page.selectbox}
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert (manifest["kind"], manifest["classes"], manifest["positives"]) == ("number", [], {})


def test_few_whole_numbers_may_be_predicted_as_numbers(account: FakeS3) -> None:
    page = upload(NUMBERS.encode())
    page.selectbox(key="target").set_value("size").run()
    assert "size holds 7 different whole numbers." in words(page)
    page.segmented_control(key="target_kind").set_value(TargetKind.NUMBER).run()
    assert "Suggested: several classes." in words(page)
    page.button(key="prepare").click().run()
    rows = account.objects["s3://bucket/sagedeck/data/rows/train/data.csv"].splitlines()
    assert {row.partition(b",")[0] for row in rows} == {b"%d" % number for number in range(7)}


@pytest.mark.usefixtures("account")
def test_more_texts_than_can_be_learned_are_refused_in_one_sentence() -> None:
    page = upload(mixed_table().replace(b"A-", b"B-") + b"".join(b"1,red,C-%d,1\n" % number for number in range(90)))
    page.selectbox(key="target").set_value("key").run()
    assert [error.value for error in page.main.error] == [
        "Target key: it has 120 different values, and at most 100 classes can be learned. "
        "Choose a column with fewer values, or one of numbers."
    ]


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


@pytest.mark.parametrize("address", ["s3://mine/some/", "s3://mine/some"])
def test_the_files_of_a_folder_in_s3_are_joined(account: FakeS3, address: str) -> None:
    account.objects["s3://mine/some/a.csv"] = b"size,ill\n" + b"1,0\n2,1\n" * 20
    account.objects["s3://mine/some/b.csv"] = b"ill,size\n" + b"1,1\n" * 20
    page = open_page("S3 address")
    page.text_input(key="address").set_value(address).run()
    assert "2 files, comma, header in line 1, UTF-8, 60 rows" in words(page)
    assert "for key in ['some/a.csv', 'some/b.csv']:" in page.main.code[0].value


def test_a_folder_in_s3_without_files_is_one_sentence(account: FakeS3) -> None:
    account.objects["s3://mine/some/_SUCCESS"] = b""
    page = open_page("S3 address")
    page.text_input(key="address").set_value("s3://mine/some/").run()
    assert page.main.error[0].value == "s3://mine/some/: it holds no file with rows. Check the address."


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


def manifest(account: FakeS3, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(account.objects[f"s3://bucket/sagedeck/data/{name}/manifest.json"])
    return found


def parts_of(page: AppTest) -> pd.DataFrame:
    return next(table.value for table in page.main.dataframe if "Part" in table.value.columns)


RARE = b"size,day,who,ill\n" + b"".join(
    f"{row * 7 % 101},2026-{row % 12 + 1:02}-{row % 28 + 1:02},customer {row % 40},{int(row % 25 == 0)}\n".encode()
    for row in range(400)
)


@pytest.mark.slow
def test_rows_are_stratified_unless_somebody_chooses_otherwise_and_the_manifest_tells(account: FakeS3) -> None:
    upload(RARE).button(key="prepare").click().run()
    kept = manifest(account, "rows")
    assert kept["divided"] == "Stratified 70/20/10, seed 1729"
    assert kept["class_rows"] == {"train": [269, 11], "validation": [77, 3], "test": [38, 2]}


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_each_part_is_shown_before_anything_is_prepared() -> None:
    parts = parts_of(upload(RARE))
    assert parts.to_dict("list") == {
        "Part": ["train", "validation", "test"],
        "Rows": ["280", "80", "40"],
        "Share of rows": ["70 %", "20 %", "10 %"],
        "Rows of class 1": ["11", "3", "2"],
        "Share": ["3.9 %", "3.8 %", "5.0 %"],
    }


@pytest.mark.slow
def test_the_split_of_the_tutorial_is_one_click(account: FakeS3) -> None:
    page = upload(RARE)
    page.button(key="tutorial_split").click().run()
    assert page.button(key="tutorial_split").label == "The AWS tutorial's split is in use"
    assert page.button(key="tutorial_split").disabled
    page.button(key="prepare").click().run()
    frame = pd.read_csv(io.BytesIO(RARE)).sample(frac=1, random_state=1729)
    assert [rows[1] for rows in manifest(account, "rows")["class_rows"].values()] == [
        int(part["ill"].sum()) for part in (frame[:280], frame[280:360], frame[360:])
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_part_with_few_rows_of_a_class_is_named() -> None:
    said = [warning.value for warning in upload(RARE).main.warning]
    assert said == [
        "Few rows in validation of class 1 (3): little can be measured there.",
        "Few rows in test of class 1 (2): little can be measured there.",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_part_without_a_class_is_named() -> None:
    rows = b"size,ill\n" + b"".join(f"{row},{int(row < 40)}\n".encode() for row in range(100))
    page = upload(rows)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert [warning.value for warning in page.main.warning] == [
        "No rows of class 1 in validation: nothing can be measured there.",
        "No rows of class 1 in test: nothing can be measured there.",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_own_shares_are_taken_and_the_test_part_is_the_rest() -> None:
    page = upload(RARE)
    page.number_input(key="train_share").set_value(50).run()
    page.number_input(key="validation_share").set_value(25).run()
    assert page.number_input(key="test_share").value == 25
    assert list(parts_of(page)["Rows"]) == ["200", "100", "100"]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_shares_never_leave_a_part_without_rows() -> None:
    page = upload(RARE)
    page.number_input(key="train_share").set_value(95).run()
    assert [page.number_input(key=f"{part}_share").value for part in ("train", "validation", "test")] == [95, 4, 1]


@pytest.mark.slow
def test_a_split_by_time_begins_with_a_column_of_dates(account: FakeS3) -> None:
    page = upload(RARE)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert page.selectbox(key="split_column").value == "day"
    page.button(key="prepare").click().run()
    assert manifest(account, "rows")["divided"] == "By time of day 70/20/10, newest rows in test"


@pytest.mark.slow
def test_a_split_by_groups_begins_with_a_text_of_many_values(account: FakeS3) -> None:
    page = upload(RARE)
    page.selectbox(key="split_method").set_value(SplitMethod.GROUP).run()
    assert page.selectbox(key="split_column").value == "who"
    page.button(key="prepare").click().run()
    assert manifest(account, "rows")["divided"] == "By groups of who 70/20/10, seed 1729"


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_column_that_is_no_time_is_refused_where_the_split_is_chosen() -> None:
    page = upload(b"size,ill\n" + b"a,0\nb,1\n" * 20)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert [warning.value for warning in page.main.warning] == ["Split by time: no column is selected. Choose one."]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_train_rows_are_not_resampled_unless_somebody_chooses_so() -> None:
    page = upload(RARE)
    assert page.radio(key="resampling").value is None
    said = "A class weight instead: scale_pos_weight 24.5 counts each of the 11 positives 24.5 times; nothing is"
    assert said in words(page)


@pytest.mark.slow
def test_resampling_shows_what_it_changes_and_the_manifest_tells(account: FakeS3) -> None:
    page = upload(COLOURS + b"4,red,1\n" * 30)
    page.radio(key="resampling").set_value(ResamplingMethod.OVER).run()
    classes, flags = (
        next(table.value for table in page.main.dataframe if column in table.value.columns).to_dict("list")
        for column in ("Train rows of", "Share of feature")
    )
    assert classes == {"Train rows of": ["class 1", "class 0"], "Before": ["35", "7"], "After": ["35", "35"]}
    assert flags["Share of feature"] == ["colour=blue", "colour=red"]
    page.button(key="prepare").click().run()
    kept = manifest(account, "rows")
    assert kept["resampled"] == "Random over-sampling, ratio 1, seed 1729: 7 → 35 training rows of 0"
    assert (kept["class_rows_before"], kept["class_rows"]["train"]) == ([35, 7], [35, 35])
    assert "Random over-sampling, ratio 1, seed 1729: 7 → 35 training rows of 0." in words(page)


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_what_resampling_cannot_take_is_said_where_it_is_chosen() -> None:
    page = upload(b"size,ill\n" + b"1,0\n,1\n" * 20)
    page.radio(key="resampling").set_value(ResamplingMethod.SMOTE).run()
    assert [warning.value.partition(":")[0] for warning in page.main.warning][-1] == "Resampling"


@pytest.mark.slow
def test_the_sample_customers_are_prepared_as_they_are_proposed(account: FakeS3) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["source"], page.query_params["target"] = "Sample customers", "cancelled"
    page.run()
    assert "120 of 3,000 rows (4.0 %)" in words(page)
    page.button(key="prepare").click().run()
    assert not page.main.error
    assert page.success[0].value.startswith("sample-customers is prepared at")
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/sample-customers/manifest.json"])
    assert manifest["source_sha256"] == content_hash.of_table(sample_customers.customers())


@pytest.mark.slow
def test_the_hash_of_an_upload_is_that_of_its_bytes(account: FakeS3) -> None:
    page = upload(COLOURS)
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert manifest["source_sha256"] == hashlib.sha256(COLOURS).hexdigest()


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_how_a_file_was_read_is_told_in_one_line() -> None:
    page = upload(b"Report 2024\nsize;ill\n" + b"1,5;0\n2,5;1\n" * 20)
    assert "Semicolon, decimal comma, header in line 2, UTF-8, 40 rows" in words(page)


def correct(page: AppTest, field: str, value: object, button: str = "Reload file") -> AppTest:
    """Say one thing about the file in the form, and read it again."""
    element = next(
        element
        for element in [*page.main.selectbox, *page.main.number_input]
        if element.key and element.key.startswith(f"read_{field}_")
    )
    element.set_value(value)
    return next(shown for shown in page.main.button if shown.label == button).click().run()


SEMICOLONS = b"cm,kg\na,ill\n" + b"1,0\n2,1\n" * 20


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_correction_is_read_and_survives_a_reload() -> None:
    page = correct(upload(SEMICOLONS), "header", 2)
    assert "Comma, header in line 2, UTF-8, 40 rows" in words(page)
    reloaded = AppTest.from_file(PAGE, default_timeout=30)
    reloaded.query_params.update({"source": "Upload", "upload": page.query_params["upload"]})
    assert "Comma, header in line 2, UTF-8, 40 rows" in words(reloaded.run())


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_correction_is_taken_back_by_a_button() -> None:
    page = correct(upload(SEMICOLONS), "header", 2)
    page = next(shown for shown in page.main.button if shown.label == "Discard corrections").click().run()
    assert "Comma, header in line 1, UTF-8, 41 rows" in words(page)


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_file_that_cannot_be_read_can_be_corrected() -> None:
    page = upload(b"a;b;c\n" + "München,x;1;0\nBonn,y;2;1\n".encode("mac-roman") * 10)
    assert "neither UTF-8 nor clearly Windows-1252" in page.main.error[0].value
    assert "Windows-1252 (Latin-1), 20 rows" in words(correct(page, "encoding", TextEncoding.WESTERN))


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_the_code_shown_reads_a_corrected_file_as_the_page_did() -> None:
    page = correct(upload(SEMICOLONS), "first_row", 3)
    code = page.main.code[0].value
    assert "table = pandas.read_csv('rows.csv', skiprows=2, header=None, names=['cm', 'kg'])" in code


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_another_sheet_of_a_workbook_can_be_chosen() -> None:
    rows = [[number, number % 2] for number in range(40)]
    page = upload(xlsx.workbook({"Notes": [["x"], ["y"]], "Data": [["size", "ill"], *rows]}), "book.xlsx")
    assert "Excel, sheet Notes (1 of 2), header in row 1, 1 row" in words(page)
    assert "Excel, sheet Data (2 of 2), header in row 1, 40 rows" in words(correct(page, "sheet", "Data"))


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_another_sheet_can_be_chosen_where_the_first_is_no_table() -> None:
    rows = [[number, number % 2] for number in range(40)]
    page = upload(xlsx.workbook({"Notes": [["x", "x"], ["y", 1]], "Data": [["size", "ill"], *rows]}), "book.xlsx")
    assert page.main.error[0].value.startswith("book.xlsx: several columns have the same name: x.")
    assert "Excel, sheet Data (2 of 2), header in row 1, 40 rows" in words(correct(page, "sheet", "Data"))


def reopened(page: AppTest) -> AppTest:
    """The page in another browser tab, by the address of this one."""
    again = AppTest.from_file(PAGE, default_timeout=30)
    again.query_params.update({name: page.query_params[name] for name in ("source", "upload")})
    return again.run()


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_an_upload_survives_a_reload_and_is_shown_with_its_name_and_age() -> None:
    page = reopened(upload(COLOURS, "bank.csv"))
    assert "bank.csv, uploaded just now" in words(page)
    assert "30 rows" in words(page)


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_what_was_decided_about_an_uploaded_file_is_found_again_with_the_same_file() -> None:
    page = upload(COLOURS, "bank.csv")
    page.session_state[editor_key(page)] = {"edited_rows": {1: {"Use": False}}}
    page.run()
    assert "1 of 2 columns is text: 1 excluded." in words(upload(COLOURS, "copy of bank.csv"))


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_removed_upload_is_gone_and_another_can_be_chosen() -> None:
    page = upload(COLOURS)
    removed = page.button(key="remove_upload").click().run()
    assert "upload" not in removed.query_params
    assert not removed.main.metric
    assert removed.file_uploader(key="upload").value is None
    page.query_params["upload"] = "0" * 32
    assert "no longer kept on this computer" in reopened(page).main.warning[0].value


@pytest.mark.slow
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("address", ["0" * 32, "../../etc", "x"])
def test_an_address_of_no_upload_says_so(address: str) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params.update({"source": "Upload", "upload": address})
    assert "Upload the file again." in page.run().main.warning[0].value
    assert not page.exception


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_planted_file_name_is_text() -> None:
    page = upload(b"size,ill\n" + b"1,0\n2,1\n" * 20, f"{PLANTED}.csv")
    assert not [text for text in drawn(page) if text.is_live]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_duplicate_rows_are_counted() -> None:
    page = upload(COLOURS)
    assert {metric.label: metric.value for metric in page.main.metric}["Duplicate rows"] == "27"


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_associations_say_that_only_training_rows_were_looked_at() -> None:
    page = open_page("Breast cancer")
    page.session_state["view"] = "Associations"
    assert "Computed from the 398 training rows only" in words(page.run())


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_text_columns_are_described_beside_numbers() -> None:
    page = upload(COLOURS)
    page.session_state["view"] = "Describe"
    table = table_with(page.run(), "Distribution").set_index("Column")
    assert table["Type"].to_dict() == {"size": "number", "colour": "text", "ill": "number"}
    assert table["Most frequent"]["colour"] == "red"


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_target_of_numbers_is_compared_by_quarter() -> None:
    rows = "".join(f"{number},{number * 2}\n" for number in range(100))
    page = upload(f"size,price\n{rows}".encode())
    page.selectbox(key="target").set_value("price")
    page.session_state["view"] = "By class"
    table = table_with(page.run(), "Quarter")
    assert list(table["Quarter"]) == ["0 to 48", "50 to 98", "100 to 148", "150 to 198"]
    assert list(table["Mean"]) == ["12", "37", "62", "87"]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("view", ["Describe", "Columns", "Associations", "By class"])
def test_a_table_of_one_row_is_looked_at_without_a_traceback(view: str) -> None:
    page = upload(b"size,ill\n1,0\n")
    page.session_state["view"] = view
    assert not page.run().exception


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_what_is_odd_about_a_column_is_shown_as_it_is_written() -> None:
    rows = "".join(f"[a](http://b),{number},{number % 2}\n" for number in range(40))
    page = upload(f"note,size,ill\n{rows}".encode())
    page.session_state["view"] = "Columns"
    page.session_state["detail"] = "note"
    (badge,) = [element.value for element in page.run().main.markdown if "Constant" in element.value]
    assert "[a](" not in badge
    assert page.selectbox(key="detail").value == "note"
