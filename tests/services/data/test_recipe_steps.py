"""A person's own steps do what scikit-learn's transformers do, for a table and for one row, and refuse in sentences."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from services.aws import documents
from services.data.recipe import column_types, recipe
from services.data.recipe.column_types import Encoding
from services.data.recipe.recipe import (
    AnyStep,
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    MissingValues,
    Negatives,
    Numbers,
    OneHot,
    Ordinal,
    Recipe,
    Rename,
    TargetEncoding,
)
from services.errors import Problem

SEEDS = range(5)
WORDS = np.array(["red", "blue", "green ", "10", None], dtype=object)


def table(seed: int, rows: int = 60) -> pd.DataFrame:
    """Numbers with gaps and ties, text with gaps, whole numbers without."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "amount": np.where(random.random(rows) < 0.2, np.nan, random.normal(3, 40, rows).round(1)),
            "grade": random.integers(0, 5, rows),
            "score": random.choice([1.5, 2.5, np.nan], rows),
            "colour": random.choice(WORDS, rows),
            "since": random.choice(np.array(["2026-11-29 13:00", "2024-02-29", None], dtype=object), rows),
            "price": random.choice(["1,5", "7,25 €", "free"], rows),
        }
    )


def fitted(rows: pd.DataFrame, *steps: AnyStep) -> tuple[Recipe, pd.DataFrame]:
    labels = np.arange(len(rows)) % 3 == 0
    return recipe.fit(steps, rows, labels.astype(int), seed=1)


