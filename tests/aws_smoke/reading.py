"""Assumptions that reading alone can prove. Nothing here changes an account: it is given one that refuses to."""

import re
from datetime import UTC, datetime
from functools import partial

from services import stored_documents
from services.algorithms import catalogue
from services.aws.account import Account
from services.iam import permission_check
from services.iam.permission_check import PermissionAnswer
from services.iam.required_permissions import Level, permissions_for
from services.inventory import all_kinds
from services.pricing import price_list_api
from services.pricing.price_book import LIST_PRICES
from services.training import jobs as training_jobs
from services.training import learning_curves
from services.training.jobs import TrainingJob
from services.tuning import jobs as tuning_jobs
from tests.aws_smoke.report import Check, DifferentError, NotSeenError

LOOKED_AT = 20  # jobs of the newest
TOLERANCE = 0.05  # of a price


def checks(account: Account) -> dict[str, Check]:
    """The checks by what is assumed."""
    return {
        assumption: partial(check, account)
        for assumption, check in {
            "GetCallerIdentity names an account of twelve digits": identity,
            "Every permission of a viewer is there, and what AWS says of it is understood": permissions,
            "Every kind of billable resource can be listed and read": kinds,
            "List prices of the table are within 5 % of the Price List": prices,
            "A training job is described with the members SageDeck reads": training_job,
            "The log of a built-in algorithm gives a learning curve with a point for each round": learning_curve,
            "A tuning job and its trials are described with the members SageDeck reads": tuning_job,
            "Every document that SageDeck has stored can be read": documents,
        }.items()
    }


def identity(account: Account) -> str:
    """The form of the caller's identity."""
    who = account.identity()
    if not re.fullmatch(r"\d{12}", who.account):
        raise DifferentError(f"the account is {who.account!r}")
    return who.arn


def permissions(account: Account) -> str:
    """What a viewer needs."""
    findings = list(permission_check.check(account, permissions_for(Level.VIEWER)))
    unclear = [found for found in findings if found.answer is PermissionAnswer.UNKNOWN]
    if unclear and account.bills:  # this computer offers only some requests
        raise DifferentError("; ".join(f"{found.permission.action}: {found.message}" for found in unclear))
    missing = permission_check.missing(findings)
    if missing:
        raise NotSeenError(f"missing: {', '.join(permission.action for permission in missing)}")
    return f"{len(findings)} requests"


def kinds(account: Account) -> str:
    """The scan behind Costs."""
    inventory = all_kinds.scan_now(account, datetime.now(UTC))
    if inventory.failures:
        raise DifferentError("; ".join(f"{failure.kind}: {failure.sentence}" for failure in inventory.failures))
    unpriced = sorted({resource.kind.value for resource in inventory.resources if resource.usd_per_hour is None})
    return f"{len(inventory.resources)} resources; no price for: {', '.join(unpriced) or 'none'}"


def prices(account: Account) -> str:
    """The dated table against AWS's own list."""
    if not account.bills:
        raise NotSeenError("nothing is billed here")
    book = price_list_api.fetch(account, datetime.now(UTC))
    apart = [
        f"{instance} {component} ${ours:.4f}, AWS ${theirs:.4f}"
        for instance, rates in LIST_PRICES.hours.items()
        for component, ours in rates.items()
        if (theirs := book.usd_per_hour(instance, component)) and abs(ours - theirs) > TOLERANCE * theirs
    ]
    if book.region == LIST_PRICES.region and apart:
        raise DifferentError("; ".join(apart))
    return f"{len(book.hours)} instance types in {book.region}, {len(apart)} apart from the table's region"


def training_job(account: Account) -> str:
    """The newest training jobs, whoever launched them."""
    names = [job.name for job in training_jobs.summaries(account, LOOKED_AT)]
    if not names:
        raise NotSeenError("there is no training job")
    statuses = {training_jobs.describe(account, name).status.value for name in names}
    return f"{len(names)} jobs, {', '.join(sorted(statuses))}"


def learning_curve(account: Account) -> str:
    """The newest completed job of an algorithm that SageDeck knows."""
    job = _newest_completed(account)
    curve = learning_curves.read(account, [job.name], datetime.now(UTC))[job.name]
    if not curve.rounds:
        raise DifferentError("no line of the log was understood")
    if job.rounds and len(curve.rounds) != job.rounds:
        raise DifferentError(f"{len(curve.rounds)} points for {job.rounds} rounds")
    return f"{len(curve.rounds)} points of {', '.join(curve.values)}"


def _newest_completed(account: Account) -> TrainingJob:
    for summary in training_jobs.summaries(account, LOOKED_AT):
        job = training_jobs.describe(account, summary.name)
        if job.status == "Completed" and job.algorithm in catalogue.ALGORITHMS:
            return job
    raise NotSeenError("there is no completed job of a built-in algorithm that SageDeck knows")


def tuning_job(account: Account) -> str:
    """The newest tuning job."""
    found = tuning_jobs.summaries(account, 1)
    if not found:
        raise NotSeenError("there is no tuning job")
    job = tuning_jobs.describe(account, found[0].name)
    return f"{job.strategy}, {len(tuning_jobs.trials(account, job.name))} trials"


def documents(account: Account) -> str:
    """What SageDeck has stored in the account's bucket."""
    unreadable = stored_documents.unreadable(account)
    if unreadable:
        raise DifferentError("; ".join(map(str, unreadable)))
    return "none is damaged"
