"""What a tuning job searches: the range or the choices of each hyperparameter, and how a range is spread.

Values only. Source of the scales: SageMaker developer guide, "Define hyperparameter ranges".
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.algorithms import catalogue
from services.algorithms.algorithm import Algorithm, Hyperparameter, Interval

SCALINGS = ("Auto", "Linear", "Logarithmic", "ReverseLogarithmic")
MOST = 30  # hyperparameters of a search, and values of a choice. Source: botocore's service model


@dataclass(frozen=True)
class Range:
    """Where a hyperparameter is looked for, ends included. `integer` ranges try whole numbers only."""

    name: str
    low: float
    high: float
    integer: bool = False
    scaling: str = "Auto"

    def fault(self) -> str | None:
        """Why it cannot be searched, in words; None when it can."""
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            return "both ends must be numbers"
        if self.low > self.high:
            return "its minimum is above its maximum"
        if self.scaling == "Logarithmic" and self.low <= 0:
            return "a logarithmic scale starts above 0"
        if self.scaling == "ReverseLogarithmic" and self.integer:
            return "a reverse logarithmic scale is for continuous settings"
        if self.scaling == "ReverseLogarithmic" and not 0 <= self.low <= self.high < 1:
            return "a reverse logarithmic scale lies between 0 and 1 (exclusive)"
        return None

    def tried(self) -> tuple[str, ...]:
        """Its ends, as the algorithm takes them."""
        return tuple(str(int(end)) if self.integer else str(end) for end in (self.low, self.high))

    def place(self, value: float) -> float:
        """Where `value` lies on the range's scale: 0 at its low end, 1 at its high one."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(value) - low) / (high - low) if high > low else 0.5

    def at(self, place: float) -> float:
        """The value at a place between 0 and 1 of the range's scale."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + place * (high - low)
        if self.scaling == "Logarithmic":
            return math.exp(scaled)
        return 1 - math.exp(-scaled) if self.scaling == "ReverseLogarithmic" else scaled

    def _scaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.log(value)
        return -math.log(1 - value) if self.scaling == "ReverseLogarithmic" else value


@dataclass(frozen=True)
class Choices:
    """The values a hyperparameter is tried at."""

    name: str
    values: tuple[str, ...]

    def tried(self) -> tuple[str, ...]:
        """Its values, as the algorithm takes them."""
        return self.values

    def fault(self) -> str | None:
        """Why they cannot be searched, in words; None when they can."""
        if not self.values:
            return "it has no value to try"
        if len(set(self.values)) < len(self.values):
            return "a value is repeated"
        return f"it has more than {MOST} values" if len(self.values) > MOST else None


SearchedParameter = Range | Choices


def usual(algorithm: Algorithm) -> tuple[Range, ...]:
    """What a search varies when nobody says otherwise."""
    return tuple(_range(algorithm.hyperparameters[name], interval) for name, interval in algorithm.usual_ranges.items())


def tunable(algorithm: Algorithm) -> list[str]:
    """The hyperparameters that can be searched, by name."""
    return [
        name
        for name, known in algorithm.hyperparameters.items()
        if known.tunable and (known.recommended or known.choices)
    ]


def recommended(algorithm: Algorithm, name: str) -> SearchedParameter:
    """The usual range of a hyperparameter, or else what its documentation recommends; all values of a choice."""
    known = algorithm.hyperparameters[name]
    interval = algorithm.usual_ranges.get(name) or known.recommended
    return _range(known, interval) if interval else Choices(name, tuple(map(str, known.choices)))


def _range(known: Hyperparameter, interval: Interval) -> Range:
    assert interval.minimum is not None
    assert interval.maximum is not None
    # On a linear scale SageMaker may find a better one by itself.
    scaling = "Auto" if interval.scale in (None, "Linear") else str(interval.scale)
    return Range(known.name, interval.minimum, interval.maximum, known.type == "Integer", scaling)


TUTORIAL_RANGES = (  # for the card fraud set. Source: the AWS tutorial's notebook, made for XGBoost 1
    Range("eta", 0, 1),
    Range("min_child_weight", 0, 10),
    Range("alpha", 0, 2),
    Range("max_depth", 1, 10, integer=True),
)


def grid_values(searched: SearchedParameter) -> tuple[str, ...]:
    """What a grid tries of a setting when nobody says otherwise: its choices, or ends and middle of its range."""
    if isinstance(searched, Choices):
        return searched.values
    middle = searched.at(0.5)
    return tuple(f"{step:.3g}" for step in (searched.low, round(middle) if searched.integer else middle, searched.high))


def quartile_ranges(searched: Range) -> tuple[float, ...] | None:
    """Five values between which a quarter of random trials lie each; None for Auto, which SageMaker decides."""
    return None if searched.scaling == "Auto" else tuple(searched.at(step / 4) for step in range(5))


def at_edge(searched: SearchedParameter) -> str | None:
    """Which end of a range the algorithm refuses, in words; None when it takes both."""
    known = catalogue.hyperparameter(searched.name)
    if isinstance(searched, Choices) or not known or not known.interval:
        return None
    refused = [f"{end:g}" for end in (searched.low, searched.high) if end not in known.interval]
    return f"{refused[0]} is not in {known.interval}" if refused else None


def combinations(searched: Iterable[SearchedParameter]) -> int:
    """How many trials a grid of these choices has."""
    return math.prod(len(each.values) for each in searched if isinstance(each, Choices))


def widened(searched: Range, upwards: bool) -> Range | None:
    """The range with as much again beyond one end, as far as the algorithm allows; None where it allows no more."""
    beyond = searched.at(2.0 if upwards else -1.0)
    if searched.scaling == "ReverseLogarithmic":
        beyond = max(0.0, beyond)
    end = _allowed(catalogue.hyperparameter(searched.name), beyond, searched.high if upwards else searched.low)
    end = round(end) if searched.integer else float(f"{end:.3g}")
    if end == (searched.high if upwards else searched.low):
        return None
    low, high = (searched.low, end) if upwards else (end, searched.high)
    return Range(searched.name, low, high, searched.integer, searched.scaling)


def _allowed(known: Hyperparameter | None, value: float, end: float) -> float:
    """`value`, or the algorithm's limit between it and `end`; halfway to the limit where that itself is excluded."""
    interval = known.interval if known else None
    if not interval or value in interval:
        return value
    limit = interval.maximum if value > end else interval.minimum
    assert limit is not None
    return limit if limit in interval else (limit + end) / 2


def from_documents(ranges: Mapping[str, Any]) -> tuple[SearchedParameter, ...]:
    """The ParameterRanges of a tuning job."""
    numbers = {"ContinuousParameterRanges": False, "IntegerParameterRanges": True}
    return (
        *(
            Range(
                item["Name"], float(item["MinValue"]), float(item["MaxValue"]), whole, item.get("ScalingType", "Auto")
            )
            for member, whole in numbers.items()
            for item in ranges.get(member, [])
        ),
        *(Choices(item["Name"], tuple(item["Values"])) for item in ranges.get("CategoricalParameterRanges", [])),
    )