def texts(values: pd.Series) -> pd.DataFrame:
    """As scikit-learn is given text: without blanks around it, NaN for a missing cell."""
    return pd.DataFrame({"x": values.map(str.strip, na_action="ignore").astype(object).where(values.notna(), np.nan)})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("by", "strategy"),
    [(FillWith.MEDIAN, "median"), (FillWith.MEAN, "mean"), (FillWith.MOST_FREQUENT, "most_frequent")],
)
def test_missing_numbers_are_filled_as_scikit_learn_fills_them(seed: int, by: FillWith, strategy: str) -> None:
    train, others = table(seed)[["amount", "score"]], table(seed + 100)[["amount", "score"]]
    judge = SimpleImputer(strategy=strategy, add_indicator=True).fit(train)
    learned, _ = fitted(train, *(FillMissing(column=str(name), by=by, indicator=True) for name in train))

    found = learned.apply(others, "x")
    assert list(found.columns) == ["amount", "amount_missing", "score", "score_missing"]
    columns = ["amount", "score", "amount_missing", "score_missing"]
    np.testing.assert_allclose(found[columns].to_numpy(float), judge.transform(others), rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_missing_text_is_filled_as_scikit_learn_fills_it(seed: int) -> None:
    train, others = table(seed)[["colour"]], table(seed + 100)[["colour"]]
    judge = SimpleImputer(strategy="most_frequent", missing_values=np.nan).fit(texts(train["colour"]))
    encoder = OrdinalEncoder().fit(judge.transform(texts(train["colour"])))
    filling = FillMissing(column="colour", by=FillWith.MOST_FREQUENT)
    learned, _ = fitted(train, filling, Ordinal(column="colour"))

    expected = encoder.transform(judge.transform(texts(others["colour"])))
    np.testing.assert_array_equal(learned.apply(others, "x"), expected)


@pytest.mark.parametrize(("column", "value", "filled"), [("amount", "-1", -1.0), ("amount", 0.5, 0.5)])
def test_a_constant_fills_numbers(column: str, value: Any, filled: float) -> None:
    rows = table(0)
    _, found = fitted(rows[[column]], FillMissing(column=column, by=FillWith.CONSTANT, value=value))
    pd.testing.assert_series_equal(found[column], rows[column].fillna(filled))


def test_a_constant_fills_text() -> None:
    rows = table(0)[["colour"]]
    filling = FillMissing(column="colour", by=FillWith.CONSTANT, value="none")
    _, found = fitted(rows, filling, OneHot(column="colour"))
    assert found["colour=none"].sum() == rows["colour"].isna().sum() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_ordinal_codes_are_those_of_scikit_learn(seed: int) -> None:
    train, others = table(seed)[["colour"]], table(seed + 100)[["colour"]].replace("red", "violet")
    judge = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    judge.fit(texts(train["colour"]))
    learned, _ = fitted(train, Ordinal(column="colour"))
    np.testing.assert_array_equal(learned.apply(others, "x"), judge.transform(texts(others["colour"])))


@pytest.mark.parametrize("seed", SEEDS)
def test_frequency_is_the_share_of_the_training_rows(seed: int) -> None:
    train, others = table(seed)[["colour"]], table(seed + 100)[["colour"]].replace("red", "violet")
    learned, _ = fitted(train, Frequency(column="colour"))
    shares = texts(train["colour"])["x"].fillna("(none)").value_counts(normalize=True)
    expected = texts(others["colour"])["x"].fillna("(none)").map(shares).fillna(0)
    np.testing.assert_allclose(learned.apply(others, "x")["colour"], expected, rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_clipping_to_quantiles_learns_them_from_the_training_rows(seed: int) -> None:
    train, others = table(seed)[["amount"]], table(seed + 100)[["amount"]]
    learned, _ = fitted(train, Clip(column="amount", quantiles=(0.05, 0.9)))
    expected = np.clip(others["amount"], *train["amount"].quantile([0.05, 0.9]).to_numpy())
    np.testing.assert_allclose(learned.apply(others, "x")["amount"], expected, rtol=1e-12)


def test_clipping_to_one_bound_leaves_the_other_side_open() -> None:
    rows = table(0)[["amount"]]
    _, found = fitted(rows, Clip(column="amount", lower=0))
    pd.testing.assert_series_equal(found["amount"], rows["amount"].clip(lower=0))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_logarithm_is_numpys(seed: int) -> None:
    rows = table(seed)[["amount"]]
    _, found = fitted(rows, Log(column="amount", negatives=Negatives.SIGNED))
    judge = FunctionTransformer(lambda cells: np.sign(cells) * np.log1p(np.abs(cells)))
    np.testing.assert_allclose(found, judge.transform(rows), rtol=1e-12)


def test_negative_numbers_are_refused_by_the_plain_logarithm() -> None:
    sentence = (
        r'^Step "Take the logarithm of 1 \+ amount": 2 cells are negative\. '
        r"Choose the signed logarithm, or clip the column from 0 before\.$"
    )
    with pytest.raises(Problem, match=sentence):
        fitted(pd.DataFrame({"amount": [1.0, -2.0, -3.0, np.nan]}), Log(column="amount"))


def test_columns_are_dropped_and_renamed() -> None:
    rows = table(0)[["amount", "grade", "score"]]
    _, found = fitted(rows, Drop(column="grade"), Rename(column="score", to="points"))
    pd.testing.assert_frame_equal(found, rows[["amount", "score"]].rename(columns={"score": "points"}))


ALL: tuple[AnyStep, ...] = (
    MissingValues(column="price", values=("free",)),
    Numbers(column="price", decimal=","),
    DateParts(column="since", order=Encoding.DATE),
    FillMissing(column="amount", by=FillWith.MEDIAN, indicator=True),
    Clip(column="amount", quantiles=(0.1, 0.9)),
    Log(column="amount", negatives=Negatives.SIGNED),
    Rename(column="grade", to="mark"),
    Clip(column="mark", lower=1, upper=3),
    Drop(column="score"),
)
ENCODERS: tuple[AnyStep, ...] = (
    OneHot(column="colour"),
    Ordinal(column="colour"),
    Frequency(column="colour"),
    TargetEncoding(column="colour"),
)


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda step: step.kind)
def test_a_row_of_its_own_becomes_what_it_becomes_in_a_table(encoder: AnyStep) -> None:
    learned, _ = fitted(table(0), *ALL, encoder)
    others = table(1).replace("blue", "violet")
    together = learned.apply(others, "x").to_numpy(float)
    alone = [learned.row({str(name): cell for name, cell in row.items()}, "x") for _, row in others.iterrows()]
    np.testing.assert_allclose(alone, together, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": "many"}, r'^Step "Fill missing cells of amount .*: column amount holds text'),
        ({"grade": "good"}, r'^Step "Clip mark from 1 to 3": column mark holds text'),
    ],
)
def test_text_in_a_column_of_numbers_is_one_sentence_for_a_row_and_for_a_table(change: Any, sentence: str) -> None:
    learned, _ = fitted(table(0), *ALL, ENCODERS[0])
    cells = table(0).iloc[0].to_dict() | change
    with pytest.raises(Problem, match=sentence):
        learned.row(cells, "Column values")
    with pytest.raises(Problem, match=sentence):
        learned.apply(pd.DataFrame([cells]), "Column values")


