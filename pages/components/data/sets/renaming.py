"""The dialog that gives a prepared data set another display name. Which set lives in session state."""

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries.changes import changed
from pages.components.shell import formats, page_frame
from services import settings
from services.aws.account import Account
from services.data import prepared_data

CHOSEN = "rename_chosen"


def button(name: str) -> None:
    """The way to the dialog."""
    st.button("Rename", key="rename_set", icon=":material/edit:", on_click=_open, args=(name,))


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _rename(account, st.session_state[CHOSEN])


def _open(name: str) -> None:
    st.session_state[CHOSEN] = name
    st.session_state.pop("rename_title", None)


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Rename data set", icon=":material/edit:", on_dismiss=_forget)
def _rename(account: Account, name: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        title = st.text_input(
            "Display name",
            value=data_queries.display_name(account, name),
            key="rename_title",
            max_chars=prepared_data.LONGEST_TITLE,
        )
        st.caption(
            f"Shown wherever the set is chosen. Its address stays {formats.code(f'sagedeck/data/{name}')}, so jobs, "
            "versions and scripts that use it keep working."
        )
        if st.button("Rename", key="rename_confirm", type="primary", icon=":material/edit:"):
            prepared_data.rename(account, name, title)
            changed(account, "data sets")
            _forget()
            st.rerun()
