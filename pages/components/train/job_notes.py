"""What a person calls a training job and notes of it, kept as tags of the job."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries.changes import changed
from pages.components.shell import page_frame
from pages.components.shell.formats import plain
from services.aws import tags
from services.aws.account import Account
from services.training.jobs import TrainingJob


def heading(account: Account, job: TrainingJob) -> None:
    """The name and the note of a job, where it has them, and its tags."""
    job_tags = job_queries.job_tags(account, job.arn)
    title, note = job_tags.get(tags.TITLE, ""), job_tags.get(tags.NOTE, "")
    if title or note:
        st.markdown(" · ".join(part for part in (f"**{plain(title)}**" if title else "", plain(note)) if part))
    own = tags.to_text(job_tags)
    if own:
        st.caption(plain(f"Tags: {own}"))


def form(account: Account, job: TrainingJob) -> None:
    """The form that changes them."""
    job_tags = job_queries.job_tags(account, job.arn)
    with st.expander("Name and note", key="notes"), page_frame.panel():
        with st.form(f"notes_{job.name}", border=False):
            typed_title = st.text_input(
                "Display name", job_tags.get(tags.TITLE, ""), key=f"title_{job.name}", max_chars=256
            )
            typed_note = st.text_input("Note", job_tags.get(tags.NOTE, ""), key=f"note_{job.name}", max_chars=256)
            pressed = st.form_submit_button("Save", key="keep_note")
        if pressed:
            tags.save(account, job.arn, {tags.TITLE: typed_title.strip(), tags.NOTE: typed_note.strip()})
            changed(account, "job tags")
            st.rerun()
