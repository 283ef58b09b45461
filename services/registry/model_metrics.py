"""The metrics of a registered model and the rows they were measured on: the document behind a version's ModelMetrics.

The document has SageMaker's own names where SageMaker has some, so that Studio shows ours and we read a pipeline's.
Reference: SageMaker developer guide, "Model Monitor model quality metrics" (schema of statistics). Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.algorithms import catalogue
from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.decision.saved_decision import SavedDecision
from services.evaluation.metrics import Confusion, Interval, Scored
from services.evaluation.number_metrics import ScoredNumbers
from services.training.jobs import TrainingJob

# Members of the document.
EVALUATED, OWN = "binary_classification_metrics", "training_job_metrics"
SEVERAL, NUMBER = "multiclass_classification_metrics", "regression_metrics"
MEMBERS = (EVALUATED, SEVERAL, NUMBER, OWN)


TITLES = {
    "average_precision": "Average precision",
    "precision": "Precision",
    "recall": "Recall",
    "auc": "ROC AUC",
    "accuracy": "Accuracy",
    "accuracy_best_constant_classifier": "Most frequent class",
    "macro_f1": "Macro F1",
    "macro_recall": "Balanced accuracy",
    "log_loss": "Log loss",
    "rmse": "RMSE",
    "mae": "Mean absolute error",
    "r2": "R²",
    "median_absolute_error": "Median absolute error",
    "mae_best_constant": "MAE of the mean",
}
HIDDEN = {"mse", "weighted_precision", "weighted_recall", "weighted_f1"}  # for Studio; they say nothing new to a person
_MEMBER = {TargetKind.TWO_CLASSES: EVALUATED, TargetKind.CLASSES: SEVERAL, TargetKind.NUMBER: NUMBER, None: OWN}


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
    classes:   names of class 0 and class 1, or of several classes, where known.
    matrix:    of several classes the rows by actual, then by predicted class.
    kind:      what is predicted; None where a job measured itself.
    decision:  why the threshold is that; None where it is not the one saved beside the model.
    """

    measures: Mapping[str, Measure]
    rows: Rows | None = None
    threshold: float | None = None
    confusion: Confusion | None = None
    classes: tuple[str, ...] | None = None
    matrix: tuple[tuple[int, ...], ...] | None = None
    kind: TargetKind | None = None
    decision: SavedDecision | None = None


def title(name: str) -> str:
    """The label of a metric for a person; one of another tool has its own name."""
    return TITLES.get(name, name)


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
    return ModelMetrics(measures, rows, threshold, at, classes, kind=TargetKind.TWO_CLASSES)


def of_classes(scored: ScoredClasses, rows: Rows, classes: tuple[str, ...]) -> ModelMetrics:
    """The metrics of a model of several classes from its scores of `rows`."""
    measures = {
        "accuracy": Measure(scored.accuracy, scored.accuracy_interval),
        "accuracy_best_constant_classifier": Measure(scored.most_frequent_share),
        # of classes weighted by their rows the recall is the accuracy
        "weighted_recall": Measure(scored.accuracy, scored.accuracy_interval),
    }
    for name in ("macro_f1", "macro_recall", "weighted_precision", "weighted_f1"):
        average = scored.averages[name]
        if average.value is not None:
            measures[name] = Measure(average.value, average.interval)
    if scored.log_loss is not None:
        measures["log_loss"] = Measure(scored.log_loss, scored.log_loss_interval)
    matrix = tuple(tuple(row) for row in scored.confusion.tolist())
    return ModelMetrics(measures, rows, None, None, classes, matrix, TargetKind.CLASSES)


def of_numbers(scored: ScoredNumbers, rows: Rows) -> ModelMetrics:
    """The metrics of a model of a number from its predictions of `rows`."""
    measures = {
        "rmse": Measure(scored.rmse, scored.rmse_interval),
        "mae": Measure(scored.mae, scored.mae_interval),
        **({"r2": Measure(scored.r2, scored.r2_interval)} if scored.r2 is not None else {}),
        "mse": Measure(scored.rmse**2),
        "median_absolute_error": Measure(scored.median_absolute_error, scored.median_absolute_error_interval),
        "mae_best_constant": Measure(scored.mean_mae),
    }
    return ModelMetrics(measures, rows, kind=TargetKind.NUMBER)


def of_scored(
    scored: Scored | ScoredClasses | ScoredNumbers, rows: Rows, classes: tuple[str, ...], threshold: float = 0.5
) -> ModelMetrics:
    """The metrics of a model of any kind of target; `threshold` is for two classes."""
    if isinstance(scored, ScoredClasses):
        return of_classes(scored, rows, classes)
    if isinstance(scored, ScoredNumbers):
        return of_numbers(scored, rows)
    return of_evaluation(scored, threshold, rows, classes)


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
    if quality.threshold is not None:
        content["threshold"] = quality.threshold
    if quality.decision:
        content["decision"] = quality.decision.model_dump(mode="json")
    if quality.confusion:
        at = quality.confusion
        measures["confusion_matrix"] = {"0": {"0": at.tn, "1": at.fp}, "1": {"0": at.fn, "1": at.tp}}
        content["classes"] = list(quality.classes or ())
    if quality.matrix:
        measures["confusion_matrix"] = {
            str(actual): {str(predicted): count for predicted, count in enumerate(row)}
            for actual, row in enumerate(quality.matrix)
        }
        content |= {"classes": list(quality.classes or ())}
    if quality.rows:
        content["rows"] = dict(vars(quality.rows))
    return {**content, _MEMBER[quality.kind]: measures}


def parse(given: Mapping[str, Any]) -> ModelMetrics:
    """The quality in a document, ours or one of a pipeline."""
    member = next((name for name in MEMBERS if name in given), OWN)
    members: dict[str, Any] = given.get(member, {})
    kind = next(kind for kind, name in _MEMBER.items() if name == member)
    cells = members.get("confusion_matrix")
    matrix = cells if member == EVALUATED else None
    ours = given if "training_job" in given else {}
    return ModelMetrics(
        measures={
            name: Measure(metric["value"], (metric["low"], metric["high"]) if "low" in metric else None)
            for name, metric in members.items()
            if isinstance(metric.get("value"), int | float)
        },
        rows=Rows(**ours["rows"]) if "rows" in ours else None,
        threshold=ours.get("threshold"),
        confusion=Confusion(matrix["1"]["1"], matrix["0"]["1"], matrix["1"]["0"], matrix["0"]["0"]) if matrix else None,
        classes=tuple(ours["classes"]) if ours.get("classes") else None,
        matrix=tuple(tuple(row.values()) for row in cells.values()) if ours and cells and member == SEVERAL else None,
        kind=kind,
        decision=SavedDecision.model_validate(ours["decision"]) if "decision" in ours else None,
    )


def with_decision(quality: ModelMetrics, decision: SavedDecision | None) -> ModelMetrics:
    """The same with the reason of its threshold, and with a decision's threshold where none was set."""
    if decision is None or quality.threshold not in (None, decision.threshold):
        return quality
    return replace(quality, threshold=decision.threshold, decision=decision)


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
    if {first.kind, second.kind} & {TargetKind.CLASSES, TargetKind.NUMBER}:  # flag nothing
        return ""
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
