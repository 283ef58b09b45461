"""When a tuning job has found enough: its TuningJobCompletionCriteria, judged after every training job.

Source: SageMaker API reference, TuningJobCompletionCriteria and BestObjectiveNotImproving (1 %). AWS does not tell how
it detects convergence; here it is ten training jobs in a row, or three for each hyperparameter if that is more,
without a better objective.
"""

from collections.abc import Mapping, Sequence
from typing import Any

CALM = 10  # training jobs without improvement that are convergence, at least
CALM_EACH = 3  # the same, for each hyperparameter
IMPROVEMENT = 0.01  # of the best objective until then: less is none to BestObjectiveNotImproving


def jobs_without_improvement(values: Sequence[float], maximise: bool, least: float = IMPROVEMENT) -> int:
    """How many of `values`, in the order they came, followed the last that was better than the best before it.

    Better by a share of `least`, at least.
    """
    calm = 0
    for number, value in enumerate(values[1:], start=1):
        best = max(values[:number]) if maximise else min(values[:number])
        gain = value - best if maximise else best - value
        calm = 0 if gain > 0 and gain >= least * abs(best) else calm + 1
    return calm


def met_criterion(criteria: Mapping[str, Any], values: Sequence[float], maximise: bool, searched: int) -> str | None:
    """The criterion that `values` meet, by its name in the API; None when the search should go on.

    `searched` is the number of hyperparameters.
    """
    if not values:
        return None
    best = (max if maximise else min)(values)
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and (best >= target if maximise else best <= target):
        return "TargetObjectiveMetricValue"
    patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    if patience is not None and jobs_without_improvement(values, maximise) >= patience:
        return "BestObjectiveNotImproving"
    detects = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    calm = jobs_without_improvement(values, maximise, least=0.0)
    return "ConvergenceDetected" if detects and calm >= max(CALM, CALM_EACH * searched) else None
