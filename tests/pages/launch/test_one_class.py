"""Validation rows of one class: told before the launch, and afterwards no page takes nan for a number."""

from dataclasses import replace

import pytest

from services.aws import s3
from services.aws.account import Account
from services.data import prepared_data
from services.data.prepared_data import ManifestDocument, PreparedData
from services.training import launch as training_launch
from services.tuning import launch as tuning_launch
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Range
from tests.local.factories import unique
from tests.pages.app import errors, metrics, open_page, words
from tests.services.training_factory import ended, make_data, make_plan
from tests.services.tuning.test_tuning import ended as search_ended

pytestmark = pytest.mark.slow
WARNING = "validation rows have class no: auc cannot be measured there (nan)"


@pytest.fixture
def one_class(account: Account) -> PreparedData:
    """A set whose validation rows are all of class no."""
    made = make_data(account)
    rows = s3.read_bytes(account, made.file("validation")).decode().splitlines()
    body = "".join(f"0,{row.partition(',')[2]}\n" for row in rows)
    file = made.file("validation")
    account.call("s3", "put_object", Bucket=file.bucket, Key=file.key, Body=body.encode())
    data = replace(made, positives={**made.positives, "validation": 0})
    members = {name: value for name, value in vars(data).items() if name != "address"}
    document = ManifestDocument(**members).model_dump(mode="json")
    s3.write_json(account, prepared_data.manifest(data.address), document)
    return data


def test_it_is_told_before_the_launch_of_training_and_tuning(account: Account, one_class: PreparedData) -> None:
    for page in (open_page("train", data=one_class.name), open_page("tune", data=one_class.name)):
        assert any(WARNING in warning.value for warning in page.main.warning)


def test_data_with_both_classes_is_not_warned_of(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    assert not any(WARNING in warning.value for warning in page.main.warning)


def test_a_job_whose_metric_is_nan_is_shown_as_missing_it(account: Account, one_class: PreparedData) -> None:
    plan = make_plan(one_class, num_round="8", eval_metric="auc")
    job = ended(account, training_launch.launch(account, plan))
    page = open_page("train", job=job.name)
    assert metrics(page)["validation:auc"] == "missing"
    assert "Validation auc is missing: it is no number (nan or infinite) in all 8 rounds." in words(page)
    assert "best at round" not in words(page)


def test_a_search_without_an_objective_tells_the_cause(account: Account, one_class: PreparedData) -> None:
    training = replace(make_plan(one_class, num_round="3", eval_metric="auc"), name=unique("search"))
    plan = TuningPlan(training, (Range("eta", 0.1, 0.5),), "validation:auc", True, "Random", 2, 2)
    search = search_ended(account, tuning_launch.launch(account, plan))
    page = open_page("tune", tuning=search.name, tune_view="Searches")
    assert any("No objective metrics found after running 2 training jobs." in error for error in errors(page))
    assert "No trial measured the objective as a number" in words(page)
