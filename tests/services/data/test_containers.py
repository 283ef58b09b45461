"""Containers of tables: workbooks and damaged zip files are named, Parquet of any type is readable."""

import contextlib
import datetime
import io
import random
import zipfile
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from services.data.profiling import profile, table_profile
from services.data.reading import file_reader
from services.data.reading.file_reader import FileTable
from services.errors import Problem


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def as_parquet(**columns: pa.Array) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def read(content: bytes, name: str = "rows.parquet") -> FileTable:
    return file_reader.read_file(io.BytesIO(content), name)


def problem(content: bytes, name: str) -> str:
    with pytest.raises(Problem) as caught:
        read(content, name)
    return str(caught.value)


def test_a_workbook_of_an_old_excel_is_named_with_what_to_do() -> None:
    said = "Open it, save it as .xlsx without a password, and choose that file."
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert problem(content, "a.xls") == f"a.xls: it is an old or locked Excel workbook (.xls). {said}"


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"xl/workbook.bin": b"x"}, "a binary Excel workbook (.xlsb)"),
        ({"mimetype": b"x", "content.xml": b"x"}, "a LibreOffice document"),
    ],
)
def test_workbooks_of_other_kinds_are_named(files: dict[str, bytes], kind: str) -> None:
    assert problem(zipped(files), "a").startswith(f"a: it is {kind}. Open it, save it as .xlsx")


def test_a_damaged_workbook_is_one_sentence() -> None:
    content = zipped({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"x"})
    assert problem(content, "a.xlsx") == "a.xlsx: the Excel workbook is damaged. Save it again in Excel."


def test_an_empty_zip_file_has_no_table() -> None:
    assert "there is no CSV or JSON file in the zip file" in problem(zipped({}), "a.zip")


def test_json_in_a_zip_file_is_read() -> None:
    table = read(zipped({"rows.jsonl": b'{"a": 1}\n', "readme.md": b"x"}), "a.zip")
    assert table.frame.to_dict("list") == {"a": [1]}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_file_damaged_anywhere_is_one_sentence_or_the_table(method: int) -> None:
    sound = zipped({"rows.csv": b"a,b\n" + b"1,2\n3,4\n" * 50}, method)
    chance = random.Random(7)
    for _ in range(300):
        content = bytearray(sound)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(Problem):
            assert read(bytes(content), "a.zip").frame.shape[1] >= 1


NESTED: dict[str, tuple[pa.Array, list[object]]] = {
    "list": (pa.array([[1], [2, 3], None]), ["[1]", "[2, 3]", None]),
    "struct": (pa.array([{"k": 1}, {"k": None}, None]), ['{"k": 1}', '{"k": null}', None]),
    "map": (pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())), ['[["k", 1]]', "[]", None]),
    "duration": (pa.array([1500, 2, None], pa.duration("ms")), [1.5, 0.002, None]),
    "binary": (pa.array([b"\xff", b"b", None]), ["ff", "62", None]),
    "bytes of text": (pa.array([b"x", b"b", None]), ["x", "b", None]),
    "decimal": (pa.array([Decimal("1.25"), Decimal("2.50"), None]), [1.25, 2.5, None]),
    "dictionary": (pa.array(["x", "y", None]).dictionary_encode(), ["x", "y", None]),
    "time": (pa.array([datetime.time(7, 30), datetime.time(8), None], pa.time32("s")), ["07:30:00", "08:00:00", None]),
    "half": (pa.array([1.0, 2.0, None], pa.float16()), [1.0, 2.0, None]),
    "null": (pa.nulls(3), [None, None, None]),
    "large": (pa.array([2**60 + 1, None, 3]), [2**60 + 1, None, 3]),
}


@pytest.mark.parametrize("kind", NESTED)
def test_every_type_of_parquet_is_a_number_a_date_or_text(kind: str) -> None:
    written, expected = NESTED[kind]
    column = read(as_parquet(a=pa.array([1, 2, 3]), x=written)).frame["x"]
    if kind == "time":
        column = column.str[:8]
    assert [None if missing else cell for cell, missing in zip(column, column.isna(), strict=True)] == expected


@pytest.mark.parametrize("kind", NESTED)
def test_every_type_of_parquet_can_be_described(kind: str) -> None:
    frame = read(as_parquet(a=pa.array([1, 2, 3]), x=NESTED[kind][0])).frame
    assert len(table_profile.table_profile(frame)) == 2
    assert profile.overview(frame).columns == 2


def test_what_was_made_text_or_seconds_is_told_by_column() -> None:
    assert read(as_parquet(x=NESTED["list"][0])).notes == ("Column x holds lists or records, shown as text.",)


def test_row_labels_without_a_name_are_no_column() -> None:
    file = io.BytesIO()
    pd.DataFrame({"a": [1, 2]}, index=["x", "y"]).to_parquet(file)
    table = read(file.getvalue())
    assert (list(table.frame.columns), table.notes) == (["a"], ("The row labels that pandas stored are left out.",))


def test_row_labels_with_a_name_are_a_column() -> None:
    file = io.BytesIO()
    pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")).to_parquet(file)
    assert set(read(file.getvalue()).frame.columns) == {"a", "key"}
