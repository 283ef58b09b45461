"""Data: explore a table, check its class balance and prepare it for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.components.shell import page_frame

if TYPE_CHECKING:
    from pages.components.queries.table_cache import Choice
    from services.aws.account import Account
    from services.data.reading.file_reader import FileTable

LEAD = "Explore a table, check its class balance and prepare it for training."


def content(account: Account) -> None:
    """The page, top to bottom."""
    from pages.components.data import file_correction, prepared_sets, source_picker

    choice = table = None
    with st.container(border=True), page_frame.panel():
        choice = source_picker.choose(account)
        if choice:
            table = file_correction.table(choice)
    if choice and table:
        explore(account, choice, table)
    with page_frame.panel():
        prepared_sets.show(account)


def explore(account: Account, choice: Choice, table: FileTable) -> None:
    """Size, target, class balance, findings, columns and the preparation form of a table."""
    from pages.components.data import findings_panel, prepare_form, target_form
    from pages.components.data.profile import profile_tabs

    duplicates = profile_tabs.measures(choice, table.frame)
    target = target_form.choose_target(choice, table.frame)
    shown = None
    with page_frame.panel():
        shown = target_form.show(choice, table.frame, target)
    findings = findings_panel.place(choice, target)
    with page_frame.panel():
        profile_tabs.look(choice, table.frame, target)
    if shown:
        with st.container(border=True), page_frame.panel():
            prepare_form.draw(account, choice, table, target, shown)
    findings_panel.show(findings, choice, table.frame, target)  # last: the form above may change what is decided
    profile_tabs.duplicates(duplicates, choice, table.frame)


with page_frame.page("Data", LEAD) as account:
    content(account)
