"""A test row as an example: raw cells where the prepared row tells them, and empty ones where it does not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from services.data.recipe import recipe
from services.data.recipe.column_types import Encoding
from services.data.recipe.recipe import AnyStep, DateParts, OneHot, TargetEncoding
from services.data.target_kind import TargetKind
from services.endpoints import example_row
from services.errors import Problem
from tests.services.endpoints.test_predict import make_data
from tests.services.evaluation.test_scoring import FakeAccount, make_account

TEST = "s3://bucket/sagedeck/data/cells/test/data.csv"
RAW = pd.DataFrame(
    {
        "size": [1.5, None, 3.0, 4.0],
        "colour": ["red", "blue", "red", "blue"],
        "town": ["a", "b", "a", "b"],
        "when": ["2026-01-02"] * 4,
    }
)


class Listed(FakeAccount):
    """An account that lists its test rows."""

    def call(self, service: str, operation: str, **parameters: object) -> dict[str, object]:
        if operation == "list_objects_v2":
            return {"Contents": [{"Key": "sagedeck/data/cells/test/data.csv", "Size": len(self.objects[TEST])}]}
        return super().call(service, operation, **parameters)


def make_listed(content: bytes) -> FakeAccount:
    return Listed(**{**vars(make_account()), "objects": {TEST: content}})


def test_without_a_recipe_the_prepared_row_is_the_raw_row() -> None:
    account = make_listed(b"1,2.5,\n0,3,4\n")
    example = example_row.read(account, make_data("a", "b"), None, 0)
    assert (example.row, example.actual, dict(example.cells)) == (1, "yes", {"a": 2.5, "b": None})


def test_every_turn_is_another_row() -> None:
    account = make_listed(b"".join(b"0,%d\n" % number for number in range(10)))
    assert [example_row.read(account, make_data("a"), None, turn).row for turn in range(4)] == [1, 8, 5, 2]


def test_numbers_and_categories_are_told_and_what_was_encoded_otherwise_is_left_empty() -> None:
    steps: list[AnyStep] = [
        OneHot(column="colour"),
        TargetEncoding(column="town"),
        DateParts(column="when", order=Encoding.DATE),
    ]
    learned, features = recipe.fit(steps, RAW, np.array([0, 1, 0, 1]), seed=1)
    content = features.assign(_label=0)[["_label", *features.columns]].to_csv(header=False, index=False)
    account = make_listed(content.encode())
    cells = [example_row.read(account, make_data(*learned.features), learned, turn).cells for turn in range(2)]
    assert [dict(each) for each in cells] == [
        {"size": 1.5, "colour": "red", "town": None, "when": None},
        {"size": 4.0, "colour": "blue", "town": None, "when": None},
    ]


@pytest.mark.parametrize(
    ("kind", "classes", "actual"), [(TargetKind.NUMBER, (), "2"), (TargetKind.CLASSES, ("a", "b", "c"), "c")]
)
def test_the_target_is_told_as_its_kind_has_it(kind: TargetKind, classes: tuple[str, ...], actual: str) -> None:
    data = replace(make_data("a"), kind=kind, classes=classes)
    assert example_row.read(make_listed(b"2,1\n"), data, None, 0).actual == actual


def test_an_empty_split_is_one_sentence() -> None:
    with pytest.raises(Problem, match=r"^Split test of cells: it has no rows\. Fill in the fields yourself\.$"):
        example_row.read(make_listed(b""), make_data("a"), None, 0)
