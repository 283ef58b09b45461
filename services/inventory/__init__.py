"""What runs and bills right now, asked of SageMaker one kind at a time.

Each kind is asked by its own requests, so that a missing permission costs one kind and is told, never shown as
"nothing". What thinks (what a description says it costs) takes values and asks nobody. Nothing here stops anything.

Reference: SageMaker API reference; SageMaker pricing page.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from services.aws import Account, AwsError
from services.inventory.endpoints import endpoints
from services.inventory.jobs import processing_jobs, training_jobs, transform_jobs, tuning_jobs
from services.inventory.notebooks import notebook_instances, studio_apps
from services.inventory.things import Failure, Inventory, LastUse, Running, RunningKind

__all__ = ["Failure", "Inventory", "LastUse", "Running", "RunningKind", "running"]

_ASKS: dict[RunningKind, Callable[[Account, datetime], Iterator[Running | Failure]]] = {
    RunningKind.ENDPOINT: endpoints,
    RunningKind.TRAINING_JOB: training_jobs,
    RunningKind.TUNING_JOB: tuning_jobs,
    RunningKind.PROCESSING_JOB: processing_jobs,
    RunningKind.TRANSFORM_JOB: transform_jobs,
    RunningKind.NOTEBOOK_INSTANCE: notebook_instances,
    RunningKind.STUDIO_APP: studio_apps,
}


def running(account: Account, now: datetime) -> Inventory:
    """Ask every kind, four at a time. A kind that cannot be asked is a Failure; raises AwsError when none can be."""
    refusals: list[AwsError] = []

    def ask(kind: RunningKind) -> list[Running | Failure]:
        answers: list[Running | Failure] = []
        try:
            answers.extend(_ASKS[kind](account, now))  # what was told before a refusal still counts
        except AwsError as error:
            answers.append(Failure(kind, str(error)))
            refusals.append(error)
        return answers

    with ThreadPoolExecutor(4) as pool:
        answers = [answer for answers in pool.map(ask, _ASKS) for answer in answers]
    things = [answer for answer in answers if isinstance(answer, Running)]
    if len(refusals) == len(_ASKS) and not things:
        raise refusals[0]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    return Inventory(now, tuple(sorted(things, key=_dearest_first)), tuple(failures))


def _dearest_first(thing: Running) -> tuple[float, str, str]:
    return (-(thing.usd_per_hour or 0.0), thing.kind, thing.name)
