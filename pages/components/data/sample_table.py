"""The built-in sample as a choice of the Data page."""

from __future__ import annotations

import streamlit as st

from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.reading.file_reader import FileTable
from services.data.table_sources import sample_customers
from services.data.table_sources.sources import CUSTOMERS


def choose() -> Choice:
    """The sample table, described."""
    st.markdown(formats.plain(CUSTOMERS.description))
    return Choice(
        identity=("sample customers",),
        load=lambda: FileTable(sample_customers.customers(), CUSTOMERS.title),
        source=CUSTOMERS.title,
        name=CUSTOMERS.key,
        target=CUSTOMERS.target,
        code=lambda _: (
            "from services.data.table_sources.sample_customers import customers  # run this in SageDeck's folder\n\n"
            "table = customers()"
        ),
    )
