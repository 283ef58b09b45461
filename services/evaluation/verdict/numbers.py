"""The verdict on a model of a number: beside always predicting the mean or the median of the training rows."""

from collections.abc import Sequence

import numpy as np

from services.evaluation import model_comparison, number_metrics
from services.evaluation.model_comparison import MetricDifference
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.verdict import noise
from services.evaluation.verdict.statement import (
    ApprovedModel,
    EvaluatedRows,
    RemedyPlace,
    Statement,
    Suspect,
    VerdictLevel,
    against_approved,
    learned,
    ordered,
    since_validation,
    too_good,
)
from services.evaluation.wording import number_text

PERFECT, LEAK = 0.999, 0.98  # R2 of the model that is suspicious; rank correlation of a column that explains it
AGAIN = "Train with other settings, or add columns that say more."


def verdict(
    scored: ScoredNumbers,
    rows: EvaluatedRows,
    *,
    approved: ApprovedModel | None = None,
    validation: ScoredNumbers | None = None,
    suspects: Sequence[Suspect] = (),
) -> tuple[Statement, ...]:
    """What is to be said, the weightiest first."""
    return ordered(
        [
            *_perfect(scored, suspects),
            *learned(rows),
            *_few(scored, rows),
            _mean(scored, rows),
            *_median(scored),
            *_large_errors(scored),
            *against_approved(approved, "mean absolute error", low_is_better=True),
            *_since(scored, validation, rows),
        ]
    )


def is_suspicious(scored: ScoredNumbers) -> bool:
    """Whether the result is too good to be believed before the columns were looked at."""
    return scored.r2 is not None and scored.r2 >= LEAK and scored.rows >= number_metrics.FEW


def _perfect(scored: ScoredNumbers, suspects: Sequence[Suspect]) -> list[Statement]:
    if not is_suspicious(scored):
        return []
    r2 = scored.r2 or 0.0
    if r2 < PERFECT and not any(suspect.alone >= LEAK for suspect in suspects):
        return []
    return [too_good(f"off by {number_text(scored.mae)} on average, R² {r2:.4f}", suspects, "rank correlation", LEAK)]


def _few(scored: ScoredNumbers, rows: EvaluatedRows) -> list[Statement]:
    if scored.rows >= number_metrics.FEW:
        return []
    figures = rows.count(scored.rows)
    advice = "Prepare the data with more rows, or with a larger share of them here."
    return [Statement(VerdictLevel.CAUTION, "Too few rows to say", figures, advice, RemedyPlace.PREPARE)]


def _mean(scored: ScoredNumbers, rows: EvaluatedRows) -> Statement:
    r2 = "" if scored.r2 is None else f"; R² {scored.r2:.2f}".replace("-", "−")
    figures = (
        f"off by {number_text(scored.mae)} on average (RMSE {number_text(scored.rmse)}), against "
        f"{number_text(scored.mean_mae)} (RMSE {number_text(scored.mean_rmse)}){r2}; "
        f"{rows.count(scored.rows)}"
    )
    rule = "always predicting the mean of the training rows"
    if scored.is_better_than_mean:
        return Statement(VerdictLevel.GOOD, f"Better than {rule}", figures)
    if scored.is_better_than_mean is None:
        return Statement(VerdictLevel.CAUTION, f"Not told apart from {rule}", figures, AGAIN, RemedyPlace.TRAIN)
    return Statement(VerdictLevel.BAD, f"Worse than {rule}", figures, AGAIN, RemedyPlace.TRAIN)


def _median(scored: ScoredNumbers) -> list[Statement]:
    """Of a lopsided target the median is off by less than the mean, so a model may beat only the mean."""
    of_median = np.abs(scored.constants.median - scored.actual)
    found = model_comparison.paired_difference(of_median, np.abs(scored.errors))
    if not scored.is_better_than_mean or found is None or found.high < 0:
        return []
    figures = f"that is {number_text(scored.constants.median)}, off by {number_text(scored.median_mae)} on average"
    return [
        Statement(
            VerdictLevel.CAUTION, "But no better than always predicting the median", figures, AGAIN, RemedyPlace.TRAIN
        )
    ]


def _large_errors(scored: ScoredNumbers) -> list[Statement]:
    """A small error on average hides large ones, which the squared error counts."""
    found: MetricDifference | None = model_comparison.paired_difference(
        (scored.constants.mean - scored.actual) ** 2, scored.errors**2
    )
    if not scored.is_better_than_mean or found is None or found.low <= 0:
        return []
    figures = (
        f"its RMSE, {number_text(scored.rmse)}, is above that of always predicting the mean, "
        f"{number_text(scored.mean_rmse)}"
    )
    return [Statement(VerdictLevel.CAUTION, "A few errors are large", figures, "See the rows that are furthest off.")]


def _since(scored: ScoredNumbers, validation: ScoredNumbers | None, rows: EvaluatedRows) -> list[Statement]:
    if validation is None:
        return []
    before, after = validation.mae_interval, scored.mae_interval
    if not before or not after:
        return []
    change = noise.difference(validation.mae, before, scored.mae, after)
    return [since_validation(rows, "mean absolute error", validation.mae, scored.mae, change, low_is_better=True)]
