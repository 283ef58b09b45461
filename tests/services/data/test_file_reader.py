"""Files people hand us: each good one is a table, each bad one is one sentence."""

import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from services.data.reading import archives, file_reader
from services.errors import Problem

REAL = Path(__file__).parents[3].parent / "shared" / "data"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_csv", ".csv"), content)
    return packed.getvalue()


def read(content: bytes, name: str = "rows.csv") -> file_reader.FileTable:
    return file_reader.read_file(io.BytesIO(content), name)


def problem(content: bytes, name: str = "rows.csv") -> str:
    with pytest.raises(Problem) as caught:
        read(content, name)
    return str(caught.value)


def test_plain_gzipped_and_zipped_csv_are_the_same_table() -> None:
    plain = b"a,b\n1,2.5\n3,\n"
    expected = pd.DataFrame({"a": [1, 3], "b": [2.5, None]})
    for content in (plain, gzip.compress(plain), zipped(rows_csv=plain)):
        pd.testing.assert_frame_equal(read(content).frame, expected)


def test_parquet_comes_back_as_it_was_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "word": ["x", None]})
    frame.to_parquet(tmp_path / "rows.parquet")
    pd.testing.assert_frame_equal(file_reader.read(tmp_path / "rows.parquet").frame, frame)


@pytest.mark.parametrize(("mark", "word"), [(";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")])
def test_another_delimiter_is_found_and_told(mark: str, word: str) -> None:
    table = read(f'"a"{mark}"b, c"\n1{mark}"x, y"\n2{mark}z\n'.encode())
    assert table.format is not None
    assert (list(table.frame.columns), table.format.sentence(2)) == (
        ["a", "b, c"],
        f"{word}, header in line 1, UTF-8, 2 rows",
    )


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    assert list(read(b"a;b\n1,5;2,5\n3,5;4,5\n").frame.columns) == ["a", "b"]


def test_a_number_that_turns_decimal_far_down_is_still_a_number() -> None:
    assert read(b"a,b\n" + b"1,2\n" * 400_000 + b"1.5,2\n").frame["a"].dtype == float


def test_an_empty_file_is_refused() -> None:
    assert problem(b"") == "rows.csv: the file is empty. Choose a file with a header and rows."


def test_a_header_alone_is_refused() -> None:
    assert problem(b"a,b\n") == "rows.csv: it has a header but no rows. Choose a file with rows."


def test_columns_of_the_same_name_are_named() -> None:
    said = "rows.csv: several columns have the same name: a. Give each column its own name."
    assert problem(b"a,b,a\n1,2,3\n") == said


def test_a_ragged_row_is_pointed_at() -> None:
    plain = b"a,b\n1,2\n5,6,7\n"
    for content in (plain, gzip.compress(plain), zipped(rows_csv=plain)):
        assert "row 3: Expected 2 columns, got 3: 5,6,7" in problem(content)


def test_a_broken_zip_file_is_refused() -> None:
    said = "rows.zip: the zip file is damaged or of an unknown kind. Zip the CSV file again."
    assert problem(zipped(rows_csv=b"a,b\n1,2\n" * 100)[:60], "rows.zip") == said


def test_a_zip_file_with_a_damaged_member_is_refused() -> None:
    content = bytearray(zipped(rows_csv=b"a,b\n" + b"1,2\n" * 5000))
    content[45:50] = b"\x00\xff\x00\xff\x00"
    assert "the zip file is damaged" in problem(bytes(content), "rows.zip")


def test_a_broken_gzip_file_is_refused() -> None:
    content = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    said = "rows.csv.gz: the gzip file is damaged. Compress the CSV file again."
    assert problem(content[:-20], "rows.csv.gz") == said


def test_a_zip_file_without_csv_is_refused() -> None:
    assert (
        problem(zipped(picture=b"x"), "a.zip")
        == "a.zip: there is no CSV or JSON file in the zip file. Add the CSV file to the zip file."
    )


def test_of_several_csv_files_the_largest_is_read_and_told() -> None:
    table = read(zipped(small_csv=b"a\nx\n", large_csv=b"a,b\n1,2\n3,4\n"), "two.zip")
    assert (len(table.frame), table.notes) == (
        2,
        ("large.csv was read, the largest of 2 files with a table in two.zip.",),
    )


@pytest.mark.parametrize("kind", ["zip", "gzip"])
def test_a_bomb_is_refused_before_it_fills_the_memory(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 100_000)
    content = b"a,b\n" + b"0,0\n" * 1_000_000
    packed = zipped(rows_csv=content) if kind == "zip" else gzip.compress(content)
    assert "it unpacks to more than 200 times its size, like a zip bomb" in problem(packed)


@pytest.mark.parametrize("kind", ["zip", "gzip"])
def test_what_unpacks_beyond_the_limit_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LIMIT", 1000)
    content = b"a,b\n" + b"0,0\n" * 1000
    packed = zipped(rows_csv=content) if kind == "zip" else gzip.compress(content)
    assert "it unpacks to more than" in problem(packed)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="the file does not exist"):
        file_reader.read(tmp_path / "none.csv")


@pytest.mark.slow
@pytest.mark.skipif(not (REAL / "creditcard.csv.gz").exists(), reason="the real card fraud data is not here")
def test_the_real_card_fraud_data_has_its_known_counts() -> None:
    frame = file_reader.read(REAL / "creditcard.csv.gz").frame
    assert (frame.shape, int(frame["Class"].sum())) == ((284_807, 31), 492)
