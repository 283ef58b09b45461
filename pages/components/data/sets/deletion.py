"""The dialog that deletes a prepared data set: every object, what was made from it, and what no longer works then.

Which set it is about lives in session state, so that opening the dialog is a rerun like any other.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries.changes import changed
from pages.components.shell import formats, page_frame, url_selection
from services import settings
from services.aws.account import Account
from services.lineage import data_deletion
from services.lineage.data_deletion import DataDeletion
from services.shutdown.job_artifacts import File

CHOSEN, PLAN, OUTCOME = "delete_chosen", "delete_plan", "delete_outcome"  # name of a set; its plan; (name, sentence)


def button(name: str) -> None:
    """The way to the dialog."""
    st.button("Delete", key="delete_set", icon=":material/delete:", on_click=_open, args=(name,))


def outcome(names: Sequence[str]) -> None:
    """What came of the last deletion; selects another set in the place of the deleted one. Call before the box."""
    if OUTCOME not in st.session_state:
        return
    deleted, sentence = st.session_state[OUTCOME]
    if url_selection.get("data", key="prepared") == deleted and deleted not in names:
        if names:
            url_selection.set_("data", names[0], key="prepared")
        else:
            url_selection.clear("data")
    st.success(formats.plain(sentence), icon=":material/check_circle:")


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _confirm(account, st.session_state[CHOSEN])


def _open(name: str) -> None:
    st.session_state[CHOSEN] = name
    for key in (PLAN, OUTCOME, "delete_typed"):
        st.session_state.pop(key, None)


def _forget() -> None:
    for key in (CHOSEN, PLAN):
        st.session_state.pop(key, None)


@st.dialog("Delete data set", width="large", icon=":material/delete:", on_dismiss=_forget)
def _confirm(account: Account, name: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        if PLAN not in st.session_state:
            with st.spinner("Finding its files and what was made from it"):
                st.session_state[PLAN] = data_deletion.plan(account, name)
        plan: DataDeletion = st.session_state[PLAN]
        _show_files(plan)
        _show_dependents(plan)
        allowed = not plan.dependents.running and _typed(plan)
        with st.container(horizontal=True):
            label = f"Delete {formats.count(len(plan.files), 'file')}"
            if not plan.dependents.running and st.button(
                label, key="delete_confirm", type="primary", icon=":material/delete:", disabled=not allowed
            ):
                left = data_deletion.delete(account, plan, datetime.now(UTC))
                changed(account, "data sets")
                st.session_state[OUTCOME] = (name, _outcome(plan, left))
                _forget()
                st.rerun()
            if st.button("Close" if plan.dependents.running else "Cancel", key="delete_cancel"):
                _forget()
                st.rerun()


def _show_files(plan: DataDeletion) -> None:
    st.markdown(f"**{formats.plain(plan.data.display_name)}** at {formats.code(plan.data.address)}:")
    st.dataframe(
        [
            {"Content": plan.kind(file), "File": str(file.address), "Size": formats.size(file.size)}
            for file in plan.files
        ],
        hide_index=True,
        key="delete_files",
    )
    st.caption(
        f"{formats.count(len(plan.files), 'file')}, {formats.size(plan.size)}. Each one is deleted with DeleteObject, "
        "the manifest first. A bucket with versioning keeps old versions of the files, and bills them."
    )


def _show_dependents(plan: DataDeletion) -> None:
    """What was made from the set, what no longer works, and what stays."""
    made = plan.dependents
    if made.running:
        still = f"Still read by {', '.join(made.running)}. Stop that first, or wait until it has ended."
        st.error(formats.plain(still), icon=":material/lock:")
    groups = {
        "Training job": made.training_jobs,
        "Tuning job": made.tuning_jobs,
        "Trial": made.trials,
        "Model": made.models,
        "Registered version": made.versions,
        "Batch evaluation": made.evaluations,
    }
    rows = [{"Made from it": kind, "Name": name} for kind, names in groups.items() for name in names]
    if not rows:
        st.markdown("No job, model, version or evaluation was made from it.")
        return
    st.dataframe(rows, hide_index=True, key="delete_dependents")
    lost = "\n".join(f"- {formats.plain(sentence)}" for sentence in data_deletion.consequences(plan))
    st.markdown(f"**Lost:**\n\n{lost}")
    st.markdown(
        "**Kept:** records, settings, metrics and model files of the jobs; endpoints keep answering. The name is not "
        "given again, so that no job is evaluated on rows it may know."
    )


def _typed(plan: DataDeletion) -> bool:
    """Whether the deletion is confirmed by the name, which is asked for where jobs depend on the set."""
    if not plan.dependents.has_jobs:
        return True
    name = plan.data.display_name
    typed = st.text_input(formats.plain(f"Type {name} to confirm"), key="delete_typed")
    return typed.strip() == name


def _outcome(plan: DataDeletion, left: Sequence[File]) -> str:
    """What came of it, by reading again."""
    remaining = f"{formats.count(len(left), 'file')} still there" if left else "nothing left"
    gone = set(plan.files) - set(left)
    size = formats.size(sum(file.size for file in gone))
    return f"{plan.data.display_name}: {formats.count(len(gone), 'file')} deleted, {size}. Verified: {remaining}."
