"""How pandas reads a file as we did: the line of a script that a person can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.data.reading import missing_cells


@dataclass(frozen=True)
class ReadingCode:
    """What a script must tell pandas about a file.

    options: of pandas.read_csv.
    names:   of the columns.
    words:   columns of text in which words such as NA are values.
    blanks:  whether a cell of spaces may stand among numbers.
    commas:  columns of text whose decimal commas are read after the file.
    member:  the file that is read of a zip file with several.
    labels:  whether pandas makes row labels of columns of a Parquet file.
    """

    kind: str = "csv"
    options: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    blanks: bool = False
    commas: tuple[str, ...] = ()
    member: str | None = None
    labels: bool = False

    def line(self, source: str) -> str:
        """Python that reads `source`, an expression for a path or an open file, into `table`."""
        if self.kind == "parquet":
            return f"table = pandas.read_parquet({source}){'.reset_index()' if self.labels else ''}"
        arguments = [f"{option}={value!r}" for option, value in self.options.items()]
        before = ""
        if self.words:
            clear = sorted(missing_cells.CLEAR | {"", " "})
            before = f"missing = {clear!r}\nnames = {list(self.names)!r}\nwords = {list(self.words)!r}\n"
            cells = f"missing if name in words else [*missing, *{list(missing_cells.WORDS)!r}]"
            arguments.append(f"keep_default_na=False, na_values={{name: {cells} for name in names}}")
        elif self.blanks:
            arguments.append('na_values=" "')
        if self.member is not None:
            before = f"import zipfile\n\n{before}"
            source = f"zipfile.ZipFile({source}).open({self.member!r})"
        return f"{before}table = pandas.read_csv({', '.join([source, *arguments])}){self._after()}"

    def _after(self) -> str:
        if not self.commas:
            return ""
        cells = "table[name].str.strip().replace('', None).str.replace('.', '').str.replace(',', '.')"
        return f"\nfor name in {list(self.commas)!r}:\n    table[name] = pandas.to_numeric({cells})"
