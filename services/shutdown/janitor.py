"""Applies the auto-shutdown rules once: for cron, AWS Lambda, and the dashboard.

    python -m services.reaper --profile work --all-regions --dry-run

Protected resources are never shut down, nor is production while it is locked. Resources that are tagged as production,
or whose tags are unknown, are shut down only by a rule on the resource itself. If more than `--at-most` resources are
due at once, none is shut down, because a rule is probably wrong.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services import settings
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.errors import Problem
from services.inventory import all_kinds
from services.inventory.resources import Inventory
from services.pricing import price_list_api
from services.pricing.price_book import PriceBook
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from services.shutdown import policy as shutdown_policy
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_run
from services.shutdown.execute import Outcome
from services.shutdown.plan import Step
from services.shutdown.protection import Confirmation, guard
from services.shutdown.rules import Due, TagRules

PATIENCE = 60.0  # seconds to wait for all regions


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
    locked = policy.production_lock
    steps = shutdown_plan.plan([rule.resource for rule in due], inventory.resources, locked)
    problems = [str(problem) for problem in (*tag_rules.problems, *([unknown] if unknown else []), *rule_problems)]
    problems += [f"{failure.kind} {failure.region}: {failure.sentence}" for failure in inventory.failures]
    return Proposal(tuple(steps), _reasons(due, steps), _typed(due), tuple(problems))


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


def apply_rules(account: Account, proposal: Proposal, at_most: int, now: datetime) -> list[Outcome]:
    """Shut down what is proposed; a step that waits for another resource to be gone is made at the next run.

    Raises Problem, and shuts down none, for more resources than `at_most`.
    """
    acting = [step for step in proposal.steps if step.acts]
    if len(acting) > at_most:
        reason = f"{len(acting)} resources are due at once; the limit is {at_most}"
        raise Problem("Auto-shutdown rules", reason, "Check the rules, or raise the limit")
    outcomes: dict[tuple[str, ...], Outcome] = {}
    for step in proposal.steps:
        due_step = shutdown_execution.step_when_due(step, outcomes, ())
        if due_step:
            why = proposal.reasons[step.resource.key]
            outcomes[step.resource.key] = shutdown_run.execute_and_record(account, due_step, proposal.typed, now, why)
    return list(outcomes.values())


def rehearse(account: Account, proposal: Proposal) -> list[Outcome]:
    """What `apply_rules` would do; only reads."""
    return [shutdown_execution.rehearse(account, step, proposal.typed) for step in proposal.steps]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 for success, 1 when a shutdown failed or a read did, 2 when nothing could be read."""
    options = _parser().parse_args(arguments)
    now = datetime.now(UTC)
    try:
        account = _account(options)
        others = aws_regions.other_regions(account) if options.all_regions else aws_regions.OtherRegions(())
        scan = all_kinds.start_scan([account, *others.accounts], now, _book)
        scan.wait(PATIENCE)
        proposal = propose(account, scan.partial_result(), now)
        at_most = options.at_most
        if at_most is None:
            at_most = shutdown_policy.load(account).bulk_confirm_threshold
        outcomes = rehearse(account, proposal) if options.dry_run else apply_rules(account, proposal, at_most, now)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    for outcome in outcomes:
        print(f"{outcome.sentence} Reason: {proposal.reasons[outcome.resource.key]}.")
    problems = (
        *proposal.problems,
        *([f"Only the default regions were checked. {others.refusal}"] if others.refusal else []),
    )
    for sentence in problems:
        print(sentence, file=sys.stderr)
    if not outcomes:
        print("Nothing is due.")
    return int(bool(problems) or not all(outcome.ok for outcome in outcomes))


def handler(event: object, context: object) -> int:
    """For AWS Lambda: region and role are the function's. Source: Lambda developer guide, handler in Python."""
    return main(["--all-regions"])


def _book(account: Account) -> PriceBook:
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
