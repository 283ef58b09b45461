"""Shutdowns: those whose documents lie in the account's bucket, and how far this server has come with its own."""

from datetime import UTC, datetime

import streamlit as st

from services.aws.account import Account
from services.shutdown import background
from services.shutdown import run as shutdown_runs
from services.shutdown.run import ShutdownRuns


@st.cache_data(ttl=10, show_spinner=False)
def stored(account: Account) -> ShutdownRuns:
    """The shutdowns of the last days, as stored. Raises AwsError."""
    return shutdown_runs.recent(account, datetime.now(UTC))


def runs(account: Account) -> ShutdownRuns:
    """The shutdowns of the last days, those of this server as they are now. Raises AwsError."""
    found = stored(account)
    current = {run.name: run for run in found.runs} | {run.name: run for run in background.SERVER.runs(account)}
    return ShutdownRuns(tuple(current[name] for name in sorted(current)), found.unreadable)


@st.cache_resource(ttl="1h", show_spinner=False)
def editions(account: Account) -> list[int]:
    """The last edition of the account (see `Background.edition`) after which caches were cleared."""
    return [0]
