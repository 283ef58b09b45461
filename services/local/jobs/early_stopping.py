"""Which trials of a tuning job are stopped before their last round: by Hyperband, by the median rule, or none.

The median rule stands for TrainingJobEarlyStoppingType Auto; Hyperband is Optuna's pruner of that name over the rounds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.trial import Trial

STARTUP = 3  # trials that the median rule leaves alone


class EarlyStopping:
    """Decides trial by trial. `pruner` goes to the Optuna study, whose other trials it compares with.

    Not safe to share between threads.
    """

    def __init__(self, config: Mapping[str, Any], rounds: int) -> None:
        """`config` is the API's HyperParameterTuningJobConfig, `rounds` how many a trial has.

        Raises ValueError for settings that exclude each other.
        """
        self.pruner = _pruner(config, rounds)
        self._reported: dict[int, int] = {}  # trial number -> rounds

    @property
    def enabled(self) -> bool:
        """Whether any trial may be stopped early."""
        return not isinstance(self.pruner, NopPruner)

    def is_hopeless(self, trial: Trial, values: Sequence[float]) -> bool:
        """Whether a trial whose objective was `values` so far, a number a round, should be stopped.

        False without a new round since the last call.
        """
        reported = self._reported.get(trial.number, 0)
        if len(values) == reported:
            return False
        for number, value in enumerate(values[reported:], start=reported + 1):
            trial.report(value, number)
        self._reported[trial.number] = len(values)
        return trial.should_prune()


def _pruner(config: Mapping[str, Any], rounds: int) -> BasePruner:
    early = config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"
    if config["Strategy"] == "Hyperband":
        if early:
            raise ValueError("Hyperband stops training jobs itself: set TrainingJobEarlyStoppingType to Off")
        given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
        low, high = given.get("MinResource", 1), given.get("MaxResource", rounds)
        if low > high:
            raise ValueError("MinResource is above MaxResource")
        return HyperbandPruner(min_resource=low, max_resource=high)
    return MedianPruner(n_startup_trials=STARTUP) if early else NopPruner()
