"""Shutting down what bills: first a plan that can be read and agreed to, then each step on its own.

The plan is pure and holds every request that will be made. One refusal never stops the other steps, and no answer is
taken as proof: whether something is gone, only reading it again tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.aws import Account, AwsError, spelled
from services.inventory import KINDS, Running, RunningKind


@dataclass(frozen=True)
class Call:
    """One request to SageMaker, in boto3's spelling: "delete_endpoint", (("EndpointName", "fraud"),)."""

    operation: str
    parameters: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """As AWS spells it: "DeleteEndpoint EndpointName=fraud"."""
        return " ".join([spelled(self.operation), *(f"{key}={value}" for key, value in self.parameters)])


@dataclass(frozen=True)
class Step:
    """How one thing is shut down; without calls there is nothing left to ask for.

    lost:        what is gone afterwards, one sentence.
    still_bills: what goes on billing, "" for nothing.
    """

    item: Running
    calls: tuple[Call, ...]
    lost: str
    still_bills: str


@dataclass(frozen=True)
class Outcome:
    """What came of a step; `sentence` says it to a person."""

    item: Running
    ok: bool
    sentence: str


@dataclass(frozen=True)
class State:
    """What reading a thing again said: whether it is over, and its status or why it could not be read."""

    over: bool
    said: str


def plan(items: Iterable[Running], running: Iterable[Running] = ()) -> list[Step]:
    """One step for each of `items`. `running` is everything that runs: a shared endpoint configuration stays."""
    items = list(items)
    configs = [_config(thing) for thing in {thing.key: thing for thing in [*running, *items]}.values()]
    return [_step(item, shared=configs.count(_config(item)) > 1) for item in items]


def execute(account: Account, step: Step) -> Outcome:
    """Make the calls of `step` in its region, in order. Never raises AwsError: a refusal is the outcome."""
    account = account.at(step.item.region or account.region)
    name, done = f"{step.item.kind} {step.item.name}", list[Call]()
    for call in step.calls:
        try:
            account.call("sagemaker", call.operation, **dict(call.parameters))
        except AwsError as error:
            if not error.is_missing:
                before = f"SageMaker accepted {_listed(done)}, but: " if done else ""
                return Outcome(step.item, False, f"{name}: {before}{error}")
        done.append(call)
    if KINDS[step.item.kind].ending is None:
        return Outcome(step.item, False, f"{name} cannot be ended before its time.")
    if not done:
        return Outcome(step.item, True, f"{name} is already on its way down.")
    return Outcome(step.item, True, f"{name}: SageMaker accepted {_listed(done)}.")


def read_again(account: Account, item: Running) -> State:
    """Whether a thing is over by now. Never raises AwsError: that it cannot be read is what is said."""
    ending = KINDS[item.kind].ending
    if ending is None:
        return State(False, item.status)
    account = account.at(item.region or account.region)
    identity = {key: value for key, value in item.identity if key != "EndpointConfigName"}
    try:
        answer: Any = account.call("sagemaker", ending.reading, **identity)
        for member in ending.member.split("."):
            answer = answer[member]
    except AwsError as error:
        return State(True, "gone") if error.is_missing else State(False, str(error))
    return State(answer in ending.over, answer)


def _step(item: Running, shared: bool) -> Step:
    if item.status.lower() == "stopping":  # some kinds say it in capitals
        return Step(item, (), "Nothing more: it is already stopping.", item.bills_after)
    ending = KINDS[item.kind].ending
    if ending is None:
        return Step(item, (), "Nothing: it cannot be ended before its time.", item.bills_after)
    if item.kind is not RunningKind.ENDPOINT:
        return Step(item, (Call(ending.operation, item.identity + ending.more),), ending.lost, item.bills_after)
    identity, lost = dict(item.identity), ending.lost
    calls = [Call(ending.operation, (("EndpointName", identity["EndpointName"]),))]
    if shared:
        lost += " Its configuration stays too: another endpoint uses it."
    elif "EndpointConfigName" in identity:
        calls.append(Call("delete_endpoint_config", (("EndpointConfigName", identity["EndpointConfigName"]),)))
    return Step(item, tuple(calls), lost, item.bills_after)


def _config(item: Running) -> tuple[str, str | None]:
    return item.region, dict(item.identity).get("EndpointConfigName")


def _listed(calls: Iterable[Call]) -> str:
    return " and ".join(str(call).split()[0] for call in calls)
