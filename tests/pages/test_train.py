"""The Train page, over a running local service."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from services import training
from services.aws import Account
from services.prepared import PreparedData
from tests.local import linear_learner_jobs
from tests.pages.opening import chosen, errors, metrics, open_page, stand_at, words
from tests.running import LocalService
from tests.services.launching import ended, make_model, make_plan

pytestmark = pytest.mark.slow


def launch(page: AppTest) -> AppTest:
    page.button(key="launch").click().run()
    assert not page.exception
    return page


def test_without_data_the_next_step_is_to_prepare_some(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    said = words(open_page("train"))
    assert "No data is prepared yet." in said
    assert "No training job yet: launch the first one." in said


def test_launching_as_it_stands_trains_with_the_guides_numbers(account: Account, data: PreparedData) -> None:
    page = launch(open_page("train", data=data.name))
    name = chosen(page, "job")
    job = ended(account, name)
    assert name.startswith(f"{data.name}-")
    assert (job.status, dict(job.hyperparameters)) == ("Completed", dict(training.GUIDE))


def test_a_completed_job_is_shown_with_what_it_learned(account: Account, data: PreparedData) -> None:
    job = make_model(account, data, eval_metric="auc")
    page = open_page("train", job=job.name)
    assert metrics(page) == {name: f"{job.metrics[name]:.5f}" for name in ("train:auc", "validation:auc")}


def test_a_value_out_of_range_is_one_sentence_and_stays_typed(account: Account, data: PreparedData) -> None:
    before = [job.name for job in training.summaries(account)]
    page = open_page("train", data=data.name)
    page.number_input(key="eta").set_value(1.5)
    launch(page)
    assert len(errors(page)) == 1
    assert errors(page)[0].startswith("Hyperparameters: ")
    assert page.number_input(key="eta").value == 1.5
    assert [job.name for job in training.summaries(account)] == before


@pytest.mark.usefixtures("account")
def test_a_line_without_a_value_is_one_sentence(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.text_area(key="more").set_value("alpha").run()
    assert errors(page) == ["More hyperparameters: 'alpha' has no value. Write a line as: name = value."]


def test_hyperparameters_typed_as_lines_reach_the_job(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.text_area(key="more").set_value("scale_pos_weight = 577\n\nalpha=0.5")
    page.number_input(key="num_round").set_value(3)
    given = ended(account, chosen(launch(page), "job")).hyperparameters
    assert (given["scale_pos_weight"], given["alpha"], given["num_round"]) == ("577", "0.5", "3")


@pytest.mark.usefixtures("account")
def test_the_cost_is_told_before_the_click(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    assert r"at most \$0.24 if it runs into its time limit" in words(page)


def test_a_running_job_can_be_stopped(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="num_round").set_value(100_000)
    launch(page).button(key="stop_job").click().run()
    assert ended(account, chosen(page, "job")).status == "Stopped"


def test_a_job_that_failed_says_why(account: Account, data: PreparedData) -> None:
    gone = replace(data, name="gone", address=data.address / "gone")
    job = ended(account, training.launch(account, make_plan(gone)))
    assert job.status == "Failed"
    assert errors(open_page("train", job=job.name)) == [f"Training job {job.name}: {job.failure}"]


@pytest.mark.usefixtures("account")
def test_an_address_of_a_job_that_does_not_exist_is_one_sentence(data: PreparedData) -> None:
    assert "not found" in errors(open_page("train", job="nobody"))[0]


@pytest.mark.usefixtures("account")
def test_the_code_shown_is_a_script_that_python_can_read(data: PreparedData) -> None:
    compile(open_page("train", data=data.name).main.code[0].value, "shown", "exec")


@pytest.mark.usefixtures("account")
def test_a_job_of_another_algorithm_is_shown_with_its_steps_and_log(local: LocalService) -> None:
    job = linear_learner_jobs.train(local)
    page = open_page("train", job=job["TrainingJobName"])
    assert chosen(page, "job") == job["TrainingJobName"]
    assert "#quality_metric: host=algo-1, validation roc_auc_score <score>=" in page.main.code[-1].value
