"""One training of XGBoost as the container runs it: its callbacks, and the line of metrics a round."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xgboost as xgb

from services.local.algorithms.xgboost import parameters
from services.local.algorithms.xgboost.metrics import CUSTOM, custom_metric

History = dict[str, dict[str, list[float]]]  # channel -> metric -> a value a round
_RHO = re.compile(r"^tweedie-nloglik@.*")
CHECKPOINT = "xgboost-checkpoint"


def boost(
    values: dict[str, Any],
    learned: "xgb.DMatrix",
    watched: "dict[str, xgb.DMatrix]",
    stop_signals: list[int],
    history: History | None = None,
    checkpoints: Path | None = None,
) -> "xgb.Booster":
    """Learn from `learned`, printing the metrics of `watched`, by channel; `history` is filled with them.

    Ends after the round in which `stop_signals` are no longer empty. In `checkpoints` the container keeps its first
    round only, and none that it would look for: a job that is started again begins at round 0.
    """
    callbacks: list[xgb.callback.TrainingCallback] = [_Rounds(stop_signals)]
    if checkpoints:
        callbacks.append(xgb.callback.TrainingCheckPoint(checkpoints, CHECKPOINT, interval=0))
    if "validation" in watched and parameters.stops_early(values):
        callbacks.append(parameters.early_stopping(values))
    own = [name for name in parameters.metrics(values) if name in CUSTOM]
    return xgb.train(
        parameters.parameters(values),
        learned,
        values["num_round"],
        evals=[(matrix, name) for name, matrix in watched.items()],
        custom_metric=custom_metric(own, values.get("objective", "")),
        callbacks=callbacks,
        evals_result=history,
        verbose_eval=False,
    )


class _Rounds(xgb.callback.TrainingCallback):
    """Prints a line a round, and ends the training after the round in which SIGTERM came."""

    def __init__(self, stop_signals: list[int]) -> None:
        super().__init__()
        self._signals = stop_signals

    def after_iteration(self, model: "xgb.Booster", epoch: int, evals_log: Any) -> bool:
        print_round(epoch, evals_log)
        return bool(self._signals)


def print_round(number: int, history: History) -> None:
    """A line of the last value of each metric."""
    cells = [
        f"#011{channel}-{_RHO.sub('tweedie-nloglik', name)}:{values[-1]:.5f}"
        for channel, metrics in history.items()
        for name, values in metrics.items()
    ]
    print(f"[{number}]{''.join(cells)}", flush=True)


def log(text: str, level: str = "INFO") -> None:
    """A line of the container's log."""
    print(f"[{datetime.now(UTC):%Y-%m-%d:%H:%M:%S}:{level}] {text}", flush=True)
