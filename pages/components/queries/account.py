"""What pages ask the services, remembered for a few seconds; the one place where answers are cached.

Every query is keyed by the account, so that no account ever sees another's answer; `query.clear()` makes the next
answer fresh, and is called after every change that the page itself asked for.
"""

import streamlit as st

from services import service_health
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.errors import Problem


@st.cache_data(ttl="1h", show_spinner=False)
def other_regions(account: Account) -> aws_regions.OtherRegions:
    """The account's other regions. Raises AwsError."""
    return aws_regions.other_regions(account)


@st.cache_data(ttl=2, show_spinner=False)
def service_problem() -> Problem | None:
    """Why the service of this computer does not answer; None when it does."""
    return service_health.problem()


@st.cache_data(ttl=60, show_spinner=False)
def profiles() -> list[str]:
    """The profiles of the user's AWS configuration."""
    return aws_regions.profiles()


@st.cache_data(ttl=60, show_spinner=False)
def regions(profile: str) -> list[str]:
    """The regions of SageMaker, the profile's own first."""
    return aws_regions.regions(profile)
