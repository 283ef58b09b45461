"""How good a model is as a sentence with the user's own counts."""

from collections.abc import Sequence
from math import floor, log10

from services.data.class_names import share_text
from services.errors import some
from services.evaluation.class_metrics import FEW, ScoredClasses
from services.evaluation.metrics import Confusion
from services.evaluation.model_comparison import MetricDifference
from services.evaluation.number_metrics import ScoredNumbers


def sentence(confusion: Confusion) -> str:
    """The result in words: "45 flagged: 44 correct, 1 false alarm; 10 of 54 positives missed." """
    return f"{_flagged(confusion)}; {_missed(confusion)}."


def classes_sentence(scored: ScoredClasses) -> str:
    """ "431 of 500 rows right (86 %); guessing the most frequent class is right in 45 %." """
    right = f"{scored.correct:,} of {scored.rows:,} {_noun('row', scored.rows)} right ({share_text(scored.accuracy)})"
    return f"{right}; guessing the most frequent class is right in {share_text(scored.most_frequent_share)}."


def classes_verdict(scored: ScoredClasses, names: Sequence[str]) -> str:
    """Whether that is better than guessing, and which classes have too few rows to say."""
    guess = f"always guessing {names[scored.most_frequent]}"
    verdict = {
        True: f"Better than {guess}.",
        False: f"Worse than {guess}.",
        None: f"Not told apart from {guess} on {scored.rows:,} {_noun('row', scored.rows)}.",
    }[scored.is_better_than_guessing]
    few = [(name, one.rows) for name, one in zip(names, scored.by_class, strict=True) if one.rows < FEW]
    if not few:
        return verdict
    if len(few) == len(names):
        return f"{verdict} Every class has fewer than {FEW} rows: its precision and recall are rough."
    listed = some([f"{name} ({rows:,} {_noun('row', rows)})" for name, rows in few])
    return f"{verdict} Too few rows to say much of {listed}."


def numbers_sentence(scored: ScoredNumbers) -> str:
    """ "Off by 1.5 on average (RMSE 2.1), against 3.2 when always predicting the mean; R2 0.57." """
    r2 = "" if scored.r2 is None else f"; R² {scored.r2:.2f}".replace("-", "−")
    off = f"Off by {number_text(scored.mae)} on average (RMSE {number_text(scored.rmse)})"
    return f"{off}, against {number_text(scored.mean_mae)} when always predicting the mean{r2}."


def numbers_verdict(scored: ScoredNumbers) -> str:
    """Whether that is better than always predicting the mean."""
    return {
        True: "Better than always predicting the mean of the training rows.",
        False: "Worse than always predicting the mean of the training rows.",
        None: "Not told apart from always predicting the mean of the training rows on "
        f"{scored.rows:,} {_noun('row', scored.rows)}.",
    }[scored.is_better_than_mean]


def number_text(value: float) -> str:
    """A measured number with three significant digits at least: "1.53", "0.0421", "12,345", "1.2e-09"."""
    if value == 0:
        return "0"
    digits = 2 - floor(log10(abs(value)))
    if not -13 < digits < 9:
        return f"{value:.3g}"
    return f"{value:,.{max(0, digits)}f}"


def moved(found: MetricDifference, is_number: bool) -> str:
    """ "accuracy went from 0.661 to 0.682 (95 % interval of the difference +0.005 to +0.037)"."""
    name = "the mean absolute error" if is_number else "accuracy"
    written = number_text if is_number else "{:.3f}".format
    low, high = (f"{'+' if value > 0 else ''}{written(value)}".replace("-", "−") for value in (found.low, found.high))
    return (
        f"{name} went from {written(found.before)} to {written(found.after)} "
        f"(95 % interval of the difference {low} to {high})"
    )


def _noun(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _flagged(confusion: Confusion) -> str:
    if not confusion.flagged:
        return "No rows flagged"
    alarms = "1 false alarm" if confusion.fp == 1 else f"{confusion.fp:,} false alarms"
    return f"{confusion.flagged:,} flagged: {confusion.tp:,} correct, {alarms}"


def _missed(confusion: Confusion) -> str:
    if not confusion.positives:
        return "there are no positives"
    noun = "positive" if confusion.positives == 1 else "positives"
    return f"{confusion.fn:,} of {confusion.positives:,} {noun} missed"
