"""Curves of scored rows of two classes: gains, calibration, and every metric over the threshold.

Arithmetic only, of a few hundred points whatever the number of rows. The precision-recall and ROC curves are in
`metrics.py`.
"""

from dataclasses import dataclass

import numpy as np

from services.evaluation.metrics import Curve, Scored
from services.evaluation.statistics.intervals import Counts, Floats, wilson

POINTS = 201


@dataclass(frozen=True)
class Calibration:
    """Rows in steps of the score, without the empty ones; arrays of one length.

    predicted: mean score of the rows; `actual`: share of them that is positive; `low` and `high` its 95 % interval.
    """

    predicted: Floats
    actual: Floats
    low: Floats
    high: Floats
    rows: Counts


@dataclass(frozen=True)
class ThresholdCurves:
    """Metrics over rising `thresholds`, arrays of one length; nan where a metric is undefined."""

    thresholds: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    specificity: Floats


def gains(scored: Scored) -> Curve:
    """Share of the rows flagged (x) and share of the positives found (y), from none to all. Empty without positives."""
    if not scored.positives:
        return Curve(np.empty(0), np.empty(0), np.empty(0))
    thresholds = np.concatenate([[np.inf], np.unique(scored.scores)[::-1]])
    tp, fp = scored.flagged_at(thresholds)
    flagged = (tp + fp) / scored.rows
    shares = np.linspace(0, 1, POINTS)
    at = np.minimum(np.searchsorted(flagged, shares - 1e-12), len(thresholds) - 1)
    return Curve(shares, np.interp(shares, flagged, tp / scored.positives), thresholds[at])


def calibration(scored: Scored, steps: int = 10) -> Calibration:
    """How often rows are positive beside how often their scores say so, in `steps` equal steps from 0 to 1."""
    edges = np.linspace(0, 1, steps + 1)
    places = np.searchsorted(scored.scores, edges)
    places[-1] = scored.rows
    sums = np.concatenate([[0.0], np.cumsum(scored.scores)])
    rows, positives = np.diff(places), np.diff(scored.positives_below[places])
    some = rows > 0
    rows, positives, total = rows[some], positives[some], np.diff(sums[places])[some]
    intervals = [wilson(int(right), int(count)) or (0.0, 1.0) for right, count in zip(positives, rows, strict=True)]
    low, high = np.array(intervals).T
    return Calibration(total / rows, positives / rows, low, high, rows)


def by_threshold(scored: Scored) -> ThresholdCurves:
    """The metrics at equal steps of the threshold from 0 to 1."""
    thresholds = np.linspace(0, 1, POINTS)
    tp, fp = scored.flagged_at(thresholds)
    with np.errstate(invalid="ignore", divide="ignore"):
        return ThresholdCurves(
            thresholds,
            tp / (tp + fp),
            tp / np.float64(scored.positives),
            2 * tp / (tp + fp + scored.positives),
            1 - fp / np.float64(scored.negatives),
        )
