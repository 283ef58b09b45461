"""The prepared data sets of the account, and the way on from the one that is selected."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.shell import formats, page_frame, url_selection
from services.aws.account import Account


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
            f"{'classes weighted in training, ' * data.weighted}"
            f"prepared {formats.ago(data.created, datetime.now(UTC))}."
        )
    )
    page_frame.next_step("train", "Train a model", data=name)
