"""A recipe makes of raw rows what scikit-learn's transformers make of them, learned from training rows only."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import OneHotEncoder, TargetEncoder

from services.aws import documents
from services.data.recipe import column_types, recipe
from services.data.recipe.column_types import Encoding
from services.data.recipe.recipe import AnyStep, DateParts, MissingValues, Numbers, OneHot, Recipe, TargetEncoding
from services.errors import Problem

RANDOM = np.random.default_rng(7)
STREETS = [f"street {number}" for number in range(12)]
TRAIN = pd.DataFrame(
    {
        "colour": RANDOM.choice(np.array(["red", "blue", None]), 200),
        "street": RANDOM.choice(np.array([*STREETS, None]), 200),
        "size": RANDOM.normal(size=200),
    }
)
LABELS = (RANDOM.random(200) < 0.3).astype(int)
OTHERS = pd.DataFrame({"colour": ["red", "green", None], "street": ["street 3", "nowhere", None], "size": [1.0, 2, 3]})


def fitted(*steps: AnyStep, rows: pd.DataFrame = TRAIN) -> tuple[Recipe, pd.DataFrame]:
    return recipe.fit(steps, rows, LABELS[: len(rows)], seed=1729)


def test_one_hot_columns_are_those_of_scikit_learn() -> None:
    learned, train = fitted(OneHot(column="colour"), rows=TRAIN[["colour", "size"]])
    judge = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(TRAIN[["colour"]].fillna(""))

    assert list(train.columns) == ["colour=(missing)", "colour=blue", "colour=red", "size"]
    np.testing.assert_array_equal(train.iloc[:, :3], judge.transform(TRAIN[["colour"]].fillna("")))
    np.testing.assert_array_equal(
        learned.apply(OTHERS, "x").iloc[:, :3], judge.transform(OTHERS[["colour"]].fillna(""))
    )


def test_target_encoding_is_that_of_scikit_learn_and_training_rows_do_not_see_their_own_label() -> None:
    learned, train = fitted(TargetEncoding(column="street"), rows=TRAIN[["street", "size"]])
    judge = TargetEncoder(target_type="binary", cv=StratifiedKFold(5, shuffle=True, random_state=1729))
    crossed = judge.fit_transform(TRAIN[["street"]].fillna(""), LABELS)

    np.testing.assert_array_equal(train["street"], crossed[:, 0])
    np.testing.assert_allclose(
        learned.apply(OTHERS, "x")["street"], judge.transform(OTHERS[["street"]].fillna(""))[:, 0], rtol=1e-12
    )


def test_several_classes_make_a_column_each_as_scikit_learn_has_it() -> None:
    labels = np.digitize(RANDOM.random(200), [0.5, 0.9])
    (step,) = recipe.named_by([TargetEncoding(column="street")], ("7", "red", "blue"))
    learned, train = recipe.fit([step], TRAIN[["street"]], labels, seed=1729)
    judge = TargetEncoder(target_type="multiclass", cv=KFold(5, shuffle=True, random_state=1729))
    crossed = judge.fit_transform(TRAIN[["street"]].fillna(""), labels)

    assert list(train.columns) == ["street: 7", "street: red", "street: blue"]
    np.testing.assert_array_equal(train, crossed)
    read_back = documents.parse(Recipe, documents.to_json(learned), "recipe")
    np.testing.assert_allclose(read_back.apply(OTHERS, "x"), judge.transform(OTHERS[["street"]].fillna("")), rtol=1e-12)
    assert learned.categories("street") == tuple(sorted(STREETS))


def test_a_number_is_encoded_by_its_mean_as_scikit_learn_has_it() -> None:
    numbers = RANDOM.normal(50, 9, size=200)
    learned, train = recipe.fit([TargetEncoding(column="street")], TRAIN[["street"]], numbers, seed=1729)
    judge = TargetEncoder(target_type="continuous", cv=KFold(5, shuffle=True, random_state=1729))

    np.testing.assert_array_equal(train, judge.fit_transform(TRAIN[["street"]].fillna(""), numbers))
    np.testing.assert_allclose(learned.apply(OTHERS, "x"), judge.transform(OTHERS[["street"]].fillna("")), rtol=1e-12)


def test_a_recipe_of_before_several_classes_still_encodes() -> None:
    step = {"kind": "target_encoding", "column": "street", "shares": {"street 3": 0.25}, "share": 0.5}
    stored = {"version": 1, "inputs": ["street"], "steps": [step], "features": ["street"]}
    old = documents.parse(Recipe, json.dumps(stored).encode(), "recipe")
    assert old.apply(OTHERS, "x")["street"].tolist() == [0.25, 0.5, 0.5]


def test_features_stand_where_their_column_stood() -> None:
    learned, train = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    assert learned.features == ("colour=(missing)", "colour=blue", "colour=red", "street", "size")
    assert tuple(train.columns) == learned.features


def test_a_recipe_that_was_kept_as_json_does_the_same() -> None:
    learned, _ = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    kept = documents.parse(Recipe, documents.to_json(learned), "s3://bucket/recipe.json")
    assert kept == learned
    pd.testing.assert_frame_equal(kept.apply(OTHERS, "x"), learned.apply(OTHERS, "x"))


def test_a_row_alone_becomes_what_it_becomes_in_company() -> None:
    learned, _ = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    together = learned.apply(OTHERS, "x")
    for place in range(len(OTHERS)):
        alone = learned.apply(pd.DataFrame([OTHERS.iloc[place].to_dict()]), "x")
        np.testing.assert_array_equal(alone.to_numpy(float)[0], together.to_numpy(float)[place])


def test_cells_that_stand_for_no_value_become_missing() -> None:
    rows = pd.DataFrame({"days": [3, 999, 5], "job": ["cook", " ? ", "nurse"]})
    steps = MissingValues(column="days", values=("999",)), MissingValues(column="job", values=("?",))
    _, features = recipe.fit((*steps, OneHot(column="job")), rows, np.array([0, 1, 0]), 1)
    assert features["days"].isna().tolist() == [False, True, False]
    assert features["job=(missing)"].tolist() == [0, 1, 0]


def test_numbers_in_text_become_numbers_and_other_text_missing() -> None:
    rows = pd.DataFrame({"price": ["1.234,50", "7", None, "free"]})
    _, features = recipe.fit([Numbers(column="price", decimal=",")], rows, np.array([0, 1, 0, 1]), 1)
    np.testing.assert_array_equal(features["price"], [1234.5, 7, np.nan, np.nan])


@pytest.mark.parametrize(
    ("order", "cells"),
    [
        (Encoding.DATE, ["2026-11-29", "2026-12-24", None]),
        (Encoding.DAY_FIRST, ["29/11/2026", "24.12.2026", None]),
        (Encoding.MONTH_FIRST, ["11/29/2026", "12/24/2026", None]),
        (Encoding.DATE, pd.Series(["2026-11-29", "2026-12-24", None], dtype="datetime64[ns]")),
    ],
)
def test_a_date_becomes_its_parts(order: Encoding, cells: Any) -> None:
    _, features = recipe.fit(
        [DateParts(column="day", order=order)], pd.DataFrame({"day": cells}), np.array([0, 1, 0]), 1
    )
    assert list(features.columns) == ["day_year", "day_month", "day_day", "day_weekday"]
    np.testing.assert_array_equal(features.iloc[0], [2026, 11, 29, 6])
    np.testing.assert_array_equal(features.iloc[1], [2026, 12, 24, 3])
    assert features.iloc[2].isna().all()


def test_the_hour_is_a_part_where_training_rows_have_one() -> None:
    rows = pd.DataFrame({"at": ["2026-11-29 13:45", "2026-12-24 00:00"]})
    _, features = recipe.fit([DateParts(column="at", order=Encoding.DATE)], rows, np.array([0, 1]), 1)
    assert features["at_hour"].tolist() == [13, 0]


def test_columns_that_a_raw_row_lacks_are_named() -> None:
    learned, _ = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    with pytest.raises(Problem, match=r"^File f: 2 of 3 columns are missing: street, size\. Use a file"):
        learned.apply(OTHERS[["colour"]], "File f")


def test_a_number_column_that_holds_text_is_named() -> None:
    learned, _ = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    with pytest.raises(Problem, match=r"^File f: these columns are not numbers: size\."):
        learned.apply(OTHERS.assign(size="large"), "File f")


def test_an_encoded_column_never_takes_the_name_of_another() -> None:
    rows = pd.DataFrame({"a": ["x", "y"] * 5, "a=x": range(10)})
    with pytest.raises(Problem, match=r"^Column a: it would make a column a=x, which is there already\."):
        recipe.fit([OneHot(column="a")], rows, np.array([0, 1] * 5), 1)


def test_a_class_of_one_row_can_still_be_encoded() -> None:
    rows, labels = pd.DataFrame({"a": ["x", "y"] * 5}), np.array([1] + [0] * 9)
    learned, train = recipe.fit([TargetEncoding(column="a")], rows, labels, 1)
    np.testing.assert_array_equal(train, learned.apply(rows, "x"))


def test_numbers_as_they_are_need_no_steps() -> None:
    uses = column_types.column_uses(TRAIN[["size"]].assign(flag=True))
    assert recipe.steps_of(uses) == ()


def test_what_a_person_may_choose_for_a_raw_cell_is_known() -> None:
    learned, _ = fitted(OneHot(column="colour"), TargetEncoding(column="street"))
    assert learned.categories("colour") == ("blue", "red")
    assert learned.categories("street") == tuple(sorted(STREETS))
    assert learned.categories("size") is None
