"""A confusion matrix as a sentence with the user's own counts."""

from services.evaluation.metrics import Confusion


def sentence(confusion: Confusion) -> str:
    """The result in words: "45 flagged: 44 correct, 1 false alarm; 10 of 54 positives missed." """
    return f"{_flagged(confusion)}; {_missed(confusion)}."


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
