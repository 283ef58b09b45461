"""Ending one thing with proof: the calls, what reading it again says, and the entry in the ledger."""

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
    """Make the calls of a step and enter them in the account's ledger; what the ledger refuses is told beside it.

    why: what had it ended, where no person did. Never raises AwsError: a refusal is the outcome.
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
    item = step.resource
    return LedgerEntry(
        at=now,
        by=account.identity().arn,
        kind=item.kind,
        name=item.name,
        calls=tuple(map(str, step.calls)),
        usd_per_hour=item.usd_per_hour,
        state=shutdown_execution.read_again(account, step).said,
        region=item.region,
        since=item.since,
        why=why,
    )
