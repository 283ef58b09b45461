"""The training side of the Linear Learner container: reads a job's folder, prints its log, leaves a model or a reason.

The folder plays /opt/ml ("Use your own training algorithms", SageMaker developer guide). Nothing here knows of the
service that runs it. The log has the form of the container's, of which jobs' metrics are read: a line an epoch and
channel, and the metrics of the best epoch at the end.
"""

import json
import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from services.algorithms.algorithm import HyperparameterError
from services.local.algorithms.data_files import UserError
from services.local.algorithms.linear_learner import channels, metrics
from services.local.algorithms.linear_learner.channels import LinearLearnerTable, Source
from services.local.algorithms.linear_learner.learning import Learner, divergence_error
from services.local.algorithms.linear_learner.model import FILE, LinearModel
from services.local.algorithms.linear_learner.settings import Settings, settings, with_balanced_weight

CHANNELS = ("train", "validation", "test")
HOST = "algo-1"


def train(root: Path) -> int:
    """Run the job in `root` and return its exit code; a failure's reason is in root/output/failure."""
    try:
        _run(root)
    except (HyperparameterError, UserError) as error:
        return _fail(root, "Customer Error", f"ClientError: {error}")
    except (OSError, MemoryError) as error:
        return _fail(root, "Algorithm Error", f"AlgorithmError: {type(error).__name__}: {error}")
    return 0


def share(root: Path) -> None:
    """Read the data of the job in `root`, once, for jobs on the same that are forked from this process.

    What is wrong with the data it is told when it runs.
    """
    with suppress(UserError, OSError, MemoryError):
        for source in _sources(root).values():
            if source.identity not in _shared:
                _shared[source.identity] = channels.read(source)


_shared: dict[str, LinearLearnerTable] = {}  # the tables of sources' identities


def _sources(root: Path) -> dict[str, Source]:
    """What each channel of the job is read from."""
    described = json.loads((root / "input" / "config" / "inputdataconfig.json").read_text())
    _check_channels(list(described))
    return {
        name: channels.source(name, root / "input" / "data" / name, described[name].get("ContentType"))
        for name in CHANNELS
        if name in described
    }


def _run(root: Path) -> None:
    job_settings = settings(json.loads((root / "input" / "config" / "hyperparameters.json").read_text()))
    tables = {name: _shared.get(source.identity) or channels.read(source) for name, source in _sources(root).items()}
    for name, table in tables.items():
        _check_table(name, table, job_settings, tables["train"])
    job_settings = with_balanced_weight(job_settings, tables["train"].label)
    with _stop_signals() as stop_signals:
        model = _learn(job_settings, tables, stop_signals)
        if model:  # none when told to stop before the first epoch
            _choose_threshold_and_save(root, job_settings, tables, model)


def _choose_threshold_and_save(
    root: Path, job_settings: Settings, tables: dict[str, LinearLearnerTable], model: LinearModel
) -> None:
    """Choose the threshold, print the final metrics, leave the model."""
    judged = "validation" if "validation" in tables else "train"
    if job_settings.binary:
        label, margins = _sample(job_settings, tables[judged], model)
        model = replace(model, threshold=metrics.threshold(job_settings, label, model.scores(margins)))
    for name in (judged, "test"):
        if name in tables:
            _print_final(job_settings, name, tables[name], model)
    _save(root, model)


def _learn(
    job_settings: Settings, tables: dict[str, LinearLearnerTable], stop_signals: list[int]
) -> LinearModel | None:
    """The model of the best epoch; None when there was none before the job was told to stop."""
    table, best = tables["train"], _Best(job_settings)
    learner = Learner(job_settings, table.features, table.label)
    for epoch in range(job_settings.epochs):
        if stop_signals:
            break
        began = time.perf_counter()
        learner.epoch(epoch)
        model = learner.model()
        for name in ("train", "validation"):
            if name in tables:
                value = metrics.loss(job_settings, tables[name].label, model.margins(tables[name].features))
                if not math.isfinite(value):
                    raise divergence_error(epoch)
                objective = metrics.objective(job_settings)
                _log(f"#quality_metric: host={HOST}, epoch={epoch}, {name} {objective} <loss>={value!r}")
        best.look(epoch, model, tables)
        _log(f"#progress_metric: host={HOST}, completed {100 * (epoch + 1) // job_settings.epochs} % of epochs")
        rate = len(table.label) / max(1e-9, time.perf_counter() - began)
        _log(f"#throughput_metric: host={HOST}, train throughput={rate!r} records/second")
        if best.calm >= job_settings.patience:
            _log(f"Early stop condition met. Stopping training after epoch {epoch}.")
            break
    return best.model


