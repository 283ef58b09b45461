"""The verdict on a model of two classes: what is said of good, useless, leaking and barely measured models."""

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from services.evaluation import model_comparison
from services.evaluation.metrics import Scored
from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.evaluation.verdict import noise
from services.evaluation.verdict.statement import (
    ApprovedModel,
    EvaluatedRows,
    RemedyPlace,
    Statement,
    Suspect,
    VerdictLevel,
)
from services.evaluation.verdict.two_classes import is_suspicious, verdict

CLASSES = ("legitimate", "fraud")
TEST = EvaluatedRows("test")


def make_scored(rows: int = 1000, positives: int = 100, signal: float = 2.0, seed: int = 5) -> Scored:
    """Scores of a model whose positives lie `signal` standard deviations above the others."""
    random = np.random.default_rng(seed)
    labels = np.arange(rows) < positives
    margins = random.normal(size=rows) + signal * labels
    return Scored.of(labels.astype(int), 1 / (1 + np.exp(signal * 0.75 - margins)))


def said(statements: tuple[Statement, ...]) -> list[str]:
    return [one.sentence for one in statements]


def test_a_good_model_is_better_than_a_random_ranking_with_the_users_counts() -> None:
    first = verdict(make_scored(), CLASSES, TEST, 0.5)[0]
    assert first.level is VerdictLevel.GOOD
    assert first.sentence.startswith("Better than a random ranking: average precision 0.")
    assert first.sentence.endswith("against 0.100; 100 of 1,000 test rows are fraud.")


def test_a_useless_model_is_not_told_apart_from_a_random_ranking() -> None:
    first = verdict(make_scored(signal=0.0, seed=1), CLASSES, TEST, 0.5)[0]
    assert first.level is VerdictLevel.BAD
    assert first.claim == "Not told apart from a random ranking"
    assert first.remedy is RemedyPlace.TRAIN


def test_a_model_that_ranks_upside_down_is_worse_than_a_random_ranking() -> None:
    first = verdict(make_scored(signal=-1.0), CLASSES, TEST, 0.5)[0]
    assert (first.level, first.claim) == (VerdictLevel.BAD, "Worse than a random ranking")
    assert "so fraud is ranked low" in first.figures


def test_rows_of_a_labelled_file_are_called_by_its_name() -> None:
    first = verdict(make_scored(), CLASSES, EvaluatedRows("file-1", file="may.csv"), 0.5)[0]
    assert first.sentence.endswith("100 of 1,000 rows of may.csv are fraud.")


def test_one_score_for_every_row_has_learned_nothing() -> None:
    first = verdict(Scored.of([0, 1] * 40, np.full(80, 0.25)), CLASSES, TEST, 0.5)[0]
    assert first.sentence == "It gives every row the same score, 0.250: it has learned nothing."


def test_flags_rarer_than_the_base_rate_are_worse_than_flagging_at_random() -> None:
    """Precision .09 at a base rate of .26."""
    labels = np.repeat([1, 0, 1, 0], [9, 91, 251, 649])
    scores = np.repeat([0.9, 0.9, 0.4, 0.1], [9, 91, 251, 649])
    found = verdict(Scored.of(labels, scores), CLASSES, TEST, 0.5)
    assert (
        "Worse than flagging at random at threshold 0.5: 9 of 100 flagged rows are fraud (9.0 %), against 26 % of all "
        "rows." in said(found)
    )
    assert found[0].level is VerdictLevel.BAD


def test_no_flags_at_the_threshold_say_how_many_are_missed() -> None:
    assert "Flags no row at threshold 1: all 100 rows of fraud are missed." in said(
        verdict(make_scored(), CLASSES, TEST, 1.0)
    )


@pytest.mark.parametrize(
    ("flagged", "claim"),
    [((50, 10), "Better than"), ((50, 45), "Not told apart from"), ((50, 120), "More errors than")],
)
def test_errors_are_told_beside_those_of_always_the_frequent_class(flagged: tuple[int, int], claim: str) -> None:
    right, wrong = flagged
    labels = np.repeat([1, 1, 0, 0], [right, 60 - right, wrong, 940 - wrong])
    scores = np.repeat([0.9, 0.2, 0.8, 0.1], [right, 60 - right, wrong, 940 - wrong])
    errors = 60 - right + wrong
    assert (
        f"{claim} the majority rule at threshold 0.5: {errors} errors; always answering legitimate makes 60."
        in said(verdict(Scored.of(labels, scores), CLASSES, TEST, 0.5))
    )


def test_few_positives_make_the_interval_the_headline() -> None:
    found = verdict(make_scored(300, 6), CLASSES, TEST, 0.5)
    first = found[0]
    assert first.claim == "Too few rows of fraud to say"
    assert first.figures.startswith("6 of 300 test rows. Average precision is anywhere from 0.")
    assert first.remedy is RemedyPlace.PREPARE
    assert not any(one.claim == "Better than a random ranking" for one in found)


def test_rows_of_one_class_are_one_statement() -> None:
    found = verdict(Scored.of([0, 0, 0], [0.1, 0.2, 0.3]), CLASSES, TEST, 0.5)
    assert said(found) == ["All 3 test rows are legitimate: nothing can be said of telling fraud apart."]


