"""Choosing a table by uploading a file: kept on this computer and named in the address, so that a reload loses none."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.components.data import file_correction
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, url_selection
from services.data.reading import corrections, file_reader
from services.data.table_sources import uploads
from services.data.table_sources.uploads import KeptUpload

TYPES = ["csv", "gz", "json", "jsonl", "ndjson", "parquet", "tsv", "txt", "xls", "xlsm", "xlsx", "zip"]
CURRENT = "uploaded"  # in session state: the hash of the upload that is looked at
ADDRESS = "upload"
HELP = (
    f"It is kept on this computer until you remove it, or for {uploads.KEPT.days} days after it was last opened; all "
    f"uploads together take at most {formats.size(uploads.SPACE)}"
)


def choose() -> Choice | None:
    """The table in the uploaded file; None while there is none. Raises Problem."""
    now = datetime.now(UTC)
    upload = _current(now)
    if not upload:
        file = st.file_uploader("CSV, Excel, JSON or Parquet file", type=TYPES, key="upload", help=HELP)
        if file:
            st.session_state[CURRENT] = uploads.keep(file, file.name, now).key
            st.rerun()  # the uploader goes, and with it the copy that it has in memory
        return None
    if st.query_params.get(ADDRESS) != upload.key:
        st.query_params[ADDRESS] = upload.key
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(
        formats.plain(f"{upload.name}, uploaded {formats.ago(upload.uploaded, now)}"), width="content", help=HELP
    )
    row.button("Remove", key="remove_upload", icon=":material/delete:", on_click=_remove, args=(upload.key,))
    file_of = (ADDRESS, upload.key)
    said = corrections.load(file_of)
    return Choice(
        identity=(*file_of, *said.identity),
        load=partial(file_reader.read, upload.path, upload.name, said),
        source=upload.name,
        name=file_correction.slug(upload.name),
        target=None,
        code=lambda reading: reading.line(repr(upload.name)),
        file=file_of,
        content=upload.path,
    )


def _current(now: datetime) -> KeptUpload | None:
    """The upload that the address names on arrival, or else the last of this session."""
    key = url_selection.from_address(ADDRESS) or st.session_state.get(CURRENT)
    upload = uploads.find(key, now) if key else None
    if key and not upload:
        _forget()
        st.warning("This upload is no longer kept on this computer. Upload the file again.", icon=":material/warning:")
    elif upload:
        st.session_state[CURRENT] = upload.key
    return upload


def _remove(key: str) -> None:
    uploads.remove(key)
    _forget()


def _forget() -> None:
    st.session_state.pop(CURRENT, None)
    url_selection.clear(ADDRESS)
