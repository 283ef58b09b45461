"""The Data page: how files are read and kept, and what their tables look like."""

import pytest
from streamlit.testing.v1 import AppTest

from services.data.reading.encodings import TextEncoding
from tests.pages import data_page
from tests.pages.data_page import COLOURS, PAGE, editor_key, open_page, table_with, upload, words
from tests.pages.planted_text import PLANTED, drawn
from tests.services.data import xlsx

account = data_page.account  # the fixture: an account whose S3 is a dictionary


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
    reloaded = AppTest.from_file(PAGE, default_timeout=150)
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
    again = AppTest.from_file(PAGE, default_timeout=150)
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
    page = AppTest.from_file(PAGE, default_timeout=150)
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
