"""The rows of a file, predicted through an endpoint in large batches, with a download."""

import io
from typing import Any

import streamlit as st

from pages.components.shell import formats
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.data.target_kind import TargetKind
from services.endpoints.describe import Endpoint

PREVIEW = 200  # rows of a scored file on the screen
NAMED = 8  # classes whose rows are counted in the sentence


def show(account: Account, endpoint: Endpoint, data: PreparedData, recipe: Recipe | None, threshold: float) -> None:
    """The field for the file and, once there is one, its rows with what the model and the threshold say of them."""
    from pages.components.queries import table_cache

    file = st.file_uploader(formats.plain(f"CSV file with the columns of {data.display_name}"), ["csv"], key="file")
    if not file:
        st.caption("The header must name the training columns; other columns stay in the result but are not sent.")
        return
    bar = st.progress(0.0, "Scoring")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{done:,} of {total:,} rows")

    rows = table_cache.scored(account, endpoint, file, data, recipe, progress)
    bar.empty()
    for note in rows.attrs["notes"]:
        st.caption(f":material/info: {formats.plain(note)}")
    if data.kind is TargetKind.TWO_CLASSES:
        rows = decided(rows, data, threshold)
        st.markdown(decided_sentence(rows, data, threshold))
    else:
        st.markdown(sentence(rows, data))
    shown = rows.nlargest(PREVIEW, "score") if data.kind is TargetKind.TWO_CLASSES else rows.head(PREVIEW)
    st.dataframe(shown, hide_index=True)
    st.download_button(
        "Download with scores",
        lambda: written(rows),
        file_name=f"{file.name.rpartition('.')[0]}-scored.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download",
        on_click="ignore",
    )


def sentence(rows: Any, data: PreparedData) -> str:
    """How many rows of a number or several classes were scored and what came of them, as Markdown."""
    scored = f"**{formats.count(len(rows), 'row')}** scored"
    if data.kind is TargetKind.NUMBER:
        low, mean, high = (f"{value:,.4g}" for value in rows["predicted"].agg(["min", "mean", "max"]))
        return f"{scored}: predicted {formats.plain(data.target)} is {low} to {high}, **{mean}** on average."
    counts = rows["predicted"].value_counts()
    named = [f"**{count:,}** {formats.plain(name)}" for name, count in counts.head(NAMED).items()]
    rest = f" and {len(counts) - NAMED} more classes" if len(counts) > NAMED else ""
    return f"{scored}: {', '.join(named)}{rest}."


def decided(rows: Any, data: PreparedData, threshold: float) -> Any:
    """`rows` with what the threshold makes of their scores behind these: a class name, and whether it is flagged."""
    from services.evaluation.score_columns import decided_columns

    columns = decided_columns(rows["score"].to_numpy(), data, threshold)
    replaced = [name for name in columns if name in rows.columns]
    if replaced:
        st.caption(f":material/info: Columns of the file that are replaced: {formats.plain(', '.join(replaced))}.")
    rows = rows.drop(columns=replaced)
    for place, (name, cells) in enumerate(columns.items(), start=1):
        rows.insert(place, name, cells)
    return rows


def decided_sentence(rows: Any, data: PreparedData, threshold: float) -> str:
    """How many rows of two classes were scored and how many are flagged, as Markdown."""
    flagged = int(rows["flagged"].sum())
    scored = f"**{formats.count(len(rows), 'row')}** scored"
    return f"{scored}, **{flagged:,}** predicted {formats.plain(data.classes[1])}: a score of {threshold:g} or more."


def written(rows: Any) -> bytes:
    """`rows` as CSV; dates without a time of day stay so."""
    import pyarrow as pa
    from pyarrow import csv

    table = pa.Table.from_pandas(rows, preserve_index=False)
    for place, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type) and column.cast(pa.date32()).cast(column.type) == column:
            table = table.set_column(place, table.column_names[place], column.cast(pa.date32()))
    out = io.BytesIO()
    csv.write_csv(table, out)
    return out.getvalue()
