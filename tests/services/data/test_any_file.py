"""Any file ends in a table equal to an independent reading, or in one sentence; never in a traceback.

Tables are drawn from a seed, written in many dialects, and read by pandas with the options that "Show the code" prints,
so that the printed line is tried, too. What we choose to read differently from pandas alone:

- whole numbers written with a plus, and columns of them beside numbers with a point, are compared as numbers;
- in a column of text only empty cells and words such as NULL and <NA> are missing, NA, N/A, n/a and None are text;
- cells of spaces are missing;
- names lose the spaces and line ends around and within them;
- true and false beside missing cells stay true, false and missing;
- telephone numbers (+4915112345) stay text, as other codes do;
- in workbooks, numbers that were typed as text stay text, and rows without a cell are no rows;
- in JSON, lists and records are their JSON as text.

Damaged files (bytes changed, cut, repeated) may become another table, but never an exception that is no Problem.
"""

import contextlib
import gzip
import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from services.data.profiling import associations, distribution, duplicates, profile, table_profile
from services.data.reading import file_reader
from services.data.reading.corrections import ReadingCorrections
from services.errors import Problem

pytestmark = pytest.mark.slow  # each is fast, and there are hundreds

CORPUS = sorted((Path(__file__).parents[2] / "data").glob("*"))
WORDS = ["red", "blue", 'with "quotes"', "two\nlines", "a,b", "a;b", "ä ö", "x|y", "NA", "None", "tab\there", "Ulm"]


def number(chance: random.Random) -> str:
    return chance.choice(
        [
            lambda: str(chance.randrange(1000)),
            lambda: f"{chance.uniform(-5, 5):.4f}",
            lambda: f"{chance.uniform(-5, 5):.3e}",
            lambda: str(chance.randrange(2**60)),
        ]
    )()


KINDS = {
    "count": lambda chance: str(chance.randrange(100_000)),
    "measure": lambda chance: f"{chance.uniform(-1e4, 1e4):.{chance.choice([1, 2, 4, 9])}f}",
    "mixed": number,
    "long": lambda chance: str(2**53 + chance.randrange(2**60)),
    "code": lambda chance: f"{chance.randrange(1000):05d}",
    "day": lambda chance: f"20{chance.randrange(10, 30)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
    "phone": lambda chance: f"+49{chance.randrange(10**9, 10**11)}",
    "time": lambda chance: f"{chance.randrange(24):02d}:{chance.randrange(60):02d}",
    "word": lambda chance: chance.choice(WORDS),
    "class": lambda chance: chance.choice(["yes", "no", "NA"]),
}


def quoted(cell: str, mark: str) -> str:
    return (
        '"' + cell.replace('"', '""') + '"'
        if any(sign in cell for sign in (mark, '"', "\n", "\r", "|", "\t"))
        else cell
    )


def written(chance: random.Random) -> tuple[bytes, int, list[str]]:
    """A CSV file in a dialect drawn by chance, its number of rows and the names of its columns."""
    mark, end = chance.choice([",", ",", ";", "\t", "|"]), chance.choice(["\n", "\r\n"])
    rows, missing = chance.randrange(3, 60), chance.choice([0.0, 0.2])
    comma = chance.random() < 0.5
    columns = {}
    for place in range(chance.randrange(2, 6)):
        kind = chance.choice(list(KINDS))
        cells = [KINDS[kind](chance) for _ in range(rows)]
        if kind in ("measure", "mixed") and comma:
            cells = [cell.replace(".", ",") for cell in cells]
        blank = ["", "NULL", "<NA>"] if kind in ("word", "class") else ["", " ", "NA", "<NA>", "nan"]
        columns[f"{kind} {place}"] = [chance.choice(blank) if chance.random() < missing else cell for cell in cells]
    lines = [mark.join(quoted(name, mark) for name in columns)]
    lines += [mark.join(quoted(cell, mark) for cell in row) for row in zip(*columns.values(), strict=True)]
    above = chance.choice(["", "", "\n", f"sep={mark}\n", "Report 2024\n", "Report\nSource: a file\n\n"])
    start = chance.choice(["", "", "\ufeff"])
    text = above + end.join(lines) + chance.choice(["", end, end + end])
    encoding = chance.choice(["utf-8", "utf-8", "utf-16", "cp1252"])
    return (start + text).encode() if encoding == "utf-8" else text.encode(encoding), rows, list(columns)


def independent(content: bytes, table: file_reader.FileTable) -> pd.DataFrame:
    """What the line that "Show the code" prints reads."""
    known: dict[str, Any] = {"pandas": pd, "source": io.BytesIO(content)}
    exec(table.code.line("source"), known)
    frame: pd.DataFrame = known["table"]
    return frame


def same(ours: pd.Series, theirs: pd.Series) -> None:
    blank = theirs.isna() | theirs.astype(str).str.fullmatch(r"\s*|NULL|<NA>")
    np.testing.assert_array_equal(ours.isna(), blank, err_msg=str(ours.name))
    ours, theirs = ours[~blank], theirs[~blank]
    if profile.kind(ours) == "number":
        whole = pd.api.types.is_integer_dtype(ours) and pd.api.types.is_integer_dtype(theirs)
        if whole:
            assert ours.tolist() == theirs.tolist()
        np.testing.assert_allclose(ours.to_numpy(float), pd.to_numeric(theirs).to_numpy(float), rtol=1e-15)
    elif profile.kind(ours) == "date":
        assert ours.tolist() == pd.to_datetime(theirs).tolist()
    elif profile.kind(ours) != "empty":
        assert ours.astype(str).tolist() == theirs.astype(str).tolist()


