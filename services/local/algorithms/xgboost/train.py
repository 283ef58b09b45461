"""The training side of the XGBoost container: reads a job's folder, prints its log, leaves a model or a reason.

The folder plays /opt/ml ("Use your own training algorithms", SageMaker developer guide). Nothing here knows of the
service that runs it. Behaviour: aws/sagemaker-xgboost-container, June 2026.
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xgboost as xgb

from services.algorithms.algorithm import HyperparameterError
from services.algorithms.xgboost import XGBOOST
from services.local.algorithms import data_files
from services.local.algorithms.data_files import DataFile, UserError
from services.local.algorithms.xgboost import channels, parameters
from services.local.algorithms.xgboost.channels import XGBoostTable
from services.local.algorithms.xgboost.folds import folds
from services.local.algorithms.xgboost.metrics import CUSTOM, custom_metric

CHANNELS = ("train", "validation")
MODEL = "xgboost-model"
History = dict[str, dict[str, list[float]]]  # channel -> metric -> a value a round
_RHO = re.compile(r"^tweedie-nloglik@.*")


def train(root: Path) -> int:
    """Run the job in `root` and return its exit code; a failure's reason is in root/output/failure."""
    try:
        _run(root)
    except (HyperparameterError, UserError) as error:
        return _fail(root, f"ClientError: {error}")
    except xgb.core.XGBoostError as error:
        return _fail(root, f"ClientError: XGB train call failed with exception: {channels.error_text(error)}")
    except (OSError, MemoryError) as error:
        return _fail(root, f"AlgorithmError: {type(error).__name__}: {error}")
    return 0


def share(root: Path) -> None:
    """Read the data of the job in `root`, once, for jobs on the same that are forked from this process.

    One round is boosted too: it sorts the features into the bins that the matrix keeps. All in this one thread, as
    OpenMP's do not survive a fork. What is wrong with the job it is told when it runs.
    """
    try:
        job = _read(root)
        if "_kfold" in job.values or job.identity in _shared:
            return
        _shared[job.identity] = data = _matrices(job, threads=1)
        xgb.train({**parameters.parameters(job.values), "nthread": 1}, data["train"], 1)
    except (HyperparameterError, UserError, xgb.core.XGBoostError, OSError, MemoryError):
        return


@dataclass(frozen=True)
class _Job:
    """What a job is asked: its hyperparameters as values, the format of its data, and the files by channel."""

    values: dict[str, Any]
    kind: str
    files: dict[str, list[DataFile]]

    @property
    def weighted(self) -> bool:
        return self.kind == "csv" and self.values.get("csv_weights") == 1

    @property
    def identity(self) -> str:
        """The same for the same data."""
        identities = {name: data_files.identity(files) for name, files in self.files.items()}
        return repr((self.kind, self.weighted, identities))


_shared: "dict[str, dict[str, xgb.DMatrix]]" = {}  # the matrices of a job's identity, by channel


def _read(root: Path) -> _Job:
    config = root / "input" / "config"
    tag = root / "image-tag"  # a container of AWS is of one version; this code plays them all
    algorithm = XGBOOST.of_tag(tag.read_text() if tag.exists() else "")
    values = algorithm.checked(json.loads((config / "hyperparameters.json").read_text()))
    described = json.loads((config / "inputdataconfig.json").read_text())
    parameters.check(values)
    _check_channels(described)
    # The container reads every channel in the format of `train`.
    kind = channels.data_format(described["train"].get("ContentType"))
    files = {name: data_files.files(name, root / "input" / "data" / name) for name in CHANNELS if name in described}
    return _Job(values, kind, files)


def _run(root: Path) -> None:
    job = _read(root)
    values = job.values
    cpus = values.get("nthread") or int(os.environ.get("SM_NUM_CPUS") or os.cpu_count() or 1)
    pa.set_cpu_count(cpus)
    values["nthread"] = cpus
    with _stop_signals(values.get("save_model_on_termination") == "true") as stop_signals:
        if "_kfold" in values:
            for number, model in enumerate(_cross_validate(job, stop_signals)):
                _save(root, model, f"{MODEL}-{number}")
        else:
            data = _shared.get(job.identity) or _matrices(job, cpus)
            for name, matrix in data.items():
                _check_labels(name, matrix.get_label(), values)
                _log(f"{name.capitalize()} matrix has {matrix.num_row()} rows and {matrix.num_col()} columns")
            if not stop_signals:
                _log("Single node training.")
                _save(root, _boost(values, data, stop_signals), MODEL)


def _matrices(job: _Job, threads: int) -> "dict[str, xgb.DMatrix]":
    data: dict[str, xgb.DMatrix] = {}
    for name, part in job.files.items():
        content = channels.read(part, job.kind, job.weighted)
        first = data.get("train")
        if isinstance(content, XGBoostTable):
            if first is not None and content.features.shape[1] != first.num_col():
                raise UserError(
                    f"Channel {name}: {content.features.shape[1]} features where train has {first.num_col()}. "
                    "Give both channels the same columns, the label first."
                )
            content = channels.matrix(content, threads)
        data[name] = content
    return data


