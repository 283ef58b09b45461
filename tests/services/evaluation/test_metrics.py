"""What the evaluation promises, held against scikit-learn's independent figures."""

import numpy as np
import pytest
from sklearn import metrics

from services.data.class_names import class_name
from services.errors import Problem
from services.evaluation.confusion import Confusion
from services.evaluation.metrics import Scored
from services.evaluation.statistics.intervals import wilson
from services.evaluation.wording import sentence

SEEDS = range(12)


def make_rows(seed: int, rows: int = 400, distinct: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Random labels, about one in six positive, with scores that tell a little and tie often."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.17).astype(np.int8)
    labels[:2] = (0, 1)
    scores = np.round(np.clip(random.normal(0.3 + 0.3 * labels, 0.25), 0, 1) * distinct) / distinct
    return labels, scores


@pytest.mark.parametrize("seed", SEEDS)
def test_average_precision_and_roc_auc_agree_with_scikit_learn_when_scores_tie(seed: int) -> None:
    labels, scores = make_rows(seed)
    scored = Scored.of(labels, scores)
    assert scored.average_precision == pytest.approx(metrics.average_precision_score(labels, scores), abs=1e-12)
    assert scored.roc_auc == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_threshold_counts_like_scikit_learn(seed: int) -> None:
    labels, scores = make_rows(seed)
    scored = Scored.of(labels, scores)
    for threshold in (0.0, 0.25, 0.5, 0.501, 1.0):
        now = scored.at(threshold)
        flags = scores >= threshold
        assert metrics.confusion_matrix(labels, flags, labels=[0, 1]).ravel().tolist() == [
            now.tn,
            now.fp,
            now.fn,
            now.tp,
        ]
        assert (now.f1 or 0) == pytest.approx(metrics.f1_score(labels, flags, zero_division=0))


def test_a_row_that_scores_exactly_the_threshold_is_flagged() -> None:
    assert Scored.of([0, 1], [0.2, 0.5]).at(0.5) == Confusion(tp=1, fp=0, fn=0, tn=1)


def test_the_pr_curve_in_steps_encloses_the_average_precision() -> None:
    labels, scores = make_rows(3)
    scored = Scored.of(labels, scores)
    area = np.sum(np.diff(scored.pr_curve.x, prepend=0) * scored.pr_curve.y)
    assert area == pytest.approx(scored.average_precision)


def test_the_points_of_both_curves_are_what_their_thresholds_give() -> None:
    labels, scores = make_rows(5)
    scored = Scored.of(labels, scores)
    for recall, precision, threshold in zip(
        scored.pr_curve.x, scored.pr_curve.y, scored.pr_curve.thresholds, strict=True
    ):
        now = scored.at(threshold)
        assert (now.recall, now.precision) == pytest.approx((recall, precision))
    for rate, recall, threshold in zip(
        scored.roc_curve.x, scored.roc_curve.y, scored.roc_curve.thresholds, strict=True
    ):
        now = scored.at(threshold)
        assert (1 - (now.specificity or 0), now.recall) == pytest.approx((rate, recall))


@pytest.mark.parametrize("share", [0.002, 0.3])
def test_long_curves_shrink_to_500_points_and_keep_their_shape(share: float) -> None:
    random = np.random.default_rng(7)
    labels = (random.random(100_000) < share).astype(int)
    scores = 1 / (1 + np.exp(-random.normal(2.5 * labels, 1)))
    scored = Scored.of(labels, scores)
    assert max(len(scored.pr_curve.x), len(scored.roc_curve.x)) <= 500
    assert metrics.auc(scored.roc_curve.x, scored.roc_curve.y) == pytest.approx(scored.roc_auc, abs=2e-3)
    area = np.sum(np.diff(scored.pr_curve.x, prepend=0) * scored.pr_curve.y)
    assert area == pytest.approx(scored.average_precision, abs=5e-3)
    assert scored.roc_curve.x[0] == scored.roc_curve.y[0] == 0
    assert scored.roc_curve.x[-1] == scored.roc_curve.y[-1] == scored.pr_curve.x[-1] == 1


def test_what_cannot_be_known_is_none_and_never_zero() -> None:
    nothing_flagged = Confusion(tp=0, fp=0, fn=3, tn=97)
    assert (nothing_flagged.precision, nothing_flagged.precision_interval) == (None, None)
    assert (nothing_flagged.recall, nothing_flagged.f1) == (0, 0)
    nothing_to_find = Confusion(tp=0, fp=0, fn=0, tn=5)
    assert (nothing_to_find.recall, nothing_to_find.f1, nothing_to_find.accuracy) == (None, None, 1)


def test_a_split_of_one_class_has_no_curves_and_no_areas() -> None:
    scored = Scored.of([0, 0, 0], [0.1, 0.2, 0.9])
    assert (scored.average_precision, scored.average_precision_interval, scored.roc_auc) == (None, None, None)
    assert len(scored.pr_curve.x) == len(scored.roc_curve.x) == 0
    assert Scored.of([1, 1], [0.1, 0.9]).roc_auc is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)
