"""The rows of a prepared set, read back as a table."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from services.aws.account import Account
from services.data import prepare, split
from services.data.prepared_data import PreparedData
from services.data.sets import set_rows
from services.errors import Problem
from tests.services.fake_s3 import FakeS3


@pytest.fixture
def account() -> Account:
    return FakeS3("Fake", "us-east-1", bucket="bucket")


@pytest.fixture
def table() -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = pd.DataFrame({"size": random.normal(size=900), "full": random.integers(0, 9, 900)})
    return rows.assign(half=rows["size"].where(rows["full"] > 4), ill=np.where(rows["size"] > 0.5, "yes", "no"))


@pytest.fixture
def data(account: Account, table: pd.DataFrame) -> PreparedData:
    given = {"name": "cells", "source": "a test", "target": "ill", "positive": "yes"}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return prepare.prepare(account, table, **given, now=now, progress=lambda done, total: None)  # type: ignore[arg-type]


def test_all_rows_come_back_with_their_columns_and_classes(
    account: Account, data: PreparedData, table: pd.DataFrame
) -> None:
    read = set_rows.read(account, data, "train")
    train = split.split(table, "ill", "yes").tables["train"]
    assert list(read) == ["ill", "size", "full", "half"]
    assert read["ill"].tolist() == train["ill"].map({0: "no", 1: "yes"}).tolist()
    assert np.array_equal(read.drop(columns="ill"), train.drop(columns="ill").astype(float), equal_nan=True)


def test_a_preview_is_the_first_rows_without_reading_the_rest(account: Account, data: PreparedData) -> None:
    whole = set_rows.read(account, data, "test")
    pd.testing.assert_frame_equal(set_rows.preview(account, data, "test"), whole)


def test_a_preview_of_a_large_file_ends_with_a_whole_row(
    account: Account, data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.data.first_rows.BYTES", 500)
    seen = set_rows.preview(account, data, "train")
    pd.testing.assert_frame_equal(seen, set_rows.read(account, data, "train").head(len(seen)))
    assert 5 < len(seen) < 30


def test_rows_that_are_gone_are_one_sentence(account: FakeS3, data: PreparedData) -> None:
    account.objects.pop(str(data.file("test")))
    with pytest.raises(Problem, match=r"^Data set cells: its test rows were deleted\. Prepare the table again\.$"):
        set_rows.read(account, data, "test")


def test_rows_that_are_not_as_the_manifest_says_are_one_sentence(account: FakeS3, data: PreparedData) -> None:
    account.objects[str(data.file("test"))] = b"1,2\n"
    with pytest.raises(Problem, match=r"^Test rows of cells: .*Expected 4 columns, got 2"):
        set_rows.read(account, data, "test")
