"""What the trials of a tuning job show, as numbers to draw: values in, values out; no client, no clock, no screen.

A trial's number is its place in the order of launch, from 1; that is the order in which they are given here.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, Range, SearchedParameter

Floats = NDArray[np.float64]
REACH = 0.3  # how far from a trial the map of two settings still says something, in widths of a range
# Trials with a value from which on a map is drawn: three quarters of it lie within half that reach of one of 20 random
# ones, a third of it of one of six.
FEWEST_ON_MAP = 20
STEPS = 30  # of the map, each way


@dataclass(frozen=True)
class Progress:
    """Scored trials in the order of launch: four arrays of one length. `best` is the best value so far."""

    numbers: tuple[int, ...]
    names: tuple[str, ...]
    values: Floats
    best: Floats


@dataclass(frozen=True)
class Axis:
    """A setting along an axis, a place for every trial: 0 to 1 on a range's scale, or the number of a choice.

    ticks: places to label, and what stands there.
    """

    searched: SearchedParameter
    places: Floats
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Landscape:
    """The objective over two settings: `values[i, j]` belongs to `y[i]` and `x[j]`; NaN where no trial was near."""

    x: Floats
    y: Floats
    values: Floats


@dataclass(frozen=True)
class TimelineLane:
    """When a trial ran, and beside which others: those of one lane follow each other."""

    lane: int
    number: int
    trial: Trial
    started: datetime
    ended: datetime


@dataclass(frozen=True)
class CostCurve:
    """What the best objective had cost when it was reached: ended trials in the order of their ends."""

    names: tuple[str, ...]
    dollars: Floats
    best: Floats


def seconds(trial: Trial, now: datetime) -> float:
    """How long a trial has run until `now`, or did until its end."""
    return ((trial.ended or now) - trial.started).total_seconds() if trial.started else 0.0


def dollars(trial: Trial, usd_per_hour: float | None, now: datetime) -> float | None:
    """What a trial has cost on instances of `usd_per_hour` together; None when that is unknown."""
    return None if usd_per_hour is None else usd_per_hour * seconds(trial, now) / 3600


def ranked(trials: Sequence[Trial], maximise: bool) -> list[int]:
    """Places in `trials`: the best first, those without a value last in the order of launch."""
    sign = -1 if maximise else 1
    return sorted(
        range(len(trials)),
        key=lambda place: (
            (value := trials[place].value) is None,
            0.0 if value is None else sign * value,
            place,
        ),
    )


def settings(ranges: Sequence[SearchedParameter], trials: Sequence[Trial]) -> tuple[SearchedParameter, ...]:
    """What was searched: the ranges, and for settings that SageMaker chose itself what the trials tried."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.hyperparameters))
    known = {each.name for each in ranges}
    return (*ranges, *(_seen(name, trials) for name in names if name not in known))


def _seen(name: str, trials: Sequence[Trial]) -> SearchedParameter:
    texts = [trial.hyperparameters[name] for trial in trials if name in trial.hyperparameters]
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return Choices(name, tuple(dict.fromkeys(texts)))
    return Range(name, min(numbers), max(numbers), all(text.lstrip("-").isdigit() for text in texts))


def progress(trials: Sequence[Trial], maximise: bool) -> Progress:
    """The objective of every scored trial, and the best so far."""
    found = [(number, trial) for number, trial in enumerate(trials, start=1) if trial.value is not None]
    values = np.array([trial.value for _, trial in found], dtype=np.float64)
    best = (np.maximum if maximise else np.minimum).accumulate(values) if len(values) else values
    return Progress(
        tuple(number for number, _ in found),
        tuple(trial.name for _, trial in found),
        values,
        best,
    )


def axis(searched: SearchedParameter, trials: Sequence[Trial]) -> Axis:
    """Where each trial lies along a setting; NaN for one that has no such setting."""
    texts = [trial.hyperparameters.get(searched.name) for trial in trials]
    if isinstance(searched, Choices):
        values = list(dict.fromkeys([*searched.values, *(text for text in texts if text is not None)]))
        places = [float("nan") if text is None else float(values.index(text)) for text in texts]
        return Axis(searched, np.array(places), tuple((float(number), value) for number, value in enumerate(values)))
    places = [float("nan") if text is None else searched.place(float(text)) for text in texts]
    return Axis(searched, np.array(places, dtype=np.float64), _ticks(searched))


