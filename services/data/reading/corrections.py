"""What a person says about how a file is written where the reader found it otherwise; kept on this computer by file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from services.aws.documents import Document
from services.data import local_documents
from services.data.reading.encodings import TextEncoding
from services.data.table_sources import sources


class ReadingCorrections(Document):
    """How to read a file; None is as found.

    delimiter: one character.
    decimal:   decimal sign of numbers in text, "." or ",".
    header:    row of the header, from 1, as a spreadsheet program counts them; 0 for none.
    first_row: row from which the table is read, from 1; not before the header.
    sheet:     name of a workbook's sheet.
    """

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: str | None = Field(default=None, pattern="^[.,]$")
    header: int | None = Field(default=None, ge=0)
    encoding: TextEncoding | None = None
    first_row: int | None = Field(default=None, ge=1)
    sheet: str | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells tables of the same file apart; () as found."""
        said = self.model_dump(mode="json", exclude_none=True, exclude={"version"})
        return tuple(f"{name}={value}" for name, value in said.items())


AS_FOUND = ReadingCorrections()


def load(of: tuple[str, ...]) -> ReadingCorrections:
    """The corrections kept for a file; none where there are none.

    Raises Problem, once, for those that cannot be read: they are set aside.
    """
    return local_documents.read(_path(of), ReadingCorrections) or AS_FOUND


def save(of: tuple[str, ...], corrections: ReadingCorrections) -> None:
    """Keep the corrections of a file; those that say nothing are forgotten."""
    path = _path(of)
    if corrections == AS_FOUND:
        path.unlink(missing_ok=True)
        return
    local_documents.write(path, corrections)


def _path(of: tuple[str, ...]) -> Path:
    return sources.FOLDER / "corrections" / local_documents.file_name(of)
