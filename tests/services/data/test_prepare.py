"""Prepared data is the guide's, same rows and equal numbers; and nothing unlearnable passes."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data import prepare as data_preparation
from services.data import prepared_data
from services.data import split as data_split
from services.data.division.partition import SplitPlan
from services.data.division.resampling import Resampling, ResamplingMethod
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
    assert (splits.classes, sum(rows[1] for rows in splits.class_rows.values())) == (classes, 50)


def test_numbers_read_back_equal_and_missing_cells_stay_empty(tmp_path: Path) -> None:
    frame = make_frame()
    frame.loc[3, "a"] = np.nan
    splits = data_split.split(frame, "y", "True")
    for name, path in data_preparation.write(splits, tmp_path).items():
        back = pd.read_csv(path, header=None)
        np.testing.assert_array_equal(back.to_numpy(float), splits.tables[name].to_numpy(float))


def test_target_and_true_and_false_features_are_written_as_1_and_0(tmp_path: Path) -> None:
    splits = data_split.split(make_frame(flag=[True, False] * 50), "y", "True")
    lines = data_preparation.write(splits, tmp_path)["train"].read_text().splitlines()
    assert {line.partition(",")[0] for line in lines} == {"0", "1"}
    assert [line.rpartition(",")[2] for line in lines] == ["1" if flag else "0" for flag in splits.tables["train"].flag]


def test_no_target_is_refused() -> None:
    assert refusal(make_frame(), target=None) == "Target: no column is selected. Choose one."


def test_a_target_that_is_not_in_the_table_is_refused() -> None:
    assert refusal(make_frame(), target="z") == "Target: there is no column z. Choose one."


def test_one_class_only_is_refused() -> None:
    said = "Target y: it has only one class, 0. Choose another column."
    assert refusal(make_frame(y=0), positive="0") == said


def test_a_positive_class_that_is_not_there_is_refused_with_those_that_are() -> None:
    assert refusal(make_frame(y=["a", "b"] * 50), positive="c") == "Target y: it has no class c. Choose a or b."


def test_a_table_of_which_every_column_is_excluded_is_refused() -> None:
    assert refusal(make_frame(), exclude=["a", "b"]) == "Features: every column is excluded. Keep at least one."


def test_the_target_stays_though_it_is_excluded_and_so_do_columns_that_are_not_there() -> None:
    assert data_split.split(make_frame(), "y", "True", exclude=["y", "z", "a"]).features == ("b",)


def test_text_features_are_named() -> None:
    said = "Features: XGBoost needs numbers; these columns are not: colour. Exclude them, or have them encoded."
    assert refusal(make_frame(colour="red")) == said


@pytest.mark.parametrize(
    ("count", "listed"),
    [(5, "t0, t1, t2, t3, t4"), (6, "t0, t1, t2, t3, t4 and 1 more"), (8, "t0, t1, t2, t3, t4 and 3 more")],
)
def test_of_many_text_features_five_are_named_and_the_others_counted(count: int, listed: str) -> None:
    texts: dict[str, Any] = {f"t{number}": "red" for number in range(count)}
    assert f"these columns are not: {listed}. Exclude them, or have them encoded." in refusal(make_frame(**texts))


def test_dates_and_text_columns_without_a_name_are_no_features_either() -> None:
    assert "these columns are not: day. Exclude them, or have them encoded." in refusal(
        make_frame(day=pd.Timestamp("2026-11-01"))
    )
    assert "these columns are not:. Exclude them, or have them encoded." in refusal(make_frame().assign(**{"": "red"}))


def test_text_features_can_be_left_out() -> None:
    assert data_split.split(make_frame(colour="red"), "y", "True", exclude=["colour"]).features == ("a", "b")


def test_missing_target_cells_are_counted() -> None:
    said = "Target y: 2 of 100 cells are empty. Drop these rows, or choose another column."
    assert refusal(make_frame(y=[1, 0] * 49 + [None] * 2), positive="1") == said


def test_rows_without_target_can_be_left_out() -> None:
    splits = data_split.split(make_frame(y=[1, 0] * 49 + [None] * 2), "y", "1", drop_missing_target=True)
    assert sum(splits.rows.values()) == 98


def test_a_split_without_rows_is_refused() -> None:
    assert refusal(make_frame(3, y=[1, 0, 1]), positive="0", parts=SplitPlan(shares=(0.7, 0.3, 0.0))) == (
        "Split test: no row of 3 is left for it. Use a larger table or another share."
    )


def test_positives_are_counted_by_split() -> None:
    rows = data_split.split(make_frame(20, y=[1] + [0] * 19), "y", "1").class_rows
    assert sorted(positives for _, positives in rows.values()) == [0, 0, 1]


def test_infinite_numbers_are_refused() -> None:
    frame = make_frame()
    frame.loc[0, "b"] = np.inf
    said = "Column b: it holds infinite numbers. Exclude it, or replace them with empty cells."
    assert refusal(frame) == said


def test_missing_cells_of_either_kind_are_no_infinite_numbers() -> None:
    frame = make_frame(c=pd.array([0.5, None] * 50, "Float64"), d=pd.array([1, None] * 50, "Int64"))
    assert data_split.split(frame, "y", "True").features == ("a", "b", "c", "d")


@pytest.mark.parametrize("name", ["cards", "Cards-2", "9lives", "x" * 40, "  padded "])
def test_a_name_of_letters_digits_and_hyphens_is_taken_without_the_spaces_around_it(name: str) -> None:
    assert data_preparation.checked_name(name) == name.strip()


@pytest.mark.parametrize("name", ["", "two words", "under_score", "-first", "x" * 41])
def test_a_name_that_jobs_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(Problem) as caught:
        data_preparation.checked_name(name)
    remedy = "Use up to 40 letters, digits and hyphens, a letter or digit first."
    assert str(caught.value) == f"Name {name!r}: it is not a valid data set name. {remedy}"


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
    size = sum(len(body) for address, body in account.objects.items() if not address.endswith("json"))
    assert told[-1] == (size, size)


def test_a_prepared_set_is_never_overwritten(account: FakeS3) -> None:
    prepare(account, make_frame())
    with pytest.raises(Problem, match=r"^Data set cards: it exists already\. Choose another name\.$"):
        prepare(account, make_frame())


def test_a_folder_left_unfinished_can_be_prepared_again(account: FakeS3) -> None:
    account.objects["s3://bucket/sagedeck/data/cards/train/data.csv"] = b"half"
    assert prepare(account, make_frame()).address == Address("bucket", "sagedeck/data/cards")


def test_the_bucket_is_made_where_there_is_none() -> None:
    made: list[str] = []

    class Empty(FakeS3):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            if operation == "head_bucket":
                raise AwsError("Bucket", "it is not there", "Create it", "404")
            if operation == "create_bucket":
                made.append(parameters["Bucket"])
            return super().call(service, operation, **parameters)

    prepare(Empty("Fake", "us-east-1", bucket="bucket"), make_frame())
    assert set(made) == {"bucket"}


def test_seed_excluded_columns_and_rows_without_target_are_prepared_as_chosen(account: FakeS3) -> None:
    frame = make_frame(y=[1, 0] * 49 + [None] * 2)
    with pytest.raises(Problem, match="2 of 100 cells are empty"):
        prepare(account, frame, positive="1")
    data = prepare(account, frame, positive="1", parts=SplitPlan(seed=7), exclude=["a"], drop_missing_target=True)
    expected = data_split.split(frame, "y", "1", parts=SplitPlan(seed=7), exclude=["a"], drop_missing_target=True)
    assert (data.seed, data.features, data.rows, data.positives) == (
        7,
        ("b",),
        expected.rows,
        {name: rows[1] for name, rows in expected.class_rows.items()},
    )
    written = pd.read_csv(io.BytesIO(account.objects[str(data.file("test"))]), header=None)
    np.testing.assert_array_equal(written.to_numpy(float), expected.tables["test"].to_numpy(float))


def test_the_manifest_tells_how_rows_were_divided_and_resampled(account: FakeS3) -> None:
    plan = Resampling(method=ResamplingMethod.OVER, ratio=0.5)
    prepare(account, make_frame(), parts=SplitPlan(seed=7), resampling=plan)
    data = prepared_data.load(account, "cards")
    assert data.divided == "Stratified 70/20/10, seed 7"
    assert data.resampled == "Random over-sampling, ratio 0.5, seed 1729: 17 → 26 training rows of True"
    assert (data.class_rows_before, data.class_rows["train"]) == ((53, 17), (53, 26))


def test_without_being_told_otherwise_rows_are_divided_as_the_tutorial_does(account: FakeS3) -> None:
    data = prepare(account, make_frame())
    assert (data.divided, data.resampled, data.class_rows_before) == ("Shuffled 70/20/10, seed 1729", "", ())


def test_weighted_classes_are_kept_in_the_manifest_and_change_no_row() -> None:
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    plain, weighted = prepare(account, make_frame(), "plain"), prepare(account, make_frame(), "even", weighted=True)
    assert [prepared_data.load(account, each.name).weighted for each in (plain, weighted)] == [False, True]
    assert account.objects[str(plain.file("train"))] == account.objects[str(weighted.file("train"))]
