"""What is said about a table before anything is learned from it."""

import numpy as np
import pandas as pd
import pytest

from services.data import profile
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
    with pytest.raises(Problem, match="it has 50 different values"):
        profile.class_balance(pd.Series(range(50), name="Amount"))


def test_a_target_without_any_cell_is_refused() -> None:
    with pytest.raises(Problem, match="all its cells are empty"):
        profile.class_balance(pd.Series([None, None], name="t", dtype=float))


def test_columns_are_told_by_kind_missing_cells_and_distinct_values() -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, None, 1.5],
            "t": ["x", "y", "x"],
            "b": [True, False, True],
            "d": pd.to_datetime(["2026-01-01", "2026-01-02", ""]),
        }
    )
    told = profile.columns(frame).set_index("column")
    assert told["type"].to_dict() == {"n": "number", "t": "text", "b": "true/false", "d": "date"}
    assert told["missing"].to_dict() == {"n": 1, "t": 0, "b": 0, "d": 1}
    assert told["distinct"].to_dict() == {"n": 1, "t": 2, "b": 2, "d": 2}


def test_each_class_is_spread_over_its_own_rows() -> None:
    random = np.random.default_rng(0)
    values = pd.Series(np.concatenate([random.normal(0, 1, 10_000), random.normal(5, 1, 100)]))
    spread = profile.distribution(values, make_target(10_000, 100))
    assert {name: round(sum(shares)) for name, shares in spread.shares.items()} == {"0": 1, "1": 1}
    peaks = {name: float(spread.places[int(np.argmax(shares))]) for name, shares in spread.shares.items()}
    assert peaks["1"] - peaks["0"] == pytest.approx(5, abs=1)


def test_rows_beyond_the_picture_are_counted() -> None:
    values = pd.Series([*np.linspace(0, 1, 999), 1e9])
    assert profile.distribution(values, make_target(1000, 0)).outside >= 1


def test_words_are_spread_over_categories() -> None:
    spread = profile.distribution(pd.Series(["x", "x", "y", "y"]), pd.Series([0, 0, 0, 1]))
    assert spread.places == ("x", "y")
    assert spread.shares["1"] == (0.0, 1.0)


def test_the_column_in_which_the_classes_differ_most_comes_first() -> None:
    frame = pd.DataFrame({"near": [0, 1, 0, 1], "far": [0, 0, 9, 9], "Class": [0, 0, 1, 1]})
    assert list(profile.separations(frame, "Class", "1").index) == ["far", "near"]
