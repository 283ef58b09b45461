"""How strongly columns go with the target, against scipy's chi-squared and by what a person expects of the scale."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency  # type: ignore[import-untyped]

from services.data.division.partition import SplitPlan
from services.data.profiling import associations
from services.data.profiling.categories import Categories, categories
from tests.services.data.profiling import tables


def expected_strength(column: pd.Series, target: pd.Series) -> float:
    """Of scipy's chi-squared over a table of pandas, less what it is on average by chance."""
    counts = pd.crosstab(column, target).to_numpy()
    rows, (width, height) = counts.sum(), counts.shape
    found = chi2_contingency(counts, correction=False).statistic
    by_chance = rows * (width - 1) * (height - 1) / (rows - 1)
    return float(max(0.0, (found - by_chance) / (rows * (height - 1) - by_chance)) ** 0.5)


def expected(first: pd.Series, second: pd.Series) -> float:
    """Cramér's V with Bergsma's correction, from scipy's chi-squared over a table of pandas."""
    counts = pd.crosstab(first, second).to_numpy()
    rows, (width, height) = counts.sum(), counts.shape
    share = chi2_contingency(counts, correction=False).statistic / rows
    share = max(0.0, share - (width - 1) * (height - 1) / (rows - 1))
    width, height = (size - (size - 1) ** 2 / (rows - 1) for size in (width, height))
    return float((share / (min(width, height) - 1)) ** 0.5)


def strengths(frame: pd.DataFrame, target: str) -> dict[str, float]:
    return {found.column: found.strength for found in associations.associations(frame, target)}


def made(rows: int = 4000) -> pd.DataFrame:
    random = np.random.default_rng(3)
    ill = random.random(rows) < 0.3
    return pd.DataFrame(
        {
            "copy": np.where(ill, "yes", "no"),
            "near": ill + random.normal(0, 0.5, rows),
            "word": np.where(random.random(rows) < 0.7, np.where(ill, "a", "b"), "c"),
            "noise": random.normal(0, 1, rows),
            "key": [f"k{number}" for number in range(rows)],
            "constant": 1,
            "ill": ill.astype(int),
        }
    )


def test_cramers_v_is_that_of_scipys_chi_squared_corrected_for_chance() -> None:
    frame = tables.real("telco-customer-churn.csv")
    first, second = frame["PaymentMethod"], frame["Contract"]
    assert associations.cramers_v(categories(first), categories(second)) == pytest.approx(expected(first, second))


def test_the_strength_is_that_of_scipys_chi_squared_less_what_chance_brings() -> None:
    random = np.random.default_rng(4)
    target = pd.Series(random.integers(0, 5, 600))
    column = pd.Series(np.where(random.random(600) < 0.4, target, random.integers(0, 3, 600)))
    found = associations.strength(categories(column), categories(target))
    assert found == pytest.approx(expected_strength(column, target))


def test_for_two_classes_the_strength_is_cramers_v() -> None:
    frame = made()
    column, target = (categories(frame[name]) for name in ("near", "ill"))
    assert associations.strength(column, target) == pytest.approx(associations.cramers_v(column, target), abs=0.01)


def test_a_column_of_few_values_does_not_look_stronger_than_the_numbers_it_was_made_of() -> None:
    random = np.random.default_rng(1)
    value = random.normal(0, 1, 5000)
    near = value + random.normal(0, 0.5, 5000)
    found = strengths(pd.DataFrame({"near": near, "sign": near > 0, "value": value}), "value")
    assert found["near"] > found["sign"] > 0.2


@pytest.mark.parametrize("name", ["telco-customer-churn.csv", "hypothyroid.csv"])
def test_text_of_real_tables_goes_with_the_target_as_scipy_has_it(name: str) -> None:
    frame = tables.real(name)
    goal = "Churn" if name.startswith("telco") else "sex"
    frame = frame[frame[goal].notna()]
    found = strengths(frame, goal)
    columns = map(str, frame.select_dtypes("str").columns)
    texts = [column for column in columns if column != goal and 1 < frame[column].nunique() < 50]
    theirs = {column: expected_strength(frame[column].fillna("missing"), frame[goal]) for column in texts}
    assert {column: found[column] for column in texts} == pytest.approx(theirs, abs=1e-9)


def test_numbers_and_text_are_ranked_on_one_scale() -> None:
    found = strengths(made(), "ill")
    assert list(found)[:3] == ["copy", "word", "near"]
    assert found["copy"] == 1


def test_what_is_only_chance_is_no_association() -> None:
    found = strengths(made(), "ill")
    assert (found["key"], found["constant"]) == (0, 0)
    assert found["noise"] < 0.06


def test_a_number_that_gives_away_a_rare_class_stands_out() -> None:
    random = np.random.default_rng(1)
    rare = np.arange(50_000) < 80
    frame = pd.DataFrame({"leak": random.random(50_000) + 2 * rare, "noise": random.random(50_000), "rare": rare})
    assert strengths(frame, "rare")["leak"] > 0.8


def test_a_number_that_tells_a_number_goes_with_it() -> None:
    random = np.random.default_rng(1)
    value = random.normal(0, 1, 5000)
    frame = pd.DataFrame({"same": value * 2, "noise": random.normal(0, 1, 5000), "value": value})
    found = strengths(frame, "value")
    assert found["same"] > 0.95 > 0.1 > found["noise"]


def test_a_missing_cell_may_tell_the_target() -> None:
    frame = pd.DataFrame({"n": [np.nan, 1.0, 2.0, 3.0] * 100, "y": [1, 0, 0, 0] * 100})
    assert strengths(frame, "y")["n"] == pytest.approx(1, abs=0.01)


def test_a_value_that_half_the_rows_hold_is_a_bin_of_its_own() -> None:
    values = pd.Series([0.0] * 500 + list(np.linspace(-1, 1, 500)))
    codes = categories(values).codes
    assert set(codes[:500]) == {codes[0]}
    assert (codes == codes[0]).sum() == 500 + (np.linspace(-1, 1, 500) == 0).sum()


def test_bins_are_those_of_quantiles() -> None:
    codes = categories(pd.Series(np.arange(10_000)[::-1])).codes
    assert codes.max() == 19
    assert np.bincount(codes)[[0, 1, 6, 19]].tolist() == [9, 40, 1000, 11]


def test_tables_of_counts_too_large_to_be_made_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    one, other = (Categories(random.integers(0, 40, 2000), 40) for _ in range(2))
    whole = associations.cramers_v(one, other)
    monkeypatch.setattr(associations, "DENSE", 0)
    assert associations.cramers_v(one, other) == pytest.approx(whole, abs=1e-12)


def test_texts_go_with_each_other_and_fully_with_themselves() -> None:
    table = associations.text_associations(made()[["copy", "word", "key"]])
    assert table.loc["copy", "copy"] == 1
    assert table.to_numpy()[0, 1] == table.to_numpy()[1, 0]
    assert table.to_numpy()[0, 1] > 0.5
    assert table.loc["key", "word"] == 0


def test_only_rows_of_the_training_part_with_a_target_are_taken() -> None:
    frame = pd.DataFrame({"n": range(100), "y": [None, 1.0, None, 0.0] * 25})
    rows = associations.training_rows(frame, "y", SplitPlan())
    assert len(rows) == 35
    assert frame["y"].iloc[rows].notna().all()
    assert len(set(rows)) == 35


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_columns_of_odd_tables_have_a_strength(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    frame["target"] = [number % 2 for number in range(len(frame))]
    found = associations.associations(frame, "target")
    assert len(found) == frame.shape[1] - 1
    assert all(0 <= one.strength <= 1 for one in found)