def test_a_perfect_model_names_the_column_that_alone_separates_the_classes() -> None:
    scored = Scored.of(np.repeat([0, 1], [900, 100]), np.repeat([0.01, 0.99], [900, 100]))
    assert is_suspicious(scored)
    suspects = (Suspect("closed_at", 1.0, 0.9), Suspect("refund", 0.983, 0.1), Suspect("amount", 0.6, 0.0))
    first = verdict(scored, CLASSES, TEST, 0.5, suspects=suspects)[0]
    assert first.level is VerdictLevel.BAD
    assert first.sentence == (
        "Suspiciously good: it separates the classes without an error. The likely leak is closed_at: alone it reaches "
        "ROC AUC 1.000 on these rows, and so nearly does refund."
    )


def test_a_perfect_model_without_a_telling_column_names_what_it_relies_on() -> None:
    scored = Scored.of(np.repeat([0, 1], [900, 100]), np.repeat([0.01, 0.99], [900, 100]))
    first = verdict(scored, CLASSES, TEST, 0.5, suspects=(Suspect("V14", 0.9, 0.62), Suspect("V4", 0.93, 0.2)))[0]
    assert first.level is VerdictLevel.CAUTION
    assert first.sentence.endswith("It relies most on V14 (62 % of its gain).")


def test_a_good_model_is_not_suspected() -> None:
    assert not is_suspicious(make_scored())


def test_a_few_perfect_rows_are_not_suspected() -> None:
    assert not is_suspicious(Scored.of(np.repeat([0, 1], [20, 5]), np.repeat([0.1, 0.9], [20, 5])))


def test_train_rows_are_told_as_learned() -> None:
    found = verdict(make_scored(), CLASSES, EvaluatedRows("train", True), 0.5)
    assert said(found)[0] == "The model has learned from these train rows: every number here is too good."


def test_test_rows_worse_than_validation_rows_beyond_noise_are_told() -> None:
    found = verdict(make_scored(signal=0.8), CLASSES, TEST, 0.5, validation=make_scored(signal=3.0))
    assert any(text.startswith("Worse on test rows than on validation rows, beyond noise: ") for text in said(found))


def test_test_rows_within_the_noise_of_validation_rows_are_no_worse() -> None:
    found = verdict(make_scored(seed=1), CLASSES, TEST, 0.5, validation=make_scored(seed=2))
    assert any(
        text.startswith("No worse on test rows than on validation rows: average precision") for text in said(found)
    )


@pytest.mark.parametrize(
    ("low", "high", "claim", "level"),
    [
        (0.01, 0.05, "Better than the approved model, version 3 of cards", VerdictLevel.GOOD),
        (-0.02, 0.05, "Not told apart from the approved model, version 3 of cards", VerdictLevel.CAUTION),
        (-0.05, -0.01, "Worse than the approved model, version 3 of cards", VerdictLevel.BAD),
    ],
)
def test_the_approved_model_is_compared_on_the_same_rows(
    low: float, high: float, claim: str, level: VerdictLevel
) -> None:
    moved = MetricDifference(0.8, 0.8 + (low + high) / 2, low, high)
    approved = ApprovedModel("version 3 of cards", ModelComparison(moved, moved, 1000, 100))
    found = verdict(make_scored(), CLASSES, TEST, 0.5, approved=approved)
    assert level in {one.level for one in found if one.claim == claim}


def test_an_approved_model_that_was_not_scored_is_to_be_scored_first() -> None:
    found = verdict(make_scored(), CLASSES, TEST, 0.5, approved=ApprovedModel("version 3 of cards"))
    assert RemedyPlace.APPROVED in {one.remedy for one in found}


def test_the_rank_score_is_that_of_scipy_with_ties() -> None:
    random = np.random.default_rng(3)
    labels, scores = random.integers(0, 2, 200), random.integers(0, 9, 200) / 10
    ours = noise.rank_score(Scored.of(labels, scores))
    test = stats.mannwhitneyu(scores[labels == 1], scores[labels == 0], use_continuity=False, method="asymptotic")
    assert 2 * stats.norm.sf(abs(ours)) == pytest.approx(test.pvalue, rel=1e-9)


def test_the_interval_of_a_difference_covers_it_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(11), 0
    for _ in range(400):
        first, second = (random.binomial(80, share) for share in (0.8, 0.7))
        intervals = [model_interval(count) for count in (first, second)]
        low, high = noise.difference(first / 80, intervals[0], second / 80, intervals[1])
        held += low <= -0.1 <= high
    assert 370 <= held <= 396


def model_interval(right: int) -> tuple[float, float]:
    from services.evaluation.statistics.intervals import wilson

    interval = wilson(right, 80)
    assert interval
    return interval


def test_no_difference_is_seen_in_a_model_compared_with_itself() -> None:
    scored = make_scored()
    labels = np.diff(scored.positives_below)
    found = model_comparison.compare_models(labels, scored.scores, scored.scores, rounds=100)
    approved = ApprovedModel("version 1 of cards", found)
    claims = {one.claim for one in verdict(scored, CLASSES, TEST, 0.5, approved=approved)}
    assert "Not told apart from the approved model, version 1 of cards" in claims
