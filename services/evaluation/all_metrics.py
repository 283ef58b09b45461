"""Every metric of an evaluation with its 95 % interval and what it means, as rows of one table."""

from dataclasses import dataclass

from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.confusion import Confusion
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.statistics.intervals import Interval


@dataclass(frozen=True)
class MetricRow:
    """A row of the table; `value` and `interval` are None where they are undefined."""

    name: str
    value: float | None
    interval: Interval | None
    meaning: str


def of_confusion(now: Confusion) -> list[MetricRow]:
    """The metrics of two classes at a threshold."""
    return [
        MetricRow("Precision", now.precision, now.precision_interval, "Share of flagged rows that are truly positive"),
        MetricRow("Recall", now.recall, now.recall_interval, "Share of positive rows that are flagged"),
        MetricRow("F1", now.f1, now.f1_interval, "Harmonic mean of precision and recall"),
        MetricRow("F2", now.f_beta(2), now.f_beta_interval(2), "F-beta with beta 2: recall counts twice as much"),
        MetricRow(
            "F0.5", now.f_beta(0.5), now.f_beta_interval(0.5), "F-beta with beta 0.5: precision counts twice as much"
        ),
        MetricRow(
            "Specificity", now.specificity, now.specificity_interval, "Share of negative rows that are not flagged"
        ),
        MetricRow(
            "Balanced accuracy",
            now.balanced_accuracy,
            now.balanced_accuracy_interval,
            "Mean of recall and specificity; flagging at random reaches 0.5",
        ),
        MetricRow(
            "MCC",
            now.mcc,
            now.mcc_interval,
            "Matthews correlation coefficient of flag and class: 1 is perfect, flagging at random reaches 0",
        ),
        MetricRow(
            "Accuracy",
            now.accuracy,
            now.accuracy_interval,
            "Share of rows that are right; misleading where one class is rare",
        ),
    ]


def of_ranking(scored: Scored) -> list[MetricRow]:
    """The metrics of two classes that depend on no threshold."""
    share = scored.positives / scored.rows
    return [
        MetricRow(
            "Average precision",
            scored.average_precision,
            scored.average_precision_interval,
            f"Area under the precision-recall curve; a random baseline reaches the share of positives, {share:.3g}",
        ),
        MetricRow(
            "ROC AUC",
            scored.roc_auc,
            scored.roc_auc_interval,
            "Chance that a positive row scores above a negative one; a random baseline reaches 0.5",
        ),
        MetricRow(
            "Brier score",
            scored.brier,
            scored.brier_interval,
            f"Mean squared difference of score and class, 0 is perfect; the share of positives alone gives "
            f"{scored.brier_of_share:.3g}",
        ),
        MetricRow(
            "Log loss",
            scored.log_loss,
            scored.log_loss_interval,
            f"How well the scores fit as probabilities, 0 is perfect; the share of positives alone gives "
            f"{scored.log_loss_of_share:.3g}",
        ),
    ]


AVERAGES = {
    "macro_precision": ("Macro precision", "Mean precision of the classes, each counted alike"),
    "macro_recall": ("Balanced accuracy", "Mean recall of the classes, each counted alike (macro recall)"),
    "macro_f1": ("Macro F1", "Mean F1 of the classes, each counted alike"),
    "weighted_precision": ("Weighted precision", "Mean precision of the classes, weighted by their rows"),
    "weighted_f1": ("Weighted F1", "Mean F1 of the classes, weighted by their rows"),
    "mcc": ("MCC", "Matthews correlation coefficient of actual and predicted class: 1 is perfect, 0 is guessing"),
    "kappa": ("Cohen's kappa", "Agreement of actual and predicted class beyond chance: 1 is perfect, 0 is chance"),
}


def of_classes(scored: ScoredClasses) -> list[MetricRow]:
    """The metrics of several classes."""
    accuracy = MetricRow(
        "Accuracy", scored.accuracy, scored.accuracy_interval, "Share of rows whose class is right (weighted recall)"
    )
    averages = [
        MetricRow(label, scored.averages[name].value, scored.averages[name].interval, meaning)
        for name, (label, meaning) in AVERAGES.items()
    ]
    if scored.log_loss is None:
        return [accuracy, *averages]
    meaning = f"How well the probabilities fit, 0 is perfect; the classes' shares give {scored.log_loss_of_shares:.3g}"
    return [accuracy, *averages, MetricRow("Log loss", scored.log_loss, scored.log_loss_interval, meaning)]


def of_numbers(scored: ScoredNumbers) -> list[MetricRow]:
    """The metrics of predicted numbers."""
    zeros = f"; {scored.rows_at_zero:,} rows at 0 are left out" if scored.rows_at_zero else ""
    return [
        MetricRow("RMSE", scored.rmse, scored.rmse_interval, "Root of the mean squared error: large errors count more"),
        MetricRow("Mean absolute error", scored.mae, scored.mae_interval, "Mean of the errors, too high or too low"),
        MetricRow(
            "Median absolute error",
            scored.median_absolute_error,
            scored.median_absolute_error_interval,
            "Half of the rows are off by less",
        ),
        MetricRow(
            "MAPE", scored.mape, scored.mape_interval, f"Mean of the errors as shares of the actual number{zeros}"
        ),
        MetricRow(
            "R²",
            scored.r2,
            scored.r2_interval,
            "Share of the variance that is explained: 1 is perfect, 0 is no better than the mean of these rows",
        ),
    ]
