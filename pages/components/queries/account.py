"""What pages ask the services, remembered for a few seconds; the one place where answers are cached.

Every query is keyed by the account, so that no account ever sees another's answer; `query.clear()` makes the next
answer fresh, and is called after every change that the page itself asked for.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from services import settings
from services.aws import account as aws_account
from services.aws import tags
from services.aws.account import Account, AwsError
from services.costs import aws_bill
from services.costs import ledger as cost_ledger
from services.data import prepared_data as prepared_data_sets
from services.data.prepared_data import PreparedData
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import Endpoint, EndpointSummary
from services.inventory import all_kinds as inventory_kinds
from services.inventory.all_kinds import Failure, Inventory, Running, Survey
from services.inventory.cached_scan import Looking
from services.pricing.price_book import Book
from services.pricing.price_list_api import PriceList, kept
from services.shutdown import pause
from services.shutdown import plan as shutdown_plan
from services.shutdown import policy as shutdown_policy
from services.training import history as job_history
from services.training import jobs as training
from services.training.history import Asked, Finding, Page
from services.training.jobs import TrainingJob, TrainingJobSummary
from services.tuning import jobs as tuning
from services.tuning.jobs import TuningJob, TuningJobSummary

PATIENCE = 2.0  # seconds that a page waits for all of what runs, before it shows what has come in


@st.cache_resource(ttl="1h", show_spinner=False)
def price_list(account: Account) -> PriceList:
    """The prices of the account's region, asked for in the background when they are not fresh; refused for an hour."""
    return PriceList(account, _prices(), datetime.now(UTC))


def _prices() -> Path:
    return settings.DATA_FOLDER / "prices"


def book(account: Account) -> Book:
    """The prices of the account's region, the best that are known by now."""
    return price_list(account).book()


def kept_book(account: Account) -> Book:
    """The prices of the account's region as kept on disk: for asking every region, few of which have much to price."""
    return kept(account, _prices())


@st.cache_resource(ttl="1h", show_spinner=False)
def here(account: Account) -> Looking:
    """Looking at what runs in the account's region; an answer is fresh for ten seconds."""

    def begin(now: datetime) -> Survey:
        prices = book(account)
        return inventory_kinds.survey([account], now, lambda _: prices)

    return Looking(begin, fresh_for=10)


@st.cache_resource(ttl="1h", show_spinner=False)
def elsewhere(account: Account) -> Looking:
    """Looking at what runs in the other regions; an answer is fresh for five minutes. Raises AwsError."""
    accounts = other_regions(account).accounts
    return Looking(lambda now: inventory_kinds.survey(accounts, now, kept_book), fresh_for=300)


@st.cache_data(ttl="1h", show_spinner=False)
def other_regions(account: Account) -> aws_account.Elsewhere:
    """The account's other regions. Raises AwsError."""
    return aws_account.elsewhere(account)


def inventory(account: Account) -> Inventory:
    """What runs in the account's region. Raises AwsError when it refuses everything."""
    return here(account).look(inventory_kinds.LIMIT)


def everywhere(account: Account) -> Inventory:
    """What runs in all regions, as far as it has been told. Raises AwsError when this region refuses everything."""
    local = here(account).look(PATIENCE)
    failures = list(local.failures)
    try:
        others = elsewhere(account).look(0)
        failures += others.failures
        if refusal := other_regions(account).refusal:
            failures.append(Failure("Regions that were switched on later", str(refusal)))
    except AwsError as error:
        others = Inventory(local.at, (), ())
        failures.append(Failure("Other regions", str(error)))
    for region in {thing.region for thing in others.running}:
        price_list(account.at(region))  # asked for by the time of the next survey; not where nothing runs
    return inventory_kinds.inventory(
        local.at, (*local.running, *others.running), failures, (*local.waiting, *others.waiting)
    )


@st.cache_data(ttl=10, show_spinner=False)
def prepared_names(account: Account) -> list[str]:
    """The prepared data sets. Raises AwsError."""
    return prepared_data_sets.names(account)


