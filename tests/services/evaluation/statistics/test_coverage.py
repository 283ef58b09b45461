"""95 % intervals hold what was built into simulated rows in 93 to 97 of 100 sets: each interval that the pages show.

Rows are drawn at random with at least 20 positives (or rows of each class); the truth is that of the distribution they
are drawn from, from a million of its rows and more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest

from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.evaluation.statistics.intervals import Interval

pytestmark = pytest.mark.slow

SETS = 2000
Truth = Mapping[str, float]
Intervals = Mapping[str, Interval | None]


def check_coverage(truth: Truth, sets: Iterator[Intervals]) -> None:
    """Each interval holds its truth in 93 to 97 % of the sets in which it is shown, and nearly all show it."""
    held: dict[str, list[bool]] = defaultdict(list)
    for intervals in sets:
        for name, interval in intervals.items():
            if interval:
                held[name].append(interval[0] <= truth[name] <= interval[1])
    shares = {name: float(np.mean(hits)) for name, hits in held.items()}
    assert shares.keys() == truth.keys()
    assert {name: len(hits) for name, hits in held.items() if len(hits) < 0.9 * SETS} == {}
    assert {name: share for name, share in shares.items() if not 0.93 <= share <= 0.97} == {}


def expit(margins: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-margins))


NAMES = ("precision", "recall", "specificity", "accuracy", "f1", "balanced_accuracy", "mcc")
LOSSES = ("average_precision", "roc_auc", "brier", "log_loss")


def two_classes(
    random: np.random.Generator, share: float, apart: float, spread: float, labels: np.ndarray
) -> np.ndarray:
    """(rows,) scores: normal margins, `apart` between the classes, a little too sure of themselves."""
    margins = random.normal(size=len(labels)) * np.where(labels, spread, 1) + apart * labels
    return expit(1.2 * (np.log(share / (1 - share)) + apart * margins - apart**2 / 2))


def of_two_classes(scored: Scored, threshold: float, part: Callable[[object, str], object]) -> dict[str, object]:
    now = scored.at(threshold)
    return {name: part(now, name) for name in NAMES} | {name: part(scored, name) for name in LOSSES}


@pytest.mark.parametrize(
    ("rows", "share", "apart", "spread", "threshold"),
    [(2000, 0.02, 2.0, 1.0, 0.2), (2000, 0.02, 3.0, 1.0, 0.3), (400, 0.1, 1.0, 1.0, 0.15), (100, 0.5, 1.5, 1.0, 0.5)],
    ids=["rare", "rare and found", "hardly told", "balanced and few"],
)
def test_intervals_of_two_classes(rows: int, share: float, apart: float, spread: float, threshold: float) -> None:
    random = np.random.default_rng(5)
    many = np.arange(2_000_000) < 2_000_000 * share
    whole = Scored.of(many, two_classes(random, share, apart, spread, many))
    truth = of_two_classes(whole, threshold, getattr) | {
        f"f{beta:g}": whole.at(threshold).f_beta(beta) for beta in (0.5, 2.0)
    }

    def sets() -> Iterator[Intervals]:
        for _ in range(SETS):
            labels = np.zeros(rows)
            while labels.sum() < 20:
                labels = (random.random(rows) < share).astype(int)
            scored = Scored.of(labels, two_classes(random, share, apart, spread, labels))
            found = of_two_classes(scored, threshold, lambda of, name: getattr(of, f"{name}_interval"))
            now = scored.at(threshold)
            yield found | {f"f{beta:g}": now.f_beta_interval(beta) for beta in (0.5, 2.0)}  # type: ignore[misc]

    check_coverage(truth, sets())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "shares", "skill"),
    [(300, (0.6, 0.3, 0.1), 2.0), (600, (0.5, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05), 3.0), (2000, (0.96, 0.02, 0.02), 3.0)],
    ids=["three", "seven", "two rare ones"],
)
def test_intervals_of_several_classes(rows: int, shares: tuple[float, ...], skill: float) -> None:
    random, classes = np.random.default_rng(5), len(shares)

    def scored(count: int) -> ScoredClasses:
        labels = random.choice(classes, count, p=shares)
        margins = np.exp(random.normal(size=(count, classes)) + skill * np.eye(classes)[labels] + np.log(shares))
        return ScoredClasses.of(labels, margins / margins.sum(axis=1, keepdims=True), classes)

    whole = scored(1_000_000)
    truth = {name: average.value for name, average in whole.averages.items()}
    truth |= {"accuracy": whole.accuracy, "log_loss": whole.log_loss}

    def sets() -> Iterator[Intervals]:
        for _ in range(SETS):
            one = scored(rows)
            yield {name: average.interval for name, average in one.averages.items()} | {
                "accuracy": one.accuracy_interval,
                "log_loss": one.log_loss_interval,
            }

    check_coverage(truth, sets())  # type: ignore[arg-type]


def normal_errors(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    actual = 10 + random.gamma(3, 2, rows)
    return actual, actual + random.normal(0, 1, rows)


def errors_that_grow(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    actual = 1 + random.gamma(5, 3, rows)
    return actual, actual * (1 + random.normal(0, 0.2, rows))


def long_tails(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    actual = 20 + random.normal(0, 3, rows)
    return actual, actual + random.standard_t(6, rows)


@pytest.mark.parametrize(
    ("made", "rows"),
    [(normal_errors, 200), (errors_that_grow, 800), (long_tails, 800)],
    ids=["normal", "growing", "long tails"],
)
def test_intervals_of_numbers(
    made: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]], rows: int
) -> None:
    random = np.random.default_rng(3)
    names = ("mae", "rmse", "median_absolute_error", "mape", "r2")
    whole = ScoredNumbers.of(*made(random, 4_000_000), Constants(0, 0))

    def sets() -> Iterator[Intervals]:
        for _ in range(SETS):
            scored = ScoredNumbers.of(*made(random, rows), Constants(0, 0))
            yield {name: getattr(scored, f"{name}_interval") for name in names}

    check_coverage({name: getattr(whole, name) for name in names}, sets())
