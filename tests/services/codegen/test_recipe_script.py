"""The script of a recipe makes the very features that the page makes, without SageDeck."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.codegen import recipe_script
from services.codegen.recipe_script import Predicted
from services.data import split
from services.data.recipe import column_types, recipe
from services.data.recipe.column_types import Encoding
from services.data.recipe.recipe import (
    AnyRowStep,
    AnyStep,
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    Negatives,
    Numbers,
    OneHot,
    Ordinal,
    Rename,
    TargetEncoding,
)
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget
from services.data.target_kind import TargetKind
from services.errors import Problem

RANDOM = np.random.default_rng(3)
ROWS = 400
TABLE = pd.DataFrame(
    {
        "y": RANDOM.integers(0, 2, ROWS),
        "job": RANDOM.choice(["cook", "nurse", "?", " clerk"], ROWS),
        "street": RANDOM.choice([f"street {number}" for number in range(40)], ROWS),
        "price": RANDOM.choice(["1.234,50", "7,25", "12 %"], ROWS),
        "since": RANDOM.choice(np.array(["2024-02-29", "2026-11-29", None]), ROWS),
        "days": RANDOM.choice([3.0, 5.0, 6.5, 999.0], ROWS),
        "grade": RANDOM.integers(1, 6, ROWS),
        "size": RANDOM.normal(size=ROWS),
        "gaps": RANDOM.choice([1.5, 2.5, np.nan], ROWS),
        "paint": RANDOM.choice(np.array(["red", " blue", "7", None], dtype=object), ROWS),
    }
)


def by_script(table: pd.DataFrame, steps: Sequence[AnyStep]) -> dict[str, pd.DataFrame]:
    plain = split.split(table, "y", None, exclude=table.columns.drop(["y", "size"]).tolist())
    raw = {
        name: table.loc[part.index].assign(y=part["y"].astype(float if plain.kind is TargetKind.NUMBER else int))
        for name, part in plain.tables.items()
    }
    names: dict[str, object] = {"parts": raw, "pandas": pd}
    predicted = Predicted("y", plain.kind, plain.classes)
    lines = (
        recipe_script.imports(steps, predicted),
        recipe_script.functions(steps),
        recipe_script.script(steps, predicted, 1729),
    )
    exec("".join(lines), names)
    return raw


def assert_same(steps: Sequence[AnyStep], whole: pd.DataFrame = TABLE) -> None:
    ours, theirs = split.split(whole, "y", None, steps=steps).tables, by_script(whole, steps)
    for name, table in ours.items():
        assert list(theirs[name].columns) == list(table.columns)
        np.testing.assert_allclose(theirs[name].to_numpy(float), table.to_numpy(float), rtol=1e-12)


def test_the_default_steps_of_a_mixed_table() -> None:
    steps = recipe.steps_of(use for use in column_types.column_uses(TABLE) if use.name != "y")
    assert len({type(step) for step in steps}) == 5
    assert_same(steps)


@pytest.mark.parametrize("target", [RANDOM.choice(["red", "blue", "green"], ROWS), RANDOM.normal(size=ROWS)])
def test_categories_are_encoded_by_several_classes_and_by_a_number(target: np.ndarray) -> None:
    table = TABLE.assign(y=target)
    steps = recipe.steps_of(use for use in column_types.column_uses(table) if use.name != "y")
    assert any(isinstance(step, TargetEncoding) for step in steps)
    assert_same(steps, table)


@pytest.mark.parametrize(
    "step", [OneHot(column="grade"), OneHot(column="days"), DateParts(column="since", order=Encoding.DATE)]
)
def test_a_use_that_a_person_chose(step: AnyStep) -> None:
    others = [use for use in column_types.column_uses(TABLE) if use.name not in ("y", step.column)]
    assert_same((*recipe.steps_of(others), step))


def test_numbers_of_another_decimal_sign() -> None:
    others = [use for use in column_types.column_uses(TABLE) if use.name not in ("y", "price")]
    assert_same((*recipe.steps_of(others), Numbers(column="price", decimal=".")))


@pytest.mark.parametrize(
    "step",
    [
        Drop(column="gaps"),
        Rename(column="gaps", to="holes"),
        Clip(column="grade", lower=2),
        Clip(column="size", quantiles=(0.1, 0.75)),
        Log(column="grade"),
        Log(column="size", negatives=Negatives.SIGNED),
        Ordinal(column="paint"),
        Frequency(column="paint"),
        Rename(column="paint", to="colour"),
        FillMissing(column="paint", by=FillWith.MOST_FREQUENT),
        FillMissing(column="paint", by=FillWith.CONSTANT, value="0", indicator=True),
        FillMissing(column="gaps", by=FillWith.CONSTANT, value="1,000"),
        FillMissing(column="gaps", by=FillWith.CONSTANT, value=-1.0, indicator=True),
        *(FillMissing(column="gaps", by=by) for by in list(FillWith)[:3]),
    ],
    ids=lambda step: f"{step.kind}-{step.column}",
)
def test_a_persons_own_step(step: AnyStep) -> None:
    assert_same(recipe.steps_of((use for use in column_types.column_uses(TABLE) if use.name != "y"), [step]))


def test_the_logarithm_of_negative_numbers_ends_the_script_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match=r"^size holds negative numbers$"):
        by_script(TABLE, [Log(column="size")])


@pytest.mark.parametrize(
    "step",
    [
        KeepRows(column="grade", comparison=Comparison.IS, value="3.0"),
        KeepRows(column="paint", comparison=Comparison.IS_NOT, value="7"),
        KeepRows(column="paint", comparison=Comparison.IS, value="7.0"),
        KeepRows(column="size", comparison=Comparison.AT_MOST, value="0.5"),
        KeepRows(column="paint", comparison=Comparison.MORE, value="6"),
        KeepRows(column="since", comparison=Comparison.LESS, value="2025-01-01"),
        KeepRows(column="gaps", comparison=Comparison.IS_MISSING),
        KeepRows(column="paint", comparison=Comparison.IS_PRESENT),
        DropDuplicates(),
        DropDuplicates(apart_from=("size", "gone")),
        MapTarget(classes={"1": "yes", "0": "no"}),
        MapTarget(classes={"1": "0"}),
    ],
    ids=lambda step: step.sentence,
)
def test_a_row_step_leaves_the_same_rows(step: AnyRowStep) -> None:
    table = pd.concat([TABLE, TABLE.iloc[:9]], ignore_index=True)
    try:
        left = step.apply(table, "y")
    except Problem:
        left = table.iloc[:0]
    names: dict[str, Any] = {"table": table, "pandas": pd}
    exec(recipe_script.functions((), [step]) + recipe_script.row_script([step], "y"), names)
    pd.testing.assert_frame_equal(names["table"], left, check_dtype=False)


def test_no_steps_need_no_lines() -> None:
    predicted = Predicted("y")
    written = recipe_script.imports((), predicted), recipe_script.functions(()), recipe_script.script((), predicted, 1)
    assert written == ("", "", "")
    assert recipe_script.row_script((), "y") == ""
