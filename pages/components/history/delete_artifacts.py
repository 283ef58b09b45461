"""The dialog that deletes what a training job has left in S3: it lists every file, and what is lost without them.

Which job it is about lives in session state, so that opening the dialog is a rerun like any other.
"""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.shell import formats, page_frame
from services import settings
from services.aws.account import Account
from services.shutdown import job_artifacts
from services.shutdown.job_artifacts import Artifacts
from services.training.jobs import TrainingJob

CHOSEN, OUTCOME = "discard_chosen", "discard_outcome"  # the name of a job; what came of the last time


def button(job: TrainingJob) -> None:
    """The way to the dialog, for a job that has ended."""
    if not job.status.active:
        st.button("Delete files", key=f"discard_{job.name}", icon=":material/delete:", on_click=_open, args=(job,))


def dialog(account: Account) -> None:
    """The dialog, when it was asked for, or what came of it. Call it once a page."""
    if OUTCOME in st.session_state:
        st.success(formats.plain(st.session_state[OUTCOME]), icon=":material/check_circle:")
    if CHOSEN in st.session_state:
        _confirm(account, st.session_state[CHOSEN])


def _open(job: TrainingJob) -> None:
    st.session_state[CHOSEN] = job.name
    st.session_state.pop(OUTCOME, None)


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Delete a job's files", width="large", icon=":material/delete:", on_dismiss=_forget)
def _confirm(account: Account, name: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        job = job_queries.training_job(account, name)
        with st.spinner("Finding the files and what uses them"):
            artifacts = job_artifacts.find(account, job)
        _show_files(artifacts)
        deletable = bool(artifacts.files) and not artifacts.users
        with st.container(horizontal=True):
            label = f"Delete {formats.count(len(artifacts.files), 'file')}"
            if deletable and st.button(label, key="discard_confirm", type="primary", icon=":material/delete:"):
                left = job_artifacts.remove(account, job, artifacts)
                st.session_state[OUTCOME] = _outcome(artifacts, left)
                _forget()
                st.rerun()
            if st.button("Cancel" if deletable else "Close", key="discard_cancel"):
                _forget()
                st.rerun()


def _show_files(artifacts: Artifacts) -> None:
    """What there is; who needs it, or else what is lost and what stays."""
    st.markdown(f"Files of training job **{formats.plain(artifacts.job)}** in S3:")
    if not artifacts.files:
        st.markdown("No files are left.")
        return
    files = [{"File": str(file.address), "Size": formats.size(file.size)} for file in artifacts.files]
    st.dataframe(files, hide_index=True, key="discard_files")
    folders = formats.plain(" and ".join(map(str, artifacts.folders)))
    st.caption(
        f"{formats.count(len(files), 'file')}, {formats.size(artifacts.size)}, all under {folders}. "
        "Each one is deleted with DeleteObject."
    )
    if artifacts.users:
        st.error(
            formats.plain(f"Still used by {', '.join(artifacts.users)}. Delete that first."), icon=":material/lock:"
        )
        return
    models = (
        f" The same holds for the SageMaker models made from it: {', '.join(artifacts.models)}."
        if artifacts.models
        else ""
    )
    checkpoints = (
        f" Its checkpoints are kept, too: {artifacts.shared} is shared with other jobs." if artifacts.shared else ""
    )
    st.markdown(f"**Lost:** the model can no longer be deployed or evaluated.{formats.plain(models)}")
    st.markdown(
        "**Kept:** the job's record, settings, log and metrics; it stays in this list and can be "
        f"cloned.{formats.plain(checkpoints)} A bucket with versioning keeps old versions of the files, and bills them."
    )


def _outcome(agreed: Artifacts, left: Artifacts) -> str:
    """What came of it, by reading again."""
    remaining = f"{formats.count(len(left.files), 'file')} still there" if left.files else "nothing left"
    gone = set(agreed.files) - set(left.files)
    return (
        f"{agreed.job}: {formats.count(len(gone), 'file')} deleted, "
        f"{formats.size(sum(file.size for file in gone))}. Verified: {remaining}."
    )
