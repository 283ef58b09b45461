"""What a model was measured to be worth, as a document and beside another's."""

import json
from dataclasses import replace

import numpy as np
import pytest

from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.registry import model_metrics
from services.registry.model_metrics import Measure, ModelMetrics, Rows

ROWS = Rows("cards", "test", "s3://bucket/cards/test/", "ab")
CLASSES = model_metrics.of_classes(
    ScoredClasses.of([0, 0, 1, 2], np.eye(3)[[0, 1, 1, 2]], 3), ROWS, ("low", "middle", "high")
)
NUMBERS = model_metrics.of_numbers(ScoredNumbers.of([1.0, 2.0, 6.0], [2.0, 2.0, 4.0], Constants(3.0, 2.0)), ROWS)
SCORED = Scored.of([0, 0, 1, 1, 0, 1], [0.1, 0.4, 0.35, 0.8, 0.2, 0.7])


def test_a_document_comes_back_as_the_quality_it_was_made_of() -> None:
    quality = model_metrics.of_evaluation(SCORED, 0.5, ROWS, ("legitimate", "fraud"))
    assert model_metrics.parse(json.loads(json.dumps(model_metrics.document(quality, "job")))) == quality


def test_metrics_stand_where_studio_looks_for_them() -> None:
    document = model_metrics.document(model_metrics.of_evaluation(SCORED, 0.5, ROWS, ("no", "yes")), "job")
    members = document["binary_classification_metrics"]
    assert members["recall"]["value"] == pytest.approx(2 / 3)
    assert members["confusion_matrix"] == {"0": {"0": 3, "1": 0}, "1": {"0": 1, "1": 2}}


def test_what_is_undefined_is_left_out() -> None:
    quality = model_metrics.of_evaluation(SCORED, 1.0, ROWS, ("no", "yes"))
    assert list(quality.measures) == ["average_precision", "recall", "auc"]


def test_precision_is_compared_at_one_threshold_only_and_the_sentence_says_so() -> None:
    low, high = (ModelMetrics({"precision": Measure(0.9), "auc": Measure(0.8)}, threshold=at) for at in (0.3, 0.5))
    assert model_metrics.threshold_obstacle("version 2", low, "version 1", low) == ""
    assert model_metrics.threshold_obstacle("version 2", low, "version 1", high) == (
        "Precision and other counts of flagged rows are not compared: the thresholds differ, 0.3 for version 2 and 0.5 "
        "for version 1. Compare ROC AUC and average precision."
    )
    said = model_metrics.threshold_obstacle("version 2", low, "version 1", replace(high, threshold=None))
    assert "the threshold of version 1 is unknown" in said
    free = ModelMetrics({"auc": Measure(0.8)})
    assert model_metrics.threshold_obstacle("version 2", low, "version 1", free) == ""


def test_metrics_of_a_pipeline_are_read_too() -> None:
    given = {"binary_classification_metrics": {"auc": {"value": 0.9, "standard_deviation": "NaN"}}, "rows": 7}
    assert model_metrics.parse(given) == ModelMetrics({"auc": Measure(0.9)}, kind=TargetKind.TWO_CLASSES)


def test_the_same_rows_are_comparable() -> None:
    assert model_metrics.obstacle("version 2", ROWS, "version 1", Rows("copy", "test", "s3://b/c/", "ab")) == ""


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            Rows("coins", "test", "s3://b/c/", "cd"),
            "version 2 was measured on test rows of cards, version 1 on test rows",
        ),
        (Rows("cards", "test", "s3://b/c/", "cd"), "were measured on test rows of cards, but these rows have changed"),
        (Rows("cards", "test", "s3://b/c/"), "it is not known on which rows version 1 was measured"),
        (None, "it is not known on which rows version 1 was measured"),
    ],
)
def test_other_rows_are_not_comparable_and_the_sentence_says_why(rows: Rows | None, said: str) -> None:
    sentence = model_metrics.obstacle("version 2", ROWS, "version 1", rows)
    assert sentence.startswith("Not comparable: ")
    assert said in sentence


@pytest.mark.parametrize("quality", [CLASSES, NUMBERS])
def test_documents_of_classes_and_numbers_come_back_as_they_were(quality: ModelMetrics) -> None:
    assert model_metrics.parse(json.loads(json.dumps(model_metrics.document(quality, "job")))) == quality


def test_metrics_of_several_classes_have_sagemakers_names() -> None:
    members = model_metrics.document(CLASSES, "job")["multiclass_classification_metrics"]
    assert members["confusion_matrix"] == {
        "0": {"0": 1, "1": 1, "2": 0},
        "1": {"0": 0, "1": 1, "2": 0},
        "2": {"0": 0, "1": 0, "2": 1},
    }
    assert members["accuracy"]["value"] == members["weighted_recall"]["value"] == 0.75
    assert members["weighted_f1"]["value"] == pytest.approx((2 * 2 / 3 + 2 / 3 + 1) / 4)
    assert members["accuracy_best_constant_classifier"]["value"] == 0.5


def test_metrics_of_a_number_have_sagemakers_names() -> None:
    members = model_metrics.document(NUMBERS, "job")["regression_metrics"]
    assert members["mae"]["value"] == 1.0
    assert members["mse"]["value"] == pytest.approx(5 / 3)
    assert members["rmse"]["value"] == pytest.approx((5 / 3) ** 0.5)
    assert members["r2"]["value"] == pytest.approx(9 / 14)


def test_accuracy_of_several_classes_is_compared_without_a_threshold() -> None:
    assert model_metrics.threshold_obstacle("version 2", CLASSES, "version 1", CLASSES) == ""
