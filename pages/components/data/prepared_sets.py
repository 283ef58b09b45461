"""The prepared data sets of the account, and the way on from the one that is selected."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.shell import formats, page_frame, url_selection
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import some

MOST_CLASSES = 8  # with a column each in the table of splits


def show(account: Account) -> None:
    """The prepared data sets: splits, addresses, and the link to Train."""
    st.subheader("Prepared data", anchor=False)
    names = data_queries.prepared_names(account)
    if not names:
        st.info("No prepared data sets yet. Choose a table above and prepare it.", icon=":material/table_chart:")
        return
    name = url_selection.choose("Data set", names, "data", key="prepared", width=320)
    data = data_queries.prepared_data(account, name)
    st.dataframe(
        {
            "Split": list(data.rows),
            "Rows": [formats.count(data.rows[split]) for split in data.rows],
            **_by_class(data),
            "Address": [str(data.file(split)) for split in data.rows],
        },
        hide_index=True,
        key="splits",
    )
    for said in _absent(data):
        st.warning(formats.plain(said))
    st.caption(
        formats.plain(
            f"{data.target} ({data.kind}) of {data.source}, {formats.count(len(data.features), 'feature')}. "
            f"{data.divided or f'Random seed {data.seed}'}. {data.resampled and f'{data.resampled}. '}"
            f"Prepared {formats.ago(data.created, datetime.now(UTC))}."
        )
    )
    page_frame.next_step("train", "Train a model", data=name)


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
