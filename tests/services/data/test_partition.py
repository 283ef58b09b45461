"""Which rows go where, by every method: none lost or doubled, shares as asked, the same by the same seed."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from services.data.division import partition as partitions
from services.data.division.partition import AS_TUTORIAL, SplitMethod, SplitPlan, partition
from services.data.prepared_data import SPLITS
from services.errors import Problem

CASES = pytest.mark.parametrize("case", range(12))


def make_case(
    case: int, classes: tuple[int, int] = (2, 6), rows: tuple[int, int] = (20, 80)
) -> tuple[pd.Series, tuple[float, float, float], int]:
    """Labels of so many classes of so many rows each, shares of the parts, and a seed, all by chance."""
    random = np.random.default_rng(case)
    labels = make_labels(random.integers(*rows, size=random.integers(*classes, endpoint=True)).tolist())
    train, validation = (int(random.integers(20, 80)), int(random.integers(5, 15)))
    return labels, (train / 100, validation / 100, (100 - train - validation) / 100), int(random.integers(2**32))


def make_labels(counts: list[int]) -> pd.Series:
    return pd.Series(np.repeat(range(len(counts)), counts), name="y")


def frame_of(labels: pd.Series) -> pd.DataFrame:
    rows = len(labels)
    return pd.DataFrame({"when": np.arange(rows) * 37 % rows, "who": np.arange(rows) % 13})


def plan_of(method: SplitMethod, shares: tuple[float, float, float], seed: int) -> SplitPlan:
    column = {SplitMethod.TIME: "when", SplitMethod.GROUP: "who"}.get(method)
    return SplitPlan(method=method, shares=shares, seed=seed, column=column)


def refusal(frame: pd.DataFrame, labels: pd.Series, plan: SplitPlan) -> str:
    with pytest.raises(Problem) as caught:
        partition(frame, labels, plan)
    return str(caught.value)


@CASES
@pytest.mark.parametrize("method", SplitMethod)
def test_no_row_is_lost_or_doubled(case: int, method: SplitMethod) -> None:
    labels, shares, seed = make_case(case)
    parts = partition(frame_of(labels), labels, plan_of(method, shares, seed))
    assert tuple(parts) == SPLITS
    assert sorted(np.concatenate([*parts.values()])) == list(range(len(labels)))


@CASES
@pytest.mark.parametrize("method", SplitMethod)
def test_the_same_seed_gives_the_same_parts(case: int, method: SplitMethod) -> None:
    labels, shares, seed = make_case(case)
    first, again = (partition(frame_of(labels), labels, plan_of(method, shares, seed)) for _ in range(2))
    assert all(np.array_equal(first[name], again[name]) for name in SPLITS)


@pytest.mark.parametrize("method", [SplitMethod.STRATIFIED, SplitMethod.SHUFFLED, SplitMethod.GROUP])
def test_another_seed_gives_other_parts(method: SplitMethod) -> None:
    labels, shares, seed = make_case(0)
    first, other = (partition(frame_of(labels), labels, plan_of(method, shares, seed + more)) for more in (0, 1))
    assert not np.array_equal(np.sort(first["test"]), np.sort(other["test"]))


@CASES
@pytest.mark.parametrize("method", [SplitMethod.STRATIFIED, SplitMethod.SHUFFLED, SplitMethod.TIME])
def test_shares_are_within_a_row_of_what_was_asked(case: int, method: SplitMethod) -> None:
    labels, shares, seed = make_case(case)
    parts = partition(frame_of(labels), labels, plan_of(method, shares, seed))
    assert all(abs(len(parts[name]) - share * len(labels)) <= 1 for name, share in zip(SPLITS, shares, strict=True))


def farthest(labels: pd.Series, shares: tuple[float, float, float], seed: int) -> float:
    """By how many rows the class that misses its share by most does so."""
    parts = partition(frame_of(labels), labels, SplitPlan(shares=shares, seed=seed))
    counts = np.bincount(labels)
    sizes = np.array([len(parts[name]) / len(labels) for name in SPLITS])
    found = np.array([np.bincount(labels.iloc[parts[name]], minlength=len(counts)) for name in SPLITS])
    return float(np.abs(found - sizes[:, None] * counts).max())


def test_of_two_classes_each_part_has_its_share_within_a_row() -> None:
    assert max(farthest(*make_case(case, (2, 2), (12, 90))) for case in range(200)) <= 1


def test_of_several_classes_each_part_has_its_share_within_two_rows() -> None:
    assert max(farthest(*make_case(case, (3, 9), (8, 90))) for case in range(200)) < 2


@pytest.mark.parametrize("counts", [(492, 284), (701, 33), (9, 21, 163, 1457, 2198, 880, 175), (61, 17, 203)])
def test_stratified_parts_have_the_class_counts_of_scikit_learn(counts: tuple[int, ...]) -> None:
    labels = make_labels([*counts])
    parts = partition(frame_of(labels), labels, SplitPlan())
    train, rest = train_test_split(labels, train_size=len(parts["train"]), stratify=labels, random_state=0)
    validation, test = train_test_split(rest, train_size=len(parts["validation"]), stratify=rest, random_state=0)
    for name, judge in zip(SPLITS, (train, validation, test), strict=True):
        np.testing.assert_array_equal(np.bincount(labels.iloc[parts[name]]), np.bincount(judge))


def test_the_shuffled_parts_are_those_of_the_tutorial() -> None:
    frame = pd.DataFrame({"a": range(1007)})
    shuffled = frame.sample(frac=1, random_state=1729)
    judge = shuffled.index[: int(0.7 * 1007)], shuffled.index[int(0.7 * 1007) : int(0.9 * 1007)]
    parts = partition(frame, frame["a"] % 2, AS_TUTORIAL)
    assert all(np.array_equal(parts[name], rows) for name, rows in zip(SPLITS, judge, strict=False))


def test_a_number_is_spread_evenly_over_the_parts() -> None:
    labels = pd.Series(np.random.default_rng(1).exponential(size=2000), name="price")
    parts = partition(frame_of(labels), labels, SplitPlan())
    tenths = pd.qcut(labels, 10, labels=False)
    assert [np.bincount(tenths.iloc[parts[name]]).tolist() for name in SPLITS] == [[140] * 10, [40] * 10, [20] * 10]


def test_the_only_row_of_a_class_goes_to_train_and_that_is_said() -> None:
    labels = make_labels([1, 60, 40, 1])
    parts = partition(frame_of(labels), labels, SplitPlan())
    assert {0, 101} <= {*parts["train"]}
    assert partitions.notes(frame_of(labels), labels, SplitPlan(), ("a", "b", "c", "d")) == (
        "The only row of classes a, d goes to train.",
    )


def test_a_target_of_single_rows_is_refused() -> None:
    labels = make_labels([1] * 50)
    assert refusal(frame_of(labels), labels, SplitPlan()).startswith("Split: 50 classes have one row only.")


DATES = pd.Series(pd.date_range("2020-01-01", periods=100, freq="25h"))


@pytest.mark.parametrize(
    "written",
    [
        lambda dates: dates,
        lambda dates: dates.dt.tz_localize("Europe/Berlin"),
        lambda dates: dates.dt.strftime("%Y-%m-%dT%H:%M:%S+01:00"),
        lambda dates: dates.dt.strftime("%d/%m/%Y %H:%M"),
        lambda dates: dates.dt.strftime("%m-%d-%Y %H:%M"),
        lambda dates: dates.astype("int64"),
    ],
    ids=["dates", "zone", "ISO", "day first", "month first", "numbers"],
)
def test_the_oldest_rows_are_in_train_and_the_newest_in_test(written: Callable[[pd.Series], pd.Series]) -> None:
    mixed = DATES.sample(frac=1, random_state=5).reset_index(drop=True)
    plan = SplitPlan(method=SplitMethod.TIME, column="when")
    parts = partition(pd.DataFrame({"when": written(mixed)}), mixed.dt.day, plan)
    in_order = mixed.iloc[np.concatenate([*parts.values()])]
    assert in_order.is_monotonic_increasing


def test_rows_without_a_time_go_to_train_and_that_is_said() -> None:
    frame = pd.DataFrame({"when": [np.nan, -999.0, -999.0, *np.arange(97.0)]})
    labels, plan = frame.index.to_series() % 2, SplitPlan(method=SplitMethod.TIME, column="when")
    assert {*range(3)} <= {*partition(frame, labels, plan)["train"]}
    assert partitions.notes(frame, labels, plan, ("0", "1")) == ("3 rows go to train: no time in when.",)


def test_a_column_of_words_is_no_time() -> None:
    frame = pd.DataFrame({"job": ["cook", "nurse"] * 20})
    plan = SplitPlan(method=SplitMethod.TIME, column="job")
    said = "Column job: it holds neither dates nor numbers. Split by another column."
    assert refusal(frame, frame.index.to_series() % 2, plan) == said


def test_a_split_by_a_column_needs_one() -> None:
    labels = make_labels([20, 20])
    plan = SplitPlan(method=SplitMethod.GROUP)
    assert refusal(frame_of(labels), labels, plan) == "Split by group: no column is selected. Choose one."
    gone = plan.model_copy(update={"column": "gone"})
    assert refusal(frame_of(labels), labels, gone) == "Split by group: there is no column gone. Choose one."


@CASES
def test_groups_stay_whole_and_shares_are_within_two_groups(case: int) -> None:
    _, shares, seed = make_case(case)
    random = np.random.default_rng(case)
    sizes = random.integers(1, 30, random.integers(3, 40))
    frame = pd.DataFrame({"who": np.repeat(range(len(sizes)), sizes)})
    plan = SplitPlan(method=SplitMethod.GROUP, column="who", shares=shares, seed=seed)
    parts = partition(frame, frame["who"] % 2, plan)
    groups = [{*frame["who"].iloc[parts[name]]} for name in SPLITS]
    assert sum(map(len, groups)) == len(sizes)
    missed = [abs(len(parts[name]) - share * len(frame)) for name, share in zip(SPLITS, shares, strict=True)]
    assert max(missed) <= 2 * max(sizes) + 1


def test_rows_without_a_group_go_to_train_and_that_is_said() -> None:
    frame = pd.DataFrame({"who": [None, *"abcdefgh" * 5]})
    labels, plan = frame.index.to_series() % 2, SplitPlan(method=SplitMethod.GROUP, column="who")
    assert 0 in partition(frame, labels, plan)["train"]
    assert partitions.notes(frame, labels, plan, ("0", "1")) == ("1 row goes to train: no value in who.",)


def test_two_groups_cannot_be_three_parts() -> None:
    frame = pd.DataFrame({"who": ["a", "b"] * 20})
    plan = SplitPlan(method=SplitMethod.GROUP, column="who")
    said = "Split by groups of who: it has only 2 different values. Choose a column with more."
    assert refusal(frame, frame.index.to_series() % 2, plan) == said


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.2), (1.2, -0.1, -0.1)])
def test_shares_that_do_not_sum_to_the_whole_are_refused(shares: tuple[float, float, float]) -> None:
    labels = make_labels([20, 20])
    assert "Choose shares that sum to 100 %." in refusal(frame_of(labels), labels, SplitPlan(shares=shares))


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (SplitPlan(), "Stratified 70/20/10, seed 1729"),
        (SplitPlan(method=SplitMethod.SHUFFLED, shares=(0.625, 0.25, 0.125), seed=7), "Shuffled 62.5/25/12.5, seed 7"),
        (SplitPlan(method=SplitMethod.TIME, column="day"), "By time of day 70/20/10, newest rows in test"),
        (SplitPlan(method=SplitMethod.GROUP, column="who"), "By groups of who 70/20/10, seed 1729"),
    ],
)
def test_a_plan_is_a_sentence(plan: SplitPlan, sentence: str) -> None:
    assert plan.sentence == sentence
