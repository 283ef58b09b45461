"""The result of a tuning job that has ended: outcome, cost, influence of the settings, wasted trials, next ranges.

Pure: values in, findings out. The screen puts them into words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from services.evaluation.model_comparison import ModelComparison
from services.training.jobs import JobStatus
from services.tuning import chart_data
from services.tuning.importance import Importances, Weight
from services.tuning.jobs import Trial
from services.tuning.search_space import Range, SearchedParameter, widened

EDGE = 0.02  # of a range's width: nearer to an end than that lies at it
FENCES = 3.0  # interquartile ranges below the lower quartile is far out (Tukey 1977)
FEWEST = 8  # trials with a value that can tell who is far out
POINT = 0.01  # of average precision


class SearchOutcome(StrEnum):
    """What the best trial is worth beside the baseline, by average precision on the same rows."""

    IMPROVED = "improved"  # better, and the interval of the difference excludes 0
    NOT_SIGNIFICANT = "not significant"  # the interval of the difference includes 0
    WORSE = "worse"  # worse, and the interval of the difference excludes 0


@dataclass(frozen=True)
class EdgeValue:
    """A setting whose best value lies at an end of its range; `wider` is None where the algorithm allows no more."""

    searched: Range
    value: float
    upwards: bool
    wider: Range | None


@dataclass(frozen=True)
class WastedTrials:
    """Trials that brought nothing, and what they cost.

    `unmeasured` ones were completed without a value of the objective; `hopeless` ones were completed, but no better
    than a constant answer or far behind the others.
    """

    failed: int
    stopped: int
    unmeasured: int
    hopeless: int
    dollars: float | None

    @property
    def trials(self) -> int:
        return self.failed + self.stopped + self.unmeasured + self.hopeless


@dataclass(frozen=True)
class TuningSummary:
    """The findings of a search.

    comparison: of the best trial with the baseline on rows that neither has seen; None without either.
    dollars:    what all trials cost; None when the price is unknown.
    edges:      settings whose best value lies at an end of its range.
    matters, flat, unclear: settings by what the trials say of them; all empty when there are too few.
    """

    comparison: ModelComparison | None
    dollars: float | None
    trials: int
    edges: tuple[EdgeValue, ...]
    matters: tuple[str, ...]
    flat: tuple[str, ...]
    unclear: tuple[str, ...]
    waste: WastedTrials

    @property
    def outcome(self) -> SearchOutcome | None:
        """The outcome of the comparison; None without one."""
        return outcome_of(self.comparison) if self.comparison else None

    @property
    def dollars_a_point(self) -> float | None:
        """Dollars per 0.01 of average precision gained; None unless the model improved and the price is known."""
        if self.comparison is None or self.dollars is None or self.outcome is not SearchOutcome.IMPROVED:
            return None
        return self.dollars / (self.comparison.average_precision.gain / POINT)

    @property
    def next_ranges(self) -> tuple[Range, ...]:
        """The ranges to look beyond in the next search."""
        return tuple(edge.wider for edge in self.edges if edge.wider)


def outcome_of(comparison: ModelComparison) -> SearchOutcome:
    """The outcome of a comparison of the baseline (before) with the best trial (after)."""
    difference = comparison.average_precision
    if not difference.is_significant:
        return SearchOutcome.NOT_SIGNIFICANT
    return SearchOutcome.IMPROVED if difference.gain > 0 else SearchOutcome.WORSE


def summarize(
    ranges: Sequence[SearchedParameter],
    found: Sequence[Trial],
    *,
    maximise: bool,
    unlearned: Collection[str],
    best: str | None,
    usd_per_hour: float | None,
    comparison: ModelComparison | None,
    importances: Importances | None,
    now: datetime,
) -> TuningSummary:
    """The findings of a search whose trials are `found`, on instances of `usd_per_hour` together.

    unlearned: names of trials no better than a constant answer.
    """
    searched = chart_data.settings(ranges, found)
    winner = next((trial for trial in found if trial.name == best), None)
    weighed = importances.settings if importances else ()

    def named(weight: Weight) -> tuple[str, ...]:
        return tuple(each.name for each in weighed if each.weight == weight)

    return TuningSummary(
        comparison,
        _together(found, usd_per_hour, now),
        len(found),
        _edges(searched, winner) if winner else (),
        named(Weight.MATTERS),
        named(Weight.FLAT),
        named(Weight.UNCLEAR),
        _waste(
            [trial for trial in found if trial is not winner],
            _far_behind(found, maximise) | set(unlearned),
            usd_per_hour,
            now,
        ),
    )


def _together(found: Sequence[Trial], usd_per_hour: float | None, now: datetime) -> float | None:
    return None if usd_per_hour is None else sum(chart_data.seconds(each, now) for each in found) * usd_per_hour / 3600


def _edges(searched: Sequence[SearchedParameter], winner: Trial) -> tuple[EdgeValue, ...]:
    edges = []
    for each in searched:
        text = winner.hyperparameters.get(each.name)
        if not isinstance(each, Range) or text is None or each.low == each.high:
            continue
        place = each.place(float(text))
        if place <= EDGE or place >= 1 - EDGE:
            upwards = place > 0.5
            edges.append(EdgeValue(each, float(text), upwards, widened(each, upwards)))
    return tuple(edges)


def _waste(others: Sequence[Trial], hopeless: set[str], usd_per_hour: float | None, now: datetime) -> WastedTrials:
    failed = [trial for trial in others if trial.status == JobStatus.FAILED]
    stopped = [trial for trial in others if trial.status == JobStatus.STOPPED]
    unmeasured = [trial for trial in others if trial.status == JobStatus.COMPLETED and trial.value is None]
    behind = [trial for trial in others if trial.name in hopeless]
    dollars = _together([*failed, *stopped, *unmeasured, *behind], usd_per_hour, now)
    return WastedTrials(len(failed), len(stopped), len(unmeasured), len(behind), dollars)


def _far_behind(found: Sequence[Trial], maximise: bool) -> set[str]:
    """Completed trials below the lower quartile by three times the spread of the middle half."""
    sign = 1 if maximise else -1
    values = {
        trial.name: sign * trial.value
        for trial in found
        if trial.status == JobStatus.COMPLETED and trial.value is not None
    }
    if len(values) < FEWEST:
        return set()
    lower, upper = np.quantile(list(values.values()), (0.25, 0.75))
    return {name for name, value in values.items() if value < lower - FENCES * (upper - lower)}