def used(table: file_reader.FileTable) -> None:
    """Everything the Data page does with a table before anything is chosen."""
    profile.overview(table.frame)
    table_profile.as_csv(table_profile.table_profile(table.frame))
    duplicates.duplicates(table.frame)
    for name in table.frame:
        with contextlib.suppress(Problem):
            profile.class_balance(table.frame[name])
        associations.associations(table.frame, str(name))
        if groups := distribution.target_groups(table.frame[name]):
            distribution.distribution(table.frame.iloc[:, 0], groups.names)


@pytest.mark.parametrize("seed", range(150))
def test_a_csv_file_of_any_dialect_is_read_as_the_printed_code_reads_it(seed: int) -> None:
    content, rows, names = written(random.Random(seed))
    table = file_reader.read_file(io.BytesIO(content), "rows.csv")
    theirs = independent(content, table)
    assert list(table.frame.columns) == list(theirs.columns) == names
    assert len(table.frame) == len(theirs) == rows
    for name in theirs:
        same(table.frame[name], theirs[name])
    used(table)


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_csv_file_is_a_table_or_one_sentence(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(written(chance)[0])
    if chance.random() < 0.3:
        content = bytearray(gzip.compress(bytes(content)))
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(content))
        damage = chance.choice([b"", b'"', b",", b"\n", b"\0", b"\xff", b";;", b"1e999", b"0x1F", b"\r", b" "])
        content[place : place + chance.randrange(3)] = damage
    try:
        table = file_reader.read_file(io.BytesIO(bytes(content)), "rows.csv")
    except Problem as problem:
        said = str(problem)
    else:
        used(table)
        said = "rows.csv: it is a table."
    assert said.startswith("rows.csv: ")
    assert "\n" not in said


@pytest.mark.parametrize("seed", range(40))
def test_a_file_is_read_alike_when_a_person_says_what_was_found(seed: int) -> None:
    content, _, _ = written(random.Random(seed))
    found = file_reader.read_file(io.BytesIO(content), "rows.csv")
    assert found.format
    said = ReadingCorrections(
        delimiter=found.format.delimiter, header=found.format.header, encoding=found.format.encoding
    )
    again = file_reader.read_file(io.BytesIO(content), "rows.csv", said)
    pd.testing.assert_frame_equal(again.frame, found.frame)


def arrow_column(chance: random.Random, rows: int) -> pa.Array:
    some = {
        pa.int64(): lambda: chance.randrange(-(2**62), 2**62),
        pa.int8(): lambda: chance.randrange(-128, 128),
        pa.uint64(): lambda: chance.randrange(2**64),
        pa.float64(): lambda: chance.choice([chance.uniform(-1e9, 1e9), 1.7e308, -1.7e308, float("inf")]),
        pa.float32(): lambda: chance.randrange(1000) / 8,
        pa.bool_(): lambda: chance.random() < 0.5,
        pa.string(): lambda: chance.choice(WORDS),
        pa.large_string(): lambda: chance.choice(WORDS),
        pa.binary(): lambda: chance.randbytes(3),
        pa.date32(): lambda: chance.randrange(-100_000, 100_000),
        pa.timestamp("us"): lambda: chance.randrange(-(10**15), 10**15),
        pa.timestamp("ns", "UTC"): lambda: chance.randrange(10**18),
        pa.time64("us"): lambda: chance.randrange(86_400_000_000),
        pa.duration("ns"): lambda: chance.randrange(10**15),
        pa.list_(pa.float32()): lambda: [1.5] * chance.randrange(3),
        pa.struct([("k", pa.int64())]): lambda: {"k": chance.randrange(5)},
        pa.map_(pa.string(), pa.int64()): lambda: [("k", chance.randrange(5))],
        pa.decimal128(20, 2): lambda: None,
        pa.null(): lambda: None,
    }
    kind = chance.choice(list(some))
    return pa.array([None if chance.random() < 0.1 else some[kind]() for _ in range(rows)], kind)


@pytest.mark.parametrize("seed", range(150))
def test_a_parquet_file_of_any_types_is_read_as_arrow_reads_it(seed: int) -> None:
    chance = random.Random(seed)
    columns = {f"c{place}": arrow_column(chance, 40) for place in range(4)}
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    table = file_reader.read_file(file, "rows.parquet")
    for name, written_cells in columns.items():
        ours = table.frame[name]
        np.testing.assert_array_equal(ours.isna(), written_cells.is_null().to_numpy(zero_copy_only=False))
        if pa.types.is_integer(written_cells.type) or pa.types.is_floating(written_cells.type):
            assert [cell for cell in ours.tolist() if not pd.isna(cell)] == written_cells.drop_null().to_pylist()
    used(table)


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_parquet_file_is_a_table_or_one_sentence(seed: int) -> None:
    chance = random.Random(seed)
    file = io.BytesIO()
    parquet.write_table(pa.table({f"c{place}": arrow_column(chance, 40) for place in range(4)}), file)
    content = bytearray(file.getvalue())
    for _ in range(3):
        content[chance.randrange(4, len(content))] ^= 1 << chance.randrange(8)
    with contextlib.suppress(Problem):
        used(file_reader.read_file(io.BytesIO(bytes(content)), "rows.parquet"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_corpus_is_read_as_the_printed_code_reads_it_or_refused_in_the_sentence_beside_it(path: Path) -> None:
    if path.suffix == ".sentence":
        with pytest.raises(Problem) as caught:
            file_reader.read(path.with_suffix(""))
        assert str(caught.value) == path.read_text().strip()
    elif not path.with_name(f"{path.name}.sentence").exists():
        table = file_reader.read(path)
        theirs = independent(path.read_bytes(), table)
        assert len(table.frame) == len(theirs)
        for name in theirs:
            same(table.frame[name], theirs[name])
