"""How a file was read, in one line, and what of that a person may correct."""

from __future__ import annotations

from dataclasses import dataclass

from services.data.reading.encodings import TextEncoding

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
DECIMALS = {".": "decimal point", ",": "decimal comma"}


@dataclass(frozen=True)
class FileFormat:
    """How a file was read; None for what its kind does not have. Rows count from 1, as in a spreadsheet program.

    kind:    "CSV", "Excel", "JSON", "JSON lines" or "Parquet".
    decimal: the decimal sign, where numbers with one were found in text.
    header:  row of the header; 0 for none.
    first:   the first row that was read.
    sheet:   the one that was read, of `sheets`.
    files:   number of files that were joined.
    """

    kind: str
    delimiter: str | None = None
    decimal: str | None = None
    header: int | None = None
    encoding: TextEncoding | None = None
    first: int | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    files: int = 1

    def sentence(self, rows: int) -> str:
        """ "Semicolon, decimal comma, header in line 2, UTF-8, 4,898 rows"."""
        parts = [f"{self.files:,} files"] if self.files > 1 else []
        parts.append(DELIMITERS.get(self.delimiter, self.delimiter) if self.delimiter else self.kind)
        if self.sheet is not None:
            place = f" ({self.sheets.index(self.sheet) + 1} of {len(self.sheets)})" if len(self.sheets) > 1 else ""
            parts.append(f"sheet {self.sheet}{place}")
        if self.decimal == ",":
            parts.append(DECIMALS[self.decimal])
        if self.header is not None:
            line = "row" if self.kind == "Excel" else "line"
            parts.append(f"header in {line} {self.header:,}" if self.header else "no header")
            if self.first and self.first > self.header + 1:
                parts.append(f"read from {line} {self.first:,}")
        if self.encoding:
            parts.append(self.encoding.label)
        parts.append(f"{rows:,} row{'' if rows == 1 else 's'}")
        line = ", ".join(parts)
        return line[:1].upper() + line[1:]
