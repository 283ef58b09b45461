"""Two evaluations of the same rows beside each other, remembered: a bootstrap takes about a second.

An evaluation is known by when it was made, to the microsecond.
"""

from datetime import datetime

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.queries.evaluation.evaluations import Evaluation
from services.evaluation import class_metrics, model_comparison, operating_points
from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.operating_points import OperatingPoint, PointComparison

KEPT = 50


def at_point(point: OperatingPoint, before: Evaluation, after: Evaluation) -> PointComparison:
    """Both models at one operating point. Raises Problem."""
    return _at_point(point, before.at, after.at, before, after)


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner="Comparing")
def _at_point(
    point: OperatingPoint, before_at: datetime, after_at: datetime, _before: Evaluation, _after: Evaluation
) -> PointComparison:
    return operating_points.compare_at(point, _after.labels, _before.scores, _after.scores)


def ranking(before: Evaluation, after: Evaluation) -> ModelComparison | None:
    """Average precision and ROC AUC of both; None when a class is missing."""
    return _ranking(before.at, after.at, before, after)


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner="Comparing")
def _ranking(
    before_at: datetime, after_at: datetime, _before: Evaluation, _after: Evaluation
) -> ModelComparison | None:
    return model_comparison.compare_models(_after.labels, _before.scores, _after.scores)


def of_rows(before: Evaluation, after: Evaluation) -> MetricDifference | None:
    """Accuracy of both models or, of a number, their mean absolute errors; None for too few rows to say."""
    return model_comparison.paired_difference(_of_rows(before), _of_rows(after))


def _of_rows(evaluation: Evaluation) -> NDArray[np.float64]:
    """(rows,) of 1 for a right class and 0 for a wrong one, or of errors without their sign."""
    if isinstance(evaluation.scored, ScoredNumbers):
        return np.abs(evaluation.scored.errors)
    return (class_metrics.predicted_class(evaluation.scores) == evaluation.labels).astype(np.float64)
