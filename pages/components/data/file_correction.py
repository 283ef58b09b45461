"""How the chosen file was read, in one line, and the form that corrects it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.reading import corrections
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.encodings import TextEncoding
from services.data.reading.file_format import DECIMALS, DELIMITERS, FileFormat
from services.data.reading.file_reader import FileTable
from services.data.reading.workbook import SheetProblem
from services.errors import Problem

ENCODINGS = (TextEncoding.UTF8, TextEncoding.WESTERN, TextEncoding.UTF16)
# What can be corrected of each kind of file; of one that could not be read, what can be of a CSV file.
FIELDS = {
    "CSV": ("delimiter", "decimal", "header", "first_row", "encoding"),
    "Excel": ("sheet", "header", "first_row"),
    "JSON": ("encoding",),
    "JSON lines": ("encoding",),
}


def table(choice: Choice) -> FileTable:
    """The chosen table, after a line that tells how it was read. Raises Problem, which can be corrected, too."""
    try:
        with st.spinner("Reading the table"):
            found = table_cache.table(choice)
    except SheetProblem as problem:
        if choice.file:
            _correct(choice.file, FileFormat("Excel", sheets=problem.sheets), FIELDS["Excel"])
        raise
    except Problem:
        if choice.file:
            _correct(choice.file, None, FIELDS["CSV"])
        raise
    if found.format:
        row = st.container(horizontal=True, vertical_alignment="center")
        line = found.format.sentence(len(found.frame))
        row.markdown(formats.plain(line), width="content")
        fields = FIELDS.get(found.format.kind, ())
        if choice.file and fields:
            with row:
                _correct(choice.file, found.format, fields)
    for note in found.notes:
        st.caption(f":material/info: {formats.plain(note)}")
    return found


def slug(name: str) -> str:
    """A file's name as a name for prepared data."""
    stem = name.split(".")[0]
    return (
        "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in stem).strip("-")[:40] or "data"
    )


def _correct(file: tuple[str, ...], found: FileFormat | None, fields: Sequence[str]) -> None:
    """The form with what a person says; a field that is left as found says nothing."""
    said = corrections.load(file)
    key = hashlib.sha256(repr((file, said.identity)).encode()).hexdigest()[:12]
    label = "Correct reading" if said == AS_FOUND else "Reading corrected"
    with st.popover(label, icon=":material/tune:"), st.form(f"correct_{key}", border=False):
        values = {field: DRAWN[field](field, f"read_{field}_{key}", said, found) for field in fields}
        buttons = st.container(horizontal=True)
        if buttons.form_submit_button("Reload file", type="primary"):
            _save(file, ReadingCorrections.model_validate(values))
        if said != AS_FOUND and buttons.form_submit_button("Discard corrections"):
            _save(file, AS_FOUND)


def _save(file: tuple[str, ...], said: ReadingCorrections) -> None:
    corrections.save(file, said)
    st.rerun()


def _choice(label: str, names: dict[Any, str]) -> Callable[..., Any]:
    """A field with a few values, named as here."""

    def draw(field: str, key: str, said: ReadingCorrections, found: FileFormat | None) -> Any:
        present = getattr(said, field)
        as_found = getattr(found, field, None) if found and present is None else None
        offered = names or dict(zip(found.sheets, found.sheets, strict=True) if found else ())
        options = [None, *offered]
        return st.selectbox(
            label,
            options,
            index=options.index(present) if present in options else 0,
            format_func=lambda value: (
                offered.get(value) or _as_found(offered.get(as_found) or getattr(as_found, "label", as_found))
            ),
            key=key,
        )

    return draw


def _row(label: str, least: int, tip: str) -> Callable[..., Any]:
    """A field with the number of a row."""

    def draw(field: str, key: str, said: ReadingCorrections, found: FileFormat | None) -> int | None:
        as_found = found.header if found and field == "header" and said.header is None else None
        placeholder = _as_found(as_found if as_found != 0 else "none")
        typed = st.number_input(
            label, least, value=getattr(said, field), step=1, key=key, placeholder=placeholder, help=tip
        )
        return None if typed is None else int(typed)

    return draw


def _as_found(value: object) -> str:
    return "As found" if value is None else f"As found ({value})"


DRAWN: dict[str, Callable[..., Any]] = {
    "delimiter": _choice("Delimiter", DELIMITERS),
    "decimal": _choice("Decimal sign", DECIMALS),
    "header": _row("Header in line", 0, "0: the file has no header"),
    "first_row": _row("First line to read", 1, "Lines between the header and this one are left out"),
    "encoding": _choice("Encoding", {encoding: encoding.label for encoding in ENCODINGS}),
    "sheet": _choice("Sheet", {}),
}
