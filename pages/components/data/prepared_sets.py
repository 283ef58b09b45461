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
from services.data.target_kind import TargetKind
from services.errors import some

MOST_CLASSES = 8  # with a column each in the table of splits
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
    st.dataframe(
        {
            "Split": list(data.rows),
            "Rows": [formats.count(rows) for rows in data.rows.values()],
            **_by_class(data),
            "Address": [str(data.file(split)) for split in data.rows],
        },
        hide_index=True,
        key="splits",
    )
    for said in _absent(data):
        st.warning(formats.plain(said))


def origin(account: Account, data: PreparedData) -> None:
    """Where the set came from, how its rows became features, and when."""
    st.caption(
        formats.plain(
            f"{data.target} ({data.kind}) of {data.source}, {formats.count(len(data.features), 'feature')}. "
            f"{data.divided or f'Random seed {data.seed}'}. {data.resampled and f'{data.resampled}. '}"
            f"{'Classes weighted in training. ' * data.weighted}"
            f"Prepared {formats.ago(data.created, datetime.now(UTC))} ({data.created:%Y-%m-%d %H:%M} UTC)."
        )
    )
    if data.source_sha256:
        content = f"SHA-256 of the source: {formats.code(data.source_sha256[:SHORT])}"
        st.caption(content, help=f"Of the table's content: {data.source_sha256}")
    if data.title:
        st.caption(formats.plain(f"Prepared as {data.name}: its address and its jobs keep that name."))
    recipe = data_queries.recipe(account, data.name)
    if recipe:
        steps = [step.sentence for step in (*recipe.row_steps, *recipe.steps)]
        with st.expander(f"Recipe: {formats.count(len(steps), 'step')}, learned from the train rows"):
            st.markdown("\n".join(f"1. {formats.plain(sentence)}" for sentence in steps))


def first_rows(account: Account, data: PreparedData) -> None:
    """The first rows of a split as a model reads them, with the names that the files lack."""
    split = st.segmented_control("Rows", SPLITS, default=SPLITS[0], key="preview_split", required=True)
    if not data.rows[split]:
        st.info(f"There are no {split} rows.")
        return
    rows = data_queries.preview(account, data.name, split)
    st.dataframe(rows, hide_index=True, height=300, key="preview")
    st.caption(f"The first {formats.count(len(rows))} of {formats.count(data.rows[split], f'{split} row')}.")


def _by_class(data: PreparedData) -> dict[str, list[str]]:
    """Columns of the splits: rows of the positive class of two, or of the most frequent of several classes."""
    if data.kind is TargetKind.TWO_CLASSES:
        return {
            f"Class {data.classes[1]}": [formats.count(data.positives[split]) for split in data.rows],
            "Share": [formats.percent(data.positives[split] / data.rows[split]) for split in data.rows],
        }
    counts = [data.class_rows[split] for split in data.rows] if data.class_rows else []
    places = sorted(range(len(data.classes)), key=lambda place: (-sum(rows[place] for rows in counts), place))
    shown, others = places[:MOST_CLASSES], places[MOST_CLASSES:]
    if len(others) == 1:
        shown, others = places, []
    found = {f"Class {data.classes[place]}": [formats.count(rows[place]) for rows in counts] for place in sorted(shown)}
    rest = [formats.count(sum(rows[place] for place in others)) for rows in counts]
    return found | ({f"{len(others)} other classes": rest} if others else {})


def _absent(data: PreparedData) -> list[str]:
    """What cannot be measured in a split, since it has no row of a class."""
    if data.kind is TargetKind.TWO_CLASSES:
        missed = [split for split, count in data.positives.items() if not count]
        where = f"No rows of class {data.classes[1]} in {' and '.join(missed)}"
        return [f"{where}, so nothing can be measured there."] if missed else []
    found = []
    for split, rows in data.class_rows.items():
        absent = [name for name, count in zip(data.classes, rows, strict=True) if not count]
        if absent:
            noun = "class" if len(absent) == 1 else "classes"
            found.append(f"No rows of {noun} {some(absent)} in {split}, so they cannot be evaluated there.")
    return found
