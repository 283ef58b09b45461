"""What a model does at a threshold as a sentence with the user's own counts, and how measured numbers are written."""

from math import floor, log10

from services.evaluation.metrics import Confusion
from services.evaluation.model_comparison import MetricDifference


def sentence(confusion: Confusion) -> str:
    """The result in words: "45 flagged: 44 correct, 1 false alarm; 10 of 54 positives missed." """
    return f"{_flagged(confusion)}; {_missed(confusion)}."


def number_text(value: float) -> str:
    """A measured number with three significant digits at least: "1.53", "0.0421", "12,345", "1.2e-09"."""
    if value == 0:
        return "0"
    digits = 2 - floor(log10(abs(value)))
    if not -13 < digits < 9:
        return f"{value:.3g}"
    return f"{value:,.{max(0, digits)}f}"


def moved(found: MetricDifference, name: str, is_number: bool = False) -> str:
    """ "accuracy went from 0.661 to 0.682 (95 % interval of the difference +0.005 to +0.037)"."""
    written = number_text if is_number else "{:.3f}".format
    low, high = (f"{'+' if value > 0 else ''}{written(value)}".replace("-", "−") for value in (found.low, found.high))
    return (
        f"{name} went from {written(found.before)} to {written(found.after)} "
        f"(95 % interval of the difference {low} to {high})"
    )


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
