"""Shuts down one resource and records it: the calls, the status read again, and the ledger entry."""

from dataclasses import replace
from datetime import datetime

from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry
from services.shutdown import execute as shutdown_execution
from services.shutdown.execute import Outcome
from services.shutdown.plan import Step
from services.shutdown.protection import Confirmation


def execute_and_record(account: Account, step: Step, typed: Confirmation, now: datetime, why: str = "") -> Outcome:
    """Make the calls of a step and enter them in the account's ledger; a ledger error is added to the sentence.

    why: the rule that shut it down, if no person did. Never raises AwsError: a refusal is the outcome.
    """
    outcome = shutdown_execution.execute(account, step, typed)
    if not (outcome.ok and step.calls):
        return outcome
    try:
        cost_ledger.append(account, _entry(account, step, now, why))
    except AwsError as error:
        return replace(outcome, sentence=f"{outcome.sentence} It is not recorded in the ledger: {error}")
    return outcome


def _entry(account: Account, step: Step, now: datetime, why: str) -> LedgerEntry:
    resource = step.resource
    return LedgerEntry(
        at=now,
        by=account.identity().arn,
        kind=resource.kind,
        name=resource.name,
        calls=tuple(map(str, step.calls)),
        usd_per_hour=resource.usd_per_hour,
        state=shutdown_execution.read_again(account, step).status,
        region=resource.region,
        since=resource.since,
        why=why,
    )
