"""The models of one data set, ranked by how they do on its validation rows. Pure.

Models are chosen on validation rows, so that test rows stay unseen until one is chosen. Of a search only the best trial
is a candidate. Training jobs measure what each was told to; models are ranked by what most of them have in common: once
their validation rows were scored here, by what was computed of that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.algorithms.catalogue import ALGORITHMS
from services.data.prepared_data import TOGETHER
from services.data.target_kind import TargetKind
from services.training.jobs import TrainingJob

SCORED = {TargetKind.TWO_CLASSES: "average precision", TargetKind.CLASSES: "accuracy", TargetKind.NUMBER: "RMSE"}
AIM = "_tuning_objective_metric"  # the setting of a trial that names what its search aims at
VALIDATION = "validation:"


@dataclass(frozen=True)
class RankedModel:
    """A model of the set. `trials` is of how many it is the best, 0 for a job of its own; `value` None if unknown."""

    job: TrainingJob
    trials: int
    value: float | None


@dataclass(frozen=True)
class ModelRanking:
    """The models, the best first, those without a value last.

    metric: by which they are ranked; "" where no two have one in common.
    """

    metric: str
    is_maximised: bool
    models: tuple[RankedModel, ...]

    @property
    def best(self) -> RankedModel | None:
        """The first of at least two that can be compared; None where none is better than another."""
        compared = [model for model in self.models if model.value is not None]
        return compared[0] if len(compared) > 1 else None


def has_learned_validation(job: TrainingJob) -> bool:
    """Whether the validation rows are among those that the model learned from, as in a final training."""
    return f"/{TOGETHER}" in job.channels.get("train", "")


def candidates(jobs: Iterable[TrainingJob]) -> list[tuple[TrainingJob, int]]:
    """The jobs of their own, and the best trial of each search with the number of its trials; the newest first."""
    own: list[tuple[TrainingJob, int]] = []
    trials: defaultdict[str, list[TrainingJob]] = defaultdict(list)
    for job in jobs:
        if job.tuning_job:
            trials[job.tuning_job].append(job)
        else:
            own.append((job, 0))
    best = [(found, len(group)) for group in trials.values() if (found := _best_trial(group))]
    return sorted([*own, *best], key=lambda pair: pair[0].created, reverse=True)


def rank(found: Sequence[tuple[TrainingJob, int]], kind: TargetKind, scored: Mapping[str, float]) -> ModelRanking:
    """Candidates by one metric. scored: what was computed here of their validation scores, by job, see SCORED."""
    values = {job.name: dict(_measured(job)) for job, _ in found}
    for name in values.keys() & scored.keys():
        values[name][SCORED[kind]] = scored[name]
    counts = Counter(metric for measured in values.values() for metric in measured)
    order = [SCORED[kind], *(metric.name for algorithm in ALGORITHMS for metric in algorithm.objectives(kind))]
    usable = [metric for metric in order if counts[metric] > 1]
    metric = max(usable, key=lambda name: (counts[name], -order.index(name)), default="")
    is_maximised = metric in _maximised() | {SCORED[TargetKind.TWO_CLASSES], SCORED[TargetKind.CLASSES]}
    models = [RankedModel(job, trials, values[job.name].get(metric)) for job, trials in found]
    return ModelRanking(metric, is_maximised, tuple(sorted(models, key=lambda one: _place(one, is_maximised))))


def _place(model: RankedModel, is_maximised: bool) -> tuple[bool, float]:
    return model.value is None, (model.value or 0.0) * (-1 if is_maximised else 1)


def _measured(job: TrainingJob) -> Iterable[tuple[str, float]]:
    """What the job measured on validation rows, but for what its image counts wrongly."""
    if has_learned_validation(job):
        return
    wrong = job.algorithm.miscounted(job.hyperparameters) if job.algorithm else ()
    for name, value in job.metrics.items():
        if name.startswith(VALIDATION) and name.removeprefix(VALIDATION) not in wrong:
            yield name, value


def _best_trial(trials: Sequence[TrainingJob]) -> TrainingJob | None:
    """By what their search aims at; None where no trial has a value of it."""
    aim = trials[0].hyperparameters.get(AIM, "")
    sign = 1 if aim in _maximised() else -1
    with_value = [trial for trial in trials if aim in trial.metrics]
    return max(with_value, key=lambda trial: sign * trial.metrics[aim], default=None)


def _maximised() -> frozenset[str]:
    return frozenset(
        metric.name for algorithm in ALGORITHMS for metric in algorithm.tuning_metrics if metric.direction == "Maximize"
    )
