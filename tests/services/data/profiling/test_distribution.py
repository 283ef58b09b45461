"""A column within each class, or within each quarter of a target of numbers."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from services.data.profiling.distribution import distribution, target_groups
from services.data.target_kind import TargetKind
from tests.services.data.profiling import tables


def labels(zeros: int, ones: int) -> pd.Series:
    return pd.Series(["0"] * zeros + ["1"] * ones)


def test_each_class_is_spread_over_its_own_rows() -> None:
    random = np.random.default_rng(0)
    values = pd.Series(np.concatenate([random.normal(0, 1, 10_000), random.normal(5, 1, 100)]))
    spread = distribution(values, labels(10_000, 100))
    assert {name: round(sum(shares)) for name, shares in spread.shares.items()} == {"0": 1, "1": 1}
    peaks = {name: float(spread.places[int(np.argmax(shares))]) for name, shares in spread.shares.items()}
    assert peaks["1"] - peaks["0"] == pytest.approx(5, abs=1)


def test_rows_beyond_the_picture_are_counted() -> None:
    assert distribution(pd.Series([*np.linspace(0, 1, 999), 1e9]), labels(1000, 0)).outside >= 1


def test_words_are_spread_over_categories() -> None:
    spread = distribution(pd.Series(["x", "x", "y", "y"]), labels(3, 1))
    assert spread.places == ("x", "y")
    assert spread.shares["1"] == (0.0, 1.0)


@pytest.mark.parametrize("cells", [[np.nan, np.nan], [None, None]])
def test_an_empty_column_has_no_distribution(cells: list[object]) -> None:
    assert distribution(pd.Series(cells), labels(1, 1)).places == ()


def test_the_largest_numbers_are_spread() -> None:
    spread = distribution(pd.Series([1.7e308, -1.7e308] * 10 + [np.inf, 0.0]), labels(11, 11))
    assert np.isfinite(spread.places).all()


def test_large_whole_numbers_beside_a_missing_one_are_spread() -> None:
    values = pd.Series([*(2**60 + 10_000 * number for number in range(1000)), None], dtype="Int64")
    assert sum(distribution(values, labels(1001, 0)).shares["0"]) == pytest.approx(0.99, abs=0.01)


def test_classes_are_drawn_from_the_most_frequent_on() -> None:
    groups = target_groups(pd.Series([1.0, 0.0, 0.0, None]))
    assert groups
    assert (groups.order, groups.noun) == (("0", "1"), "class")


def test_a_target_of_numbers_is_cut_into_quarters() -> None:
    groups = target_groups(pd.Series(range(1, 101)))
    assert groups
    assert groups.order == ("1 to 25", "26 to 50", "51 to 75", "76 to 100")
    assert groups.names.value_counts().to_dict() == dict.fromkeys(groups.order, 25)


def test_a_few_numbers_are_quarters_where_the_target_is_a_number() -> None:
    target = pd.Series([3, 4, 5, 5, 5, 6, 6, 7])
    groups, classes = target_groups(target, TargetKind.NUMBER), target_groups(target)
    assert groups
    assert classes
    assert groups.order == ("3 to 4", "5", "6", "7")
    assert classes.order[0] == "5"


def test_text_with_too_many_values_has_no_groups() -> None:
    assert target_groups(pd.Series([f"k{number}" for number in range(30)])) is None


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_odd_tables_are_spread_by_any_column(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    groups = target_groups(frame.iloc[:, 0])
    assert groups
    for place in range(min(frame.shape[1], 5)):
        shares = distribution(frame.iloc[:, place], groups.names).shares.values()
        assert all(sum(share) <= 1 + 1e-9 for share in shares)
