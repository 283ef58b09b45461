"""Shutdowns: those that are stored, those of this server as they are now, and those that rules will begin."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from services.aws.account import Account
from services.shutdown import background, grace
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_runs
from services.shutdown.grace import GracesDocument
from services.shutdown.rules import Due, RulesRunDocument
from services.shutdown.run import ShutdownRuns


@dataclass(frozen=True)
class ComingShutdown:
    """A resource that a rule shuts down at `stop_at` (UTC)."""

    due: Due
    stop_at: datetime


@st.cache_data(ttl=10, show_spinner=False)
def stored(account: Account) -> ShutdownRuns:
    """The shutdowns of the last days, as stored. Raises AwsError."""
    return shutdown_runs.recent(account, datetime.now(UTC))


def runs(account: Account) -> ShutdownRuns:
    """The shutdowns of the last days, those of this server as they are now. Raises AwsError."""
    found = stored(account)
    current = {run.name: run for run in found.runs}
    for run in (*background.SERVER.ended(account), *background.SERVER.runs(account)):
        if run.name not in current or current[run.name].ended is None:
            current[run.name] = run
    return ShutdownRuns(tuple(current[name] for name in sorted(current)), found.unreadable)


@st.cache_data(ttl=30, show_spinner=False)
def graces(account: Account) -> GracesDocument:
    """The marks of what cannot be tagged. Raises UnreadableDocumentError, AwsError."""
    return grace.load(account)


@st.cache_data(ttl=30, show_spinner=False)
def last_rules_run(account: Account) -> RulesRunDocument | None:
    """When the rules were applied last. Raises UnreadableDocumentError, AwsError."""
    return shutdown_rules.last_run(account)


def coming(account: Account) -> list[ComingShutdown]:
    """What rules are about to shut down, the next first. Raises Problem."""
    now, resources = datetime.now(UTC), inventory_queries.all_regions(account, wait=0).resources
    marks = grace.marks(resources, graces(account))
    if not marks:
        return []
    due, _ = shutdown_rules.due_rules(resources, cost_queries.rules(account).rules, now)
    decision = grace.decide(due, (), marks, now)
    found = [(one, marks[one.resource.key].stop_at) for one in (*decision.act, *decision.pending)]
    return sorted((ComingShutdown(one, at) for one, at in found if at), key=lambda one: one.stop_at)


@st.cache_resource(ttl="1h", show_spinner=False)
def editions(account: Account) -> list[str]:
    """The last edition of the account (see `Background.edition`) after which caches were cleared."""
    return [""]
