"""Two model versions beside each other, as the table of their metrics says it."""

from datetime import UTC, datetime

from pages.components.registry import version_comparison
from services.registry.model_metrics import Measure, ModelMetrics
from services.registry.versions import Approval, ModelVersion


def make_version(number: int) -> ModelVersion:
    when = datetime(2026, 11, 24, tzinfo=UTC)
    return ModelVersion("cards", number, "", Approval.PENDING, "Completed", when, None, "", "", "", "", "", {})


def differences(threshold: float | None) -> dict[str, str]:
    new = ModelMetrics({"precision": Measure(0.9), "auc": Measure(0.85)}, threshold=0.5)
    old = ModelMetrics({"precision": Measure(0.7), "auc": Measure(0.80)}, threshold=threshold)
    rows = version_comparison.metrics(make_version(2), new, make_version(1), old, comparable=True)
    return {row[""]: row["Difference"] for row in rows}


def test_at_one_threshold_every_metric_has_a_difference() -> None:
    assert differences(0.5) == {"Precision": "+0.2000", "ROC AUC": "+0.0500", "Threshold": ""}


def test_at_two_thresholds_only_metrics_without_one_have_a_difference() -> None:
    assert differences(0.3) == {"Precision": "not comparable", "ROC AUC": "+0.0500", "Threshold": ""}
    assert differences(None)["Precision"] == "not comparable"
