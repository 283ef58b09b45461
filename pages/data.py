"""Data: explore a table, check its class balance and prepare it for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.components.shell import formats, page_frame

if TYPE_CHECKING:
    from pages.components.queries.table_cache import Choice
    from services.aws.account import Account
    from services.data.reading.file_reader import FileTable

LEAD = "Explore a table, check its class balance and prepare it for training."


def content(account: Account) -> None:
    """The page, top to bottom."""
    from pages.components.data import prepared_sets, source_picker
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
        prepared_sets.show(account)


def explore(account: Account, choice: Choice, table: FileTable) -> None:
    """Size, target, class balance, columns and the preparation form of a table."""
    from pages.components.data import prepare_form, profile_tabs, target_form

    duplicates = profile_tabs.measures(choice, table.frame)
    target = target_form.choose_target(choice, table.frame)
    balance = None
    with page_frame.panel():
        balance = target_form.classes(choice, table.frame, target)
    with page_frame.panel():
        profile_tabs.look(choice, table.frame, target)
    if balance:
        with st.container(border=True), page_frame.panel():
            prepare_form.draw(account, choice, table, target, balance)
    profile_tabs.duplicates(duplicates, choice, table.frame)


with page_frame.page("Data", LEAD) as account:
    content(account)
