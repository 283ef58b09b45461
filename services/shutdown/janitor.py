"""Applies the auto-shutdown rules once: for cron, AWS Lambda, and the dashboard.

    python -m services.reaper --profile work --all-regions --dry-run

A resource that comes due is marked, and shut down by a run ten minutes later or more, unless somebody keeps it.
Protected resources are never shut down, nor is production while it is locked. Resources that are tagged as production,
or whose tags are unknown, are shut down only by a rule on the resource itself. If more than `--at-most` resources are
due at once, none is shut down, because a rule is probably wrong.
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services import settings
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.errors import Problem
from services.inventory import all_kinds
from services.inventory.resources import BillableResource, Inventory, ResourceKind
from services.pricing import price_list_api
from services.pricing.price_book import PriceBook
from services.shutdown import driver as shutdown_driver
from services.shutdown import execute as shutdown_execution
from services.shutdown import grace, pause
from services.shutdown import plan as shutdown_plan
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_runs
from services.shutdown.grace import GRACE, Decision
from services.shutdown.plan import KeptConfigs, Key, Step
from services.shutdown.protection import Confirmation, guard
from services.shutdown.rules import Due, TagRules
from services.shutdown.run import UNDONE, RunStep, ShutdownRun, StepState

LISTED = timedelta(minutes=10)  # how long a resource may still be listed after it was shut down
RETRY = timedelta(days=1)  # after which a rule tries again what was refused
PATIENCE = 60.0  # seconds to wait for all regions, and for what is shutting down
RULES = "Auto-shutdown rules"


@dataclass(frozen=True)
class Proposal:
    """What the rules come to now.

    steps:    the shutdowns whose grace is over, in order.
    refused:  what is due and stays, and why.
    grace:    what becomes of the marks of what is due.
    reasons:  why, by the key of the resource.
    typed:    names of resources whose own rule counts as confirmation.
    problems: what could not be read, and invalid rules.
    any_rules: whether there is any rule.
    """

    steps: tuple[Step, ...]
    refused: tuple[Step, ...]
    grace: Decision
    reasons: dict[Key, str]
    typed: Confirmation
    problems: tuple[str, ...]
    any_rules: bool


def propose(account: Account, inventory: Inventory, now: datetime) -> Proposal:
    """What is due for shutdown, and what of it has had its grace. Raises Problem, AwsError."""
    tag_rules, stored = _tag_rules(account), grace.load(account)
    policy, unknown = shutdown_policy.load_or_strictest(account)
    listed, _ = shutdown_rules.due_rules(inventory.resources, tag_rules.rules, now)
    asked = {one.resource.key for one in listed} | set(grace.marks(inventory.resources, stored))
    current = _current(account, [resource for resource in inventory.resources if resource.key in asked])
    resources = [current.get(resource.key, resource) for resource in inventory.resources]
    due, rule_problems = shutdown_rules.due_rules(resources, tag_rules.rules, now)
    left_alone = _left_alone(account, now)
    due = [one for one in due if one.resource.key in asked - left_alone]
    locked, kept = policy.production_lock, pause.kept_configs(account)
    typed = _typed(due)

    def planned(rules: Sequence[Due]) -> list[Step]:
        return [_refused_by_tags(step, typed) for step in _steps(rules, inventory.resources, locked, kept)]

    refused = {step.resource.key: step for step in planned(due) if step.refused}
    actionable = [one for one in due if one.resource.key not in refused]
    decision = grace.decide(actionable, resources, grace.marks(resources, stored), now)
    steps = tuple(planned(decision.act))
    problems = [str(problem) for problem in (*tag_rules.problems, *([unknown] if unknown else []), *rule_problems)]
    problems += [f"{failure.kind} {failure.region}: {failure.sentence}" for failure in inventory.failures]
    tagged = any(shutdown_rules.TAG in dict(resource.tags or ()) for resource in inventory.resources)
    any_rules = tagged or bool(tag_rules.rules or tag_rules.problems)
    return Proposal(steps, tuple(refused.values()), decision, _reasons(due, steps), typed, tuple(problems), any_rules)


def _steps(due: Sequence[Due], running: Sequence[BillableResource], locked: bool, kept: KeptConfigs) -> list[Step]:
    """How what is due is shut down: endpoints are paused, unless their rule deletes them."""
    paused = [one.resource for one in due if one.resource.kind is ResourceKind.ENDPOINT and not one.deletes]
    keys = {resource.key for resource in paused}
    others = [one.resource for one in due if one.resource.key not in keys]
    return [
        *shutdown_plan.plan(others, running, locked, kept),
        *(shutdown_plan.pause_step(resource, running, locked) for resource in paused),
    ]


def _current(account: Account, resources: Sequence[BillableResource]) -> dict[Key, BillableResource]:
    """Resources by key with their tags as they are now; those whose tags cannot be read keep the listed ones."""
    found = shutdown_execution.with_current_tags(account, resources)
    pairs = zip(resources, found, strict=True)
    return {listed.key: listed if now.tags is None else now for listed, now in pairs}


def _left_alone(account: Account, now: datetime) -> set[Key]:
    """What is being shut down or just was, since lists are minutes old; and what was refused or stopped lately.

    Not what read-only mode stopped: its rule holds again once the mode is off.
    """
    return {
        step.key
        for run in shutdown_runs.recent(account, now).runs
        for step in run.steps
        if run.ended is None or now - run.at < LISTED or (_undone_by_rule(run, step) and now - run.at < RETRY)
    }


def _undone_by_rule(run: ShutdownRun, step: RunStep) -> bool:
    by_mode = run.stop_reason and step.state is StepState.CANCELLED
    return run.by_rule and step.state in UNDONE and not by_mode


def _refused_by_tags(step: Step, typed: Confirmation) -> Step:
    """The step, refused where only a rule on the resource itself shuts it down and there is none."""
    if step.refused or not guard(step.resource.tags).wants_name or typed.named(step.resource):
        return step
    reason = deletion_protection.reason_for_name(step.resource)
    return replace(step, refused=f"Only a rule on the resource itself shuts it down: {reason}.")


def _tag_rules(account: Account) -> TagRules:
    """The rules for tags; where they cannot be read, none, and why: rules on resources themselves still apply."""
    try:
        return shutdown_rules.load(account)
    except UnreadableDocumentError as problem:
        return TagRules((), (problem,))


def _reasons(due: Sequence[Due], steps: Sequence[Step]) -> dict[tuple[str, ...], str]:
    reasons = {rule.resource.key: rule.reason for rule in due}
    for step in steps:
        if step.required_by:
            reasons[step.resource.key] = f"required before {step.required_by.kind} {step.required_by.name}"
    return reasons


def _typed(due: Sequence[Due]) -> Confirmation:
    own = [rule.resource for rule in due if rule.from_own_tag and guard(rule.resource.tags).wants_name]
    return Confirmation({resource.key: resource.name for resource in own})


def apply_rules(account: Account, proposal: Proposal, at_most: int, owner: str, now: datetime) -> ShutdownRun | None:
    """Begin the graces of what has come due and the shutdown of what has had its own, to be driven by `owner`.

    None when nothing is to be shut down. Raises Problem, and changes nothing, for more resources than `at_most`; and
    before the next change once read-only mode is on.
    """
    for due in (len(proposal.steps), len(proposal.grace.begin)):
        if due > at_most:
            reason = f"{due} resources are due at once; the limit is {at_most}"
            raise Problem(RULES, reason, "Check the rules, or raise the limit")
    for one in proposal.grace.begin:
        settings.check_writable(RULES)
        grace.begin(account, one.resource, now)
    for resource in proposal.grace.release:
        settings.check_writable(RULES)
        grace.release(account, resource)
    if not proposal.steps:
        return None
    settings.check_writable(RULES)
    return shutdown_runs.begin(account, proposal.steps, proposal.typed, owner, now, proposal.reasons)


def interrupted(account: Account, owner: str, now: datetime) -> list[ShutdownRun]:
    """The shutdowns by rules that nobody drives any more, taken over by `owner`. Raises AwsError."""
    abandoned = [run for run in shutdown_runs.recent(account, now).runs if run.by_rule and run.abandoned(now)]
    taken = [shutdown_runs.take_over(account, run, owner, now) for run in abandoned]
    return [run for run in taken if run]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 for success, 1 when a shutdown failed or a read did, 2 when nothing could be read."""
    options = _parser().parse_args(arguments)
    now = datetime.now(UTC)
    try:
        account = _account(options)
        others = aws_regions.other_regions(account) if options.all_regions else aws_regions.OtherRegions(())
        scan = all_kinds.start_scan([account, *others.accounts], now, kept_book)
        scan.wait(PATIENCE)
        proposal = propose(account, scan.partial_result(), now)
        at_most = options.at_most
        if at_most is None:
            at_most = shutdown_policy.load(account).bulk_confirm_threshold
        done = _rehearsed(account, proposal) if options.dry_run else _shut_down(account, proposal, at_most, now)
        if proposal.any_rules and not options.dry_run:
            shutdown_rules.note_run(account, now, "the reaper", proposal.problems)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    for resource, _, sentence in done:
        print(f"{sentence} Reason: {proposal.reasons[resource.key]}.")
    problems = (
        *proposal.problems,
        *([f"Only the default regions were checked. {others.refusal}"] if others.refusal else []),
    )
    for problem_sentence in problems:
        print(problem_sentence, file=sys.stderr)
    if not done:
        print("Nothing is due.")
    return int(bool(problems) or not all(ok for _, ok, _ in done))


