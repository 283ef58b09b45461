"""What a learning curve teaches: whether the model still learned at the end, or learned its training rows by heart.

Pure: values in, sentences out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.training.learning_curves import LearningCurve

# What validation must lose, in all three ways, before it is called overfitting; see `_matters`.
OF_GAIN, OF_BEST, ABSOLUTE = 0.02, 0.01, 0.001
IN_UNITS = ("rmse", "mae", "mse", "mphe")  # metrics whose size is that of the target's numbers
NEEDS_BOTH = ("auc", "aucpr", "roc_auc_score")  # metrics that are no number where all rows have one class
FEWEST = 3  # rounds after the best one, before anything is said of them


class CurveShape(StrEnum):
    """What became of validation while train improved."""

    OVERFITTING = "overfitting"  # it got worse after its best round
    LEVEL = "level"  # it was best some rounds ago, and is about as good now
    LEARNING = "learning"  # the last rounds were its best
    MISSING = "missing"  # it has no number in some round


@dataclass(frozen=True)
class Diagnosis:
    """The verdict over one metric; `round` is the one at which validation was best, as the log counts, from 0.

    Of a metric that is missing it is the first such round.
    """

    shape: CurveShape
    metric: str
    round: int
    sentence: str


def maximised(metric: str) -> bool:
    """Whether higher is better, e.g. of "auc"; a metric that no algorithm names is a loss."""
    directions = {
        each.name.removeprefix("validation:"): each.direction
        for algorithm in ALGORITHMS
        for each in algorithm.tuning_metrics
    }
    return directions.get(metric.partition("@")[0]) == "Maximize"


def diagnose(curve: LearningCurve, metric: str, algorithm: Algorithm) -> Diagnosis | None:
    """What the curves of `metric` on train and validation say; None without both, or before the fifth round.

    A value that is missing is told from the first round on.
    """
    train, validation = curve.values.get(f"train:{metric}"), curve.values.get(f"validation:{metric}")
    for split, values in (("validation", validation), ("train", train)):
        if missing := [number for number, value in zip(curve.rounds, values or (), strict=False) if isnan(value)]:
            return Diagnosis(CurveShape.MISSING, metric, missing[0], _missing(curve, split, metric, len(missing)))
    if not train or not validation or len(curve.rounds) < 2 + FEWEST:
        return None
    best = _best(validation, maximised(metric))
    began, last = curve.rounds[best], curve.rounds[-1]
    sign, unit = 1 if maximised(metric) else -1, curve.unit
    lost = sign * (validation[best] - validation[-1])
    gained = sign * (validation[best] - validation[0])
    if len(validation) - 1 - best < FEWEST:
        sentence = f"Validation {metric} was still improving at the end: more {curve.unit}s may help."
        return Diagnosis(CurveShape.LEARNING, metric, began, sentence)
    least = 0.0 if metric in IN_UNITS else ABSOLUTE
    if _matters(lost, gained, abs(validation[best]), least) and sign * (train[-1] - train[best]) > 0:
        sentence = (
            f"Overfitting from {unit} {began}: validation {metric} was best there ({validation[best]:.5f}) "
            f"and worsened to {validation[-1]:.5f} at {unit} {last}, while train improved from "
            f"{train[best]:.5f} to {train[-1]:.5f}. {algorithm.overfits}."
        )
        return Diagnosis(CurveShape.OVERFITTING, metric, began, sentence)
    at_best = f"Validation {metric} was best at {unit} {began} ({validation[best]:.5f})"
    sentence = f"{at_best}; later {unit}s brought no improvement."
    return Diagnosis(CurveShape.LEVEL, metric, began, sentence)


def _missing(curve: LearningCurve, split: str, metric: str, count: int) -> str:
    """What is said of a metric that is no number in `count` rounds."""
    remedy = f"Check that the {split} rows hold both classes" if metric in NEEDS_BOTH else "Lower the learning rate"
    share = f"all {count:,}" if count == len(curve.rounds) else f"{count:,} of {len(curve.rounds):,}"
    return (
        f"{split.capitalize()} {metric} is missing: it is no number (nan or infinite) in {share} {curve.unit}s. "
        f"{remedy}, or watch another metric."
    )


def _matters(lost: float, gained: float, best: float, least: float) -> bool:
    """Whether losing `lost` since the best value is more than noise.

    A hundredth of the best value: validation metrics of a few thousand rows vary by about that from one sample of rows
    to the next, so that 0.981 after 0.982 says nothing. A fiftieth of what was gained since the first round: where much
    was learned, a little of it lost is no reason to stop earlier. And 0.001 in itself: of tiny losses, as rare classes
    give them, a hundredth is beyond the third decimal, which changes no decision. `least` is that, or 0 for an error in
    the units of the target.
    """
    return lost >= max(OF_GAIN * gained, OF_BEST * best, least)


def downsample(curve: LearningCurve, most: int) -> LearningCurve:
    """The curve by at most `most` + 1 rounds, evenly apart and the last among them: what a chart can show."""
    if len(curve.rounds) <= most:
        return curve
    kept = [*range(0, len(curve.rounds) - 1, -(-len(curve.rounds) // most)), len(curve.rounds) - 1]
    return LearningCurve(
        tuple(curve.rounds[index] for index in kept),
        {name: tuple(values[index] for index in kept) for name, values in curve.values.items()},
        curve.unit,
    )


def _best(values: Sequence[float], maximise: bool) -> int:
    """Where the best value stands first."""
    return values.index(max(values) if maximise else min(values))
