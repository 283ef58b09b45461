"""The scored rows as a file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.components.queries.evaluation.evaluations import Choice


def download(choice: Choice, columns: Callable[[], Sequence[tuple[str, Any]]]) -> None:
    """The button; `columns` gives names and (rows,) cells when it is pressed."""
    st.download_button(
        "Download scored rows",
        lambda: to_csv(columns()),
        file_name=f"{choice.job or 'model'}-{choice.split}-scores.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download",
        on_click="ignore",
    )


def to_csv(columns: Sequence[tuple[str, Any]]) -> bytes:
    """The columns behind the number of each row, which begins at 1."""
    import pyarrow as pa
    from pyarrow import csv

    numbered = [("row", np.arange(1, len(columns[0][1]) + 1)), *columns]
    table = pa.table([pa.array(cells) for _, cells in numbered], names=[name for name, _ in numbered])
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
