"""The Data page: how rows are divided and resampled, and what is kept of it."""

import hashlib
import io
import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from services.data.division.partition import SplitMethod
from services.data.division.resampling import ResamplingMethod
from services.data.table_sources import content_hash, sample_customers
from tests.pages import data_page
from tests.pages.data_page import COLOURS, PAGE, manifest, upload, words
from tests.services.fake_s3 import FakeS3

account = data_page.account  # the fixture: an account whose S3 is a dictionary


def parts_of(page: AppTest) -> pd.DataFrame:
    return next(table.value for table in page.main.dataframe if "Part" in table.value.columns)


RARE = b"size,day,who,ill\n" + b"".join(
    f"{row * 7 % 101},2026-{row % 12 + 1:02}-{row % 28 + 1:02},customer {row % 40},{int(row % 25 == 0)}\n".encode()
    for row in range(400)
)


@pytest.mark.slow
def test_rows_are_stratified_unless_somebody_chooses_otherwise_and_the_manifest_tells(account: FakeS3) -> None:
    upload(RARE).button(key="prepare").click().run()
    kept = manifest(account, "rows")
    assert kept["divided"] == "Stratified 70/20/10, seed 1729"
    assert kept["class_rows"] == {"train": [269, 11], "validation": [77, 3], "test": [38, 2]}


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_each_part_is_shown_before_anything_is_prepared() -> None:
    parts = parts_of(upload(RARE))
    assert parts.to_dict("list") == {
        "Part": ["train", "validation", "test"],
        "Rows": ["280", "80", "40"],
        "Share of rows": ["70 %", "20 %", "10 %"],
        "Rows of class 1": ["11", "3", "2"],
        "Share": ["3.9 %", "3.8 %", "5.0 %"],
    }


@pytest.mark.slow
def test_the_split_of_the_tutorial_is_one_click(account: FakeS3) -> None:
    page = upload(RARE)
    page.button(key="tutorial_split").click().run()
    assert page.button(key="tutorial_split").label == "The AWS tutorial's split is in use"
    assert page.button(key="tutorial_split").disabled
    page.button(key="prepare").click().run()
    frame = pd.read_csv(io.BytesIO(RARE)).sample(frac=1, random_state=1729)
    assert [rows[1] for rows in manifest(account, "rows")["class_rows"].values()] == [
        int(part["ill"].sum()) for part in (frame[:280], frame[280:360], frame[360:])
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_part_with_few_rows_of_a_class_is_named() -> None:
    said = [warning.value for warning in upload(RARE).main.warning]
    assert said == [
        "Few rows in validation of class 1 (3): little can be measured there.",
        "Few rows in test of class 1 (2): little can be measured there.",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_part_without_a_class_is_named() -> None:
    rows = b"size,ill\n" + b"".join(f"{row},{int(row < 40)}\n".encode() for row in range(100))
    page = upload(rows)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert [warning.value for warning in page.main.warning] == [
        "No rows of class 1 in validation: nothing can be measured there.",
        "No rows of class 1 in test: nothing can be measured there.",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_own_shares_are_taken_and_the_test_part_is_the_rest() -> None:
    page = upload(RARE)
    page.number_input(key="train_share").set_value(50).run()
    page.number_input(key="validation_share").set_value(25).run()
    assert page.number_input(key="test_share").value == 25
    assert list(parts_of(page)["Rows"]) == ["200", "100", "100"]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_shares_never_leave_a_part_without_rows() -> None:
    page = upload(RARE)
    page.number_input(key="train_share").set_value(95).run()
    assert [page.number_input(key=f"{part}_share").value for part in ("train", "validation", "test")] == [95, 4, 1]


@pytest.mark.slow
def test_a_split_by_time_begins_with_a_column_of_dates(account: FakeS3) -> None:
    page = upload(RARE)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert page.selectbox(key="split_column").value == "day"
    page.button(key="prepare").click().run()
    assert manifest(account, "rows")["divided"] == "By time of day 70/20/10, newest rows in test"


@pytest.mark.slow
def test_a_split_by_groups_begins_with_a_text_of_many_values(account: FakeS3) -> None:
    page = upload(RARE)
    page.selectbox(key="split_method").set_value(SplitMethod.GROUP).run()
    assert page.selectbox(key="split_column").value == "who"
    page.button(key="prepare").click().run()
    assert manifest(account, "rows")["divided"] == "By groups of who 70/20/10, seed 1729"


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_column_that_is_no_time_is_refused_where_the_split_is_chosen() -> None:
    page = upload(b"size,ill\n" + b"a,0\nb,1\n" * 20)
    page.selectbox(key="split_method").set_value(SplitMethod.TIME).run()
    assert [warning.value for warning in page.main.warning] == ["Split by time: no column is selected. Choose one."]


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_train_rows_are_not_resampled_unless_somebody_chooses_so() -> None:
    page = upload(RARE)
    assert page.radio(key="resampling").value is None
    said = "A class weight instead: scale_pos_weight 24.5 counts each of the 11 positives 24.5 times; nothing is"
    assert said in words(page)


@pytest.mark.slow
def test_resampling_shows_what_it_changes_and_the_manifest_tells(account: FakeS3) -> None:
    page = upload(COLOURS + b"4,red,1\n" * 30)
    page.radio(key="resampling").set_value(ResamplingMethod.OVER).run()
    classes, flags = (
        next(table.value for table in page.main.dataframe if column in table.value.columns).to_dict("list")
        for column in ("Train rows of", "Share of feature")
    )
    assert classes == {"Train rows of": ["class 1", "class 0"], "Before": ["35", "7"], "After": ["35", "35"]}
    assert flags["Share of feature"] == ["colour=blue", "colour=red"]
    page.button(key="prepare").click().run()
    kept = manifest(account, "rows")
    assert kept["resampled"] == "Random over-sampling, ratio 1, seed 1729: 7 → 35 training rows of 0"
    assert (kept["class_rows_before"], kept["class_rows"]["train"]) == ([35, 7], [35, 35])
    assert "Random over-sampling, ratio 1, seed 1729: 7 → 35 training rows of 0." in words(page)


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_what_resampling_cannot_take_is_said_where_it_is_chosen() -> None:
    page = upload(b"size,ill\n" + b"1,0\n,1\n" * 20)
    page.radio(key="resampling").set_value(ResamplingMethod.SMOTE).run()
    assert [warning.value.partition(":")[0] for warning in page.main.warning][-1] == "Resampling"


@pytest.mark.slow
def test_the_sample_customers_are_prepared_as_they_are_proposed(account: FakeS3) -> None:
    page = AppTest.from_file(PAGE, default_timeout=150)
    page.query_params["source"], page.query_params["target"] = "Sample customers", "cancelled"
    page.run()
    assert "120 of 3,000 rows (4.0 %)" in words(page)
    page.button(key="prepare").click().run()
    assert not page.main.error
    assert page.success[0].value.startswith("sample-customers is prepared at")
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/sample-customers/manifest.json"])
    assert manifest["source_sha256"] == content_hash.of_table(sample_customers.customers())


@pytest.mark.slow
def test_the_hash_of_an_upload_is_that_of_its_bytes(account: FakeS3) -> None:
    page = upload(COLOURS)
    page.button(key="prepare").click().run()
    manifest = json.loads(account.objects["s3://bucket/sagedeck/data/rows/manifest.json"])
    assert manifest["source_sha256"] == hashlib.sha256(COLOURS).hexdigest()
