"""Files of one S3 folder are one table by the names of their columns, or one sentence that names a file."""

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from services.aws.s3 import Address
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.file_reader import FileTable
from services.data.table_sources import s3_folder, sources
from services.errors import Problem
from tests.services.fake_s3 import FakeS3

FOLDER = Address.parse("s3://mine/sales/")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty data folder."""
    monkeypatch.setattr(sources, "FOLDER", tmp_path)


def account(**files: bytes) -> FakeS3:
    """An account with these files in the folder; `__` stands for a slash, `_csv` for the ending."""
    named = {name.replace("__", "/").replace("_csv", ".csv"): body for name, body in files.items()}
    return FakeS3("Fake", "us-east-1", bucket="mine", objects={f"{FOLDER}{name}": body for name, body in named.items()})


def read(fake: FakeS3, corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    found = s3_folder.files(fake, FOLDER)
    paths = s3_folder.download(fake, found, lambda done, total: None)
    return s3_folder.read(paths, [file.address.key for file in found], corrections)


def problem(fake: FakeS3) -> str:
    with pytest.raises(Problem) as caught:
        read(fake)
    return str(caught.value)


def test_the_same_columns_in_another_order_are_joined_by_name() -> None:
    table = read(account(b_csv=b"n,town\n3,Ulm\n", a_csv=b"town,n\nBonn,1\nKiel,2\n"))
    assert table.frame.to_dict("list") == {"town": ["Bonn", "Kiel", "Ulm"], "n": [1, 2, 3]}
    assert table.format
    assert table.format.sentence(3) == "2 files, comma, header in line 1, UTF-8, 3 rows"


def test_files_of_different_dialects_and_kinds_are_joined() -> None:
    table = read(account(a_csv=b"n;town\n1,5;Ulm\n", b=b'{"n": 2.5, "town": "K\xc3\xb6ln"}\n'))
    assert table.frame.to_dict("list") == {"n": [1.5, 2.5], "town": ["Ulm", "Köln"]}


def test_a_column_that_is_empty_in_one_file_is_of_the_kind_of_the_others() -> None:
    table = read(account(a_csv=b"n,town,day\n1,,\n", b_csv=b"n,town,day\n2,Ulm,2024-01-02\n"))
    assert table.frame["town"].isna().tolist() == [True, False]
    assert str(table.frame["day"].dtype).startswith("datetime64")


def test_what_programs_leave_beside_the_data_is_left_out() -> None:
    fake = account(a_csv=b"n\n1\n", _SUCCESS=b"")
    fake.objects.update({f"{FOLDER}{name}": b"x" for name in (".a.csv.crc", "a.csv.crc", "_temporary/b.csv", "sub/")})
    assert [file.address.key for file in s3_folder.files(fake, FOLDER)] == ["sales/a.csv"]


def test_a_folder_is_named_with_or_without_its_slash() -> None:
    fake = account(a_csv=b"n\n1\n")
    fake.objects["s3://mine/sales2/b.csv"] = b"n\n1\n"
    assert len(s3_folder.files(fake, Address.parse("s3://mine/sales"))) == 1


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (b"n\n1\n", "sales/b.csv: it lacks the column town of sales/a.csv."),
        (b"n,town,x\n1,Ulm,2\n", "sales/b.csv: it has the column x, which sales/a.csv lacks."),
        (b"n,town\nx,Ulm\n", "sales/b.csv: its column n holds text, and number in sales/a.csv."),
    ],
)
def test_a_file_whose_columns_differ_is_named(other: bytes, sentence: str) -> None:
    said = problem(account(a_csv=b"n,town\n1,Bonn\n", b_csv=other))
    assert said == f"{sentence} Correct the file, or move it out of the folder."


def test_a_file_that_cannot_be_read_is_named() -> None:
    said = problem(account(a_csv=b"n,town\n1,Bonn\n", b_csv=b"n,town\n1\n"))
    assert said.startswith("sales/b.csv: row 2: Expected 2 columns, got 1: 1.")


@pytest.mark.parametrize(("limit", "most"), [(5, 9), (99, 1)])
def test_too_much_is_refused_with_its_limit(limit: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_folder, "LIMIT", limit)
    monkeypatch.setattr(s3_folder, "MOST", most)
    said = problem(account(a_csv=b"n\n1\n", b_csv=b"n\n2\n"))
    assert said.startswith("s3://mine/sales/: the folder holds 2 files of 0.0 GB. Name a folder with at most")


def test_a_correction_is_of_every_file() -> None:
    fake = account(a_csv=b"x\nn,m\n1,2\n", b_csv=b"y\nn,m\n3,4\n")
    assert read(fake, ReadingCorrections(header=2)).frame.to_dict("list") == {"n": [1, 3], "m": [2, 4]}


def test_values_in_the_names_of_folders_are_told() -> None:
    fake = account()
    fake.objects[f"{FOLDER}year=2024/a.csv"] = b"n\n1\n"
    assert read(fake).notes == ("Values in the names of folders, such as year=2024, are not read.",)


def test_the_printed_code_reads_the_same_table() -> None:
    fake = account(a_csv=b"n,town\n1,Ulm\n", b_csv=b"town,n\nKiel,2\n", c_csv=b"n;town\n3,5;Bonn\n")
    table = read(fake)
    bodies = {key.removeprefix("s3://mine/"): body for key, body in fake.objects.items()}
    known: dict[str, Any] = {"pandas": pd, "io": io, "bodies": bodies}
    exec(table.code.joined("io.BytesIO(bodies[key])"), known)
    pd.testing.assert_frame_equal(known["table"], table.frame, check_dtype=False)
