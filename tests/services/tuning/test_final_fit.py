"""The last training of a search's best settings, on train and validation rows, on a running local service."""

import pytest

from services.aws import s3
from services.aws.account import Account
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.evaluation import scoring
from services.tuning import final_fit
from tests.local.factories import unique
from tests.services.training_factory import completed, ended, make_linear_plan, make_model

pytestmark = pytest.mark.slow


def test_it_learns_from_the_train_and_the_validation_rows(account: Account, data: PreparedData) -> None:
    best = make_model(account, data, eval_metric="auc", early_stopping_rounds="3")
    job = ended(account, final_fit.launch(account, final_fit.plan(unique("last"), best, data)))
    assert (job.status, job.failure) == ("Completed", None)
    assert list(job.channels) == ["train"]
    read = [s3.read_bytes(account, s3.Address(data.address.bucket, key)) for key, _ in files(account, job)]
    both = [s3.read_bytes(account, data.file(split)) for split in ("train", "validation")]
    assert read == both


def files(account: Account, job: final_fit.TrainingJob) -> list[tuple[str, int]]:
    return list(s3.keys(account, s3.Address.parse(job.channels["train"])))


def test_its_settings_are_the_best_trials_without_what_needs_validation(account: Account, data: PreparedData) -> None:
    best = make_model(account, data, eval_metric="auc", early_stopping_rounds="3")
    settings = final_fit.plan("last", best, data).hyperparameters
    expected = {name: value for name, value in best.hyperparameters.items() if name != "early_stopping_rounds"}
    assert dict(settings) == expected


def test_its_data_is_found_by_its_channel_so_that_its_test_rows_judge_it(account: Account, data: PreparedData) -> None:
    best = make_model(account, data)
    job = ended(account, final_fit.launch(account, final_fit.plan(unique("last"), best, data)))
    assert prepared_data.trained_on(account, job.channels["train"]) == data
    rows = scoring.read_split(account, data, "test")
    assert len(scoring.from_artifact(account, job.model_uri or "", rows.features)) == rows.rows


def test_a_last_training_is_of_the_same_algorithm(account: Account, data: PreparedData) -> None:
    best = completed(account, make_linear_plan(data, epochs="2"))
    job = ended(account, final_fit.launch(account, final_fit.plan(unique("last"), best, data)))
    assert job.status == "Completed"
    assert (job.image, job.hyperparameters, list(job.channels)) == (best.image, best.hyperparameters, ["train"])


def test_more_rows_are_expected_to_take_longer(account: Account, data: PreparedData) -> None:
    best = make_model(account, data)
    seconds = final_fit.expected_seconds(best, data)
    assert best.billable_seconds
    assert seconds == best.billable_seconds * 360 / 280
