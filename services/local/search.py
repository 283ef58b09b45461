"""The search of a tuning job: which hyperparameters to try next, given what the earlier ones scored.

Bayesian is Optuna's tree-structured Parzen estimator, where SageMaker uses a Gaussian process: the same idea, the same
ranges, other trials. Random is random in both.
"""

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

optuna.logging.set_verbosity(optuna.logging.WARNING)
SAMPLERS = {"Bayesian": optuna.samplers.TPESampler, "Random": optuna.samplers.RandomSampler}
STRATEGIES = tuple(SAMPLERS)


class Search:
    """Asks and tells, one trial at a time; may have several open at once. Not safe to share between threads."""

    def __init__(self, strategy: str, ranges: Mapping[str, Any], maximise: bool, seed: int) -> None:
        """`ranges` is ParameterRanges of the API. Raises ValueError for a range that is none."""
        self._distributions = dict(_distributions(ranges))
        self._reversed = {
            item["Name"] for item in ranges.get("ContinuousParameterRanges", []) if _scale(item) == "ReverseLogarithmic"
        }
        direction = "maximize" if maximise else "minimize"
        self._study = optuna.create_study(sampler=SAMPLERS[strategy](seed=seed), direction=direction)

    def ask(self) -> tuple[Trial, dict[str, str]]:
        """A new trial and its hyperparameters, as strings."""
        trial = self._study.ask(self._distributions)
        values = {name: 1 - value if name in self._reversed else value for name, value in trial.params.items()}
        return trial, {name: str(value) for name, value in values.items()}

    def tell(self, trial: Trial, value: float | None) -> None:
        """What a trial scored; None when it failed."""
        self._study.tell(trial, value, state=TrialState.FAIL if value is None else TrialState.COMPLETE)


def _distributions(ranges: Mapping[str, Any]) -> Any:
    for item in ranges.get("IntegerParameterRanges", []):
        low, high = _limits(item, int)
        yield item["Name"], IntDistribution(int(low), int(high), log=_scale(item) == "Logarithmic")
    for item in ranges.get("ContinuousParameterRanges", []):
        low, high = _limits(item, float)
        yield item["Name"], _continuous(low, high, _scale(item))
    for item in ranges.get("CategoricalParameterRanges", []):
        yield item["Name"], CategoricalDistribution(item["Values"])


def _continuous(low: float, high: float, scale: str) -> BaseDistribution:
    if scale == "ReverseLogarithmic":
        if not 0 <= low <= high < 1:
            raise ValueError("ReverseLogarithmic scaling needs 0 <= MinValue <= MaxValue < 1")
        return FloatDistribution(1 - high, 1 - low, log=True)
    return FloatDistribution(low, high, log=scale == "Logarithmic")


def _limits(item: Mapping[str, str], number: type[int] | type[float]) -> tuple[float, float]:
    low, high = number(item["MinValue"]), number(item["MaxValue"])
    if low > high:
        raise ValueError(f"MinValue of {item['Name']} is above its MaxValue")
    if _scale(item) == "Logarithmic" and low <= 0:
        raise ValueError(f"Logarithmic scaling of {item['Name']} needs a MinValue above 0")
    return low, high


def _scale(item: Mapping[str, str]) -> str:
    return item.get("ScalingType", "Auto")
