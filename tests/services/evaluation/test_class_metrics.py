"""Metrics of several classes are scikit-learn's, and the sentence above them counts the user's own rows."""

import numpy as np
import pytest
from sklearn import metrics

from services.errors import Problem
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.statistics.intervals import wilson

NAMES = ("cat", "dog", "eel", "fox")


def make_scores(rows: int = 500, classes: int = 4, skill: float = 2.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, the first class the most frequent, and probabilities that know something of them."""
    random = np.random.default_rng(seed)
    labels = np.minimum(random.geometric(0.5, rows) - 1, classes - 1)
    margins = random.normal(size=(rows, classes)) + skill * np.eye(classes)[labels]
    shares = np.exp(margins)
    return labels, shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_counts_and_shares_are_those_of_scikit_learn(seed: int) -> None:
    labels, scores = make_scores(seed=seed)
    found, predicted = ScoredClasses.of(labels, scores, 4), scores.argmax(axis=1)
    assert found.confusion.tolist() == metrics.confusion_matrix(labels, predicted).tolist()
    assert found.accuracy == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert found.log_loss == pytest.approx(metrics.log_loss(labels, scores), abs=1e-9)
    assert found.averages["mcc"].value == pytest.approx(metrics.matthews_corrcoef(labels, predicted), abs=1e-9)
    assert found.averages["kappa"].value == pytest.approx(metrics.cohen_kappa_score(labels, predicted), abs=1e-9)
    assert found.macro_recall == pytest.approx(metrics.balanced_accuracy_score(labels, predicted))
    for mean in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, average=mean)
        assert found.averages[f"{mean}_precision"].value == pytest.approx(precision, abs=1e-9)
        assert found.averages[f"{mean}_f1"].value == pytest.approx(f1, abs=1e-9)
        assert (found.macro_recall if mean == "macro" else found.accuracy) == pytest.approx(recall)


@pytest.mark.parametrize("seed", range(5))
def test_each_class_against_the_others_ranks_as_scikit_learn_says(seed: int) -> None:
    labels, scores = make_scores(seed=seed)
    found = ScoredClasses.of(labels, scores, 4).one_versus_rest
    for place, scored in enumerate(found):
        assert scored.roc_auc == pytest.approx(metrics.roc_auc_score(labels == place, scores[:, place]), abs=1e-9)
        expected = metrics.average_precision_score(labels == place, scores[:, place])
        assert scored.average_precision == pytest.approx(expected, abs=1e-9)


def test_one_class_alone_has_no_correlation_and_no_interval_of_its_log_loss() -> None:
    found = ScoredClasses.of([1, 1, 1], np.eye(3)[[1, 1, 1]], 3)
    assert (found.averages["mcc"].value, found.averages["mcc"].interval) == (None, None)
    assert (found.averages["kappa"].value, found.log_loss_interval) == (None, None)


def test_an_interval_of_a_perfect_model_says_how_little_few_rows_prove() -> None:
    few, many = (
        ScoredClasses.of(np.arange(rows) % 3, np.eye(3)[np.arange(rows) % 3], 3).averages for rows in (30, 3000)
    )
    for name, average in few.items():
        assert average.interval is not None, name
        low, high = average.interval
        assert (low < 0.98, high) == (True, 1.0), name
        assert (many[name].interval or (0, 0))[0] > 0.99, name


def test_confused_pairs_are_ranked_by_their_rows() -> None:
    found = ScoredClasses.of([0, 0, 0, 1, 2, 2], np.eye(3)[[0, 2, 2, 1, 1, 2]], 3)
    assert found.confused_pairs == ((0, 2, 2), (2, 1, 1))


def test_each_class_has_scikit_learns_precision_recall_and_f1_with_wilson_intervals() -> None:
    labels, scores = make_scores()
    found, predicted = ScoredClasses.of(labels, scores, 4).by_class, scores.argmax(axis=1)
    precision, recall, f1, rows = metrics.precision_recall_fscore_support(labels, predicted)
    assert [one.precision for one in found] == pytest.approx(precision.tolist())
    assert [one.recall for one in found] == pytest.approx(recall.tolist())
    assert [one.f1 for one in found] == pytest.approx(f1.tolist())
    assert [one.rows for one in found] == rows.tolist()
    assert found[2].recall_interval == wilson(found[2].correct, found[2].rows)
    assert found[2].precision_interval == wilson(found[2].correct, found[2].predicted)


def test_the_log_loss_of_always_answering_the_shares_is_that_of_scikit_learn() -> None:
    labels, scores = make_scores()
    shares = np.tile(np.bincount(labels) / len(labels), (len(labels), 1))
    assert ScoredClasses.of(labels, scores, 4).log_loss_of_shares == pytest.approx(metrics.log_loss(labels, shares))


def test_a_class_without_rows_is_unknown_and_no_part_of_the_mean() -> None:
    labels, predicted = [0, 0, 1, 1, 1], [0, 1, 1, 1, 2]
    found = ScoredClasses.of(labels, np.eye(4)[predicted], 4)
    assert (found.by_class[3].recall, found.by_class[3].precision, found.by_class[3].f1) == (None, None, None)
    expected = metrics.f1_score(labels, predicted, labels=[0, 1], average="macro")
    assert found.macro_f1 == pytest.approx(expected)


def test_classes_without_probabilities_are_counted_and_have_no_log_loss() -> None:
    labels, scores = make_scores()
    found = ScoredClasses.of(labels, scores.argmax(axis=1).astype(float), 4)
    assert found.confusion.tolist() == ScoredClasses.of(labels, scores, 4).confusion.tolist()
    assert found.log_loss is None


def test_probabilities_of_32_bits_are_probabilities() -> None:
    labels, scores = make_scores()
    assert ScoredClasses.of(labels, scores.astype(np.float32), 4).rows == 500


def test_the_most_frequent_confusion_is_named() -> None:
    found = ScoredClasses.of([0, 0, 0, 1, 2], np.eye(3)[[0, 2, 2, 1, 1]], 3)
    assert found.most_confused == (0, 2, 2)
    assert ScoredClasses.of([0, 1], np.eye(3)[[0, 1]], 3).most_confused is None


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (np.full((2, 3), 1 / 3), "the model knows 3 classes, and the data has 4"),
        (np.array([0.1, 0.9]), "returns 0.1 to 0.9, and a class is 0 to 3"),
        (np.full((2, 4), 0.5), "not probabilities of classes"),
        (np.full((2, 4), np.nan), "not probabilities of classes"),
        (np.full((3, 4), 0.25), "2 labels, but 3 scores"),
        (np.empty((0, 4)), "2 labels, but 0 scores"),
    ],
)
def test_scores_of_another_model_are_refused(scores: np.ndarray, said: str) -> None:
    with pytest.raises(Problem, match=said):
        ScoredClasses.of([0, 1], scores, 4)
