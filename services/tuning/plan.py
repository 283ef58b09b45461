"""A search before it is launched: what it tries, when it ends, what it may cost, and its launch through the SDK."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.errors import Problem
from services.pricing.price_book import PriceBook
from services.training import plan as training_plan
from services.training.plan import TrainingPlan
from services.tuning.search_space import MOST, Range, SearchedParameter

NAME_LENGTH = 32  # characters, of a tuning job's name
OBJECTIVE = "validation:auc"
STRATEGIES = ("Bayesian", "Random", "Grid", "Hyperband")
SHORTEST = 120  # seconds: the least MaxRuntimeInSeconds of a tuning job. Source: botocore's service model
LONGEST = 15_768_000  # the most
MOST_PARENTS = 5
LEAST_PATIENCE = 3  # of BestObjectiveNotImproving
IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"


@dataclass(frozen=True)
class StoppingCriteria:
    """What ends a search before its last trial; None and False are no such end.

    target:        the objective that is good enough.
    patience:      trials in a row that do not improve on the best.
    convergence:   whether SageMaker may judge that more trials will not help.
    max_runtime:   seconds of the search as a whole; SageMaker then stops what still runs.
    early_stopping: whether single trials that lag behind are stopped.
    """

    target: float | None = None
    patience: int | None = None
    convergence: bool = False
    max_runtime: int | None = None
    early_stopping: bool = False


@dataclass(frozen=True)
class TuningPlan:
    """What a person asks for: a training plan, and how it is varied. `objective` is a metric, e.g. validation:auc.

    resources: rounds that Hyperband gives a trial, least and most; None leaves them to SageMaker.
    parents:   earlier tuning jobs whose trials it starts from, in the way `warm_start` says.
    baseline:  the training job it is measured against: one to launch with it, or the name of an earlier one.
    """

    training: TrainingPlan
    ranges: tuple[SearchedParameter, ...]
    objective: str
    maximise: bool
    strategy: str
    max_jobs: int
    parallel: int
    stopping: StoppingCriteria = StoppingCriteria()
    resources: tuple[int, int] | None = None
    parents: tuple[str, ...] = ()
    warm_start: str = IDENTICAL
    seed: int | None = None
    baseline: TrainingPlan | str | None = None

    @property
    def fixed(self) -> dict[str, str]:
        """The hyperparameters that are not varied."""
        varied = {each.name for each in self.ranges}
        return {name: value for name, value in self.training.hyperparameters.items() if name not in varied}


def seconds_for(dollars: float, usd_per_hour: float | None, instances: int, parallel: int) -> int:
    """The seconds a search may run so that it costs `dollars` at most, all its instances busy all the time.

    Raises Problem when the price is unknown, or when SageMaker takes no limit as short as that.
    """
    where = "Budget limit"
    if usd_per_hour is None:
        raise Problem(where, "the price of this instance type is unknown", "Choose another type, or set no limit")
    rate = usd_per_hour * instances * parallel
    seconds = math.floor(dollars / rate * 3600 + 1e-6)
    if seconds < SHORTEST:
        said = f"${dollars:.2f} pays for {max(0, seconds)} s; the shortest time limit of a search is {SHORTEST} s"
        raise Problem(where, said, f"Enter ${math.ceil(rate * SHORTEST / 36) / 100:.2f} or more")
    return min(seconds, LONGEST)


def maximum_cost(plan: TuningPlan, book: PriceBook) -> float | None:
    """Dollars that the search and a baseline launched with it cost at most; None when the price is unknown."""
    job = plan.training

    def cost(seconds: int, jobs: int) -> float | None:
        return book.maximum_of_launch(job.instance_type, job.instance_count, seconds, jobs)

    trials = cost(job.max_runtime, plan.max_jobs)
    if trials is None:
        return None
    in_time = cost(plan.stopping.max_runtime, plan.parallel) if plan.stopping.max_runtime else None
    baseline = cost(job.max_runtime, 1) if isinstance(plan.baseline, TrainingPlan) else 0.0
    return min(trials, trials if in_time is None else in_time) + (baseline or 0.0)


def validate(plan: TuningPlan) -> None:
    """Raises Problem for what SageMaker would refuse, or what every training job would fail of."""
    name = plan.training.name
    where = f"Tuning job {name}"
    if len(name) > NAME_LENGTH:
        raise Problem(where, f"its name has {len(name)} characters", f"Use at most {NAME_LENGTH}")
    _validate_ranges(plan, where)
    if plan.parallel > plan.max_jobs:
        raise Problem(where, "there are more parallel trials than trials", "Lower the number of parallel trials")
    if len(plan.parents) > MOST_PARENTS:
        raise Problem(where, f"a warm start takes at most {MOST_PARENTS} searches", "Choose fewer")
    if plan.resources and plan.resources[0] > plan.resources[1]:
        raise Problem(where, "the minimum rounds are above the maximum rounds", "Swap the two")
    if plan.stopping.patience is not None and plan.stopping.patience < LEAST_PATIENCE:
        raise Problem(
            where, "the number of trials without improvement is too small", f"Enter {LEAST_PATIENCE} trials or more"
        )
    for values in _corners(plan):
        training_plan.validate(replace(plan.training, hyperparameters=values))
    if isinstance(plan.baseline, TrainingPlan):
        training_plan.validate(plan.baseline)


def _validate_ranges(plan: TuningPlan, where: str) -> None:
    if not plan.ranges:
        raise Problem(where, "the search space is empty", "Add at least one range")
    if len(plan.ranges) > MOST:
        raise Problem(where, f"the search space has {len(plan.ranges)} settings", f"Search at most {MOST}")
    for each in plan.ranges:
        if fault := each.fault():
            remedy = "Swap the two" if fault.startswith("its minimum") else "Correct the range"
            raise Problem(f"Range of {each.name}", fault, remedy)
    if plan.strategy == "Grid" and any(isinstance(each, Range) for each in plan.ranges):
        raise Problem(where, "a grid search needs lists of values", "List the values of each setting")


def _corners(plan: TuningPlan) -> Iterable[Mapping[str, str]]:
    """The settings at the ends of all ranges, which the algorithm must allow."""
    objective = {"_tuning_objective_metric": plan.objective}
    tried = {each.name: each.tried() for each in plan.ranges}
    for number in range(max(map(len, tried.values()))):
        corner = {name: ends[min(number, len(ends) - 1)] for name, ends in tried.items()}
        yield {**plan.training.hyperparameters, **corner, **objective}
