"""Cached queries of this month's cost; see `account.py` for the rules of this package."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import account as account_queries
from pages.components.queries import prices as price_queries
from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import aws_bill, launch_budget
from services.costs import ledger as cost_ledger
from services.costs.cost_intervals import CostInterval, cost, intervals_of_ledger, intervals_of_resources, month
from services.costs.jobs_of_month import JobsOfMonth
from services.inventory.resources import Failure, Inventory
from services.shutdown import rules as shutdown_rules


@dataclass(frozen=True)
class CostsOfMonth:
    """Intervals that billed this month, and what could not be read."""

    intervals: tuple[CostInterval, ...]
    failures: tuple[Failure, ...]


@st.cache_resource(ttl=300, show_spinner=False)
def jobs_of_month(account: Account) -> JobsOfMonth:
    """The training jobs of this month, still coming in for some seconds."""
    try:
        others = account_queries.other_regions(account).accounts
    except AwsError:  # shown where running resources are listed
        others = ()
    return JobsOfMonth([account, *others], datetime.now(UTC), price_queries.kept_book)


def spent(account: Account, inventory: Inventory) -> CostsOfMonth:
    """Running resources, this month's training jobs, and what was shut down with SageDeck."""
    jobs = jobs_of_month(account).partial_result()
    failures = list(jobs.failures)
    ended = list[CostInterval]()
    try:
        ended = intervals_of_ledger(ledger(account).entries)
        failures += [Failure("The ledger", str(error)) for error in ledger(account).unreadable]
    except AwsError as error:
        failures.append(Failure("The ledger", str(error)))
    intervals = (*intervals_of_resources(inventory.resources, jobs.regions), *jobs.intervals, *ended)
    return CostsOfMonth(intervals, tuple(failures))


def this_month(account: Account, inventory: Inventory) -> float:
    """Dollars since the month began, as far as is known."""
    now = datetime.now(UTC)
    return cost(spent(account, inventory).intervals, month(now)[0], now)


@st.cache_data(ttl=60, show_spinner=False)
def launch_budget_today(account: Account) -> launch_budget.DayBudget | None:
    """The daily limit of launches and what is taken of it; None without one. Raises Problem."""
    return launch_budget.today(account, datetime.now(UTC), price_queries.book(account))


@st.cache_data(ttl=60, show_spinner=False)
def rules(account: Account) -> shutdown_rules.TagRules:
    """The rules for tags. Raises Problem."""
    return shutdown_rules.load(account)


@st.cache_data(ttl=60, show_spinner=False)
def ledger(account: Account) -> cost_ledger.Ledger:
    """Every shutdown there was, oldest first. Raises AwsError."""
    return cost_ledger.load(account)


@st.cache_data(ttl="1h", show_spinner=False)
def month_to_date(account: Account) -> aws_bill.Bill:
    """The bill of this month. Each request costs: only ever sent on a click. Raises AwsError."""
    return aws_bill.month_to_date(account, datetime.now(UTC))


@st.cache_data(ttl="1h", show_spinner=False)
def idle_endpoints(account: Account) -> list[aws_bill.IdleEndpoint]:
    """The endpoints that AWS finds idle. Raises AwsError."""
    return aws_bill.idle_endpoints(account)


@st.cache_data(ttl="1h", show_spinner=False)
def free_tier(account: Account) -> list[aws_bill.Allowance]:
    """What is left of the free tier. Raises AwsError."""
    return aws_bill.free_tier(account)
