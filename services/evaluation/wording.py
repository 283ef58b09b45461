"""A confusion matrix as a sentence with the user's own counts."""

from services.evaluation.metrics import Confusion


def sentence(confusion: Confusion) -> str:
    """The result in words: "45 flagged: 44 correct, 1 false alarm; 10 of 54 positives missed." """
    return f"{_flagged(confusion)}; {_missed(confusion)}."


def _flagged(confusion: Confusion) -> str:
    if not confusion.flagged:
        return "Nothing flagged"
    false_alarms = f"{confusion.fp:,} false alarm{'' if confusion.fp == 1 else 's'}"
    return f"{confusion.flagged:,} flagged: {confusion.tp:,} correct, {false_alarms}"


def _missed(confusion: Confusion) -> str:
    if not confusion.positives:
        return "there are no positives"
    return f"{confusion.fn:,} of {confusion.positives:,} positive{'' if confusion.positives == 1 else 's'} missed"
