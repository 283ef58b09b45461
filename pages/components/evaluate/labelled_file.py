"""Rows of a labelled file, uploaded or from S3, to evaluate a model on: kept as a part of its set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import table_cache
from pages.components.shell import formats, page_frame
from services import settings
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.reading import file_reader
from services.data.table_sources import content_hash
from services.data.table_sources import sources as data_sources
from services.evaluation import labelled_rows

if TYPE_CHECKING:
    from services.data.reading.file_reader import FileTable

TYPES = ["csv", "gz", "json", "jsonl", "ndjson", "parquet", "tsv", "txt", "xls", "xlsm", "xlsx", "zip"]
LARGEST = 500  # MB of an upload; larger files come from S3
ADDED = "rows_added"  # in session state: the part that is to be chosen in the next run


def show(account: Account, data: PreparedData) -> None:
    """The upload and the address; the page runs again with the file's rows chosen once they are there."""
    way = "Its rows pass the set's recipe and are" if data.has_recipe else "Its rows are"
    st.caption(
        formats.plain(
            f"A file with the columns behind {data.display_name}, in any order, and its label {data.target}. "
            f"{way} kept beside the set."
        )
    )
    turn = st.session_state.setdefault("labelled_turn", 0)
    file = st.file_uploader(
        f"CSV, Excel, JSON or Parquet file, up to {LARGEST} MB", TYPES, key=f"labelled_{turn}", max_upload_size=LARGEST
    )
    typed = st.text_input("Or its S3 address", key=f"labelled_address_{turn}", placeholder="s3://bucket/folder/may.csv")
    with page_frame.panel():
        if file:
            digest = content_hash.of_file(file)
            _add(account, data, lambda: file_reader.read_file(file, file.name), file.name, digest)
        elif typed:
            address = Address.parse(typed)
            with st.spinner("Downloading"):
                etag = table_cache.version(account, address)
                path = data_sources.download(account, address, etag, lambda done, total: None)
            _add(account, data, partial(file_reader.read, path), path.name, content_hash.of_path(path))


def _add(account: Account, data: PreparedData, read: Callable[[], FileTable], name: str, digest: str) -> None:
    """Read the file and keep its rows, unless the same content is there. Raises Problem, AwsError."""
    present = {one.sha256 for one in labelled_rows.listed(account, data)}
    if digest not in present:
        with st.spinner(formats.plain(f"Preparing {name}")):
            recipe = data_queries.recipe(account, data.name) if data.has_recipe else None
            rows = labelled_rows.read(read().frame, data, recipe, f"File {name}")
            labelled_rows.keep(settings.as_now(account), data, rows, name, digest, datetime.now(UTC))
    st.session_state["labelled_turn"] += 1
    st.session_state[ADDED] = labelled_rows.part_of(digest)
    st.rerun()
