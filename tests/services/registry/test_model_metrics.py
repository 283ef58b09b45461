"""What a model was measured to be worth, as a document and beside another's."""

import json
from dataclasses import replace

import pytest

from services.evaluation.metrics import Scored
from services.registry import model_metrics
from services.registry.model_metrics import Measure, ModelMetrics, Rows

ROWS = Rows("cards", "test", "s3://bucket/cards/test/", "ab")
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
    assert model_metrics.parse(given) == ModelMetrics({"auc": Measure(0.9)})


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