def test_intervals_agree_with_the_published_wilson_intervals(
    successes: int, trials: int, low: float, high: float
) -> None:
    """The last two rows are the examples of Newcombe (1998), table I."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_the_interval_of_the_average_precision_is_that_of_weighting_each_row_a_little_more() -> None:
    labels, scores = make_rows(11)
    scored, rows, positives = Scored.of(labels, scores), len(labels), int(labels.sum())
    value, share, step = scored.average_precision or 0, labels.mean(), 1e-6
    heavier = np.ones((rows, rows)) + step * np.eye(rows)
    moved = [metrics.average_precision_score(labels, scores, sample_weight=weights) for weights in heavier]
    influence = (np.array(moved) - value) / step * positives
    total = positives + 0.5
    centre = (positives * value + 0.5 * share) / total
    squares = 0.75 * np.sum(influence**2) + 0.25 * positives * value * (1 - value)
    spread = np.sqrt((squares + 0.5 * (value - share) ** 2) / total / (total - 1))
    trials = centre * (1 - centre) / spread**2
    assert scored.average_precision_interval == pytest.approx(wilson(centre * trials, trials), abs=1e-5)


@pytest.mark.parametrize(("rows", "least"), [(40, 0.6), (4000, 0.99)])
def test_perfect_scores_have_intervals_that_say_how_much_the_rows_prove(rows: int, least: float) -> None:
    labels = np.arange(rows) % 2
    scored = Scored.of(labels, np.where(labels, 0.9, 0.1))
    for interval in (scored.roc_auc_interval, scored.average_precision_interval, scored.at(0.5).mcc_interval):
        assert interval is not None
        assert least < interval[0] < 0.9999
        assert interval[1] == 1


def test_the_histogram_holds_every_row_once_in_its_class() -> None:
    labels, scores = make_rows(2)
    histogram = Scored.of(labels, scores).histogram(10)
    assert histogram.positives.tolist() == np.histogram(scores[labels == 1], histogram.edges)[0].tolist()
    assert histogram.negatives.tolist() == np.histogram(scores[labels == 0], histogram.edges)[0].tolist()
    assert histogram.edges == pytest.approx(np.linspace(0, 1, 11))
    assert len(Scored.of(labels, scores).histogram().positives) == 50


def test_an_interval_of_a_share_stays_between_0_and_1() -> None:
    intervals = [wilson(successes, rows) for rows in range(1, 400) for successes in (0, rows)]
    assert all(interval and 0 <= interval[0] < interval[1] <= 1 for interval in intervals)


@pytest.mark.parametrize(
    ("confusion", "words"),
    [
        (Confusion(87, 13, 13, 900), "100 flagged: 87 correct, 13 false alarms; 13 of 100 positives missed."),
        (Confusion(1, 1233, 1, 9), "1,234 flagged: 1 correct, 1,233 false alarms; 1 of 2 positives missed."),
        (Confusion(0, 4, 2, 9), "4 flagged: 0 correct, 4 false alarms; 2 of 2 positives missed."),
        (Confusion(5, 0, 0, 9), "5 flagged: 5 correct, 0 false alarms; 0 of 5 positives missed."),
        (Confusion(1, 0, 0, 9), "1 flagged: 1 correct, 0 false alarms; 0 of 1 positive missed."),
        (Confusion(0, 1, 0, 9), "1 flagged: 0 correct, 1 false alarm; there are no positives."),
        (Confusion(0, 0, 3, 9), "No rows flagged; 3 of 3 positives missed."),
        (Confusion(0, 0, 0, 9), "No rows flagged; there are no positives."),
    ],
)
def test_the_result_is_a_sentence(confusion: Confusion, words: str) -> None:
    assert sentence(confusion) == words


@pytest.mark.parametrize(("name", "said"), [("1", "class 1"), ("1.0", "class 1.0"), ("yes", "class yes"), ("M", "M")])
def test_a_class_without_a_name_of_its_own_is_called_a_class(name: str, said: str) -> None:
    assert class_name(name) == said


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([0, 1], [0.5], "2 labels, but 1 scores"),
        ([], [], "no rows to evaluate"),
        ([0, 2], [0.1, 0.2], "not all 0 or 1"),
        ([0, 1], [0.1, float("nan")], "not probabilities"),
        ([0, 1], [-3.0, 2.0], "returns -3 to 2, which are not probabilities"),
    ],
)
def test_what_is_no_binary_evaluation_is_refused(labels: list[int], scores: list[float], said: str) -> None:
    with pytest.raises(Problem, match=said):
        Scored.of(labels, scores)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_interval_of_the_roc_auc_is_delongs_over_every_pair_of_rows_and_of_a_guess(seed: int) -> None:
    """Half a row of each class, whose share of the other class below it is anything from 0 to 1."""
    labels, scores = make_rows(seed)
    pairs = np.sign(scores[labels == 1][:, None] - scores[labels == 0]) / 2 + 0.5
    centre, variance = pairs.mean(), 0.0
    for shares in (pairs.mean(axis=1), pairs.mean(axis=0)):
        total = len(shares) + 0.5
        moved = (len(shares) * centre + 0.5 * 0.5) / total
        guessed = 0.5 * ((0.5 - moved) ** 2 + 1 / 12)
        squares = np.sum((shares - pairs.mean()) ** 2) + len(shares) * (centre - moved) ** 2
        variance += (squares + guessed) / (total - 1) / total
        centre = moved
    trials = centre * (1 - centre) / variance
    assert Scored.of(labels, scores).roc_auc_interval == pytest.approx(wilson(centre * trials, trials), abs=1e-6)


@pytest.mark.parametrize(("labels", "scores"), [([0, 1], [0.1, 0.9]), ([0, 1, 0], [0.1, 0.5, 0.9])])
def test_a_roc_auc_of_too_few_rows_has_no_interval(labels: list[int], scores: list[float]) -> None:
    assert Scored.of(labels, scores).roc_auc_interval is None
