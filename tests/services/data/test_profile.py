"""What is said about a table before anything is learned from it."""

import pandas as pd
import pytest

from services.data.profiling import profile
from services.errors import Problem


def make_target(zeros: int, ones: int, missing: int = 0) -> pd.Series:
    return pd.Series([0.0] * zeros + [1.0] * ones + [None] * missing, name="Class")


def test_the_rare_class_is_told_in_counts_percent_and_ratio() -> None:
    balance = profile.class_balance(make_target(284_315, 492))
    assert balance.sentence == "Class 1: 492 of 284,807 rows (0.17 %)."


def test_accuracy_is_shown_to_mislead() -> None:
    said = "A model that always predicts 0 is 99.83 % accurate, but finds none of the 492 other rows."
    assert profile.class_balance(make_target(284_315, 492)).accuracy_sentence == said


def test_the_rarest_class_is_the_one_to_find() -> None:
    assert profile.class_balance(pd.Series(["b", "m", "b"], name="t")).positive == "m"


def test_missing_cells_are_no_class() -> None:
    balance = profile.class_balance(make_target(3, 1, missing=2))
    assert (balance.rows, balance.missing) == (4, 2)


def test_a_measurement_is_no_target() -> None:
    with pytest.raises(Problem, match="it has 101 different values, and at most 100 classes can be learned"):
        profile.class_balance(pd.Series(range(101), name="Amount"))


def test_a_target_without_any_cell_is_refused() -> None:
    with pytest.raises(Problem, match="all its cells are empty"):
        profile.class_balance(pd.Series([None, None], name="t", dtype=float))


def test_of_three_classes_the_sentence_counts_the_rare_one() -> None:
    balance = profile.class_balance(pd.Series(["a"] * 6 + ["b"] * 3 + ["c"], name="t"))
    assert (
        balance.accuracy_sentence
        == "A model that always predicts a is 60 % accurate, but finds none of the 1 row of c."
    )


def test_a_column_without_any_cell_is_empty() -> None:
    assert profile.kind(pd.Series([None, None], dtype=float)) == "empty"
