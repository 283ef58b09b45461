"""The metrics of a registered model and the rows they were measured on: the document behind a version's ModelMetrics.

The document has SageMaker's own names where SageMaker has some, so that Studio shows ours and we read a pipeline's.
Reference: SageMaker developer guide, "Model Monitor model quality metrics" (schema of statistics). Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.algorithms import catalogue
from services.evaluation.metrics import Confusion, Interval, Scored
from services.training.jobs import TrainingJob

EVALUATED, OWN = "binary_classification_metrics", "training_job_metrics"  # members of the document
MEMBERS = (EVALUATED, OWN, "regression_metrics", "multiclass_classification_metrics")  # the last two of others


@dataclass(frozen=True)
class Measure:
    """A metric's value and, where it has one, its 95 % interval."""

    value: float
    interval: Interval | None = None


@dataclass(frozen=True)
class Rows:
    """The rows that a model was measured on.

    data:    the prepared data set's name; empty for data from elsewhere.
    address: the S3 prefix they lie under.
    sha256:  of the files there, in key order, one after another; empty while it is unknown.
    """

    data: str
    split: str
    address: str
    sha256: str = ""

    def __str__(self) -> str:
        """ "test rows of cards"."""
        return f"{self.split} rows of {self.data or self.address}"


@dataclass(frozen=True)
class ModelMetrics:
    """What was measured.

    measures:  by name, the most telling first.
    rows:      None when it is not known.
    threshold: score from which on a row is flagged, the decision that a person took; None where none was taken.
    confusion: at that threshold.
    classes:   names of class 0 and class 1, where known.
    """

    measures: Mapping[str, Measure]
    rows: Rows | None = None
    threshold: float | None = None
    confusion: Confusion | None = None
    classes: tuple[str, ...] | None = None


def of_evaluation(scored: Scored, threshold: float, rows: Rows, classes: tuple[str, ...]) -> ModelMetrics:
    """The metrics of a model from its scores of `rows`, flagged at `threshold`."""
    at = scored.at(threshold)
    by_name = {
        "average_precision": (scored.average_precision, scored.average_precision_interval),
        "precision": (at.precision, at.precision_interval),
        "recall": (at.recall, at.recall_interval),
        "auc": (scored.roc_auc, scored.roc_auc_interval),
    }
    measures = {name: Measure(value, interval) for name, (value, interval) in by_name.items() if value is not None}
    return ModelMetrics(measures, rows, threshold, at, classes)


def of_job(job: TrainingJob, data: str) -> ModelMetrics:
    """The final metrics of a training job: on validation rows or, where it had none, on its training rows."""
    split = "validation" if "validation" in job.channels else "train"
    measures = {name: Measure(value) for name, value in job.metrics.items() if name.startswith(f"{split}:")}
    return ModelMetrics(measures, Rows(data, split, job.channels[split]) if measures else None)


def document(quality: ModelMetrics, job: str) -> dict[str, Any]:
    """`quality` as JSON."""
    measures: dict[str, Any] = {
        name: {
            "value": measure.value,
            "standard_deviation": "NaN",  # SageMaker's schema wants one; an interval says more
            **(dict(zip(("low", "high"), measure.interval, strict=True)) if measure.interval else {}),
        }
        for name, measure in quality.measures.items()
    }
    content: dict[str, Any] = {"version": 1, "training_job": job}
    if quality.confusion:
        at = quality.confusion
        measures["confusion_matrix"] = {"0": {"0": at.tn, "1": at.fp}, "1": {"0": at.fn, "1": at.tp}}
        content |= {"threshold": quality.threshold, "classes": list(quality.classes or ())}
    if quality.rows:
        content["rows"] = dict(vars(quality.rows))
    return {**content, (EVALUATED if quality.confusion else OWN): measures}


def parse(given: Mapping[str, Any]) -> ModelMetrics:
    """The quality in a document, ours or one of a pipeline."""
    members: dict[str, Any] = next((given[name] for name in MEMBERS if name in given), {})
    matrix = members.get("confusion_matrix") if EVALUATED in given else None
    ours = given if "training_job" in given else {}
    classes = ours.get("classes")
    return ModelMetrics(
        measures={
            name: Measure(metric["value"], (metric["low"], metric["high"]) if "low" in metric else None)
            for name, metric in members.items()
            if isinstance(metric.get("value"), int | float)
        },
        rows=Rows(**ours["rows"]) if "rows" in ours else None,
        threshold=ours.get("threshold"),
        confusion=Confusion(matrix["1"]["1"], matrix["0"]["1"], matrix["1"]["0"], matrix["0"]["0"]) if matrix else None,
        classes=(classes[0], classes[1]) if classes else None,
    )


def with_row_hash(quality: ModelMetrics, sha256: str | None) -> ModelMetrics:
    """The same, with the hash of its rows."""
    return replace(quality, rows=replace(quality.rows, sha256=sha256 or "")) if quality.rows else quality


def obstacle(one: str, first: Rows | None, other: str, second: Rows | None) -> str:
    """Why the metrics of two versions, called `one` and `other`, cannot be compared; empty when they can."""
    if not (first and first.sha256 and second and second.sha256):
        unknown = other if first and first.sha256 else one
        return f"Not comparable: it is not known on which rows {unknown} was measured."
    if first.sha256 == second.sha256:
        return ""
    if str(first) == str(second):
        return f"Not comparable: {one} and {other} were measured on {first}, but these rows have changed since."
    return f"Not comparable: {one} was measured on {first}, {other} on {second}."


def threshold_obstacle(one: str, first: ModelMetrics, other: str, second: ModelMetrics) -> str:
    """Why what two versions, called `one` and `other`, counted at a threshold cannot be compared; empty when it can."""
    shared = [name for name in first.measures if name in second.measures]
    if not any(map(catalogue.needs_threshold, shared)):
        return ""
    if first.threshold is None or second.threshold is None:
        reason = f"the threshold of {one if first.threshold is None else other} is unknown"
    elif first.threshold != second.threshold:
        reason = f"the thresholds differ, {first.threshold:g} for {one} and {second.threshold:g} for {other}"
    else:
        return ""
    what = "Precision and other counts of flagged rows are not compared"
    return f"{what}: {reason}. Compare ROC AUC and average precision."
