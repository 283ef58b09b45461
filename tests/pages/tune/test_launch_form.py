"""The Tune page's form: what is typed is what SageMaker is asked for, over a running local service."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.aws.account import Account
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.training import launch as training_launch
from services.training import plan as training_plan
from services.training.plan import TrainingPlan
from services.tuning import jobs as tuning_jobs
from services.tuning.jobs import TuningJob
from services.tuning.search_space import Choices, Range
from tests.local.factories import unique
from tests.pages.app import chosen, errors, open_page, words
from tests.services.training_factory import ended as training_ended
from tests.services.tuning.test_tuning import ended

pytestmark = pytest.mark.slow


def form(data: PreparedData) -> AppTest:
    """The form for four short trials without a baseline."""
    page = open_page("tune", data=data.name, tune_view="New search")
    page.text_input(key="tuning_name").set_value(unique("form"))
    page.number_input(key="max_jobs").set_value(4)
    page.number_input(key="tune_rounds").set_value(3)
    page.segmented_control(key="tune_baseline_kind").set_value("None")
    return page


def launched(account: Account, page: AppTest) -> TuningJob:
    page.button(key="launch_tuning").click().run()
    assert not page.exception
    assert not errors(page)
    return ended(account, chosen(page, "tuning"))


def asked(account: Account, job: TuningJob) -> dict[str, Any]:
    """The job as SageMaker describes it."""
    answer: dict[str, Any] = account.call(
        "sagemaker", "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=job.name
    )
    return answer


def test_any_tunable_setting_can_be_added_with_its_range_and_scale(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.multiselect(key="tune_settings_xgboost").set_value(["lambda", "max_depth"]).run()
    page.number_input(key="lambda_low").set_value(0.001)
    page.selectbox(key="lambda_scale").set_value("Logarithmic").run()
    assert "lambda: quartiles of random trials: 0.001 to 0.0316, to 1, to 31.6, to 1e+03." in words(page)
    assert set(launched(account, page).ranges) == {
        Range("lambda", 0.001, 1000, scaling="Logarithmic"),
        Range("max_depth", 3, 8, integer=True),
    }


def test_a_setting_that_is_not_varied_keeps_its_value(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.checkbox(key="vary_alpha").uncheck().run()
    page.number_input(key="alpha_kept").set_value(0.7)
    page.multiselect(key="tune_settings_xgboost").set_value(["eta", "alpha", "scale_pos_weight"]).run()
    page.text_input(key="scale_pos_weight_kept").set_value("3")
    job = launched(account, page)
    assert (job.fixed["alpha"], job.fixed["scale_pos_weight"]) == ("0.7", "3")


def test_an_emptied_value_is_the_algorithms_own_default(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.checkbox(key="vary_eta").uncheck().run()
    page.number_input(key="eta_kept").set_value(None)
    assert "eta" not in launched(account, page).fixed


def test_a_grid_tries_every_combination_of_listed_values(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.selectbox(key="strategy").set_value("Grid").run()
    page.multiselect(key="tune_settings_xgboost").set_value(["eta", "max_depth"]).run()
    page.text_input(key="eta_values").set_value("0.1, 0.3")
    page.text_input(key="max_depth_values").set_value("2, 4").run()
    assert "The grid has 4 combinations, one trial each." in words(page)
    job = launched(account, page)
    assert (job.strategy, job.done) == ("Grid", 4)
    assert set(job.ranges) == {Choices("eta", ("0.1", "0.3")), Choices("max_depth", ("2", "4"))}


def test_hyperband_is_given_its_rounds(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.selectbox(key="strategy").set_value("Hyperband").run()
    page.number_input(key="least_rounds").set_value(2)
    page.number_input(key="most_rounds").set_value(3)
    config = asked(account, launched(account, page))["HyperParameterTuningJobConfig"]
    assert config["StrategyConfig"]["HyperbandStrategyConfig"] == {"MinResource": 2, "MaxResource": 3}


def test_what_ends_a_search_is_what_sagemaker_is_asked_for(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.number_input(key="tune_target").set_value(0.999)
    page.number_input(key="tune_patience").set_value(3)
    page.checkbox(key="tune_convergence").check()
    page.checkbox(key="tune_early_stopping").check()
    page.number_input(key="tune_seed").set_value(7)
    config = asked(account, launched(account, page))["HyperParameterTuningJobConfig"]
    assert config["TuningJobCompletionCriteria"] == {
        "TargetObjectiveMetricValue": pytest.approx(0.999),
        "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3},
        "ConvergenceDetected": {"CompleteOnConvergence": "Enabled"},
    }
    assert (config["TrainingJobEarlyStoppingType"], config["RandomSeed"]) == ("Auto", 7)


def test_dollars_become_the_time_after_which_sagemaker_stops_the_search(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.number_input(key="tune_money").set_value(0.36).run()
    said = r"stops the search after 30 min: 3 parallel trials on 1 × ml.m4.xlarge cost \$0.720/h"
    assert said in words(page)
    assert launched(account, page).max_runtime == 1800


@pytest.mark.usefixtures("account")
def test_too_few_dollars_are_one_sentence_at_the_field(data: PreparedData) -> None:
    page = form(data)
    page.number_input(key="tune_money").set_value(0.01).run()
    assert errors(page) == [
        r"Budget limit: \$0.01 pays for 50 s; the shortest time limit of a search is 120 s. Enter \$0.03 or more."
    ]
    assert page.button(key="launch_tuning").disabled
    assert page.number_input(key="tune_money").value == 0.01


def test_a_search_starts_from_an_earlier_one(account: Account, data: PreparedData) -> None:
    parent = launched(account, form(data))
    page = form(data)
    page.multiselect(key="tune_parents").set_value([parent.name])
    page.radio(key="tune_warm_start").set_value("TransferLearning")
    job = launched(account, page)
    assert job.parents == (parent.name,)
    assert asked(account, job)["WarmStartConfig"]["WarmStartType"] == "TransferLearning"


def test_a_baseline_with_the_settings_as_they_are_is_launched_beside_the_search(
    account: Account, data: PreparedData
) -> None:
    page = form(data)
    page.segmented_control(key="tune_baseline_kind").set_value("Launch a baseline job").run()
    job = launched(account, page)
    name = tuning_jobs.baseline(account, job)
    assert name is not None
    baseline = training_ended(account, name)
    assert baseline.name.startswith(f"{job.name}-baseline")
    assert dict(baseline.hyperparameters) == {
        **training_plan.TUTORIAL_SETTINGS,
        **{"num_round": "3", "early_stopping_rounds": "30", "eval_metric": "auc"},
    }


def test_a_search_whose_baseline_is_refused_is_shown_as_started_and_its_name_is_taken(
    account: Account, data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(account: Account, plan: TrainingPlan) -> str:
        raise AwsError("Create training job on AWS", "the account-level limit is 1", "Ask", "ResourceLimitExceeded")

    monkeypatch.setattr(training_launch, "launch", refuse)
    page = form(data)
    page.segmented_control(key="tune_baseline_kind").set_value("Launch a baseline job").run()
    name = page.text_input(key="tuning_name").value
    job = launched(account, page)
    assert job.name == name
    assert [warning.value for warning in page.main.warning] == [
        f"Baseline of {name}: the account-level limit is 1; the search itself has started. "
        "Choose a baseline job when the search has ended."
    ]
    page.segmented_control(key="tune_view").set_value("New search").run()
    assert page.text_input(key="tuning_name").value != name


def test_an_earlier_job_serves_as_baseline(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.segmented_control(key="tune_baseline_kind").set_value("Use an earlier job").run()
    earlier = chosen(page, "tune_baseline_job")
    assert tuning_jobs.baseline(account, launched(account, page)) == earlier


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (lambda page: page.number_input(key="eta_high").set_value(1.5), r"eta: 1.5 is not in \[0, 1\]."),
        (lambda page: page.number_input(key="alpha_low").set_value(0.0), "a logarithmic scale starts above 0"),
        (lambda page: page.number_input(key="alpha_low").set_value(3.0), "alpha: its minimum is above its maximum."),
    ],
)
def test_a_row_that_cannot_be_searched_says_so_below_it(
    data: PreparedData, typed: Callable[[AppTest], Any], sentence: str
) -> None:
    page = form(data)
    typed(page).run()
    assert sentence in words(page)


@pytest.mark.usefixtures("account")
def test_nothing_to_vary_is_one_sentence(data: PreparedData) -> None:
    page = form(data)
    page.multiselect(key="tune_settings_xgboost").set_value([]).run()
    page.button(key="launch_tuning").click().run()
    assert [error.partition(": ")[2] for error in errors(page)] == [
        "the search space is empty. Add at least one range."
    ]


@pytest.mark.usefixtures("account")
def test_the_baseline_counts_in_the_price(data: PreparedData) -> None:
    page = form(data)
    page.run()
    assert r"maximum \$0.96 (time limits)" in words(page)
    page.segmented_control(key="tune_baseline_kind").set_value("Launch a baseline job").run()
    assert r"maximum \$1.20 (time limits)" in words(page)


def test_the_next_search_has_a_name_of_its_own(account: Account, data: PreparedData) -> None:
    page = form(data)
    job = launched(account, page)
    page.segmented_control(key="tune_view").set_value("New search").run()
    assert page.text_input(key="tuning_name").value != job.name


@pytest.mark.usefixtures("account")
def test_what_was_typed_is_still_there_after_a_look_at_other_searches(data: PreparedData) -> None:
    page = form(data)
    page.number_input(key="eta_high").set_value(0.7).run()
    for view in ("Searches", "New search"):
        page.segmented_control(key="tune_view").set_value(view).run()
    assert page.number_input(key="eta_high").value == 0.7