def test_text_where_no_step_looks_is_named_with_its_column() -> None:
    learned, _ = fitted(table(0)[["amount", "colour"]], OneHot(column="colour"))
    with pytest.raises(Problem, match=r"^Column values: these columns are not numbers: amount\."):
        learned.row({"amount": "many", "colour": "red"}, "Column values")
    with pytest.raises(Problem, match=r"^Column values: 1 of 2 columns are missing: colour\."):
        learned.row({"amount": 1.0}, "Column values")


def test_every_step_comes_back_from_json_as_it_was() -> None:
    for encoder in ENCODERS:
        learned, _ = fitted(table(0), *ALL, encoder)
        assert documents.parse(Recipe, documents.to_json(learned), "s3://bucket/recipe.json") == learned


def test_a_recipe_of_before_is_still_read() -> None:
    kept = b"""{"version": 1, "inputs": ["job"], "features": ["job=cook"], "steps": [
        {"column": "job", "kind": "missing_values", "values": ["?"]},
        {"column": "job", "kind": "one_hot", "categories": ["cook"]}]}"""
    read = documents.parse(Recipe, kept, "s3://bucket/recipe.json")
    assert read.row({"job": "cook"}, "x") == [1.0]
    assert read.row_steps == ()


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (
            [Drop(column="nowhere")],
            r'^Step "Drop nowhere": there is no column nowhere\. Remove the step, or use the column',
        ),
        (
            [Rename(column="grade", to="mark"), Clip(column="grade", lower=0)],
            r'^Step "Clip grade from 0": column grade was renamed to mark by an earlier step\.',
        ),
        (
            [Drop(column="grade"), Clip(column="grade", lower=0)],
            r'^Step "Clip grade from 0": column grade was replaced by the earlier step "Drop grade"\.',
        ),
        (
            [Rename(column="grade", to="amount")],
            r"^Rename grade: there is a column amount already\. Choose another",
        ),
        ([Rename(column="grade", to=" ")], r"^Rename grade: the new name is empty\. Enter one\.$"),
        ([Clip(column="colour", lower=0)], r'^Step "Clip colour from 0": column colour holds text'),
        ([Clip(column="grade", lower=2, upper=1)], r"^Clip grade: the lower bound is above the upper\."),
        ([Clip(column="grade")], r"^Clip grade: both bounds are empty\. Enter one\.$"),
        ([Clip(column="grade", quantiles=(0.9, 0.1))], r"^Clip grade: the lower quantile is not below the upper\."),
        (
            [FillMissing(column="amount", by=FillWith.CONSTANT, value="none")],
            r"^Fill missing cells of amount: none is no number, and column amount holds numbers\.",
        ),
        (
            [FillMissing(column="amount", by=FillWith.CONSTANT)],
            r"^Fill missing cells of amount: the constant is empty\.",
        ),
        (
            [FillMissing(column="colour", by=FillWith.MEAN)],
            r'^Step "Fill missing cells of colour with the mean of the training rows": column colour holds text',
        ),
    ],
)
def test_a_step_that_cannot_be_taken_is_one_sentence_that_says_how_to_mend_it(
    steps: list[AnyStep], sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence):
        fitted(table(0), *steps)


def test_a_column_without_any_cell_in_the_training_rows_cannot_be_learned_from() -> None:
    rows = pd.DataFrame({"amount": [np.nan, np.nan], "size": [1, 2]})
    for step in (FillMissing(column="amount", by=FillWith.MEDIAN), Clip(column="amount", quantiles=(0.1, 0.9))):
        with pytest.raises(Problem, match=r"no training row has a value there\."):
            fitted(rows, step)