class _Best:
    """The best model so far, and for how many epochs none was better.

    By the criterion the job asked for, which needs labels the model did not learn from; otherwise by the loss.
    """

    def __init__(self, job_settings: Settings) -> None:
        self._settings = job_settings
        self._least = math.inf  # of what is better the less it is
        self.model: LinearModel | None = None
        self.calm = 0

    def look(self, epoch: int, model: LinearModel, tables: dict[str, LinearLearnerTable]) -> None:
        """Take in the model of an epoch."""
        name, value = self._cost(model, tables)
        _log(f"#early_stopping_criteria_metric: host={HOST}, epoch={epoch}, criteria={name}, value={abs(value)!r}")
        gain = (self._least - value) / abs(self._least) if self._least and math.isfinite(self._least) else math.inf
        self.calm = 0 if value < self._least and gain >= self._settings.tolerance else self.calm + 1
        if value < self._least:
            _log(f"Epoch {epoch}: Loss improved. Updating best model")
            self._least, self.model = value, model

    def _cost(self, model: LinearModel, tables: dict[str, LinearLearnerTable]) -> tuple[str, float]:
        job_settings, table = self._settings, tables.get("validation")
        by_criterion = job_settings.binary and job_settings.asked_for and job_settings.chosen_by != "loss_function"
        if table is not None and by_criterion:
            label, margins = _sample(job_settings, table, model)
            return f"sampled_{job_settings.chosen_by}", -metrics.best_criterion_value(
                job_settings, label, model.scores(margins)
            )
        table = table or tables["train"]
        return metrics.objective(job_settings), metrics.loss(job_settings, table.label, model.margins(table.features))


def _sample(job_settings: Settings, table: LinearLearnerTable, model: LinearModel) -> tuple[np.ndarray, np.ndarray]:
    """Labels and margins of the records that thresholds are chosen with."""
    return table.label[: job_settings.calibration], model.margins(table.features[: job_settings.calibration])


def _print_final(job_settings: Settings, channel: str, table: LinearLearnerTable, model: LinearModel) -> None:
    margins = model.margins(table.features)
    final_metrics = metrics.final_metrics(job_settings, table.label, margins, model.scores(margins), model.threshold)
    for name, _, value in final_metrics:
        _log(f"#{channel}_score ({HOST}) : {(name, value)!r}")
    for name, kind, value in final_metrics:
        _log(f"#quality_metric: host={HOST}, {channel} {name} <{kind}>={value!r}")


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that SIGTERM fills: the model of the best epoch is saved then."""
    stop_signals: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: stop_signals.append(number))
    try:
        yield stop_signals
    finally:
        signal.signal(signal.SIGTERM, before)


def _save(root: Path, model: LinearModel) -> None:
    """Whole or not at all: SIGKILL must not leave half a model to be uploaded."""
    unfinished = root / "output" / FILE
    model.save(unfinished)
    unfinished.rename(root / "model" / FILE)
    _log(f"Saved the model to {FILE}")


def _check_channels(given: list[str]) -> None:
    for name in given:
        if name not in CHANNELS:
            raise UserError(f"Unexpected channel: {name}. The channels are {', '.join(CHANNELS)}.")
    if "train" not in given:
        raise UserError("Missing required channel: train. Give the job a channel of that name.")


def _check_table(channel: str, table: LinearLearnerTable, job_settings: Settings, trained: LinearLearnerTable) -> None:
    columns = table.features.shape[1]
    if job_settings.columns not in (None, columns):
        raise UserError(
            f"Channel {channel} has {columns} features where feature_dim is {job_settings.columns}. "
            "Correct feature_dim, or leave it out."
        )
    if columns != trained.features.shape[1]:
        raise UserError(
            f"Channel {channel} has {columns} features where train has {trained.features.shape[1]}. Give all channels "
            "the same columns, the label first."
        )
    fit = (table.label == 0) | (table.label == 1)
    if job_settings.binary and not fit.all():
        raise UserError(
            f"Channel {channel}: labels of a binary_classifier must be 0 or 1, and record {int(np.argmin(fit)) + 1} "
            f"has {table.label[np.argmin(fit)]:g}. Put the label in the first column, or choose another predictor_type."
        )


def _fail(root: Path, kind: str, reason: str) -> int:
    _log(f"{kind}: {reason.partition(': ')[2]}", "ERROR")
    with suppress(OSError):  # on a full disk the log alone has it
        (root / "output" / "failure").write_text(reason)
    return 1


def _log(text: str, level: str = "INFO") -> None:
    print(f"[{datetime.now(UTC):%m/%d/%Y %H:%M:%S} {level} {threading.get_ident()}] {text}", flush=True)