def _ticks(searched: Range) -> tuple[tuple[float, str], ...]:
    if searched.low == searched.high:
        return ((0.5, f"{searched.low:g}"),)
    if searched.integer and searched.high - searched.low <= 10:
        values = [float(value) for value in range(int(searched.low), int(searched.high) + 1)]
    else:
        values = [searched.at(step / 4) for step in range(5)]
    if searched.integer:
        values = sorted({float(round(value)) for value in values})
    return tuple((searched.place(value), f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}") for value in values)


def landscape(across: Axis, up: Axis, values: Sequence[float | None]) -> Landscape:
    """The objective between the trials: a mean of all, weighed by nearness (Shepard 1968), blank far from any."""
    scores = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    known = np.isfinite(scores) & np.isfinite(across.places) & np.isfinite(up.places)
    x, y = _steps(across), _steps(up)
    if not known.any():
        return Landscape(x, y, np.full((len(y), len(x)), np.nan))
    widths = [float(np.ptp(steps)) or 1.0 for steps in (x, y)]
    to_x = (x[:, None] - across.places[known]) / widths[0]
    to_y = (y[:, None] - up.places[known]) / widths[1]
    squared = to_y[:, None, :] ** 2 + to_x[None, :, :] ** 2
    weights = 1 / (squared + 1e-4) ** 2
    mean = weights @ scores[known] / weights.sum(axis=2)
    return Landscape(x, y, np.where(squared.min(axis=2) <= REACH**2, mean, np.nan))


def _steps(axis: Axis) -> Floats:
    if isinstance(axis.searched, Choices):
        return np.arange(len(axis.ticks), dtype=np.float64)
    return np.linspace(0, 1, STEPS)


def timeline_lanes(trials: Sequence[Trial], now: datetime) -> list[TimelineLane]:
    """Every trial that has started, in the lowest lane that was free then."""
    started = sorted(
        ((trial.started, number, trial) for number, trial in enumerate(trials, start=1) if trial.started),
        key=lambda each: (each[0], each[1]),
    )
    free: list[int] = []
    busy: list[tuple[datetime, int]] = []
    found = []
    for start, number, trial in started:
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy)
        end = max(trial.ended or now, start + timedelta(milliseconds=1))
        heapq.heappush(busy, (end, lane))
        found.append(TimelineLane(lane, number, trial, start, end))
    return found


def cost_curve(trials: Sequence[Trial], maximise: bool, usd_per_hour: float) -> CostCurve:
    """Dollars spent when each trial ended, failed ones included, and the best objective by then."""
    ended = sorted(((trial.ended, trial) for trial in trials if trial.ended), key=lambda each: each[0])
    costs = [dollars(trial, usd_per_hour, end) or 0.0 for end, trial in ended]
    worst = -np.inf if maximise else np.inf
    values = np.array([worst if trial.value is None else trial.value for _, trial in ended], dtype=np.float64)
    best = (np.maximum if maximise else np.minimum).accumulate(values) if len(values) else values
    return CostCurve(
        tuple(trial.name for _, trial in ended),
        np.cumsum(costs),
        np.where(np.isfinite(best), best, np.nan),
    )


def gain_over_first(trials: Sequence[Trial], maximise: bool) -> tuple[int, float] | None:
    """The number of the first trial with a value, and how much better the best one is; None when none has a value."""
    seen = progress(trials, maximise)
    return (seen.numbers[0], abs(float(seen.best[-1] - seen.values[0]))) if seen.numbers else None


def last_gain(spent: CostCurve) -> int | None:
    """The place of the trial that found the best value of all; None when none has a value."""
    return None if not np.isfinite(spent.best).any() else int(np.argmax(spent.best == spent.best[-1]))
