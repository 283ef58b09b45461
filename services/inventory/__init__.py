"""What runs and bills right now, asked of SageMaker one kind at a time.

Each kind is asked by its own requests, so that a missing permission costs one kind and is told, never shown as
"nothing". What thinks (what a description says it costs) takes values and asks nobody. Nothing here stops anything.

Reference: SageMaker API reference; SageMaker pricing page.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from services.aws import Account, AwsError
from services.inventory import endpoints, jobs, managed, notebooks, other_jobs, volumes
from services.inventory.things import Ending, Failure, Inventory, Kind, LastUse, Running, RunningKind

__all__ = ["KINDS", "Ending", "Failure", "Inventory", "LastUse", "Running", "RunningKind", "running"]

KINDS: dict[RunningKind, Kind] = {
    **endpoints.KINDS,
    **jobs.KINDS,
    **notebooks.KINDS,
    **volumes.KINDS,
    **other_jobs.KINDS,
    **managed.KINDS,
}
AT_ONCE = 16  # kinds asked at a time


def running(account: Account, now: datetime) -> Inventory:
    """Ask every kind, many at a time. A kind that cannot be asked is a Failure; raises AwsError when none can be."""
    refusals: list[AwsError] = []

    def ask(kind: RunningKind) -> list[Running | Failure]:
        answers: list[Running | Failure] = []
        try:
            answers.extend(KINDS[kind].ask(account, now))  # what was told before a refusal still counts
        except AwsError as error:
            answers.append(Failure(kind, str(error)))
            refusals.append(error)
        return answers

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [answer for answers in pool.map(ask, KINDS) for answer in answers]
    things = [answer for answer in answers if isinstance(answer, Running)]
    if len(refusals) == len(KINDS) and not things:
        raise refusals[0]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    return Inventory(now, tuple(sorted(things, key=_dearest_first)), tuple(failures))


def _dearest_first(thing: Running) -> tuple[float, str, str]:
    return (-(thing.usd_per_hour or 0.0), thing.kind, thing.name)
