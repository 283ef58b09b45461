"""When a tuning job has found enough: its TuningJobCompletionCriteria, judged after every training job.

Source: SageMaker API reference, TuningJobCompletionCriteria. AWS does not tell how it detects convergence; here it is
ten training jobs in a row, or three for each hyperparameter searched if that is more, without a better objective.
"""

from collections.abc import Mapping, Sequence
from typing import Any

CALM = 10  # training jobs without improvement that are convergence, at least
CALM_EACH = 3  # the same, for each hyperparameter


def jobs_without_improvement(values: Sequence[float], maximise: bool) -> int:
    """How many of `values`, in the order they came, followed the first best one."""
    if not values:
        return 0
    return len(values) - 1 - values.index(max(values) if maximise else min(values))


def met_criterion(criteria: Mapping[str, Any], values: Sequence[float], maximise: bool, searched: int) -> str | None:
    """The criterion that `values` meet, by its name in the API; None when the search should go on.

    `searched` is the number of hyperparameters.
    """
    if not values:
        return None
    best, calm = (max if maximise else min)(values), jobs_without_improvement(values, maximise)
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and (best >= target if maximise else best <= target):
        return "TargetObjectiveMetricValue"
    patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    if patience is not None and calm >= patience:
        return "BestObjectiveNotImproving"
    detects = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    return "ConvergenceDetected" if detects and calm >= max(CALM, CALM_EACH * searched) else None
