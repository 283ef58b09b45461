"""Row steps choose rows and name classes before the split, and are never applied to rows that are predicted."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.data import split
from services.data.preparation_plan import PreparationPlan
from services.data.recipe import column_types
from services.data.recipe.recipe import Clip
from services.data.recipe.row_steps import AnyRowStep, Comparison, DropDuplicates, KeepRows, MapTarget
from services.errors import Problem

ROWS = pd.DataFrame(
    {
        "age": [20.0, 30.0, np.nan, 40.0],
        "job": ["cook", " nurse", None, "?"],
        "since": pd.to_datetime(pd.Series(["2026-01-01", "2026-06-01", None, "2026-11-29"])),
        "told": ["2026-01-01", "2026-06-01", None, "soon"],
        "typed": ["7", "8.5", None, "many"],
    }
)


@pytest.mark.parametrize(
    ("column", "comparison", "value", "kept"),
    [
        ("age", "is", "30", [1]),
        ("age", "is", "30.0", [1]),
        ("age", "is not", "30", [0, 2, 3]),
        ("age", "is less than", "30", [0]),
        ("age", "is at most", "30", [0, 1]),
        ("age", "is more than", "30", [3]),
        ("age", "is at least", "30", [1, 3]),
        ("age", "is missing", "", [2]),
        ("age", "is not missing", "", [0, 1, 3]),
        ("job", "is", "nurse ", [1]),
        ("job", "is not", "?", [0, 1, 2]),
        ("since", "is at least", "2026-06-01", [1, 3]),
        ("since", "is less than", "2026-06-01 00:01", [0, 1]),
        ("told", "is at most", "2026-06-01", [0, 1]),
        ("typed", "is more than", "7", [1]),
    ],
)
def test_rows_are_kept_by_what_a_column_holds(column: str, comparison: str, value: str, kept: list[int]) -> None:
    step = KeepRows(column=column, comparison=Comparison(comparison), value=value)
    assert list(step.apply(ROWS, "job").index) == kept


def test_rows_that_repeat_an_earlier_one_are_dropped() -> None:
    rows = pd.concat([ROWS, ROWS.iloc[[2, 0]]])
    pd.testing.assert_frame_equal(DropDuplicates().apply(rows, "job"), ROWS)


def test_rows_are_compared_as_pandas_compares_them() -> None:
    random = np.random.default_rng(2)
    rows = pd.DataFrame(
        {
            "a": random.choice([0.0, -0.0, np.nan, 1.5], 300),
            "b": random.choice(np.array(["x", "y", None], dtype=object), 300),
            "c": random.integers(0, 3, 300),
            "d": pd.array(random.choice([1, 2], 300), "Int64"),
            "e": random.random(300) < 0.5,
        }
    )
    pd.testing.assert_frame_equal(DropDuplicates().apply(rows, "e"), rows.drop_duplicates())


def test_classes_are_merged_and_renamed_and_a_missing_target_stays_missing() -> None:
    rows = pd.DataFrame({"y": [1.0, 2.0, 3.0, np.nan]})
    named = MapTarget(classes={"1": "low", "2": "low"}).apply(rows, "y")["y"]
    assert named.tolist()[:3] == ["low", "low", "3"]
    assert named.isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            KeepRows(column="no", comparison=Comparison.IS, value="1"),
            r'^Step "Keep rows where no is 1": there is no',
        ),
        (KeepRows(column="age", comparison=Comparison.MORE, value="99"), r"none of 4 rows is left\. Correct the value"),
        (
            KeepRows(column="age", comparison=Comparison.MORE, value="old"),
            r"old is neither a number nor a date such",
        ),
        (KeepRows(column="age", comparison=Comparison.LESS), r"an empty value is neither a number nor a date"),
        (KeepRows(column="since", comparison=Comparison.LESS, value="3"), r"3 is neither a number nor a date"),
        (MapTarget(classes={"clerk": "x"}), r'^Step "Rename class clerk to x": the target job has no class clerk\.'),
        (MapTarget(classes={"cook": " "}), r"^Rename classes: a new name is empty\."),
        (MapTarget(classes={}), r"^Rename classes: a new name is empty\."),
    ],
)
def test_a_row_step_that_cannot_be_taken_is_one_sentence(step: AnyRowStep, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        step.apply(ROWS, "job")


def test_merged_classes_are_told_in_one_sentence() -> None:
    step = MapTarget(classes={"1": "low", "2": "low", "3": "high"})
    assert step.sentence == "Rename classes 1 and 2 to low; 3 to high"


def customers(rows: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(5)
    classes = random.choice(["stays", "leaves", "left"], rows)
    return pd.DataFrame({"age": random.integers(18, 90, rows), "size": random.normal(size=rows), "y": classes})


STEPS: tuple[AnyRowStep, ...] = (
    KeepRows(column="age", comparison=Comparison.LESS, value="60"),
    MapTarget(classes={"left": "leaves"}),
)


def test_the_split_has_only_the_rows_that_are_left_and_the_recipe_tells_so() -> None:
    rows = customers()
    parts = split.split(rows, "y", "leaves", row_steps=STEPS)
    kept = rows[rows["age"] < 60]
    assert sorted(index for part in parts.tables.values() for index in part.index) == list(kept.index)
    assert parts.classes == ("stays", "leaves")
    assert sum(part["y"].sum() for part in parts.tables.values()) == kept["y"].isin(["leaves", "left"]).sum()
    assert parts.recipe is not None
    assert parts.recipe.row_steps == STEPS


def test_rows_that_are_predicted_are_neither_filtered_nor_renamed() -> None:
    learned = split.split(customers(), "y", "leaves", row_steps=STEPS).recipe
    assert learned is not None
    assert learned.apply(pd.DataFrame({"age": [80], "size": [1.0]}), "x").to_numpy().tolist() == [[80.0, 1.0]]


def test_a_plan_gives_its_steps_to_the_preparation_and_keeps_them() -> None:
    rows = customers()
    plan = PreparationPlan(row_steps=STEPS, steps=(Clip(column="age", quantiles=(0.0, 0.5)),))
    plan = PreparationPlan.model_validate_json(plan.model_dump_json())
    suggested = [use for use in column_types.column_uses(rows) if use.name != "y"]
    parts = split.split(rows, "y", "leaves", **plan.options(suggested))
    train = parts.tables["train"]
    assert train["age"].max() == rows.loc[train.index, "age"].quantile(0.5)


def test_an_own_step_over_an_excluded_column_is_refused_with_its_remedy() -> None:
    with pytest.raises(Problem, match=r'^Step "Clip age from 0": there is no column age\. Remove'):
        split.split(customers(), "y", "leaves", row_steps=STEPS, **excluded())


def excluded() -> dict[str, Any]:
    return {"exclude": ["age"], "steps": (Clip(column="age", lower=0),)}
