"""What the Registry page asks of the model registry, remembered for a few seconds and keyed by the account."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import ModelGroup, ModelVersion, VersionPage


@st.cache_data(ttl=10, show_spinner=False)
def groups(account: Account) -> list[ModelGroup]:
    """The groups, newest first. Raises AwsError."""
    return model_versions.groups(account)


@st.cache_data(ttl=10, show_spinner=False)
def versions(account: Account, group: str, token: str | None) -> VersionPage:
    """A page of a group's versions. Raises Problem."""
    return model_versions.versions(account, group, token)


@st.cache_data(ttl=10, show_spinner=False)
def version(account: Account, arn: str) -> ModelVersion:
    """One version. Raises Problem."""
    return model_versions.version(account, arn)


@st.cache_data(ttl=10, show_spinner=False)
def approved(account: Account, group: str) -> ModelVersion | None:
    """The newest approved version of a group. Raises Problem."""
    return model_versions.approved(account, group)


@st.cache_data(ttl=60, show_spinner=False)
def registered(account: Account, job: str) -> ModelVersion | None:
    """The newest version of the model of a completed training job. Raises Problem."""
    return model_versions.of_job(account, job, job_queries.ended_training_job(account, job).created)


@st.cache_data(ttl=60, show_spinner=False)
def quality(account: Account, version: ModelVersion) -> ModelMetrics:
    """What a version was measured to be worth. Raises Problem."""
    return model_versions.quality(account, version)


@st.cache_data(ttl=60, max_entries=5, show_spinner=False)
def report(account: Account, address: Address) -> bytes:
    """The decision report of a version. Raises AwsError."""
    return s3.read_bytes(account, address)