def _cross_validate(job: _Job, stop_signals: list[int]) -> list["xgb.Booster"]:
    """The models of all folds of all rounds, as the container keeps them."""
    values, files = job.values, [file for part in job.files.values() for file in part]
    content = channels.read(files, job.kind, job.weighted)
    whole = channels.matrix(content, values["nthread"]) if isinstance(content, XGBoostTable) else content
    _check_labels("train", whole.get_label(), values)
    count, rounds = values["_kfold"], values.get("_num_cv_round", 1)
    _log(f"Run {rounds}-round of {count}-fold cross validation with {whole.num_row()} rows")
    if whole.num_row() < count:
        raise UserError(f"_kfold is {count} and there are {whole.num_row()} records. Give at least one record a fold.")
    stratified = values.get("objective", "").startswith(("binary:", "multi:"))
    labels = whole.get_label() if stratified else np.zeros(whole.num_row())
    if stop_signals:
        return []
    models: list[xgb.Booster] = []
    histories: list[History] = []
    for number, (learned, held_out) in enumerate(folds(labels, count, rounds, values.get("seed", 0))):
        _log(f"Train cross validation fold {number % count + 1}")
        histories.append({})
        data = {"train": whole.slice(learned), "validation": whole.slice(held_out)}
        models.append(_boost(values, data, stop_signals, histories[-1]))
        if stop_signals:
            break
        if len(models) % count == 0:
            _log(f"The metrics of round {len(models) // count} cross validation")
            _print_mean(values["num_round"], histories[-count:])
    if rounds > 1 and not stop_signals:
        _log(f"The overall metrics of {rounds}-round cross validation")
        _print_mean(values["num_round"], histories)
    return models


def _print_mean(number: int, histories: list[History]) -> None:
    """The last values of each fold, averaged, as one line after the last round's."""
    _print_round(
        number,
        {
            channel: {name: [float(np.mean([history[channel][name][-1] for history in histories]))] for name in metrics}
            for channel, metrics in histories[0].items()
        },
    )


def _boost(
    values: dict[str, Any], data: dict[str, "xgb.DMatrix"], stop_signals: list[int], history: History | None = None
) -> "xgb.Booster":
    callbacks: list[xgb.callback.TrainingCallback] = [_Rounds(stop_signals)]
    if "validation" in data and parameters.stops_early(values):
        callbacks.append(parameters.early_stopping(values))
    own = [name for name in parameters.metrics(values) if name in CUSTOM]
    return xgb.train(
        parameters.parameters(values),
        data["train"],
        values["num_round"],
        evals=[(matrix, name) for name, matrix in data.items()],
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
        _print_round(epoch, evals_log)
        return bool(self._signals)


def _print_round(number: int, history: History) -> None:
    cells = [
        f"#011{channel}-{_RHO.sub('tweedie-nloglik', name)}:{values[-1]:.5f}"
        for channel, metrics in history.items()
        for name, values in metrics.items()
    ]
    print(f"[{number}]{''.join(cells)}", flush=True)


@contextmanager
def _stop_signals(save: bool) -> Iterator[list[int]]:
    """A list that SIGTERM fills, if there is a model to save; otherwise SIGTERM ends the process, as it does."""
    stop_signals: list[int] = []
    if not save:
        yield stop_signals
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: stop_signals.append(number))
    try:
        yield stop_signals
    finally:
        signal.signal(signal.SIGTERM, before)


def _save(root: Path, model: "xgb.Booster", name: str) -> None:
    """Whole or not at all: SIGKILL must not leave half a model to be uploaded."""
    unfinished = root / "output" / f"{name}.ubj"
    unfinished.write_bytes(model.save_raw("ubj"))  # unlike save_model, it says why it could not
    unfinished.rename(root / "model" / name)
    _log(f"Stored trained model at {root / 'model' / name}")


def _check_channels(described: dict[str, Any]) -> None:
    for name in described:
        if name not in CHANNELS:
            raise UserError(f"Extraneous channel found: {name}. The channels are train and validation.")
    if "train" not in described:
        raise UserError("Missing required channel: train")


def _check_labels(channel: str, labels: np.ndarray, values: dict[str, Any]) -> None:
    objective: str = values.get("objective", "")
    if objective.startswith("binary:"):
        fit, allowed = (labels == 0) | (labels == 1), "0 or 1"
    elif objective == "reg:logistic":
        fit, allowed = (labels >= 0) & (labels <= 1), "in [0, 1]"
    elif objective.startswith("multi:"):
        classes = values["num_class"]
        fit = (labels >= 0) & (labels < classes) & (labels == np.floor(labels))
        allowed = f"discrete values in the range of [0, num_class), num_class being {classes}"
    else:
        return
    if not fit.all():
        raise UserError(
            f"Channel {channel}: for {objective} label must be {allowed}, and record {int(np.argmin(fit)) + 1} has "
            f"{labels[np.argmin(fit)]:g}. Put the label in the first column, or choose another objective."
        )


def _fail(root: Path, reason: str) -> int:
    _log(reason, "ERROR")
    with suppress(OSError):  # on a full disk the log alone has it
        (root / "output" / "failure").write_text(reason)
    return 1


def _log(text: str, level: str = "INFO") -> None:
    print(f"[{datetime.now(UTC):%Y-%m-%d:%H:%M:%S}:{level}] {text}", flush=True)
