"""The search of a tuning job: which hyperparameters to try next, given what earlier ones scored.

Bayesian is Optuna's tree-structured Parzen estimator, where SageMaker uses a Gaussian process: the same idea, the same
ranges, other trials. Random is random in both, Grid tries every combination once. Which trials are stopped early,
Hyperband's among them, is decided in `early_stopping.py`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.trial import Trial, TrialState, create_trial

from services.algorithms.algorithm import number
from services.local.jobs.early_stopping import EarlyStopping

optuna.logging.set_verbosity(optuna.logging.WARNING)
Ranges = Mapping[str, Sequence[Mapping[str, Any]]]


class HyperparameterSearch:
    """Asks and tells, one trial at a time; may have several open at once. Not safe to share between threads."""

    def __init__(self, config: Mapping[str, Any], ranges: Ranges, rounds: int) -> None:
        """`config` is the API's HyperParameterTuningJobConfig with a RandomSeed, `ranges` its ParameterRanges.

        `rounds` is how many a trial has. Raises ValueError for a range or a strategy that cannot be searched.
        """
        self._distributions = dict(_distributions(ranges))
        self._reversed = {
            item["Name"] for item in ranges.get("ContinuousParameterRanges", []) if _scale(item) == "ReverseLogarithmic"
        }
        strategy, self._early_stopping = config["Strategy"], EarlyStopping(config, rounds)
        self.stops_early = self._early_stopping.enabled
        self.combinations = self._combinations() if strategy == "Grid" else None
        maximise = config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
        self._study = optuna.create_study(
            sampler=self._sampler(strategy, config["RandomSeed"]),
            pruner=self._early_stopping.pruner,
            direction="maximize" if maximise else "minimize",
        )

    def ask(self) -> tuple[Trial, dict[str, str]]:
        """A new trial and its hyperparameters, as strings."""
        trial = self._study.ask(self._distributions)
        values = {name: 1 - value if name in self._reversed else value for name, value in trial.params.items()}
        return trial, {name: str(value) for name, value in values.items()}

    def hopeless(self, trial: Trial, values: Sequence[float]) -> bool:
        """Whether a trial whose objective was `values` so far, a number a round, should be given up."""
        return self._early_stopping.is_hopeless(trial, values)

    def tell(self, trial: Trial, value: float | None, given_up: bool = False) -> None:
        """What a trial scored; None when it failed."""
        if given_up:
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, value, state=TrialState.FAIL if value is None else TrialState.COMPLETE)

    def learn(self, earlier: Iterable[tuple[Mapping[str, str], float]]) -> None:
        """Start warm from (hyperparameters, objective) of other searches; what is outside the ranges is left out."""
        for given, value in earlier:
            try:
                params = {
                    name: self._native(name, distribution, given[name])
                    for name, distribution in self._distributions.items()
                }
                trial = create_trial(params=params, distributions=self._distributions, value=value)
            except (KeyError, ValueError):
                continue
            self._study.add_trial(trial)

    def _native(self, name: str, distribution: BaseDistribution, text: str) -> Any:
        if isinstance(distribution, CategoricalDistribution):
            return text
        number = int(text) if isinstance(distribution, IntDistribution) else float(text)
        return 1 - number if name in self._reversed else number

    def _combinations(self) -> int:
        choices = [
            distribution.choices
            for distribution in self._distributions.values()
            if isinstance(distribution, CategoricalDistribution)
        ]
        if len(choices) < len(self._distributions):
            raise ValueError("Grid search takes categorical ranges only")
        return math.prod(len(values) for values in choices)

    def _sampler(self, strategy: str, seed: int) -> BaseSampler:
        if strategy == "Grid":
            grid = {
                name: distribution.choices
                for name, distribution in self._distributions.items()
                if hasattr(distribution, "choices")
            }
            return _Grid(grid, seed=seed)
        return RandomSampler(seed=seed) if strategy == "Random" else TPESampler(seed=seed)


class _Grid(GridSampler):
    """Optuna's, but for its wish to end `Study.optimize` at the last combination: nobody runs that here."""

    def after_trial(self, *_: Any) -> None:
        """The tuning job counts its trials itself."""


def _distributions(ranges: Ranges) -> Iterable[tuple[str, BaseDistribution]]:
    for item in ranges.get("IntegerParameterRanges", []):
        low, high = _limits(item, int, "a whole number, such as 1")
        yield item["Name"], IntDistribution(int(low), int(high), log=_scale(item) == "Logarithmic")
    for item in ranges.get("ContinuousParameterRanges", []):
        low, high = _limits(item, number, "a number")
        yield item["Name"], _continuous(low, high, _scale(item))
    for item in ranges.get("CategoricalParameterRanges", []):
        yield item["Name"], CategoricalDistribution(item["Values"])


def _continuous(low: float, high: float, scale: str) -> BaseDistribution:
    if scale == "ReverseLogarithmic":
        if not 0 <= low <= high < 1:
            raise ValueError("ReverseLogarithmic scaling needs 0 <= MinValue <= MaxValue < 1")
        return FloatDistribution(1 - high, 1 - low, log=True)
    return FloatDistribution(low, high, log=scale == "Logarithmic")


def _limits(item: Mapping[str, str], read: Callable[[str], float], kind: str) -> tuple[float, float]:
    low, high = _limit(item, "MinValue", read, kind), _limit(item, "MaxValue", read, kind)
    if low > high:
        raise ValueError(f"MinValue of {item['Name']} is above its MaxValue")
    if _scale(item) == "Logarithmic" and low <= 0:
        raise ValueError(f"Logarithmic scaling of {item['Name']} needs a MinValue above 0")
    return low, high


def _limit(item: Mapping[str, str], member: str, read: Callable[[str], float], kind: str) -> float:
    try:
        return read(item[member])
    except ValueError:
        raise ValueError(f"{member} of {item['Name']} is {item[member]!r}; write {kind}") from None


def _scale(item: Mapping[str, str]) -> str:
    return item.get("ScalingType", "Auto")
