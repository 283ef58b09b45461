"""Rows that a person brings, in the form a model was trained on."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.recipe import recipe
from services.data.recipe.recipe import OneHot, Recipe
from services.endpoints.predict import features_of, features_of_row
from services.errors import Problem


def make_data(*features: str) -> PreparedData:
    counts = {"train": 1, "validation": 1, "test": 1}
    when = datetime(2026, 11, 1, tzinfo=UTC)
    address = Address("bucket", "sagedeck/data/cells")
    return PreparedData("cells", address, "a test", "ill", ("no", "yes"), features, counts, counts, 1729, when)


def test_columns_come_in_the_models_order_and_others_are_left_out() -> None:
    frame = pd.DataFrame({"b": [3, 4], "ill": ["no", "yes"], "a": [1.5, 2.5]})
    assert features_of(frame, make_data("a", "b"), None, "Column values").to_pydict() == {
        "a": [1.5, 2.5],
        "b": [3.0, 4.0],
    }


def test_an_empty_cell_stays_empty() -> None:
    table = features_of(pd.DataFrame({"a": [1.0, None]}), make_data("a"), None, "Column values")
    assert table.to_pydict() == {"a": [1.0, None]}


def test_true_and_false_are_one_and_zero() -> None:
    cells = features_of(pd.DataFrame({"a": [True, False]}), make_data("a"), None, "x").to_pydict()["a"]
    assert [str(cell) for cell in cells] == ["1.0", "0.0"]


def test_missing_columns_are_named() -> None:
    sentence = r"^File f: 2 of the model's 3 columns are missing: b, c\. Use a file with a header"
    with pytest.raises(Problem, match=sentence):
        features_of(pd.DataFrame({"a": [1]}), make_data("a", "b", "c"), None, "File f")


def test_of_many_missing_columns_the_first_five_are_named() -> None:
    with pytest.raises(Problem, match=r"columns are missing: 0, 1, 2, 3, 4 and 3 more\."):
        features_of(pd.DataFrame({"a": [1]}), make_data(*map(str, range(8))), None, "File f")


def test_columns_of_text_are_named() -> None:
    with pytest.raises(Problem, match=r"^File f: these columns are not numbers: a\. Correct the file"):
        features_of(pd.DataFrame({"a": ["heavy"], "b": [1]}), make_data("a", "b"), None, "File f")


def test_raw_rows_go_through_the_recipe() -> None:
    learned, _ = recipe.fit(
        [OneHot(column="colour")],
        pd.DataFrame({"size": [1.0, 2.0], "colour": ["red", "blue"]}),
        np.array([0, 1]),
        seed=1,
    )
    raw = pd.DataFrame({"colour": ["red", None], "ill": ["no", "yes"], "size": [3, 4]})
    found = features_of(raw, make_data(*learned.features), learned, "File f")
    assert found.to_pydict() == {"size": [3.0, 4.0], "colour=blue": [0.0, 0.0], "colour=red": [1.0, 0.0]}


@pytest.mark.parametrize("cells", [{"colour": "red", "size": 3}, {"size": None, "ill": "no", "colour": None}])
def test_a_row_of_its_own_is_what_it_is_in_a_table(cells: dict[str, object]) -> None:
    learned, _ = recipe.fit(
        [OneHot(column="colour")],
        pd.DataFrame({"size": [1.0, 2.0], "colour": ["red", None]}),
        np.array([0, 1]),
        seed=1,
    )
    data = make_data(*learned.features)
    assert features_of_row(cells, data, learned, "x").equals(features_of(pd.DataFrame([cells]), data, learned, "x"))


def test_a_row_for_a_model_without_a_recipe_is_its_numbers() -> None:
    assert features_of_row({"b": 2, "a": None}, make_data("a", "b"), None, "x").to_pydict() == {"a": [None], "b": [2.0]}


LEARNED, _ = recipe.fit(
    [OneHot(column="colour")],
    pd.DataFrame({"size": [1.0, 2.0], "colour": ["red", "blue"]}),
    np.array([0, 1]),
    seed=1,
)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2"], [1.5, 2.0]),
        (["1.5", None], [1.5, None]),
        (["1.234,5", "?"], [1234.5, None]),
        (["01234", " 7 "], [1234.0, 7.0]),
    ],
)
@pytest.mark.parametrize("learned", [None, LEARNED])
def test_a_number_that_a_file_has_as_text_is_read_as_a_number(
    learned: Recipe | None, cells: list[str | None], numbers: list[float | None]
) -> None:
    raw = pd.DataFrame({"size": cells, "colour": ["red", "blue"]})
    data = make_data(*learned.features) if learned else make_data("size")
    assert features_of(raw, data, learned, "File f").to_pydict()["size"] == numbers


def test_words_in_a_column_of_numbers_are_refused_before_a_recipe_too() -> None:
    raw = pd.DataFrame({"size": ["1,5", "heavy"], "colour": ["red", "blue"]})
    with pytest.raises(Problem, match="these columns are not numbers: size"):
        features_of(raw, make_data(*LEARNED.features), LEARNED, "File f")
