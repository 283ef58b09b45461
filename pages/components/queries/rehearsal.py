"""What the dress rehearsal asks of the services, remembered; as in `account.py`, keyed by the account."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from services.aws.account import Account
from services.training import rehearsal as rehearsals
from services.training import resource_usage
from services.training.rehearsal import Rehearsal


@st.cache_data(ttl=3600, max_entries=1_000, show_spinner=False)
def rehearsal(account: Account, name: str) -> Rehearsal:
    """What a job was a rehearsal of, which never changes. Raises Problem."""
    return rehearsals.load(account, job_queries.training_job(account, name))


@st.cache_data(ttl=3600, max_entries=1_000, show_spinner=False)
def peak_memory(account: Account, name: str) -> float | None:
    """GiB that an ended job held at most. Raises AwsError."""
    return resource_usage.peak_memory(account, job_queries.ended_training_job(account, name))
