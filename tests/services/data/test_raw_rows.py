"""Raw rows are kept beside a prepared set: the cells of the table, row by row as its files have them."""

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.data import prepare as data_preparation
from services.data import prepared_data
from services.data.division.partition import SplitMethod, SplitPlan
from services.data.division.resampling import Resampling, ResamplingMethod
from services.data.prepared_data import PreparedData
from services.data.recipe.encoding import OneHot
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget
from services.data.sets import raw_rows
from services.data.target_kind import TargetKind
from services.errors import Problem
from tests.services.fake_s3 import FakeS3

ROWS = 400


def make_frame() -> pd.DataFrame:
    """A table of every kind of column; `size` is different in every row, so that it names the row."""
    random = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "order": [f"N{number:04d}" for number in range(ROWS)],
            "size": np.where(np.arange(ROWS) % 9 == 4, np.nan, np.arange(ROWS) + 0.25),
            "number": np.arange(ROWS),
            "colour": random.choice(np.array(["red", "green", None], dtype=object), ROWS),
            "sold": pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(ROWS), "h"),
            "member": pd.array(random.choice([True, False], ROWS), "boolean"),
            "grade": random.choice(np.array(["a", "b", "c", None], dtype=object), ROWS, p=[0.5, 0.3, 0.15, 0.05]),
        }
    )


def prepare(account: FakeS3, frame: pd.DataFrame, **more: Any) -> PreparedData:
    given: dict[str, Any] = {
        "name": "orders",
        "source": "a test",
        "target": "grade",
        "positive": "c",
        "kind": TargetKind.TWO_CLASSES,
        "now": datetime(2026, 11, 1, tzinfo=UTC),
        "progress": lambda done, total: None,
        "exclude": ["order", "sold"],
        "drop_missing_target": True,
        "steps": [OneHot(column="colour")],
    }
    return data_preparation.prepare(account, frame, **(given | more))


def written(account: FakeS3, data: PreparedData, split: str) -> pd.DataFrame:
    body = io.BytesIO(account.objects[str(data.file(split))])
    return pd.read_csv(body, names=[data.target, *data.features])


def kept(account: FakeS3, data: PreparedData, split: str) -> pd.DataFrame:
    found = raw_rows.read(account, data, split)
    assert found.is_raw
    frame: pd.DataFrame = found.take(np.arange(found.rows)).to_pandas()
    return frame


@pytest.fixture
def account() -> FakeS3:
    return FakeS3("Fake", "us-east-1", bucket="bucket")


@pytest.mark.parametrize("split", raw_rows.KEPT)
@pytest.mark.parametrize(
    "more",
    [
        {"parts": SplitPlan()},
        {"parts": SplitPlan(method=SplitMethod.SHUFFLED, seed=5)},
        {"parts": SplitPlan(method=SplitMethod.TIME, column="sold")},
        {"parts": SplitPlan(method=SplitMethod.GROUP, column="order")},
        {"resampling": Resampling(method=ResamplingMethod.OVER)},
        {"resampling": Resampling(method=ResamplingMethod.UNDER)},
        {"row_steps": [KeepRows(column="number", comparison=Comparison.MORE, value="60"), DropDuplicates()]},
        {"row_steps": [MapTarget(classes={"b": "a"})]},
    ],
    ids=["stratified", "shuffled", "time", "groups", "repeated rows", "rows left out", "filtered", "classes merged"],
)
def test_every_raw_row_is_the_one_in_its_line_of_the_file(account: FakeS3, more: dict[str, Any], split: str) -> None:
    frame = make_frame()
    data = prepare(account, frame, **more)
    features, raw = written(account, data, split), kept(account, data, split)
    assert raw["number"].tolist() == features["number"].tolist()
    pd.testing.assert_frame_equal(
        raw[["order", "size", "number"]], frame.loc[raw["number"], ["order", "size", "number"]].reset_index(drop=True)
    )
    assert ((raw["grade"] == "c") == (features["grade"] == 1)).all()


def test_every_column_of_the_table_is_kept_as_it_was(account: FakeS3) -> None:
    frame = make_frame()
    raw = kept(account, prepare(account, frame), "test")
    expected = frame.loc[raw["number"]].reset_index(drop=True)
    assert raw.columns.tolist() == frame.columns.tolist()
    for name in frame.columns:
        assert raw[name].isna().tolist() == expected[name].isna().tolist()
        assert raw[name].dropna().tolist() == expected[name].dropna().tolist()


def test_rows_are_taken_in_the_order_they_are_asked_for(account: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_rows, "BATCH", 7)
    data = prepare(account, make_frame())
    found = raw_rows.read(account, data, "validation")
    assert len(found.batches) > 5
    everything = found.take(np.arange(found.rows))["number"].to_pylist()
    for places in ([], [70, 3, 3, 0, 41], list(range(found.rows))[::-1]):
        assert found.take(places)["number"].to_pylist() == [everything[place] for place in places]
    assert found.column("number").to_pylist() == everything


def test_cells_of_several_types_in_one_column_are_kept_as_text(account: FakeS3) -> None:
    mixed = make_frame().assign(order=pd.Series([1, "two", None, 4.5] * (ROWS // 4), dtype=object))
    raw = kept(account, prepare(account, mixed), "test")
    cells = mixed.loc[raw["number"], "order"]
    assert raw["order"].dropna().tolist() == [str(cell) for cell in cells if cell is not None]


def test_the_manifest_says_of_which_parts_raw_rows_are_kept(account: FakeS3) -> None:
    prepare(account, make_frame())
    assert prepared_data.load(account, "orders").raw_rows == ("validation", "test")


def test_no_training_channel_reads_the_raw_rows(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    raw = [address for address in account.objects if "/raw/" in address]
    assert len(raw) == 2
    assert not [address for address in raw for split in prepared_data.SPLITS if address.startswith(data.channel(split))]


def test_of_rows_that_are_not_kept_the_features_are_read(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    found = raw_rows.read(account, data, "train")
    assert (found.is_raw, found.columns) == (False, data.features)
    expected = written(account, data, "train")[list(data.features)]
    np.testing.assert_array_equal(found.take(np.arange(found.rows)).to_pandas().to_numpy(float), expected.to_numpy())


def test_raw_rows_that_are_gone_are_one_sentence(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    del account.objects[str(data.raw_file("test"))]
    with pytest.raises(Problem, match=r"their file was deleted\. Prepare the table again"):
        raw_rows.read(account, data, "test")


def test_raw_rows_that_are_damaged_or_of_another_part_are_one_sentence(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    account.objects[str(data.raw_file("test"))] = account.objects[str(data.raw_file("validation"))]
    with pytest.raises(Problem, match=r"their file has \d+ rows, and the set has \d+"):
        raw_rows.read(account, data, "test")
    account.objects[str(data.raw_file("test"))] = b"half a file"
    with pytest.raises(Problem, match=r"^Raw test rows of orders: "):
        raw_rows.read(account, data, "test")
