"""The metrics of an evaluation on the page: all of them with an interval, and what the confusion matrix shows."""

import numpy as np
import pytest

from pages.components.evaluate.overview import metric_table
from pages.components.evaluate.overview.matrix_cells import Cells
from services.evaluation import all_metrics
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.confusion import Confusion
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers

COUNTS = [[90, 10], [5, 15]]


def make_scored(rows: int = 400) -> Scored:
    """Rows of two classes."""
    random = np.random.default_rng(1)
    labels = (random.random(rows) < 0.2).astype(int)
    return Scored.of(labels, np.clip(random.normal(0.3 + 0.3 * labels, 0.2), 0, 1))


def test_every_metric_of_two_classes_stands_in_the_table_with_an_interval() -> None:
    scored = make_scored()
    rows = all_metrics.of_confusion(scored.at(0.5)) + all_metrics.of_ranking(scored)
    assert [row.name for row in rows] == [
        *("Precision", "Recall", "F1", "F2", "F0.5", "Specificity", "Balanced accuracy", "MCC", "Accuracy"),
        *("Average precision", "ROC AUC", "Brier score", "Log loss"),
    ]
    assert all(row.interval and row.interval[0] < (row.value or 0) < row.interval[1] for row in rows)


def test_every_metric_of_several_classes_and_of_numbers_has_an_interval_too() -> None:
    random = np.random.default_rng(2)
    labels = random.integers(0, 3, 300)
    margins = np.exp(random.normal(size=(300, 3)) + 2 * np.eye(3)[labels])
    classes = ScoredClasses.of(labels, margins / margins.sum(axis=1, keepdims=True), 3)
    actual = random.gamma(3, 2, 300)
    numbers = ScoredNumbers.of(actual, actual + random.normal(size=300), Constants(6, 6))
    rows = all_metrics.of_classes(classes) + all_metrics.of_numbers(numbers)
    assert len({row.name for row in rows}) == 14
    assert all(row.interval and row.interval[0] < (row.value or 0) < row.interval[1] for row in rows)


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (Cells.COUNTS, [["90", "10"], ["5", "15"]]),
        (Cells.ROWS, [["90.0 %", "10.0 %"], ["25.0 %", "75.0 %"]]),
        (Cells.COLUMNS, [["94.7 %", "40.0 %"], ["5.3 %", "60.0 %"]]),
    ],
)
def test_the_matrix_shows_counts_or_shares_of_rows_or_of_columns(cells: Cells, texts: list[list[str]]) -> None:
    assert cells.texts(COUNTS) == texts


def test_an_empty_column_has_shares_of_zero() -> None:
    assert Cells.COLUMNS.shares([[0, 3], [0, 1]]) == [[0, 0.75], [0, 0.25]]


def test_few_positives_are_told_with_the_ranges_they_leave() -> None:
    said = metric_table.few_sentence(Confusion(tp=16, fp=3, fn=5, tn=900))
    assert said == "Precision 0.62 to 0.94, recall 0.55 to 0.89: 21 positives are too few for narrower ranges."
    assert metric_table.few_sentence(Confusion(0, 0, 0, 9)) == "0 positives are too few for narrower ranges."
