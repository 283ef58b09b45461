"""Data: explore a table, check its class balance and prepare it for training."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, formats, metric_card, page_frame, url_selection

if TYPE_CHECKING:
    import pandas as pd

    from pages.components.queries.table_cache import Choice
    from services.aws.account import Account
    from services.data.profiling.profile import ClassBalance
    from services.data.reading.file_reader import FileTable

LEAD = "Explore a table, check its class balance and prepare it for training."
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
SHARES = "70 % train, 20 % validation, 10 % test"


def content(account: Account) -> None:
    """The page, top to bottom."""
    from pages.components.data import source_picker
    from pages.components.queries import table_cache

    choice = table = None
    with st.container(border=True), page_frame.panel():
        choice = source_picker.choose(account)
        if choice:
            with st.spinner("Reading the table"):
                table = table_cache.table(choice)
            for note in table.notes:
                st.caption(f":material/info: {formats.plain(note)}")
    if choice and table:
        explore(account, choice, table)
    with page_frame.panel():
        prepared_data(account)


def explore(account: Account, choice: Choice, table: FileTable) -> None:
    """Size, target, class balance, columns and the preparation form of a table."""
    rows = table.frame
    measures(choice, rows)
    target = choose_target(choice, rows)
    balance = None
    with page_frame.panel():
        balance = classes(choice, rows, target)
    with page_frame.panel():
        look(choice, rows, target, balance)
    if balance:
        with st.container(border=True), page_frame.panel():
            prepare(account, choice, table, target, balance)


def measures(choice: Choice, rows: pd.DataFrame) -> None:
    """The table in four numbers."""
    from pages.components.queries import table_cache
    from services.data.reading import missing_cells

    seen = table_cache.overview(choice.identity, rows)
    with st.container(horizontal=True):
        metric_card.number("Rows", formats.count(seen.rows))
        metric_card.number("Columns", formats.count(seen.columns))
        metric_card.number("Missing cells", formats.count(seen.missing), meaning=missing_cells.HELP)
        metric_card.number("Memory", formats.size(seen.memory))


def choose_target(choice: Choice, rows: pd.DataFrame) -> str:
    """The column to predict."""
    from pages.components.queries import table_cache

    options = [str(name) for name in rows.columns]
    if (st.session_state.get("target") or st.query_params.get("target")) not in options:
        kinds = table_cache.columns(choice.identity, rows)
        two_valued = kinds.loc[kinds["distinct"] == 2, "column"].tolist()
        usual = [choice.target] if choice.target in options else []
        st.session_state["target"] = [*options[-1:], *two_valued[-1:], *usual][-1]
    st.subheader("Target", anchor=False)
    return str(st.selectbox("Column to predict", options, key="target", bind="query-params", width=320))


def classes(choice: Choice, rows: pd.DataFrame, target: str) -> ClassBalance:
    """How often each class occurs, and why that matters."""
    from pages.components.data import charts as data_charts
    from pages.components.queries import table_cache

    balance = table_cache.class_balance(choice.identity, target, rows)
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(f"**{formats.plain(balance.sentence)}**")
        if len(balance.counts) > 1:
            st.markdown(formats.plain(balance.accuracy_sentence))
            instead = "use precision, recall and average precision to evaluate a model, not accuracy"
            st.caption(f"Class ratio {balance.ratio_text}: {instead}.")
        if balance.missing:
            st.caption(f":material/info: {formats.count(balance.missing, 'row')} without a class.")
        counts = {
            "Class": list(balance.counts),
            "Rows": [formats.count(rows_of) for rows_of in balance.counts.values()],
            "Share": [formats.percent(share) for share in balance.shares.values()],
        }
        st.dataframe(counts, hide_index=True, key="classes")
    with picture.container(border=True):
        st.markdown("##### Rows by class")
        st.plotly_chart(
            data_charts.class_counts(balance),
            key="class_chart",
            config=data_charts.CONFIG,
            alt="Number of rows of each class",
        )
    return balance


def look(choice: Choice, rows: pd.DataFrame, target: str, balance: ClassBalance | None) -> None:
    """Rows, statistics and distributions; only the open tab is computed."""
    from pages.components.queries import table_cache

    names = ["Rows", "Describe", "Columns", "By class"]
    first, numbers, kinds, by_class = st.tabs(names, key="view", on_change="rerun")
    if first.open:
        first.dataframe(rows, lazy=True, hide_index=True, height=300, key="head")
    if numbers.open:
        described = table_cache.described(choice.identity, rows)
        if described.empty:
            numbers.info("No numeric columns.")
        else:
            numbers.dataframe(described, key="describe")
            if described.loc[described["count"] > 1, "std"].isna().any():
                numbers.caption("An empty statistic is larger than any number of 64 bits.")
    if kinds.open:
        kinds.dataframe(
            table_cache.columns(choice.identity, rows),
            hide_index=True,
            key="columns",
            column_config={
                "column": "Column",
                "type": "Type",
                "missing": st.column_config.NumberColumn("Missing", format="localized"),
                "share": st.column_config.NumberColumn("Missing share", format="percent"),
                "distinct": st.column_config.NumberColumn("Distinct values", format="localized"),
            },
        )
    if by_class.open:
        with by_class:
            spread(choice, rows, target, balance)


def spread(choice: Choice, rows: pd.DataFrame, target: str, balance: ClassBalance | None) -> None:
    """One column within each class."""
    from pages.components.data import charts as data_charts
    from pages.components.queries import table_cache

    if not balance or len(balance.counts) < 2:
        st.info("Choose a target with two classes to compare their distributions.")
        return
    apart = table_cache.separations(choice.identity, target, balance.positive, rows)
    options = [*apart.index, *(name for name in rows.columns if name not in apart.index and name != target)]
    if st.session_state.get("column") not in options:
        st.session_state["column"] = options[0]
    column = st.selectbox(
        "Column", options, key="column", width=320, help="Columns with the largest difference between classes first"
    )
    seen = table_cache.distribution(choice.identity, column, target, rows)
    order = sorted(balance.counts, key=lambda name: name == balance.positive)
    st.plotly_chart(
        data_charts.distribution(seen, column, order),
        key="spread_chart",
        config=data_charts.CONFIG,
        alt=f"Distribution of {column} within each class",
    )
    if seen.outside:
        numeric = bool(seen.places) and isinstance(seen.places[0], float)
        beyond = formats.count(seen.outside, "outlier" if numeric else "row")
        verb = "is" if seen.outside == 1 else "are"
        st.caption(f"{beyond}{'' if numeric else ' with rarer values'} {verb} outside the chart.")


def prepare(account: Account, choice: Choice, table: FileTable, target: str, balance: ClassBalance) -> None:
    """The form that makes a prepared data set."""
    from pages.components.data import column_editor
    from pages.components.queries import table_cache
    from services.data import split as data_split
    from services.data.recipe import recipe as recipes

    rows = table.frame
    st.subheader("Prepare for training", anchor=False)
    st.caption(
        f"Shuffled and split into {SHARES}; CSV without header, target in the first column. Text becomes numbers as "
        "chosen below, learned from the train rows only; no scaling, no imputation."
    )
    start_afresh(choice, target, balance)
    left, middle, right = st.columns([2, 1, 1])
    name = left.text_input("Name", key="name", help="Letters, digits and hyphens, up to 40", **KEPT)
    positive = middle.selectbox(
        "Positive class", list(balance.counts), key="positive", help="Coded as 1; all other classes as 0", **KEPT
    )
    seed = int(
        right.number_input(
            "Random seed", 0, 2**32 - 1, data_split.SEED, key="seed", help="For shuffling the rows", **KEPT
        )
    )
    suggested = [use for use in table_cache.column_uses(choice.identity, rows) if use.name != target]
    headline = st.container()
    exclude, used = column_editor.edit((choice.identity, target), suggested)
    with headline:
        column_editor.told(suggested, used)
    drop = bool(balance.missing) and st.checkbox(
        f"Drop {formats.count(balance.missing, 'row')} without a class", key="drop_missing_target", **KEPT
    )
    steps = recipes.steps_of(used)
    chosen: dict[str, Any] = {"name": name, "target": target, "seed": seed, "exclude": exclude, "steps": steps}
    if st.button("Prepare and upload", key="prepare", type="primary", icon=":material/upload:"):
        with page_frame.panel():
            upload(account, rows, source=choice.source, positive=positive, drop_missing_target=drop, **chosen)
    with st.expander("Show the code", icon=":material/code:"):
        code_block.show(script(account, choice, table, positive, chosen), "python")


def upload(account: Account, rows: pd.DataFrame, **chosen: Any) -> None:
    """Prepare the data under a progress bar."""
    from services.data import prepare as data_preparation

    bar = st.progress(0.0, "Shuffling, splitting and writing three files")

    def show(done: int, total: int) -> None:
        if total:
            bar.progress(done / total, f"Uploading, {formats.size(done)} of {formats.size(total)}")

    try:
        data = data_preparation.prepare(account, rows, now=datetime.now(UTC), progress=show, **chosen)
    finally:
        bar.empty()
    changed(account, "data sets")
    url_selection.set_("data", data.name, key="prepared")
    st.success(formats.plain(f"{data.name} is prepared at {data.address}."), icon=":material/check_circle:")


def script(account: Account, choice: Choice, table: FileTable, positive: str, chosen: dict[str, Any]) -> str:
    """The code of this step; `positive` is written as the cell itself, which may be a number."""
    from pages.components.data import show_code as data_code
    from services.data import class_names

    cells = table.frame[chosen["target"]].dropna().unique()
    cell = next(cell for cell in cells if class_names.class_of(cell) == positive)
    positive_cell = cell.item() if hasattr(cell, "item") else cell
    if hasattr(positive_cell, "isoformat"):  # a date, which pandas compares with its text
        positive_cell = str(positive_cell)
    return data_code.script(account, choice, table.code, positive=positive_cell, **chosen)


def start_afresh(choice: Choice, target: str, balance: ClassBalance) -> None:
    """Reset the form when another table or target is chosen; otherwise the typed values stay."""
    if st.session_state.get("form_of") == (choice.identity, target):
        return
    st.session_state["form_of"] = (choice.identity, target)
    st.session_state["name"] = choice.name
    st.session_state["positive"] = balance.positive


def prepared_data(account: Account) -> None:
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
            f"Class {data.classes[1]}": [formats.count(data.positives[split]) for split in data.rows],
            "Share": [formats.percent(data.positives[split] / data.rows[split]) for split in data.rows],
            "Address": [str(data.file(split)) for split in data.rows],
        },
        hide_index=True,
        key="splits",
    )
    missed = [split for split, count in data.positives.items() if not count]
    if missed:
        where = f"No rows of class {data.classes[1]} in {' and '.join(missed)}"
        st.warning(formats.plain(f"{where}, so nothing can be measured there."))
    st.caption(
        formats.plain(
            f"{data.target} of {data.source}, {formats.count(len(data.features), 'feature')}, random seed {data.seed}, "
            f"prepared {formats.ago(data.created, datetime.now(UTC))}."
        )
    )
    page_frame.next_step("train", "Train a model", data=name)


with page_frame.page("Data", LEAD) as account:
    content(account)
