"""The prepared data sets of the account, and the way on from the one that is selected."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.components.data.sets import comparison, deletion, renaming
from pages.components.queries import data_sets as data_queries
from pages.components.shell import formats, page_frame, url_selection
from services.aws.account import Account
from services.data.prepared_data import SPLITS, PreparedData
from services.data.recipe import wording
from services.data.target_kind import TargetKind

MOST_CLASSES = 8  # whose rows are counted in columns of their own
SHORT = 12  # digits of a hash


def show(account: Account) -> None:
    """The prepared data sets: splits, rows, origin, drift against another, and the link to Train."""
    st.subheader("Prepared data", anchor=False)
    names = data_queries.prepared_names(account)
    deletion.outcome(names)
    if not names:
        st.info("No prepared data sets yet. Choose a table above and prepare it.", icon=":material/table_chart:")
        return
    shown = partial(data_queries.display_name, account)
    name = url_selection.choose("Data set", names, "data", key="prepared", width=320, format_func=shown)
    with page_frame.panel():
        one(account, data_queries.prepared_data(account, name), names)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_frame.next_step("train", "Train a model", data=name)
        renaming.button(name)
        deletion.button(name)
    renaming.dialog(account)
    deletion.dialog(account)


def one(account: Account, data: PreparedData, names: list[str]) -> None:
    """The selected set; only the open tab is read."""
    overview, rows, compare = st.tabs(["Overview", "First rows", "Compare"], key="prepared_view", on_change="rerun")
    if overview.open:
        with overview, page_frame.panel():
            splits(data)
            origin(account, data)
    if rows.open:
        with rows, page_frame.panel():
            first_rows(account, data)
    if compare.open:
        with compare, page_frame.panel():
            comparison.show(account, data, [other for other in names if other != data.name])


def splits(data: PreparedData) -> None:
    """Rows by split, and by class."""
    table: dict[str, list[str]] = {
        "Split": list(data.rows),
        "Rows": [formats.count(rows) for rows in data.rows.values()],
    }
    if data.kind is TargetKind.TWO_CLASSES:
        table[f"Class {data.classes[1]}"] = [formats.count(data.positives[split]) for split in data.rows]
        table["Share"] = [formats.percent(data.positives[split] / data.rows[split]) for split in data.rows]
        missed = [split for split, count in data.positives.items() if not count]
    else:
        for place, name in enumerate(data.classes[:MOST_CLASSES]):
            table[f"Class {name}"] = [formats.count(data.class_rows[split][place]) for split in data.rows]
        missed = []
    table["Address"] = [str(data.file(split)) for split in data.rows]
    st.dataframe(table, hide_index=True, key="splits")
    if missed:
        where = f"No rows of class {data.classes[1]} in {' and '.join(missed)}"
        st.warning(formats.plain(f"{where}, so nothing can be measured there."))


def origin(account: Account, data: PreparedData) -> None:
    """Where the set came from, how its rows became features, and when."""
    st.caption(
        formats.plain(
            f"{data.target} of {data.source}, {formats.count(len(data.features), 'feature')}, random seed {data.seed}, "
            f"prepared {formats.ago(data.created, datetime.now(UTC))} ({data.created:%Y-%m-%d %H:%M} UTC)."
        )
    )
    if data.source_sha256:
        content = f"SHA-256 of the source: {formats.code(data.source_sha256[:SHORT])}"
        st.caption(content, help=f"Of the table's content: {data.source_sha256}")
    if data.title:
        st.caption(formats.plain(f"Prepared as {data.name}: its address and its jobs keep that name."))
    recipe = data_queries.recipe(account, data.name)
    if recipe:
        steps = "\n".join(f"- {formats.plain(sentence)}" for sentence in wording.sentences(recipe.steps))
        st.markdown(f"**Recipe:** {formats.count(len(recipe.steps), 'step')}, learned from the train rows.\n\n{steps}")


def first_rows(account: Account, data: PreparedData) -> None:
    """The first rows of a split as a model reads them, with the names that the files lack."""
    split = st.segmented_control("Rows", SPLITS, default=SPLITS[0], key="preview_split", required=True)
    if not data.rows[split]:
        st.info(f"There are no {split} rows.")
        return
    rows = data_queries.preview(account, data.name, split)
    st.dataframe(rows, hide_index=True, height=300, key="preview")
    st.caption(f"The first {formats.count(len(rows))} of {formats.count(data.rows[split], f'{split} row')}.")
