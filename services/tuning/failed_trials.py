"""Trials that are no better than a constant answer, and why, where their settings tell. Pure: values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.training import rare_class
from services.training.jobs import JobStatus
from services.tuning.constant_answer import ConstantAnswer
from services.tuning.jobs import Trial, TuningJob


@dataclass(frozen=True)
class FailedTrials:
    """The trials of a search that learned nothing.

    names:    which ones.
    scored:   how many trials were completed with a value.
    constant: the objective of a constant answer.
    positives: train rows of the positive class, and what they weigh together at the start (`positive_weight`).
    overshot: how many of them took steps too large for a rare class, see `rare_class.py`.
    remedy:   what to set in all trials of the next search; empty where the settings do not tell the cause.
    """

    names: frozenset[str]
    scored: int
    constant: float
    positives: int = 0
    positive_weight: float = 0.0
    overshot: int = 0
    remedy: Mapping[str, str] = field(default_factory=dict)


def find(
    job: TuningJob, trials: Sequence[Trial], data: PreparedData | None, constant: ConstantAnswer | None
) -> FailedTrials | None:
    """Those of `trials` of `job`; None without any, or where nothing is known of a constant answer.

    data: what they learned from; None where that is unknown, and with it their cause.
    """
    scored = [trial for trial in trials if trial.status == JobStatus.COMPLETED and trial.value is not None]
    failed = [trial for trial in scored if constant and not constant.is_beaten_by(trial.value or 0.0)]
    if not constant or not failed:
        return None
    names = frozenset(trial.name for trial in failed)
    if not data or data.kind is not TargetKind.TWO_CLASSES or not rare_class.starts_from_share(job.image):
        return FailedTrials(names, len(scored), constant.value)
    overshot = sum(rare_class.overshoots(data, {**job.fixed, **trial.hyperparameters}) for trial in failed)
    return FailedTrials(
        names,
        len(scored),
        constant.value,
        data.positives["train"],
        rare_class.positive_weight(data, job.fixed),
        overshot,
        rare_class.REMEDY if 2 * overshot > len(failed) else {},
    )
