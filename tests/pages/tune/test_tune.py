"""The Tune page, over a running local service."""

import pytest
from streamlit.testing.v1 import AppTest

from services.algorithms.xgboost import XGBOOST
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.tuning import search_space
from tests.local.algorithms.linear_learner_jobs import IMAGE as LINEAR_LEARNER_IMAGE
from tests.local.factories import put_data, unique
from tests.local.jobs.test_tuning_jobs import tuning_request
from tests.local_service import LocalService
from tests.pages.app import chosen, errors, open_page, stand_at, words
from tests.services.tuning.test_tuning import ended

pytestmark = pytest.mark.slow


def filled(data: PreparedData) -> AppTest:
    """The page with a form for four short trials."""
    page = open_page("tune", data=data.name, tune_view="New search")
    page.text_input(key="tuning_name").set_value(unique("page"))
    page.number_input(key="max_jobs").set_value(4)
    page.number_input(key="tune_rounds").set_value(3)
    return page


def launch(page: AppTest) -> AppTest:
    page.button(key="launch_tuning").click().run()
    assert not page.exception
    return page


def test_without_data_the_next_step_is_to_prepare_some(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    assert "No prepared data sets yet." in words(open_page("tune"))


def test_without_a_search_the_next_step_is_to_launch_one(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    assert "No tuning jobs yet. Launch one under New search." in words(open_page("tune", tune_view="Searches"))


def test_launching_as_it_stands_searches_the_recommended_ranges_with_early_stopping(
    account: Account, data: PreparedData
) -> None:
    page = filled(data)
    name = page.text_input(key="tuning_name").value
    assert chosen(launch(page), "tuning") == name
    job = ended(account, name)
    assert (job.status, job.objective, job.strategy, job.done) == ("Completed", "validation:auc", "Bayesian", 4)
    assert set(job.ranges) == set(search_space.usual(XGBOOST))
    assert job.fixed["early_stopping_rounds"] == "30"
    assert rf"Best trial: **validation\:auc {job.best_value:.5f}** by `{job.best}`." in words(
        open_page("tune", tuning=name)
    )


def test_what_is_not_varied_is_told_and_kept_fixed(account: Account, data: PreparedData) -> None:
    page = filled(data)
    page.checkbox(key="vary_eta").uncheck().run()
    assert "eta 0.2" in words(page)
    job = ended(account, chosen(launch(page), "tuning"))
    assert "eta" not in {each.name for each in job.ranges}


@pytest.mark.usefixtures("account")
def test_a_range_that_is_upside_down_is_one_sentence_and_stays_typed(data: PreparedData) -> None:
    page = filled(data)
    page.number_input(key="eta_low").set_value(0.9)
    page.number_input(key="eta_high").set_value(0.1)
    launch(page)
    assert errors(page) == ["Range of eta: its minimum is above its maximum. Swap the two."]
    assert (page.number_input(key="eta_low").value, page.number_input(key="eta_high").value) == (0.9, 0.1)


@pytest.mark.usefixtures("account")
def test_a_range_beyond_the_algorithms_is_one_sentence(data: PreparedData) -> None:
    page = filled(data)
    page.number_input(key="eta_high").set_value(1.5)
    assert len(errors(launch(page))) == 1
    assert errors(page)[0].startswith("Hyperparameters: ")


@pytest.mark.usefixtures("account")
def test_a_taken_name_is_one_sentence(data: PreparedData) -> None:
    name = chosen(launch(filled(data)), "tuning")
    again = filled(data)
    again.text_input(key="tuning_name").set_value(name)
    assert "Choose another name" in errors(launch(again))[0]


def test_a_running_job_can_be_stopped(account: Account, data: PreparedData) -> None:
    page = filled(data)
    page.button(key="search_preset_1").click().run()  # without early stopping
    page.number_input(key="tune_rounds").set_value(100_000)
    launch(page).button(key="stop_tuning").click().run()
    assert ended(account, chosen(page, "tuning")).status == "Stopped"


def test_a_search_over_names_is_shown_like_one_over_numbers(local: LocalService, account: Account) -> None:
    asked = tuning_request(unique("grid"), put_data(local), jobs=2, strategy="Grid")
    config = asked["HyperParameterTuningJobConfig"]
    config["HyperParameterTuningJobObjective"] = {"Type": "Minimize", "MetricName": "validation:objective_loss"}
    config["ParameterRanges"] = {"CategoricalParameterRanges": [{"Name": "use_bias", "Values": ["true", "false"]}]}
    definition = asked["TrainingJobDefinition"]
    definition["AlgorithmSpecification"]["TrainingImage"] = LINEAR_LEARNER_IMAGE
    definition["StaticHyperParameters"] = {"predictor_type": "binary_classifier", "epochs": "2"}
    local.client("sagemaker").create_hyper_parameter_tuning_job(**asked)
    job = ended(account, asked["HyperParameterTuningJobName"])
    best = rf"Best trial: **validation\:objective_loss {job.best_value:.5f}**"
    assert best in words(open_page("tune", tuning=job.name))
