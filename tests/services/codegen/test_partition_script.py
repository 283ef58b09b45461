"""The script of a split and of resampling makes the very rows that the page makes, without SageDeck."""

import numpy as np
import pandas as pd
import pytest

from services.codegen import partition_script
from services.data import split
from services.data.division import partition
from services.data.division.partition import AS_TUTORIAL, SplitMethod, SplitPlan
from services.data.division.resampling import Resampling, ResamplingMethod
from services.data.division.row_times import time_reading
from services.data.target_kind import TargetKind

RANDOM = np.random.default_rng(4)
ROWS = 403
JOB = RANDOM.integers(0, 3, ROWS)
DAYS = (
    pd.Series(pd.date_range("2024-01-01", periods=ROWS, freq="7h"))
    .sample(frac=1, random_state=2)
    .reset_index(drop=True)
)
TABLE = pd.DataFrame(
    {
        "y": (RANDOM.random(ROWS) < 0.2).astype(int),
        "size": RANDOM.normal(size=ROWS),
        "children": RANDOM.integers(0, 9, ROWS),
        "smokes": RANDOM.integers(0, 2, ROWS),
        **{f"job={name}": np.where(place == JOB, 1, 0) for place, name in enumerate(["cook", "nurse", "?"])},
    }
)
BY = TABLE.assign(
    when=DAYS,
    iso=DAYS.dt.strftime("%Y-%m-%dT%H:%M:%S+02:00").where(RANDOM.random(ROWS) < 0.9, None),
    day_first=DAYS.dt.strftime("%d/%m/%Y"),
    month_first=DAYS.dt.strftime("%m/%d/%Y"),
    number=np.where(RANDOM.random(ROWS) < 0.1, -999, RANDOM.integers(0, 100, ROWS)),
    who=RANDOM.choice([*"abcdefghijkl", None], ROWS),
)
COLUMNS = [name for name in BY.columns if name not in TABLE.columns]


def by_script(plan: SplitPlan, resampling: Resampling | None = None) -> dict[str, pd.DataFrame]:
    times = time_reading(BY[plan.column]) if plan.method is SplitMethod.TIME and plan.column else None
    table = BY.drop(columns=[name for name in COLUMNS if name != plan.column])
    names: dict[str, object] = {"table": table, "pandas": pd}
    lines = partition_script.division(plan, "y", TargetKind.TWO_CLASSES, COLUMNS, times)
    exec(partition_script.imports(resampling) + lines + partition_script.resampling_lines(resampling, "y"), names)
    parts: dict[str, pd.DataFrame] = names["parts"]  # type: ignore[assignment]
    return parts


@pytest.mark.parametrize(
    "plan",
    [
        AS_TUTORIAL,
        SplitPlan(method=SplitMethod.SHUFFLED, shares=(0.63, 0.22, 0.15), seed=3),
        SplitPlan(),
        SplitPlan(shares=(0.61, 0.29, 0.1), seed=3),
        SplitPlan(method=SplitMethod.GROUP, column="who"),
        *(SplitPlan(method=SplitMethod.TIME, column=name) for name in COLUMNS if name != "who"),
    ],
    ids=lambda plan: plan.sentence,
)
def test_the_parts_hold_the_same_rows_in_the_same_order(plan: SplitPlan) -> None:
    ours, theirs = split.split(BY, "y", "1", parts=plan, exclude=COLUMNS).tables, by_script(plan)
    assert list(theirs) == list(ours)
    for name, table in ours.items():
        pd.testing.assert_frame_equal(theirs[name], table, check_dtype=False)


@pytest.mark.parametrize("method", ResamplingMethod)
@pytest.mark.parametrize("ratio", [1.0, 0.7])
def test_the_train_part_is_resampled_to_the_same_rows(method: ResamplingMethod, ratio: float) -> None:
    resampling = Resampling(method=method, ratio=ratio, seed=5, neighbours=4)
    ours = split.split(BY, "y", "1", parts=SplitPlan(), exclude=COLUMNS, resampling=resampling).tables
    theirs = by_script(SplitPlan(), resampling)
    for name, table in ours.items():
        assert list(theirs[name].columns) == list(table.columns)
        np.testing.assert_allclose(theirs[name].to_numpy(float), table.to_numpy(float), rtol=1e-12)


@pytest.mark.parametrize("labels", [RANDOM.integers(0, 6, ROWS), np.r_[3, 4, RANDOM.integers(0, 3, ROWS - 2)]])
def test_several_classes_are_stratified_alike(labels: np.ndarray) -> None:
    assert_alike(pd.Series(labels, name="y"), TargetKind.CLASSES)


def test_a_number_is_stratified_alike() -> None:
    assert_alike(pd.Series(RANDOM.exponential(size=ROWS), name="y"), TargetKind.NUMBER)


def assert_alike(labels: pd.Series, kind: TargetKind) -> None:
    ours = partition.partition(labels.to_frame(), labels, SplitPlan())
    names: dict[str, object] = {"table": labels.to_frame(), "pandas": pd}
    exec(partition_script.imports(None) + partition_script.division(SplitPlan(), "y", kind, (), None), names)
    theirs: dict[str, pd.DataFrame] = names["parts"]  # type: ignore[assignment]
    assert {name: list(part.index) for name, part in theirs.items()} == {name: list(ours[name]) for name in ours}
