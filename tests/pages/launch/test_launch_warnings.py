"""What AWS would accept and make nothing of is said on the Train and Tune forms, at its field, before the launch."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import first_rows, prepared_data
from services.data.prepared_data import ManifestDocument, PreparedData
from tests.pages.app import open_page, words
from tests.services.training_factory import make_data

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("account")]
COUNTED_WRONGLY = "image 3.2-0 on AWS counts every score above 0 as class 1"


def train(data: PreparedData) -> AppTest:
    return open_page("train", data=data.name)


def tune(data: PreparedData) -> AppTest:
    return open_page("tune", data=data.name, tune_view="New search")


def warnings(page: AppTest) -> list[str]:
    return [warning.value for warning in page.main.warning]


@pytest.fixture
def rare(account: Account) -> PreparedData:
    """A set whose manifest tells of as many rows and positives as the card fraud set's."""
    made = make_data(account, rows=600)
    data = replace(made, rows={**made.rows, "train": 199_364}, positives={**made.positives, "train": 348})
    members = {name: value for name, value in vars(data).items() if name != "address"}
    document = ManifestDocument(**members).model_dump(mode="json")
    s3.write_json(account, prepared_data.manifest(data.address), document)
    return data


@pytest.fixture
def headed(account: Account) -> PreparedData:
    """A set whose training rows somebody replaced by a file with a header."""
    data = make_data(account)
    file = data.file("train")
    body = b"ill,size,age,weight\n" + s3.read_bytes(account, file)
    account.call("s3", "put_object", Bucket=file.bucket, Key=file.key, Body=body)
    return data


# ---- Train


def test_of_the_settings_a_form_begins_with_nothing_is_said(data: PreparedData) -> None:
    page = train(data)
    assert ":orange[:material/warning:]" not in words(page)
    assert warnings(page) == []


def test_a_setting_without_effect_is_said_at_its_field_and_launches_all_the_same(data: PreparedData) -> None:
    page = train(data)
    page.number_input(key="hp_early_stopping_rounds").set_value(5).run()
    assert "early_stopping_rounds: Without eval_metric it has no effect on AWS" in words(page)
    assert not page.button(key="launch").disabled


def test_a_button_sets_what_mends_a_setting_and_leaves_the_others(data: PreparedData) -> None:
    page = train(data)
    page.number_input(key="hp_early_stopping_rounds").set_value(5).run()
    page.button(key="mend_early_stopping_rounds").click().run()
    assert page.multiselect(key="hp_eval_metric").value == ["logloss"]
    assert page.number_input(key="hp_early_stopping_rounds").value == 5
    assert "early_stopping_rounds: Without" not in words(page)


def test_a_closed_group_says_that_a_setting_in_it_is_to_be_checked(data: PreparedData) -> None:
    page = train(data)
    page.number_input(key="hp__kfold").set_value(3).run()
    labels = [group.label for group in page.main.expander]
    assert "Stopping and metrics · 1 set · :orange[:material/warning:] check this" in labels


def test_a_metric_is_offered_only_where_the_image_computes_it_rightly(data: PreparedData) -> None:
    page = train(data)
    assert "accuracy" not in page.multiselect(key="hp_eval_metric").options
    page.selectbox(key="hp_objective").set_value("binary:hinge").run()
    assert "accuracy" in page.multiselect(key="hp_eval_metric").options


def test_a_metric_that_was_typed_all_the_same_stays_and_is_warned_of(data: PreparedData) -> None:
    page = train(data)
    page.multiselect(key="hp_eval_metric").set_value(["auc", "f1"]).run()
    assert f"{COUNTED_WRONGLY}, so these stay the same in every round: f1." in words(page)
    assert page.multiselect(key="hp_eval_metric").value == ["auc", "f1"]


def test_spot_capacity_does_not_promise_that_a_job_resumes(data: PreparedData) -> None:
    page = train(data)
    page.checkbox(key="train_spot").check().run()
    assert "An interrupted XGBoost job starts over at round 0, with checkpoints too" in words(page)


@pytest.mark.parametrize("form", [train, tune])
def test_rows_that_aws_would_misread_are_told_on_both_forms(headed: PreparedData, form: Any) -> None:
    (warning,) = warnings(form(headed))
    assert warning.startswith("Training data: its first line is a header (ill, size, age, weight)")


def test_first_rows_that_cannot_be_read_stop_no_form(data: PreparedData, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise AwsError("Read object", "Access Denied", "Ask for s3:GetObject", "AccessDenied")

    monkeypatch.setattr(first_rows, "read", refuse)
    page = train(data)
    assert "The first rows were not checked. Read object: Access Denied. Ask for s3\\:GetObject." in words(page)
    assert not page.button(key="launch").disabled


# ---- Tune


def test_a_search_is_offered_no_objective_that_is_counted_wrongly(data: PreparedData) -> None:
    page = tune(data)
    assert "validation:f1" not in page.selectbox(key="objective_metric").options
    assert COUNTED_WRONGLY in words(page)


def test_a_search_with_an_objective_of_classes_may_aim_at_them(data: PreparedData) -> None:
    page = tune(data)
    page.multiselect(key="tune_settings_xgboost").set_value(["eta", "objective"]).run()
    page.text_input(key="objective_kept").set_value("binary:hinge").run()
    page.selectbox(key="objective_metric").set_value("validation:f1").run()
    assert "Aims for the highest validation\\:f1." in words(page)
    page.text_input(key="objective_kept").set_value("binary:logistic").run()
    assert page.selectbox(key="objective_metric").value == "validation:auc"


def test_a_button_adds_the_setting_that_keeps_a_rare_class_learnable(rare: PreparedData) -> None:
    page = tune(rare)
    page.button(key="search_preset_1").click().run()  # the tutorial's ranges
    assert "With eta 1 and min_child_weight 1.21 models may learn nothing" in words(page)
    page.button(key="mend_eta").click().run()
    assert "max_delta_step 1" in words(page).partition("Fixed settings: ")[2]
    assert "models may learn nothing" not in words(page)
