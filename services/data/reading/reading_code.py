"""How pandas reads a file as we did: the line of a script that a person can run."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from services.data.reading import missing_cells

CALLS = {"csv": "read_csv", "json": "read_json", "excel": "read_excel"}


@dataclass(frozen=True)
class ReadingCode:
    """What a script must tell pandas about a file.

    kind:    "csv", "excel", "json" or "parquet".
    options: of the function of pandas that reads this kind.
    names:   of the columns.
    words:   columns of text in which words such as NA are values.
    blanks:  whether a cell of spaces may stand among numbers, or in JSON any text that means a missing value.
    commas:  columns of text whose decimal commas are read after the file.
    mixed:   columns of JSON with cells that are no text, kept as text.
    numbers: columns of JSON with numbers beside words that mean missing.
    seconds: columns of durations, read as seconds.
    flags:   columns of true and false in a workbook with missing cells among them.
    renamed: whether the columns of JSON are called otherwise in the file.
    member:  the file that is read of a zip file with several.
    labels:  whether pandas makes row labels of columns of a Parquet file.
    parts:   of files that are joined, by their keys in S3; empty for a single file.
    """

    kind: str = "csv"
    options: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    blanks: bool = False
    commas: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    seconds: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    renamed: bool = False
    member: str | None = None
    labels: bool = False
    parts: tuple[tuple[str, ReadingCode], ...] = ()

    def line(self, source: str) -> str:
        """Python that reads `source`, an expression for a path or an open file, into `table`."""
        if self.kind == "parquet":
            return f"table = pandas.read_parquet({source}){'.reset_index()' if self.labels else ''}"
        before = []
        if self.member is not None:
            before.append("import zipfile\n")
            source = f"zipfile.ZipFile({source}).open({self.member!r})"
        arguments = [source, *(f"{option}={value!r}" for option, value in self.options.items())]
        if self.kind == "json":
            before += ["import json\n"] * bool(self.mixed)
        elif self.words:
            clear = sorted(missing_cells.CLEAR | {"", " "})
            before += [f"missing = {clear!r}", f"names = {list(self.names)!r}", f"words = {list(self.words)!r}"]
            cells = f"missing if name in words else [*missing, *{list(missing_cells.WORDS)!r}]"
            arguments.append(f"keep_default_na=False, na_values={{name: {cells} for name in names}}")
        elif self.blanks:
            arguments.append('na_values=" "')
        end = '.dropna(how="all").reset_index(drop=True)' if self.kind == "excel" else ""
        read = f"table = pandas.{CALLS[self.kind]}({', '.join(arguments)}){end}"
        return "\n".join([*before, read, *self._after()])

    def joined(self, source: str) -> str:
        """Python that reads `source`, an expression of a `key`, for each of the parts into one `table`."""
        loops = ["tables = []"]
        for code, parts in groupby(self.parts, lambda part: part[1].line(source)):
            body = textwrap.indent(f"{code}\ntables.append(table)", "    ")
            loops.append(f"for key in {[key for key, _ in parts]!r}:\n{body}")
        return "\n".join([*loops, "table = pandas.concat(tables, ignore_index=True)"])

    def _after(self) -> list[str]:
        """What is done with the columns once they are read."""
        lines = [f"table.columns = {list(self.names)!r}"] if self.renamed else []
        cells = "table[name].str.strip().replace('', None).str.replace('.', '').str.replace(',', '.')"
        lines += _each(self.commas, f"pandas.to_numeric({cells})")
        text = "cell if cell is None or cell != cell or isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)"
        lines += _each(self.mixed, f"table[name].map(lambda cell: {text})")
        if self.kind == "json" and self.blanks:
            clear = sorted(missing_cells.CLEAR | {"", " "})
            lines.append(f"table = table.replace({clear!r}, None)")
        lines += _each(self.numbers, f"pandas.to_numeric(table[name].replace({list(missing_cells.WORDS)!r}, None))")
        lines += _each(self.flags, 'table[name].astype("boolean")')
        return lines + _each(self.seconds, "pandas.to_timedelta(table[name]).dt.total_seconds()")


def _each(names: tuple[str, ...], expression: str) -> list[str]:
    return [f"for name in {list(names)!r}:", f"    table[name] = {expression}"] if names else []
