"""Resampling changes the training rows as imbalanced-learn does, and says what changed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler

from services.data import split as data_split
from services.data.division.resampling import Resampling, ResamplingMethod, flag_groups, resample
from services.data.recipe.recipe import OneHot
from services.errors import Problem

RANDOM = np.random.default_rng(8)
COUNTS = (200, 30, 60)


def make_table(counts: tuple[int, ...] = COUNTS, **more: Any) -> pd.DataFrame:
    rows = sum(counts)
    job = RANDOM.integers(0, 3, rows)
    return pd.DataFrame(
        {
            "y": np.repeat(range(len(counts)), counts).astype("int8"),
            "size": RANDOM.normal(size=rows),
            "children": RANDOM.integers(0, 9, rows),
            "smokes": RANDOM.random(rows) < 0.3,
            **{f"job={name}": (job == place).astype("int8") for place, name in enumerate(["cook", "nurse", "?"])},
            **more,
        }
    )


def counts_of(table: pd.DataFrame) -> list[int]:
    return np.bincount(table["y"]).tolist()


def refusal(table: pd.DataFrame, plan: Resampling, classes: int = 3) -> str:
    with pytest.raises(Problem) as caught:
        resample(table, classes, plan)
    return str(caught.value)


@pytest.mark.parametrize("method", ResamplingMethod)
@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_classes_have_the_ratio_that_was_asked(method: ResamplingMethod, ratio: float) -> None:
    table, effect = resample(make_table(), 3, Resampling(method=method, ratio=ratio))
    under = method is ResamplingMethod.UNDER
    expected = [min(200, int(30 / ratio)), 30, min(60, int(30 / ratio))] if under else [200, *[int(200 * ratio)] * 2]
    assert counts_of(table) == list(effect.after) == expected
    assert effect.before == COUNTS


def ordered(rows: pd.DataFrame) -> np.ndarray:
    numbers = rows.to_numpy(float)
    return numbers[np.lexsort(numbers.T)]


@pytest.mark.parametrize(
    ("method", "judge"),
    [(ResamplingMethod.OVER, RandomOverSampler), (ResamplingMethod.UNDER, RandomUnderSampler)],
)
def test_rows_by_chance_are_those_of_imbalanced_learn(method: ResamplingMethod, judge: Any) -> None:
    table = make_table((90, 20))
    features, labels = judge(random_state=7).fit_resample(table.iloc[:, 1:], table["y"])
    ours, _ = resample(table, 2, Resampling(method=method, seed=7))
    np.testing.assert_array_equal(ordered(ours), ordered(pd.concat([labels, features], axis=1)))


def test_smote_lies_between_neighbours_as_imbalanced_learn_puts_it_on_floats() -> None:
    table = make_table((90, 20))
    judge = SMOTE(random_state=7, k_neighbors=3).fit_resample(table.iloc[:, 1:].astype(float), table["y"])
    ours, effect = resample(table, 2, Resampling(method=ResamplingMethod.SMOTE, seed=7, neighbours=3))
    np.testing.assert_allclose(ordered(ours), ordered(pd.concat([judge[1], judge[0]], axis=1)))
    assert "smokes" in effect.mixed


def test_smotenc_takes_flags_for_categories_and_a_one_hot_encoded_column_for_one() -> None:
    table = make_table((90, 20))
    job = table.filter(like="job=").to_numpy() @ [1, 2, 3]
    features = table[["size", "children"]].astype(float).assign(smokes=table["smokes"].astype(float), job=job)
    judge, _ = SMOTENC(["smokes", "job"], random_state=7).fit_resample(features, table["y"])
    ours, effect = resample(table, 2, Resampling(method=ResamplingMethod.SMOTENC, seed=7))
    found = ours[["size", "children", "smokes"]].assign(job=ours.filter(like="job=").to_numpy() @ [1, 2, 3])
    np.testing.assert_allclose(ordered(found), ordered(judge))
    assert (ours.filter(like="job=").sum(axis=1) == 1).all()
    assert effect.mixed == ()


def test_flags_that_exclude_each_other_are_one_category() -> None:
    table = make_table().assign(**{"tag=a": 1, "tag=b": 1})
    assert flag_groups(table) == [["smokes"], ["job=cook", "job=nurse", "job=?"], ["tag=a"], ["tag=b"]]


def test_the_share_of_every_flag_is_told_before_and_after() -> None:
    table = make_table((100, 20))
    ours, effect = resample(table, 2, Resampling(method=ResamplingMethod.OVER))
    assert [*effect.flags] == ["smokes", "job=cook", "job=nurse", "job=?"]
    assert effect.flags["smokes"] == (table["smokes"].mean(), ours["smokes"].mean())


def test_rows_keep_their_index_and_made_rows_have_none() -> None:
    table = make_table((90, 20))
    ours, _ = resample(table, 2, Resampling(method=ResamplingMethod.SMOTE))
    assert sorted(ours.index[ours.index >= 0]) == list(range(110))
    assert (ours.index == -1).sum() == 70


def test_the_given_table_stays_as_it_is() -> None:
    table = make_table()
    before = table.copy()
    resample(table, 3, Resampling(method=ResamplingMethod.SMOTENC))
    pd.testing.assert_frame_equal(table, before)


def test_the_same_seed_gives_the_same_rows() -> None:
    table, plan = make_table(), Resampling(method=ResamplingMethod.SMOTE, seed=3)
    pd.testing.assert_frame_equal(resample(table, 3, plan)[0], resample(table, 3, plan)[0])


def test_smote_and_empty_cells_are_refused_with_what_to_do() -> None:
    table = make_table()
    table.loc[3, "size"] = np.nan
    said = "Resampling: SMOTE takes no empty cells, and these columns have some: size."
    remedy = "Fill or exclude them, or choose random over-sampling."
    assert refusal(table, Resampling(method=ResamplingMethod.SMOTE)) == f"{said} {remedy}"


def test_over_sampling_by_chance_takes_empty_cells() -> None:
    table = make_table()
    table.loc[250, "size"] = np.nan
    ours, _ = resample(table, 3, Resampling(method=ResamplingMethod.OVER))
    assert ours["size"].isna().any()


def test_too_few_rows_for_the_neighbours_are_counted() -> None:
    said = "Resampling: a class has 5 training rows, and SMOTE needs more than 5."
    remedy = "Choose fewer neighbours, or random over-sampling."
    assert refusal(make_table((50, 5)), Resampling(method=ResamplingMethod.SMOTE), 2) == f"{said} {remedy}"


def test_smotenc_without_flags_or_without_other_numbers_is_refused() -> None:
    plan = Resampling(method=ResamplingMethod.SMOTENC)
    assert refusal(make_table()[["y", "size"]], plan).endswith("Use SMOTE.")
    assert refusal(make_table()[["y", "smokes"]], plan).endswith("Use random over-sampling.")


def test_a_ratio_that_is_reached_already_is_refused() -> None:
    plan = Resampling(method=ResamplingMethod.UNDER, ratio=0.1)
    said = "Resampling: the rarest class has 0.15 of the rows of the largest one already."
    assert refusal(make_table(), plan) == f"{said} Choose a higher ratio, or no resampling."


def test_a_number_is_not_resampled() -> None:
    said = "Resampling: the target is a number, and only classes can be resampled. Choose no resampling."
    assert refusal(make_table(), Resampling(method=ResamplingMethod.OVER), 0) == said


def test_the_effect_is_a_sentence() -> None:
    plan = Resampling(method=ResamplingMethod.OVER, ratio=0.5, seed=2)
    _, effect = resample(make_table((2000, 30)), 2, plan)
    said = "Random over-sampling, ratio 0.5, seed 2: 30 → 1,000 training rows of yes"
    assert effect.sentence(plan, ("no", "yes")) == said


@pytest.mark.parametrize("method", ResamplingMethod)
def test_only_the_training_part_of_a_split_changes(method: ResamplingMethod) -> None:
    frame = pd.DataFrame({"size": RANDOM.normal(size=400), "job": RANDOM.choice(["cook", "nurse"], 400)})
    frame["y"] = (RANDOM.random(400) < 0.2).astype(int)
    plain = data_split.split(frame, "y", "1", steps=[OneHot(column="job")])
    ours = data_split.split(frame, "y", "1", steps=[OneHot(column="job")], resampling=Resampling(method=method))
    assert ours.class_rows["train"][0] == ours.class_rows["train"][1]
    for part in ("validation", "test"):
        pd.testing.assert_frame_equal(ours.tables[part], plain.tables[part])
