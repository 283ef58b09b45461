"""Before a table is prepared, a person sees what each own step does to its training rows."""

import numpy as np
import pandas as pd
import pytest

from services.data import plan_preview, split
from services.data.plan_preview import PlanPreview
from services.data.preparation_plan import PreparationPlan
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import Clip, FillMissing, FillWith, Log, Rename
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget
from services.data.target_kind import TargetKind
from services.errors import Problem

RANDOM = np.random.default_rng(4)
TABLE = pd.DataFrame(
    {
        "age": RANDOM.choice([20.0, 30.0, 55.5, np.nan], 300),
        "bill": RANDOM.choice(["1,5", "2,5", " "], 300),
        "job": RANDOM.choice(np.array(["cook", " cook", "nurse", " ", None], dtype=object), 300),
        "left": RANDOM.choice(["yes", "no", "perhaps"], 300),
    }
)
MERGED = MapTarget(classes={"perhaps": "no"})


def suggested() -> list[ColumnUse]:
    return [use for use in column_types.column_uses(TABLE) if use.name != "left"]


def preview(plan: PreparationPlan) -> PlanPreview:
    return plan_preview.preview(TABLE, "left", plan, suggested())


def train(plan: PreparationPlan) -> pd.DataFrame:
    """The raw training rows, found by the split itself."""
    parts = split.split(TABLE, "left", "yes", **plan.options(suggested()))
    return TABLE.loc[parts.tables["train"].index]


def test_counts_before_and_after_are_those_of_the_training_rows() -> None:
    filling = FillMissing(column="age", by=FillWith.MEDIAN, indicator=True)
    plan = PreparationPlan(row_steps=(MERGED,), steps=(filling,))
    (seen,) = preview(plan).recipe.steps
    rows = train(plan)
    before, after, flag = seen.facts_before["age"], seen.facts_after["age"], seen.facts_after["age_missing"]
    assert seen.rows == len(rows) == 210
    assert seen.changed == rows["age"].isna().sum()
    assert (before.missing, before.distinct, before.least, before.most) == (rows["age"].isna().sum(), 3, 20.0, 55.5)
    assert (after.missing, after.distinct) == (0, 3)
    assert (flag.least, flag.most) == (0.0, 1.0)
    assert seen.sentence.startswith(f"Fill missing cells of age with the median of the training rows, {30}")
    pd.testing.assert_frame_equal(seen.first_before, rows[["age"]].head())
    assert list(seen.first_after.columns) == ["age", "age_missing"]


def test_steps_see_cells_as_they_were_read() -> None:
    plan = PreparationPlan(row_steps=(MERGED,), steps=(Log(column="bill"), Rename(column="bill", to="amount")))
    log, renamed = preview(plan).recipe.steps
    assert log.facts_before["bill"].most == 2.5
    assert log.facts_after["bill"].most == pytest.approx(np.log(3.5))
    assert list(renamed.facts_after) == ["amount"]
    assert renamed.changed is None


def test_which_columns_there_are_after_the_steps_and_what_they_lack() -> None:
    plan = PreparationPlan(row_steps=(MERGED,), steps=(Rename(column="age", to="years"),))
    columns, rows = preview(plan).recipe.columns, train(plan)
    assert {name: state.is_number for name, state in columns.items()} == {"years": True, "bill": True, "job": False}
    assert columns["years"].missing == rows["age"].isna().sum()
    assert columns["job"].missing == rows["job"].fillna("").str.strip().eq("").sum()


def test_text_that_differs_in_blanks_only_is_one_value() -> None:
    plan = PreparationPlan(row_steps=(MERGED,), steps=(Rename(column="job", to="work"),))
    assert preview(plan).recipe.steps[0].facts_after["work"].distinct == 2


def test_row_steps_tell_how_many_rows_they_leave() -> None:
    over_30 = KeepRows(column="age", comparison=Comparison.MORE, value="30")
    plan = PreparationPlan(row_steps=(over_30, DropDuplicates(), MERGED))
    seen = preview(plan).row_steps
    kept = TABLE[TABLE["age"] > 30]
    assert [(step.rows_before, step.rows_after) for step in seen] == [
        (300, len(kept)),
        (len(kept), len(kept.drop_duplicates())),
        (len(kept.drop_duplicates()), len(kept.drop_duplicates())),
    ]
    assert seen[1].classes == ()
    assert seen[2].classes == ("no", "yes")


def test_the_steps_before_one_that_cannot_be_taken_are_still_shown() -> None:
    steps = Clip(column="age", lower=25), Clip(column="nowhere", lower=0)
    found = preview(PreparationPlan(row_steps=(MERGED,), steps=steps)).recipe
    assert [step.sentence for step in found.steps] == ["Clip age from 25"]
    assert str(found.problem).startswith('Step "Clip nowhere from 0": there is no column nowhere.')


def test_no_feature_gets_the_name_of_the_target() -> None:
    plan = PreparationPlan(row_steps=(MERGED,), steps=(Rename(column="age", to="left"),))
    said = "Column left: a step gives a feature the name of the target. Choose another name."
    assert str(preview(plan).recipe.problem) == said
    with pytest.raises(Problem, match=said):
        train(plan)


def test_a_target_that_cannot_be_learned_is_said() -> None:
    plan = PreparationPlan(kind=TargetKind.NUMBER, steps=(Clip(column="age", lower=25),))
    with pytest.raises(Problem, match=r"^Target left: 3 of its 3 different values are no numbers"):
        preview(plan)