Result = tuple[BillableResource, bool, str]  # a resource, whether all went well, and what came of it


def _rehearsed(account: Account, proposal: Proposal) -> list[Result]:
    """What shutting down what is due would do; only reads."""
    steps = [*proposal.refused, *proposal.steps]
    outcomes = [shutdown_execution.rehearse(account, step, proposal.typed) for step in steps]
    return [(one.resource, one.ok, one.sentence) for one in outcomes] + _waiting(proposal)


def _shut_down(account: Account, proposal: Proposal, at_most: int, now: datetime) -> list[Result]:
    """Shut down what has had its grace; what is not over within PATIENCE goes on at the next run. Raises Problem."""
    owner = secrets.token_hex(8)
    for run in interrupted(account, owner, now):
        shutdown_driver.drive(account, run, PATIENCE)
    begun = apply_rules(account, proposal, at_most, owner, now)
    results = [(step.resource, False, f"{step.title}: {step.refused}") for step in proposal.refused]
    if begun:
        steps = shutdown_driver.drive(account, begun, PATIENCE).steps
        results += [(one.step.resource, one.state not in UNDONE, f"{one.step.title}: {one.sentence}") for one in steps]
    return results + _waiting(proposal)


def _waiting(proposal: Proposal) -> list[Result]:
    """What is due and has its grace, or is kept by somebody."""
    minutes = round(GRACE.total_seconds() / 60)
    begun = [(one.resource, f"due now, and shut down in {minutes} minutes unless kept") for one in proposal.grace.begin]
    pending = [(one.resource, "due, and not shut down yet") for one in proposal.grace.pending]
    return [(resource, True, f"{resource.kind} {resource.name}: {text}.") for resource, text in (*begun, *pending)]


