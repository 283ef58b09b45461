"""Applies the auto-shutdown rules once: for cron, AWS Lambda, and the dashboard.

    python -m services.reaper --profile work --all-regions --dry-run

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
from services.inventory.resources import Inventory
from services.pricing import price_list_api
from services.pricing.price_book import PriceBook
from services.shutdown import driver as shutdown_driver
from services.shutdown import execute as shutdown_execution
from services.shutdown import pause
from services.shutdown import plan as shutdown_plan
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_runs
from services.shutdown.plan import Key, Step
from services.shutdown.protection import Confirmation, guard
from services.shutdown.rules import Due, TagRules
from services.shutdown.run import UNDONE, ShutdownRun

LISTED = timedelta(minutes=10)  # how long a resource may still be listed after it was shut down
RETRY = timedelta(days=1)  # after which a rule tries again what was refused
PATIENCE = 60.0  # seconds to wait for all regions, and for what is shutting down


@dataclass(frozen=True)
class Proposal:
    """The shutdowns that are due, as steps in order.

    reasons:  why, by the key of the resource.
    typed:    names of resources whose own rule counts as confirmation.
    problems: what could not be read, and invalid rules.
    """

    steps: tuple[Step, ...]
    reasons: dict[tuple[str, ...], str]
    typed: Confirmation
    problems: tuple[str, ...]


def propose(account: Account, inventory: Inventory, now: datetime) -> Proposal:
    """What is due for shutdown. Raises Problem, AwsError."""
    tag_rules = _tag_rules(account)
    policy, unknown = shutdown_policy.load_or_strictest(account)
    due, rule_problems = shutdown_rules.due_rules(inventory.resources, tag_rules.rules, now)
    left_alone = _left_alone(account, now)
    due = [rule for rule in due if rule.resource.key not in left_alone]
    locked, typed = policy.production_lock, _typed(due)
    kept = pause.kept_configs(account)
    planned = shutdown_plan.plan([rule.resource for rule in due], inventory.resources, locked, kept)
    steps = [_refused_by_tags(step, typed) for step in planned]
    problems = [str(problem) for problem in (*tag_rules.problems, *([unknown] if unknown else []), *rule_problems)]
    problems += [f"{failure.kind} {failure.region}: {failure.sentence}" for failure in inventory.failures]
    return Proposal(tuple(steps), _reasons(due, steps), typed, tuple(problems))


def _left_alone(account: Account, now: datetime) -> set[Key]:
    """What is being shut down or just was, since lists are minutes old; and what was refused or stopped lately."""
    return {
        step.key
        for run in shutdown_runs.recent(account, now).runs
        for step in run.steps
        if run.ended is None or now - run.at < LISTED or (run.by_rule and step.state in UNDONE and now - run.at < RETRY)
    }


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


def begin(account: Account, proposal: Proposal, at_most: int, owner: str, now: datetime) -> ShutdownRun | None:
    """Store the shutdown of what is proposed, to be driven by `owner`; None when nothing is to be shut down.

    Raises Problem, and shuts down none, for more resources than `at_most`.
    """
    acting = [step for step in proposal.steps if step.acts]
    if len(acting) > at_most:
        reason = f"{len(acting)} resources are due at once; the limit is {at_most}"
        raise Problem("Auto-shutdown rules", reason, "Check the rules, or raise the limit")
    if not acting:
        return None
    return shutdown_runs.begin(account, acting, proposal.typed, owner, now, proposal.reasons)


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
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    for step, _, sentence in done:
        print(f"{sentence} Reason: {proposal.reasons[step.resource.key]}.")
    problems = (
        *proposal.problems,
        *([f"Only the default regions were checked. {others.refusal}"] if others.refusal else []),
    )
    for problem_sentence in problems:
        print(problem_sentence, file=sys.stderr)
    if not done:
        print("Nothing is due.")
    return int(bool(problems) or not all(ok for _, ok, _ in done))


Result = tuple[Step, bool, str]  # a step, whether it went as planned, and what came of it


def _rehearsed(account: Account, proposal: Proposal) -> list[Result]:
    """What shutting down what is proposed would do; only reads."""
    outcomes = [shutdown_execution.rehearse(account, step, proposal.typed) for step in proposal.steps]
    return [(outcome.step, outcome.ok, outcome.sentence) for outcome in outcomes]


def _shut_down(account: Account, proposal: Proposal, at_most: int, now: datetime) -> list[Result]:
    """Shut down what is proposed; what is not over within PATIENCE goes on at the next run. Raises Problem."""
    refused = [(step, False, f"{step.title}: {step.refused}") for step in proposal.steps if step.refused]
    owner = secrets.token_hex(8)
    for interrupted in shutdown_runs.recent(account, now).runs:
        if interrupted.by_rule and (taken := shutdown_runs.take_over(account, interrupted, owner, now)):
            shutdown_driver.drive(account, taken, PATIENCE)
    run = begin(account, proposal, at_most, owner, now)
    if run is None:
        return refused
    run = shutdown_driver.drive(account, run, PATIENCE)
    results = [(one.step, one.state not in UNDONE, f"{one.step.title}: {one.sentence}") for one in run.steps]
    return [*refused, *results]


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
    return replace(Account("AWS", region), bucket=options.bucket)


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
