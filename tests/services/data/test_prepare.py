"""Prepared data is the guide's, same rows and equal numbers; and nothing unlearnable passes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.aws.s3 import Address
from services.data import prepare as data_preparation
from services.data import prepared_data
from services.data import split as data_split
from services.errors import Problem
from tests.services.fake_s3 import FakeS3

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def make_frame(rows: int = 100, **more: Any) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {"a": random.normal(size=rows), "b": random.normal(size=rows), "y": np.arange(rows) % 4 == 0, **more}
    )


def prepare(account: FakeS3, frame: pd.DataFrame, name: str = "cards", **more: Any) -> prepared_data.PreparedData:
    given: dict[str, Any] = {
        "source": "a test",
        "target": "y",
        "positive": "True",
        "now": NOW,
        "progress": lambda done, total: None,
    }
    return data_preparation.prepare(account, frame, name=name, **(given | more))


def refusal(frame: pd.DataFrame, target: str | None = "y", positive: str = "True", **more: Any) -> str:
    with pytest.raises(Problem) as caught:
        data_split.split(frame, target, positive, **more)
    return str(caught.value)


@pytest.fixture
def account() -> FakeS3:
    return FakeS3("Fake", "us-east-1", bucket="bucket")


def test_the_splits_hold_the_rows_of_the_guide() -> None:
    frame = make_frame(1007)
    shuffled = frame.sample(frac=1, random_state=1729)
    cuts = int(0.7 * len(frame)), int(0.9 * len(frame))
    expected = {
        "train": shuffled.index[: cuts[0]],
        "validation": shuffled.index[cuts[0] : cuts[1]],
        "test": shuffled.index[cuts[1] :],
    }
    tables = data_split.split(frame, "y", "True").tables
    assert {name: list(table.index) for name, table in tables.items()} == {
        name: list(rows) for name, rows in expected.items()
    }


def test_the_target_comes_first() -> None:
    assert list(data_split.split(make_frame(), "y", "True").tables["test"].columns) == ["y", "a", "b"]


@pytest.mark.parametrize(
    ("cells", "positive", "classes"),
    [
        ([1.0, 0.0], "1", ("0", "1")),
        ([1, 2], "1", ("2", "1")),
        (["sick", "well"], "sick", ("well", "sick")),
        ([True, False], "True", ("False", "True")),
    ],
)
def test_any_two_classes_become_0_and_1(cells: list[object], positive: str, classes: tuple[str, str]) -> None:
    splits = data_split.split(make_frame(y=cells * 50), "y", positive)
    assert (splits.classes, sum(splits.positives.values())) == (classes, 50)


def test_numbers_read_back_equal_and_missing_cells_stay_empty(tmp_path: Path) -> None:
    frame = make_frame()
    frame.loc[3, "a"] = np.nan
    splits = data_split.split(frame, "y", "True")
    for name, path in data_preparation.write(splits, tmp_path).items():
        back = pd.read_csv(path, header=None)
        np.testing.assert_array_equal(back.to_numpy(float), splits.tables[name].to_numpy(float))


def test_true_and_false_features_are_written_as_numbers(tmp_path: Path) -> None:
    files = data_preparation.write(data_split.split(make_frame(flag=[True, False] * 50), "y", "True"), tmp_path)
    assert set(pd.read_csv(files["train"], header=None)[3]) == {0, 1}


def test_no_target_is_refused() -> None:
    assert refusal(make_frame(), target=None) == "Target: no column is selected. Choose one."


def test_one_class_only_is_refused() -> None:
    assert "it has only one class, 0" in refusal(make_frame(y=0), positive="0")


def test_three_classes_are_named() -> None:
    assert "it has 3 classes: a, b, c" in refusal(make_frame(90, y=["a", "b", "c"] * 30), positive="a")


def test_text_features_are_named() -> None:
    said = "Features: XGBoost needs numbers; these columns are not: colour. Exclude them."
    assert refusal(make_frame(colour="red")) == said


def test_text_features_can_be_left_out() -> None:
    assert data_split.split(make_frame(colour="red"), "y", "True", exclude=["colour"]).features == ("a", "b")


def test_missing_target_cells_are_counted() -> None:
    assert "2 of 100 cells are empty" in refusal(make_frame(y=[1, 0] * 49 + [None] * 2), positive="1")


def test_rows_without_target_can_be_left_out() -> None:
    splits = data_split.split(make_frame(y=[1, 0] * 49 + [None] * 2), "y", "1", drop_missing_target=True)
    assert sum(splits.rows.values()) == 98


def test_a_split_without_rows_is_refused() -> None:
    assert refusal(make_frame(3, y=[1, 0, 1]), positive="0", shares=(0.7, 0.3, 0.0)) == (
        "Split test: no row of 3 is left for it. Use a larger table."
    )


def test_positives_are_counted_by_split() -> None:
    positives = data_split.split(make_frame(20, y=[1] + [0] * 19), "y", "1").positives
    assert sorted(positives.values()) == [0, 0, 1]


def test_infinite_numbers_are_refused() -> None:
    frame = make_frame()
    frame.loc[0, "b"] = np.inf
    assert refusal(frame).startswith("Column b: it holds infinite numbers.")


@pytest.mark.parametrize("name", ["", "two words", "under_score", "-first", "x" * 41])
def test_a_name_that_jobs_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(Problem, match="it is not a valid data set name"):
        data_preparation.checked_name(name)


def test_the_manifest_is_written_last(account: FakeS3) -> None:
    prepare(account, make_frame())
    assert list(account.objects)[-1] == "s3://bucket/sagedeck/data/cards/manifest.json"


def test_the_manifest_says_what_the_files_are(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    assert prepared_data.load(account, "cards") == data
    assert (data.rows, data.features) == ({"train": 70, "validation": 20, "test": 10}, ("a", "b"))


def test_progress_ends_with_all_bytes(account: FakeS3) -> None:
    told: list[tuple[int, int]] = []
    prepare(account, make_frame(), progress=lambda done, total: told.append((done, total)))
    size = sum(len(body) for address, body in account.objects.items() if address.endswith("csv"))
    assert told[-1] == (size, size)


def test_a_prepared_set_is_never_overwritten(account: FakeS3) -> None:
    prepare(account, make_frame())
    with pytest.raises(Problem, match="Data set cards: it exists already"):
        prepare(account, make_frame())


def test_a_folder_left_unfinished_can_be_prepared_again(account: FakeS3) -> None:
    account.objects["s3://bucket/sagedeck/data/cards/train/data.csv"] = b"half"
    assert prepare(account, make_frame()).address == Address("bucket", "sagedeck/data/cards")