def handler(event: object, context: object) -> int:
    """For AWS Lambda: region and role are the function's. Source: Lambda developer guide, handler in Python."""
    return main(["--all-regions"])


def kept_book(account: Account) -> PriceBook:
    """The prices that the dashboard keeps on this disk, or else those of the table."""
    return price_list_api.load_cached(account, settings.DATA_FOLDER / "prices")


def _account(options: argparse.Namespace) -> Account:
    if options.this_computer:
        return settings.account(settings.THIS_COMPUTER, settings.LOCAL_REGION)
    region = options.region or aws_regions.regions(options.profile)[0]
    if options.profile:
        return settings.account(options.profile, region)
    return Account("AWS", region, bucket=options.bucket, read_only=settings.read_only())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.reaper", description=__doc__)
    parser.add_argument("--profile", help="a profile of your AWS configuration; without it, boto3's own credentials")
    parser.add_argument(
        "--region", help=("region to check, and where the rules are stored; default: the profile's region")
    )
    parser.add_argument("--all-regions", action="store_true", help="check every enabled region")
    parser.add_argument("--this-computer", action="store_true", help="use the local service")
    parser.add_argument("--bucket", help="the bucket with the rules, if it is not SageMaker's default bucket")
    parser.add_argument(
        "--at-most", type=int, help=("maximum number of resources to stop; default: the limit in Settings")
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be stopped without stopping anything")
    return parser
