"""The endpoints of the account, and those that are paused."""

import streamlit as st

from services.aws.account import Account
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import Endpoint, EndpointSummary
from services.shutdown import pause
from services.shutdown.plan import KeptConfigs


@st.cache_data(ttl=5, show_spinner=False)
def endpoints(account: Account) -> list[EndpointSummary]:
    """Every endpoint. Raises AwsError."""
    return endpoint_details.summaries(account)


@st.cache_data(ttl=2, show_spinner=False)
def endpoint(account: Account, name: str) -> Endpoint:
    """One endpoint."""
    return endpoint_details.describe(account, name)


@st.cache_data(ttl=30, show_spinner=False)
def paused(account: Account) -> pause.PausedEndpoints:
    """Every paused endpoint. Raises AwsError."""
    return pause.paused_endpoints(account)


@st.cache_data(ttl=10, show_spinner=False)
def kept_configs(account: Account) -> KeptConfigs:
    """The configurations that paused endpoints are resumed with."""
    return pause.kept_configs(account)
