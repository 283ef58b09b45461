"""The rows of a cell of the confusion matrix are those, and the most wrong one comes first."""

import numpy as np
import pytest
from sklearn import metrics

from services.evaluation.metrics import Scored
from services.evaluation.scored_rows import matrix_cells
from services.evaluation.scored_rows.matrix_cells import DecidedRows, ErrorSide


def make_two(rows: int = 500) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    labels = random.integers(0, 2, rows)
    return labels, np.round(np.clip(labels * 0.3 + random.random(rows) * 0.7, 0, 1), 2)


def make_several(rows: int = 500, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return random.integers(0, classes, rows), random.dirichlet(np.ones(classes), rows)


@pytest.mark.parametrize("threshold", [0.0, 0.37, 0.5, 1.0])
def test_a_cell_of_two_classes_holds_as_many_rows_as_the_matrix_at_the_threshold(threshold: float) -> None:
    labels, scores = make_two()
    rows, now = DecidedRows.of_two(labels, scores, threshold), Scored.of(labels, scores).at(threshold)
    counts = [[len(rows.in_cell(actual, predicted)) for predicted in (0, 1)] for actual in (0, 1)]
    assert counts == [[now.tn, now.fp], [now.fn, now.tp]]
    assert rows.confusion(2).tolist() == counts


def test_false_positives_come_by_falling_score_and_false_negatives_by_rising_score() -> None:
    labels, scores = make_two()
    rows = DecidedRows.of_two(labels, scores, 0.5)
    alarms, missed = scores[rows.in_cell(0, 1)], scores[rows.in_cell(1, 0)]
    assert alarms.tolist() == sorted(alarms, reverse=True)
    assert missed.tolist() == sorted(missed)


def test_correct_rows_that_were_nearly_wrong_come_first() -> None:
    labels, scores = make_two()
    rows = DecidedRows.of_two(labels, scores, 0.5)
    assert scores[rows.in_cell(1, 1)].tolist() == sorted(scores[rows.in_cell(1, 1)])
    assert scores[rows.in_cell(0, 0)].tolist() == sorted(scores[rows.in_cell(0, 0)], reverse=True)


def test_rows_of_equal_scores_keep_the_order_of_the_file() -> None:
    rows = DecidedRows.of_two([0, 0, 0, 0], [0.9, 0.7, 0.9, 0.7], 0.5)
    assert rows.in_cell(0, 1).tolist() == [0, 2, 1, 3]


def test_cells_of_several_classes_are_those_of_scikit_learn() -> None:
    labels, scores = make_several()
    rows = DecidedRows.of_several(labels, scores)
    expected = metrics.confusion_matrix(labels, scores.argmax(axis=1))
    assert rows.confusion(4).tolist() == expected.tolist()
    assert [[len(rows.in_cell(row, column)) for column in range(4)] for row in range(4)] == expected.tolist()


def test_errors_of_several_classes_come_by_how_much_more_probable_another_class_is() -> None:
    labels, scores = make_several()
    places = DecidedRows.of_several(labels, scores).errors()
    assert sorted(places) == np.flatnonzero(scores.argmax(axis=1) != labels).tolist()
    gaps = scores[places].max(axis=1) - scores[places, labels[places]]
    assert gaps.tolist() == sorted(gaps, reverse=True)


def test_any_class_can_be_left_open() -> None:
    labels, scores = make_several()
    rows = DecidedRows.of_several(labels, scores)
    assert sorted(rows.in_cell(2, None)) == np.flatnonzero(labels == 2).tolist()
    assert sorted(rows.in_cell(None, 1)) == np.flatnonzero(scores.argmax(axis=1) == 1).tolist()


def test_classes_without_probabilities_have_errors_too() -> None:
    rows = DecidedRows.of_several([0, 1, 2, 1], [0, 2, 2, 0])
    assert rows.errors().tolist() == [1, 3]


def test_numbers_come_by_the_size_of_their_error_on_a_side() -> None:
    errors = np.array([1.0, -5.0, 0.0, 3.0, -2.0])
    assert matrix_cells.by_error(errors, ErrorSide.BOTH).tolist() == [1, 3, 4, 0, 2]
    assert matrix_cells.by_error(errors, ErrorSide.HIGH).tolist() == [3, 0]
    assert matrix_cells.by_error(errors, ErrorSide.LOW).tolist() == [1, 4]
