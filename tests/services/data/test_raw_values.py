"""Raw cells are told from prepared features where these tell them, and never wrongly."""

import numpy as np
import pandas as pd
import pytest

from services.data.recipe import recipe as recipes
from services.data.recipe.column_types import Encoding
from services.data.recipe.raw_values import RawValues, raw_values
from services.data.recipe.recipe import (
    AnyStep,
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    Numbers,
    OneHot,
    Ordinal,
    Recipe,
    Rename,
    TargetEncoding,
)

RAW = pd.DataFrame(
    {
        "job": ["cook", "nurse", None, "clerk"] * 10,
        "since": ["2024-02-29", "1969-12-31 23:30", None, "2025-01-01"] * 10,
        "bill": ["1,5", "", "20,25", "3,0"] * 10,
        "months": [1.0, np.nan, 24.0, 3.0] * 10,
    }
)
LABELS = (np.arange(10)[:, None] < [3, 9, 1, 5]).astype(int).reshape(-1)  # another share for each job


def cells_of(features: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: features[name].to_numpy(float) for name in features.columns}


def told(column: str, *steps: AnyStep) -> tuple[RawValues | None, Recipe, pd.DataFrame]:
    recipe, _ = recipes.fit(steps, RAW[[column]], LABELS, 1729)
    features = recipe.apply(RAW[[column]], "x")  # not the crossed encodings of training rows
    return raw_values(cells_of(features), recipe)[column], recipe, features


CASES: dict[str, tuple[str, tuple[AnyStep, ...]]] = {
    "one-hot": ("job", (OneHot(column="job"),)),
    "ordinal": ("job", (Ordinal(column="job"),)),
    "target encoded": ("job", (TargetEncoding(column="job"),)),
    "renamed": ("job", (Rename(column="job", to="work"), OneHot(column="work"))),
    "date": ("since", (DateParts(column="since", order=Encoding.DATE),)),
    "logarithm": ("months", (Log(column="months"),)),
    "filled and marked": ("months", (FillMissing(column="months", by=FillWith.MEDIAN, indicator=True),)),
    "as it is": ("months", ()),
    "number as text": ("bill", (Numbers(column="bill", decimal=","),)),
}


@pytest.mark.parametrize(("column", "steps"), CASES.values(), ids=CASES)
def test_a_cell_that_is_told_gives_the_same_features_again(column: str, steps: tuple[AnyStep, ...]) -> None:
    values, recipe, features = told(column, *steps)
    assert values is not None
    for place in range(4):
        again = recipe.row({column: values.cell(place)}, "x")
        np.testing.assert_allclose(again, features.iloc[place], rtol=1e-9)
        assert (values.cell(place) is None) == bool(pd.isna(RAW[column][place]) or RAW[column][place] == "")


def test_dates_of_a_day_and_of_a_minute_are_shown_as_they_are_written() -> None:
    values, _, _ = told("since", DateParts(column="since", order=Encoding.DATE))
    assert values is not None
    assert [values.text(place) for place in range(4)] == ["2024-02-29", "1969-12-31 23:00", "missing", "2025-01-01"]


def test_categories_with_the_same_share_are_numbers_not_guesses() -> None:
    values, _, _ = told("job", Frequency(column="job"))
    assert values is not None
    assert values.cell(0) is None
    assert values.text(0) == "0.25 (share of training rows)"


def test_a_category_that_no_training_row_has_is_another_value() -> None:
    recipe, _ = recipes.fit([OneHot(column="job")], RAW[["job"]], LABELS, 1729)
    features = recipe.apply(pd.DataFrame({"job": ["pilot", "cook"]}), "x")
    values = raw_values(cells_of(features), recipe)["job"]
    assert values is not None
    assert [values.text(0), values.text(1)] == ["another value", "cook"]
    assert values.cell(0) is None


def test_a_clipped_cell_is_as_the_model_sees_it() -> None:
    values, _, _ = told("months", Clip(column="months", upper=10.0))
    assert values is not None
    assert values.text(2) == "10"


def test_a_date_without_its_year_is_not_told() -> None:
    values, _, _ = told("since", DateParts(column="since", order=Encoding.DATE), Drop(column="since_year"))
    assert values is None


def test_every_feature_knows_its_raw_column() -> None:
    steps: list[AnyStep] = [
        FillMissing(column="months", by=FillWith.MEDIAN, indicator=True),
        Rename(column="months", to="age"),
        OneHot(column="job"),
        DateParts(column="since", order=Encoding.DATE),
    ]
    recipe, _ = recipes.fit(steps, RAW[["job", "since", "months"]], LABELS, 1729)
    origins = recipe.origins()
    assert tuple(origins) == recipe.features
    assert {origins[name] for name in ("age", "months_missing")} == {"months"}
    assert {origin for name, origin in origins.items() if name.startswith("job=")} == {"job"}
    assert {origin for name, origin in origins.items() if name.startswith("since_")} == {"since"}
