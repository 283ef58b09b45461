"""Training and tuning jobs of the account, their logs, tags and history."""

from datetime import UTC, datetime

import streamlit as st

from services.aws import tags
from services.aws.account import Account
from services.training import history as job_history
from services.training import jobs as training
from services.training import logs as training_logs
from services.training.history import HistoryPage, HistoryQuery, JobLookup
from services.training.jobs import TrainingJob, TrainingJobSummary
from services.tuning import jobs as tuning
from services.tuning.jobs import TuningJob, TuningJobSummary


@st.cache_data(ttl=5, show_spinner=False)
def training_jobs(account: Account) -> list[TrainingJobSummary]:
    """The latest training jobs, newest first. Raises AwsError."""
    return training.summaries(account)


@st.cache_data(ttl=2, show_spinner=False)
def training_job(account: Account, name: str) -> TrainingJob:
    """One training job. Raises AwsError."""
    return training.describe(account, name)


@st.cache_data(ttl=86_400, max_entries=10_000, show_spinner=False)
def ended_training_job(account: Account, name: str) -> TrainingJob:
    """A training job that has ended, and so never changes any more. Raises AwsError."""
    return training.describe(account, name)


@st.cache_data(ttl=60, max_entries=20, show_spinner=False)
def completed_on(account: Account, data: str) -> list[TrainingJob]:
    """Every completed training job on the data set at the address `data`. Raises AwsError."""
    return training.completed_on(account, data)


@st.cache_data(ttl=60, max_entries=10_000, show_spinner=False)
def job_tags(account: Account, arn: str) -> dict[str, str]:
    """The tags of a job. Raises AwsError."""
    return tags.of(account, arn)


@st.cache_data(ttl=10, show_spinner=False)
def history(account: Account, query: HistoryQuery, token: str | None) -> HistoryPage:
    """A page of past training jobs. Raises AwsError."""

    def job(summary: TrainingJobSummary) -> TrainingJob:
        return (training_job if summary.status.active else ended_training_job)(account, summary.name)

    return job_history.page(account, query, token, JobLookup(job, lambda arn: job_tags(account, arn)))


@st.cache_data(ttl=2, show_spinner=False)
def log_lines(account: Account, name: str) -> list[str]:
    """The log of one training job. Raises AwsError."""
    return training_logs.log_lines(account, name, datetime.now(UTC))


@st.cache_data(ttl=5, show_spinner=False)
def tuning_jobs(account: Account) -> list[TuningJobSummary]:
    """The latest tuning jobs, newest first. Raises AwsError."""
    return tuning.summaries(account)


@st.cache_data(ttl=2, show_spinner=False)
def tuning_job(account: Account, name: str) -> TuningJob:
    """One tuning job. Raises AwsError."""
    return tuning.describe(account, name)
