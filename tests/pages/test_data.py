"""The Data page, from a choice to prepared data."""

import json

import pytest

from services.data.target_kind import TargetKind
from tests.pages import data_page
from tests.pages.data_page import COLOURS, editor_key, mixed_table, open_page, upload, words
from tests.services.fake_s3 import FakeS3

account = data_page.account  # the fixture: an account whose S3 is a dictionary


@pytest.mark.usefixtures("account")
def test_the_classes_of_the_breast_cancer_set_are_counted_in_words() -> None:
    assert "Malignant: 212 of 569 rows (37 %)." in words(open_page("Breast cancer"))


@pytest.mark.usefixtures("account")
def test_the_page_says_why_accuracy_misleads() -> None:
    said = "A model that always predicts benign is 63 % accurate, but finds none of the 212 other rows."
    assert said in words(open_page("Breast cancer"))


def test_preparing_uploads_three_files_their_raw_rows_and_then_the_manifest(account: FakeS3) -> None:
    page = open_page("Breast cancer")
    page.text_input(key="name").set_value("cells")
    page.button(key="prepare").click().run()
    home = "s3://bucket/sagedeck/data/cells"
    assert page.success[0].value == f"cells is prepared at {home}."
    assert set(account.objects) == {
        *(f"{home}/{part}/data.csv" for part in ("train", "validation", "test")),
        *(f"{home}/raw/{part}.parquet" for part in ("validation", "test")),
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
