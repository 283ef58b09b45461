"""How pandas reads a file as we did: the line of a script that a person can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReadingCode:
    """What a script must tell pandas about a file.

    options: of pandas.read_csv.
    words:   columns of text in which words such as NA are values.
    member:  the file that is read of a zip file with several.
    labels:  whether pandas makes row labels of columns of a Parquet file.
    """

    kind: str = "csv"
    options: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    member: str | None = None
    labels: bool = False

    def line(self, source: str) -> str:
        """Python that reads `source`, an expression for a path or an open file, into `table`."""
        if self.kind == "parquet":
            return f"table = pandas.read_parquet({source}){'.reset_index()' if self.labels else ''}"
        arguments = [f"{option}={value!r}" for option, value in self.options.items()]
        if self.words:
            cells = ", ".join(f"{name!r}: lambda cell: cell or None" for name in self.words)
            arguments.append(f"converters={{{cells}}}")
        if self.member is not None:
            inside = f"zipfile.ZipFile({source}).open({self.member!r})"
            return f"import zipfile\n\ntable = pandas.read_csv({', '.join([inside, *arguments])})"
        return f"table = pandas.read_csv({', '.join([source, *arguments])})"