def test_a_recipe_that_drops_every_column_is_refused() -> None:
    with pytest.raises(Problem, match=r"^Features: the steps drop every column\. Keep at least one\.$"):
        fitted(table(0)[["grade"]], Drop(column="grade"))


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            FillMissing(column="age", by=FillWith.MEDIAN),
            "Fill missing cells of age with the median of the training rows, 34",
        ),
        (
            FillMissing(column="age", by=FillWith.CONSTANT, value="0", indicator=True),
            "Fill missing cells of age with 0 and mark them in age_missing",
        ),
        (
            Clip(column="age", quantiles=(0.0, 1.0)),
            "Clip age to the 0 % and 100 % quantiles of the training rows: from 20 to 1,234.50",
        ),
        (OneHot(column="job"), "One-hot encode job: 2 columns of 0 and 1"),
        (
            Ordinal(column="job"),
            "Encode job by the alphabetical place of its value, 0 to 1; unknown -1, missing -2",
        ),
    ],
)
def test_a_fitted_step_says_what_it_has_learned(step: AnyStep, sentence: str) -> None:
    rows = pd.DataFrame({"age": [20, 34, 1234.5, np.nan], "job": ["cook", "nurse"] * 2})
    others = [Drop(column="job" if step.column == "age" else "age")]
    learned, _ = fitted(rows, step, *others)
    assert learned.steps[0].sentence == sentence


def test_own_steps_stand_between_reading_cells_and_encoding_them() -> None:
    rows = table(0)
    own: list[AnyStep] = [Rename(column="colour", to="paint"), Log(column="since_year")]
    steps = recipe.steps_of(column_types.column_uses(rows), own)
    assert [step.kind for step in steps] == ["date_parts", "rename", "log", "one_hot", "one_hot"]
    assert [step.column for step in steps[-2:]] == ["paint", "price"]


@pytest.mark.parametrize("own", [Drop(column="colour"), Ordinal(column="colour"), Frequency(column="colour")])
def test_a_column_that_an_own_step_drops_or_encodes_is_not_encoded_again(own: AnyStep) -> None:
    steps = recipe.steps_of(column_types.column_uses(table(0)[["colour", "amount"]]), [own])
    assert steps == (own,)


def test_what_may_be_typed_for_a_renamed_or_filled_column_is_known() -> None:
    filling = FillMissing(column="paint", by=FillWith.MOST_FREQUENT)
    learned, _ = fitted(
        table(0)[["colour", "grade"]], Rename(column="colour", to="paint"), filling, OneHot(column="paint")
    )
    assert learned.categories("colour") == ("10", "blue", "green", "red")
    assert learned.is_text("colour")
    assert not learned.is_text("grade")


def test_many_steps_are_what_a_column_transformer_of_scikit_learn_makes() -> None:
    train, others = table(2, 300), table(3, 300)
    judge = ColumnTransformer(
        [
            ("fill", SimpleImputer(strategy="median"), ["amount"]),
            ("log", FunctionTransformer(np.log1p), ["grade"]),
            ("code", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["x"]),
        ]
    )
    learned, _ = fitted(
        train[["amount", "grade", "colour"]],
        FillMissing(column="amount", by=FillWith.MEDIAN),
        Log(column="grade"),
        OneHot(column="colour"),
    )
    judge.fit(train.assign(x=texts(train["colour"])["x"].fillna("")))
    expected = judge.transform(others.assign(x=texts(others["colour"])["x"].fillna("")))
    np.testing.assert_allclose(learned.apply(others, "x").to_numpy(float), expected, rtol=1e-12)


def test_a_row_to_predict_needs_no_column_that_the_steps_drop() -> None:
    rows = table(0)[["amount", "grade", "score", "since"]]
    learned, _ = fitted(
        rows,
        Clip(column="grade", lower=1),
        Rename(column="grade", to="mark"),
        Drop(column="mark"),
        FillMissing(column="score", by=FillWith.MEDIAN, indicator=True),
        Drop(column="score"),
        DateParts(column="since", order=Encoding.DATE),
        Drop(column="since_year"),
        Rename(column="amount", to="grade"),
    )
    assert learned.inputs == ("amount", "score", "since")
    cells = {"amount": 2.5, "score": None, "since": "2026-11-29"}
    assert learned.features[:2] == ("grade", "score_missing")
    assert learned.row(cells, "x")[:2] == [2.5, 1.0]
    np.testing.assert_array_equal(learned.apply(pd.DataFrame([cells]), "x").iloc[0].tolist(), learned.row(cells, "x"))
