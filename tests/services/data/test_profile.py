"""What is said about a table before anything is learned from it."""

import numpy as np
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


def test_of_three_classes_the_sentence_counts_the_rare_one() -> None:
    balance = profile.class_balance(pd.Series(["a"] * 6 + ["b"] * 3 + ["c"], name="t"))
    assert (
        balance.accuracy_sentence
        == "A model that always predicts a is 60 % accurate, but finds none of the 1 row of c."
    )


def test_a_column_without_any_cell_is_empty() -> None:
    assert profile.kind(pd.Series([None, None], dtype=float)) == "empty"


@pytest.mark.parametrize("cells", [[np.nan, np.nan], [None, None]])
def test_an_empty_column_has_no_distribution(cells: list[object]) -> None:
    assert profile.distribution(pd.Series(cells), pd.Series([0, 1])).places == ()


def test_statistics_omit_infinite_cells() -> None:
    told = profile.describe(pd.DataFrame({"n": [1.0, 3.0, np.inf, -np.inf, np.nan]})).loc["n"]
    assert (told["count"], told["mean"], told["50%"], told["max"]) == (2, 2, 2, 3)


def test_statistics_of_the_largest_numbers_are_numbers() -> None:
    told = profile.describe(pd.DataFrame({"n": [1.7e308, 1.7e308, 1.6e308, 1.5e308]})).loc["n"]
    assert told["mean"] == pytest.approx(1.625e308)
    assert told["std"] == pytest.approx(9.574e306, rel=1e-3)


def test_a_statistic_beyond_all_numbers_is_missing() -> None:
    assert profile.describe(pd.DataFrame({"n": [1.7e308, -1.7e308]}))["std"].isna().all()


def test_a_mean_that_is_only_rounding_error_is_zero() -> None:
    values = pd.Series([0.1, 0.2, -0.3] * 1000)
    assert values.mean() != 0
    assert profile.describe(pd.DataFrame({"n": values})).loc["n", "mean"] == 0


def test_a_constant_column_does_not_deviate() -> None:
    assert profile.describe(pd.DataFrame({"n": [0.1] * 3001})).loc["n", "std"] == 0


def test_statistics_are_those_of_pandas() -> None:
    frame = pd.DataFrame({"n": [1.5, 2.5, None, 9], "m": [1, 2, 3, 7], "t": list("abcd")})
    pd.testing.assert_frame_equal(profile.describe(frame), frame[["n", "m"]].describe().transpose())


def test_the_largest_numbers_are_spread_and_compared() -> None:
    frame = pd.DataFrame({"n": [1.7e308, -1.7e308] * 10 + [np.inf, 0.0], "Class": [1, 0] * 11})
    spread = profile.distribution(frame["n"], frame["Class"])
    assert np.isfinite(spread.places).all()
    assert profile.separations(frame, "Class", "1")["n"] > 1


def test_large_whole_numbers_beside_a_missing_one_are_spread() -> None:
    values = pd.Series([*(2**60 + 10_000 * number for number in range(1000)), None], dtype="Int64")
    assert sum(profile.distribution(values, pd.Series([0] * 1001)).shares["0"]) == pytest.approx(0.99, abs=0.01)