@st.cache_data(ttl=60, show_spinner=False)
def prepared_data(account: Account, name: str) -> PreparedData:
    """One prepared data set. Raises Problem."""
    return prepared_data_sets.load(account, name)


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


@st.cache_data(ttl=60, max_entries=10_000, show_spinner=False)
def job_tags(account: Account, arn: str) -> dict[str, str]:
    """The tags of a job. Raises AwsError."""
    return tags.of(account, arn)


@st.cache_data(ttl=10, show_spinner=False)
def history(account: Account, asked: Asked, token: str | None) -> Page:
    """A page of past training jobs. Raises AwsError."""

    def job(summary: TrainingJobSummary) -> TrainingJob:
        return (training_job if summary.status.active else ended_training_job)(account, summary.name)

    return job_history.page(account, asked, token, Finding(job, lambda arn: job_tags(account, arn)))


@st.cache_data(ttl=2, show_spinner=False)
def log_lines(account: Account, name: str) -> list[str]:
    """The log of one training job. Raises AwsError."""
    return training.log_lines(account, name, datetime.now(UTC))


@st.cache_data(ttl=5, show_spinner=False)
def tuning_jobs(account: Account) -> list[TuningJobSummary]:
    """The latest tuning jobs, newest first. Raises AwsError."""
    return tuning.summaries(account)


@st.cache_data(ttl=2, show_spinner=False)
def tuning_job(account: Account, name: str) -> TuningJob:
    """One tuning job. Raises AwsError."""
    return tuning.describe(account, name)


@st.cache_data(ttl=5, show_spinner=False)
def endpoints(account: Account) -> list[EndpointSummary]:
    """Every endpoint. Raises AwsError."""
    return endpoint_details.summaries(account)


@st.cache_data(ttl=2, show_spinner=False)
def endpoint(account: Account, name: str) -> Endpoint:
    """One endpoint."""
    return endpoint_details.describe(account, name)


@st.cache_data(ttl=30, show_spinner=False)
def parked(account: Account) -> list[pause.Parked]:
    """Every parked endpoint. Raises AwsError."""
    return pause.parked(account)


@st.cache_data(ttl=60, show_spinner=False)
def ledger(account: Account) -> list[cost_ledger.Entry]:
    """Every shutdown there was, oldest first. Raises AwsError."""
    return cost_ledger.entries(account)


@st.cache_data(ttl="1h", show_spinner=False)
def month_to_date(account: Account) -> aws_bill.Spend:
    """The bill of this month. Each request costs: only ever asked on a click. Raises AwsError."""
    return aws_bill.month_to_date(account, datetime.now(UTC))


@st.cache_data(ttl="1h", show_spinner=False)
def idle_endpoints(account: Account) -> list[aws_bill.Idle]:
    """The endpoints that AWS finds idle. Raises AwsError."""
    return aws_bill.idle_endpoints(account)


@st.cache_data(ttl="1h", show_spinner=False)
def free_tier(account: Account) -> list[aws_bill.Allowance]:
    """What is left of the free tier. Raises AwsError."""
    return aws_bill.free_tier(account)


@st.cache_data(ttl=60, show_spinner=False)
def shutdown_precautions(account: Account) -> shutdown_policy.Precautions:
    """What counts as idle and how much may end at once. Raises AwsError."""
    return shutdown_policy.load(account)


@st.cache_data(ttl=10, show_spinner=False)
def tagged_now(account: Account, keys: tuple[tuple[str, ...], ...], _things: Sequence[Running]) -> list[Running]:
    """What runs, by its `keys`, with the tags that it has now."""
    return shutdown_plan.tagged_now(account, _things)


@st.cache_data(ttl=60, show_spinner=False)
def profiles() -> list[str]:
    """The profiles of the user's AWS configuration."""
    return aws_account.profiles()


@st.cache_data(ttl=60, show_spinner=False)
def regions(profile: str) -> list[str]:
    """The regions of SageMaker, the profile's own first."""
    return aws_account.regions(profile)
