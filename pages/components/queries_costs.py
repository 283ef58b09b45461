"""What this month has cost, as far as it is told, remembered for some minutes; see `queries.py` for the rules."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from pages.components import queries
from services import reaper, schedules
from services.aws import Account, AwsError
from services.inventory import Failure, Inventory
from services.inventory.month import JobsOfMonth
from services.inventory.spans import Span, cost, month, of_ledger, of_running
from services.shutdown import Outcome


@dataclass(frozen=True)
class Spent:
    """Stretches of time that billed this month, and what could not be asked."""

    spans: tuple[Span, ...]
    failures: tuple[Failure, ...]


@st.cache_resource(ttl=300, show_spinner=False)
def jobs_of_month(account: Account) -> JobsOfMonth:
    """The training jobs of this month, still coming in for some seconds."""
    try:
        others = queries.other_regions(account).accounts
    except AwsError:  # told where what runs is listed
        others = ()
    return JobsOfMonth([account, *others], datetime.now(UTC), queries.kept_book)


def spent(account: Account, inventory: Inventory) -> Spent:
    """What runs, this month's training jobs, and what was ended from here."""
    told = jobs_of_month(account).so_far()
    failures = list(told.failures)
    try:
        ended = of_ledger(queries.ledger(account))
    except AwsError as error:
        ended = []
        failures.append(Failure("The ledger", str(error)))
    spans = (*of_running(inventory.running, told.regions), *told.spans, *ended)
    return Spent(spans, tuple(failures))


def this_month(account: Account, inventory: Inventory) -> float:
    """Dollars since the month began, as far as it is told."""
    now = datetime.now(UTC)
    return cost(spent(account, inventory).spans, month(now)[0], now)


@st.cache_data(ttl=60, show_spinner=False)
def rules(account: Account) -> list[schedules.Rule]:
    """The schedules for tags. Raises Problem."""
    return schedules.load(account)


@st.cache_data(ttl=60, show_spinner=False)
def obeyed(account: Account) -> list[Outcome]:
    """Stop what is due by schedule, once a minute at most; what came of it. Raises Problem."""
    inventory = queries.everywhere(account)
    tagged = any(schedules.TAG in dict(thing.tags or ()) for thing in inventory.running)
    if account.read_only or not (tagged or rules(account)):
        return []
    now = datetime.now(UTC)
    proposal = reaper.look(account, inventory, now)
    outcomes = reaper.obey(account, proposal, queries.shutdown_precautions(account).blast_limit, now)
    if any(outcome.ok for outcome in outcomes):
        for query in (queries.here, queries.elsewhere, queries.endpoints, queries.ledger):
            query.clear()
    return outcomes
