"""The selected job, data set, tuning job or endpoint of a page. It stands in the address.

Nothing that several pages show is bound to the address by Streamlit, which loses it on the way from one to the other
(docs/decisions/0009-walking.md). On arrival at a page the address decides, or else the last selection; from then
on the box does, and the address follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.queries import jobs as job_queries
from pages.components.shell.formats import plain
from services.aws.account import Account
from services.aws.errors import AwsError
from services.training.jobs import JobStatus

SUBJECTS = (
    "job",
    "data",
    "tuning",
    "endpoint",
    "register",
    "group",
    "version",
    "model",
)  # of an account, as addresses name them


@dataclass
class _Selection:
    """The current page and the selection, by its name in the address; `shown` is of this visit to this page only."""

    page: str = ""
    account: tuple[str | None, str] = (None, "")
    arriving: bool = False
    at: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)


def arrive(page: str, account: Account) -> None:
    """Call at the start of every run; notices an arrival from another page or by the browser's history."""
    selection, place = _walk(), (account.profile, account.region)
    context = get_script_run_ctx()
    moved = selection.account != place
    selection.arriving = selection.page != page or (context is not None and context.is_history_navigation)
    if moved and not selection.arriving:  # chosen in the sidebar: what the address names is of the other account
        for name in SUBJECTS:
            clear(name)
    if moved:
        selection.at.clear()
    if moved or selection.arriving:
        selection.shown.clear()
    selection.page, selection.account = page, place


def from_address(name: str) -> str | None:
    """What the address names on arrival; None from then on."""
    return st.query_params.get(name) if _walk().arriving else None


def get(name: str, key: str = "") -> str | None:
    """What the page shows: the value of its box, whose key is `name` unless `key` is given."""
    selection = _walk()
    box = st.session_state.get(key or name) if name in selection.shown else None
    return box or st.query_params.get(name) or selection.at.get(name)


def choose(label: str, options: Sequence[str], name: str, *, key: str = "", place: Any = st, **box_options: Any) -> str:
    """Draw the box, return its value: the first of `options`, with a warning, if the wanted one is not among them."""
    selection, wanted, key = _walk(), get(name, key), key or name
    shown = wanted if wanted and wanted in options else options[0]
    if wanted and wanted != selection.shown.get(name):
        selection.at[name] = wanted
    elif wanted != shown:  # it was shown and no longer exists: one warning
        selection.at.pop(name, None)
    selection.shown[name] = st.session_state[key] = shown
    place.selectbox(label, options, key=key, **box_options)
    if st.query_params.get_all(name) != [shown]:
        st.query_params[name] = shown
    for missed in {wanted or shown, selection.at.get(name, shown)}.difference(options):
        st.warning(plain(f"{missed} is not available here; {shown} is shown instead."), icon=":material/search_off:")
    return shown


def set_(name: str, value: str, key: str = "") -> None:
    """Choose `value` for the person, before the box is drawn."""
    selection = _walk()
    selection.at[name] = selection.shown[name] = st.session_state[key or name] = st.query_params[name] = value


def clear(name: str) -> None:
    """Take out of the address what the page does not show now; it is shown again when the page does."""
    st.query_params.pop(name, None)


def follow(*names: str) -> None:
    """Have the address decide on arrival for boxes that Streamlit binds, and that no other page does.

    A remembered value would win over an address that names the box's first option.
    """
    for name in names:
        if from_address(name):
            st.session_state.pop(name, None)


def completed_job(account: Account, key: str = "job", place: Any = st) -> str | None:
    """The box of completed training jobs; None when there is none yet. Raises AwsError."""
    jobs = [job.name for job in job_queries.training_jobs(account) if job.status == JobStatus.COMPLETED]
    wanted = get("job", key)
    if wanted and wanted not in jobs and _completed(account, wanted):
        jobs.insert(0, wanted)  # older than the list
    return choose("Training job", jobs, "job", key=key, place=place) if jobs else None


def _completed(account: Account, job: str) -> bool:
    try:
        return job_queries.training_job(account, job).status == JobStatus.COMPLETED
    except AwsError as error:
        if error.is_missing:
            return False
        raise


def _walk() -> _Selection:
    selection: _Selection = st.session_state.setdefault("walk", _Selection())
    return selection
