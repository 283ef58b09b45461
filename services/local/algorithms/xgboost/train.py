"""The training side of the XGBoost container: reads a job's folder, prints its log, leaves a model or a reason.

The folder plays /opt/ml ("Use your own training algorithms", SageMaker developer guide). Nothing here knows of the
service that runs it. Behaviour: aws/sagemaker-xgboost-container, June 2026.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
from services.local.algorithms.xgboost.boosting import boost, log
from services.local.algorithms.xgboost.channels import XGBoostTable
from services.local.algorithms.xgboost.cross_validation import cross_validate

CHANNELS = ("train", "validation")
MODEL = "xgboost-model"
CALL_FAILED = "AlgorithmError: XGB train call failed with exception:"
# What XGBoost 3.2 says of data and settings that the container takes for the customer's error, not the algorithm's.
CUSTOMERS_OWN = ("label must be in [0, num_class)", "Parameter reg_lambda should be greater equal to 0")


class ContainerError(Exception):
    """What fails in the container through no fault of the job's owner; becomes an "AlgorithmError"."""


def train(root: Path) -> int:
    """Run the job in `root` and return its exit code; a failure's reason is in root/output/failure."""
    try:
        _run(root)
    except (HyperparameterError, UserError) as error:
        return _fail(root, f"ClientError: {error}")
    except ContainerError as error:
        return _fail(root, f"{CALL_FAILED} {error}")
    except xgb.core.XGBoostError as error:
        if any(part in str(error) for part in CUSTOMERS_OWN):
            return _fail(root, f"ClientError: {channels.error_text(error)}")
        return _fail(root, f"{CALL_FAILED} {channels.error_text(error)}")
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
    checkpoints = _checkpoints(root, values)
    with _stop_signals(values.get("save_model_on_termination") == "true") as stop_signals:
        data = _shared.get(job.identity) or _matrices(job, cpus)
        for name, matrix in data.items():
            _check_labels(name, matrix.get_label(), values)
            log(f"{name.capitalize()} matrix has {matrix.num_row()} rows and {matrix.num_col()} columns")
        if stop_signals:
            return
        log("Single node training.")
        if "_kfold" in values:
            predictions = root / "output" / "data" / "predictions.csv"
            models = cross_validate(values, _whole(job, cpus), data, stop_signals, predictions)
            for number, model in enumerate(models):
                _save(root, model, f"{MODEL}-{number}")
        else:
            _save(root, boost(values, data["train"], data, stop_signals, checkpoints=checkpoints), MODEL)


def _checkpoints(root: Path, values: dict[str, Any]) -> Path | None:
    """Where checkpoints are kept; None when the job keeps none. Raises ContainerError."""
    if not (root / "input" / "config" / "checkpointconfig.json").exists():
        return None
    if "_kfold" in values:
        raise ContainerError(
            "a checkpoint of a fold goes to a folder that the container does not make. Leave _kfold or "
            "CheckpointConfig out."
        )
    return root / "checkpoints"


def _whole(job: _Job, threads: int) -> "xgb.DMatrix":
    """The rows of all channels."""
    content = channels.read([file for part in job.files.values() for file in part], job.kind, job.weighted)
    return channels.matrix(content, threads) if isinstance(content, XGBoostTable) else content


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
    log(f"Stored trained model at {root / 'model' / name}")


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
    log(reason, "ERROR")
    with suppress(OSError):  # on a full disk the log alone has it
        (root / "output" / "failure").write_text(reason)
    return 1
