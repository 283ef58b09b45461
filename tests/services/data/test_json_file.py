"""Rows in JSON, one object a line or an array: flat values are cells, nested ones text, faults are named by line."""

import gzip
import io
import json
import random
from typing import Any

import pandas as pd
import pytest

from services.data.reading import file_reader, json_file
from services.data.reading.file_reader import FileTable
from services.errors import Problem


def read(content: str | bytes) -> FileTable:
    body = content.encode() if isinstance(content, str) else content
    return file_reader.read_file(io.BytesIO(body), "rows.jsonl")


def cells(table: FileTable) -> dict[str, list[object]]:
    frame = table.frame.astype(object).where(table.frame.notna(), None)
    return {str(name): frame[name].tolist() for name in frame}


def problem(content: str | bytes) -> str:
    with pytest.raises(Problem) as caught:
        read(content)
    return str(caught.value)


LINES = '{"a": 1, "b": "x"}\n\n{"b": "007", "c": true}\n'
ARRAY = '\ufeff [{"a": 1, "b": "x"},\n {"b": "007", "c": true}]'
ROWS = {"a": [1, None], "b": ["x", "007"], "c": [None, True]}


@pytest.mark.parametrize(("content", "kind"), [(LINES, "JSON lines"), (ARRAY, "JSON")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_and_arrays_of_objects_are_tables_with_all_names(content: str, kind: str, encoding: str) -> None:
    table = read(content.encode(encoding))
    assert table.format
    assert (cells(table), table.format.sentence(2)) == (ROWS, f"{kind}, {encoding.upper()}, 2 rows")


def test_gzipped_lines_are_the_same_table() -> None:
    assert cells(read(gzip.compress(LINES.encode()))) == ROWS


def test_nested_values_are_kept_as_text_and_that_is_told() -> None:
    table = read('{"a": [1, "é"]}\n{"a": {"k": null}}\n{"a": null}\n')
    assert cells(table) == {"a": ['[1, "é"]', '{"k": null}', None]}
    assert table.notes == ("Column a holds lists or records, shown as text.",)


def test_numbers_and_text_in_one_column_are_text_and_that_is_told() -> None:
    table = read('{"a": 1}\n{"a": "x"}\n{"a": false}\n')
    assert cells(table) == {"a": ["1", "x", "false"]}
    assert table.notes == ("Column a mixes text with other values and is kept as text.",)


def test_whole_numbers_are_exact_and_longer_ones_text() -> None:
    table = read(f'{{"a": {2**60 + 1}, "b": {10**30}}}\n{{"a": null, "b": 1}}\n')
    assert (table.frame["a"][0], table.frame["b"].tolist()) == (2**60 + 1, [str(10**30), "1"])


def test_words_for_missing_among_numbers_are_missing() -> None:
    assert cells(read('{"a": 1.5}\n{"a": "NA"}\n{"a": ""}\n')) == {"a": [1.5, None, None]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 is no JSON (Expecting value at character 7). Correct that line."),
        ('[{"a": 1},\n {"a" 2}]', "line 2 is no JSON (Expecting ':' delimiter at character 7). Correct that line."),
        ('{"a": 1}\n[2]\n', "line 2 is no object. Write one object a line, or an array of objects."),
        ('[{"a": 1}, 7]', "item 2 of its array is no object. Write one object a line, or an array of objects."),
        ('{\n "a": 1\n}\n', "it is one object, not a list of rows. Write one object a line, or an array of objects."),
        ("[]", "the file is empty. Choose a file with a header and rows."),
        ("{}\n{}\n", "its objects have no members. Write one object a line, or an array of objects."),
        ('{"a": 1, " a": 2}\n', "several columns have the same name: a. Give each column its own name."),
        ('{"a":' + "[" * 100_000, "its values are nested too deeply. Write one object a line, or an array of objects."),
    ],
)
def test_a_fault_is_one_sentence_with_its_line(content: str, sentence: str) -> None:
    assert problem(content) == f"rows.jsonl: {sentence}"


def test_text_in_windows_1252_is_read_and_told() -> None:
    table = read('{"town": "Köln"}\n'.encode("cp1252"))
    assert cells(table) == {"town": ["Köln"]}
    assert "Windows-1252" in table.notes[0]


def test_more_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "LIMIT", 20)
    for content in (LINES, ARRAY):
        assert "GB of JSON. Write it as CSV or Parquet." in problem(content)


@pytest.mark.parametrize("content", ["{x,b\n1,2\n", "[x],b\n1,2\n", "[1],b\n1,2\n"])
def test_a_csv_file_that_begins_with_a_bracket_is_no_json(content: str) -> None:
    assert read(content).frame.shape == (1, 2)


VALUES: list[Any] = [1, -2, 1.5, 0.1 + 0.2, "x", "007", "NA", "", "2024-01-02", True, None, [1], {"k": "é"}, 2**60 + 1]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("is_array", [False, True])
def test_rows_of_any_values_are_read_as_the_printed_code_reads_them(seed: int, is_array: bool) -> None:
    chance = random.Random(seed)
    columns = {f"c{place}": chance.choices(VALUES, k=chance.randrange(1, 4)) for place in range(3)}
    rows = [
        {name: chance.choice(values) for name, values in columns.items() if chance.random() < 0.9}
        for _ in range(chance.randrange(2, 9))
    ] + [{"c0": None}]
    content = json.dumps(rows) if is_array else "\n".join(map(json.dumps, rows))
    table = read(content)
    known: dict[str, Any] = {"pandas": pd, "source": io.BytesIO(content.encode())}
    exec(table.code.line("source"), known)
    assert list(known["table"].columns) == list(table.frame.columns)
    for name in table.frame:
        ours, theirs = table.frame[name], known["table"][name]
        assert ours.isna().tolist() == theirs.isna().tolist()
        # pandas rounds large whole numbers beside a missing cell
        as_read = float if pd.api.types.is_numeric_dtype(theirs) else str
        assert list(map(as_read, ours.dropna())) == list(map(as_read, theirs.dropna()))
