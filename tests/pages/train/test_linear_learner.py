"""Linear Learner on the pages: launched from the forms, watched, tuned, opened again, deployed and judged."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from services.algorithms.field_help import form
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws.account import Account
from services.costs import launch_budget
from services.costs.launch_budget import LaunchBudget
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.evaluation import batch_scoring
from services.training import jobs as training_jobs
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning import search_space
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Range
from tests.local.factories import unique
from tests.local_service import LocalService, eventually
from tests.pages.app import chosen, errors, metrics, open_page, words
from tests.services.codegen.test_scripts import run
from tests.services.training_factory import completed, ended, make_data, make_linear_plan, make_model

pytestmark = pytest.mark.slow


def open_form(data: PreparedData) -> AppTest:
    """The Train page with Linear Learner chosen."""
    page = open_page("train", data=data.name)
    page.segmented_control(key="train_algorithm").set_value("Linear Learner").run()
    assert not page.exception
    return page


def type_in(page: AppTest, key: str, text: str) -> AppTest:
    """Type a number into a field that also offers words."""
    field = page.selectbox(key=key)
    field.options.append(text)
    field.set_value(text)
    return page


def launch(page: AppTest, button: str = "launch") -> AppTest:
    page.button(key=button).click().run()
    assert not page.exception
    assert errors(page) == []
    return page


@pytest.mark.usefixtures("account")
def test_xgboost_is_chosen_until_somebody_chooses_another(data: PreparedData) -> None:
    assert open_page("train", data=data.name).segmented_control(key="train_algorithm").value == "XGBoost"


@pytest.mark.usefixtures("account")
def test_the_form_has_a_field_for_every_setting_of_the_algorithm(data: PreparedData) -> None:
    page = open_form(data)
    fields = [*page.main.selectbox, *page.main.number_input, *page.main.text_input]
    assert {f"hp_{name}" for name in form(LINEAR_LEARNER).words} <= {field.key for field in fields}
    assert "Weight of a positive row" in page.selectbox(key="hp_positive_example_weight_mult").help


def test_launching_as_it_stands_trains_a_classifier_with_batches_that_fit(account: Account, data: PreparedData) -> None:
    page = launch(open_form(data))
    job = ended(account, chosen(page, "job"))
    assert (job.status, job.algorithm) == ("Completed", LINEAR_LEARNER)
    assert dict(job.hyperparameters) == {"predictor_type": "binary_classifier", "mini_batch_size": "28"}


def test_a_completed_job_shows_its_curve_and_what_was_measured_at_the_end(account: Account, data: PreparedData) -> None:
    job = ended(account, chosen(launch(open_form(data)), "job"))
    page = open_page("train", job=job.name)
    shown = metrics(page)
    for name in ("train:objective_loss", "validation:objective_loss", "validation:recall", "validation:roc_auc_score"):
        assert shown[name] == f"{job.metrics[name]:.5f}"
    assert "alidation objective_loss was best" in words(page)


def test_every_kind_of_field_reaches_the_job(account: Account, data: PreparedData) -> None:
    page = open_form(data)
    page.button(key="preset_1").click().run()
    type_in(page, "hp_learning_rate", "0.05")
    page.number_input(key="hp_epochs").set_value(2)
    page.selectbox(key="hp_normalize_data").set_value("auto")
    type_in(page, "hp_num_models", "8")
    job = ended(account, chosen(launch(page), "job"))
    assert (job.status, dict(job.hyperparameters)) == (
        "Completed",
        {
            "predictor_type": "binary_classifier",
            "epochs": "2",
            "learning_rate": "0.05",
            "positive_example_weight_mult": "balanced",
            "binary_classifier_model_selection_criteria": "f1",
            "mini_batch_size": "28",
            "num_models": "8",
            "normalize_data": "auto",
        },
    )


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("hp_loss", "huber_loss", "huber_loss is not a loss of binary_classifier"),
        ("hp_num_models", "many", r"many is not auto or a whole number in \[1, +inf)"),
        ("hp_feature_dim", "7", "feature_dim is 7, and the data has 3 features"),
    ],
)
def test_what_would_be_refused_is_told_at_its_field_before_anything_is_sent(
    data: PreparedData, field: str, value: str, said: str
) -> None:
    page = open_form(data)
    type_in(page, field, value).run()
    assert f":red[:material/error: {said}" in words(page)
    assert page.button(key="launch").disabled
    assert page.selectbox(key=field).value == value


def test_an_earlier_job_opens_the_form_with_its_algorithm_and_all_its_settings(
    account: Account, data: PreparedData
) -> None:
    page = open_form(data)
    page.button(key="preset_1").click().run()
    type_in(page, "hp_wd", "0.001")
    job = ended(account, chosen(launch(page), "job"))
    page = open_page("train", again=job.name)
    assert [warning.value for warning in page.main.warning] == []
    assert page.segmented_control(key="train_algorithm").value == "Linear Learner"
    page.text_input(key="train_name").set_value(unique("once-more"))
    again = ended(account, chosen(launch(page), "job"))
    for what in ("hyperparameters", "channels", "image"):
        assert getattr(again, what) == getattr(job, what)


@pytest.mark.usefixtures("account")
def test_the_code_shown_names_its_image(data: PreparedData) -> None:
    code = open_form(data).main.code[0].value
    assert 'image_uris.retrieve("linear-learner", "us-east-1", "1")' in code
    compile(code, "shown", "exec")


def tune(data: PreparedData) -> AppTest:
    """The Tune page's form with Linear Learner chosen, for a small search."""
    page = open_page("tune", data=data.name, tune_view="New search")
    page.text_input(key="tuning_name").set_value(unique("linear"))
    page.segmented_control(key="tune_algorithm").set_value("Linear Learner").run()
    page.number_input(key="max_jobs").set_value(2)
    page.number_input(key="parallel").set_value(2)
    page.number_input(key="tune_epochs").set_value(2).run()
    assert not page.exception
    return page


def test_a_search_over_the_usual_ranges_finds_a_best_trial(account: Account, data: PreparedData) -> None:
    page = launch(tune(data), "launch_tuning")
    name = chosen(page, "tuning")
    eventually(lambda: not tuning_jobs.describe(account, name).status.active)
    job = tuning_jobs.describe(account, name)
    assert (job.status, job.done, job.objective, job.maximise) == ("Completed", 2, "validation:roc_auc_score", True)
    assert {each.name for each in job.ranges} == {"learning_rate", "wd", "l1"}
    assert all(trial.value for trial in tuning_jobs.trials(account, name))
    assert training_jobs.describe(account, tuning_jobs.baseline(account, job) or "").algorithm == LINEAR_LEARNER


@pytest.mark.usefixtures("account")
def test_a_search_aims_at_what_the_algorithm_measures(data: PreparedData) -> None:
    page = tune(data)
    assert page.selectbox(key="objective_metric").options == [each.name for each in LINEAR_LEARNER.objectives()]
    page.selectbox(key="objective_metric").set_value("validation:objective_loss").run()
    assert r"lowest validation\:objective_loss." in words(page)


def test_a_search_may_vary_a_setting_of_two_values(account: Account, data: PreparedData) -> None:
    page = tune(data)
    page.multiselect(key="tune_settings_linear_learner").set_value(["wd", "use_bias"]).run()
    name = chosen(launch(page, "launch_tuning"), "tuning")
    ranges = {each.name: each for each in tuning_jobs.describe(account, name).ranges}
    assert getattr(ranges["use_bias"], "values", None) == ("true", "false")
    eventually(lambda: not tuning_jobs.describe(account, name).status.active)


@pytest.mark.usefixtures("account")
def test_a_setting_that_is_not_varied_may_keep_a_word(data: PreparedData) -> None:
    page = tune(data)
    page.multiselect(key="tune_settings_linear_learner").set_value(["wd", "positive_example_weight_mult"]).run()
    page.checkbox(key="vary_positive_example_weight_mult").uncheck().run()
    page.text_input(key="positive_example_weight_mult_kept").set_value("balanced").run()
    assert "positive_example_weight_mult balanced" in words(page)


def auc(page: AppTest) -> float:
    """The ROC AUC of an evaluation, of the table of all metrics: a card of few positives shows the range."""
    table = next(each.value for each in page.main.dataframe if "Metric" in each.value)
    return float(table.set_index("Metric")["Value"]["ROC AUC"])


def test_a_model_is_judged_by_batch_transform(account: Account, data: PreparedData) -> None:
    job = ended(account, chosen(launch(open_form(data)), "job"))
    page = open_page("evaluate", job=job.name)
    assert page.segmented_control(key="how").value == "batch transform"
    assert "Model file (free)" not in page.segmented_control(key="how").options
    assert "Only the Linear Learner container can read its model file" in words(page)
    assert r"\$0.240/h while it runs, about \$0.02; nothing afterwards" in words(page)
    page.button(key="score").click().run()
    eventually(lambda: (found := batch_scoring.find(account, job, data, "validation")) and not found.status.active)
    page = open_page("evaluate", job=job.name)
    assert errors(page) == []
    assert 0.5 < auc(page) <= 1
    page.button(key="score")  # may be scored again


def test_a_daily_limit_binds_batch_transform(account: Account, data: PreparedData) -> None:
    job = ended(account, chosen(launch(open_form(data)), "job"))
    launch_budget.save(account, LaunchBudget(per_day=0.0))
    try:
        page = open_page("evaluate", job=job.name)
        assert r"of \$0.00 left today (UTC)." in words(page)
        page.button(key="score").click().run()
        assert errors(page)[0].startswith(f"Launch batch transform of {job.name}: it may cost up to")
        assert batch_scoring.find(account, job, data, "test") is None
    finally:
        launch_budget.save(account, LaunchBudget())


def test_the_code_that_judges_by_batch_transform_judges(
    local: LocalService, account: Account, data: PreparedData
) -> None:
    job = completed(account, make_linear_plan(data))
    said = run(local, open_page("evaluate", job=job.name).main.code[-1].value)
    assert "ROC AUC 0." in said


def test_its_endpoint_predicts_and_judges(local: LocalService, account: Account, data: PreparedData) -> None:
    job, name = completed(account, make_linear_plan(data)), unique("linear")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, datetime.now(UTC))
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    page = open_page("endpoints", endpoint=name)
    page.button(key="predict_row").click().run()
    assert errors(page) == []
    assert 0 < float(metrics(page)["Score for ill = yes"]) < 1
    page = open_page("evaluate", job=job.name, how=f"Endpoint {name}")
    page.button(key="score").click().run()
    assert errors(page) == []
    assert 0.5 < auc(page) <= 1
    printed = run(local, page.main.code[-1].value).partition("ROC AUC ")[2].split()[0]
    assert float(printed) == pytest.approx(auc(page), abs=0.001)


def test_a_search_says_what_has_to_be_scored_before_its_worth_can_be_told(account: Account, data: PreparedData) -> None:
    before = completed(account, make_linear_plan(data, epochs="1"))
    job = replace(make_linear_plan(data, epochs="1"), name=unique("linear"))
    ranges = search_space.usual(LINEAR_LEARNER)
    plan = TuningPlan(job, ranges, "validation:roc_auc_score", True, "Random", 2, 2, baseline=before.name)
    name = tuning_launch.launch(account, plan)
    eventually(lambda: not tuning_jobs.describe(account, name).status.active)
    page = open_page("tune", tuning=name)
    assert errors(page) == []
    said = f"Model of {before.name}: only its own container can score it, and the validation rows have not been scored "
    assert f"{said}yet. Score them with a batch transform on the Evaluate page." in words(page)
    for each in (before.name, tuning_jobs.describe(account, name).best or ""):
        trained = training_jobs.describe(account, each)
        batch_scoring.launch(account, trained, data, "validation", "ml.m4.xlarge", datetime.now(UTC))
        eventually(
            lambda trained=trained: (
                (found := batch_scoring.find(account, trained, data, "validation")) and not found.status.active
            )
        )
    assert "On 80 validation rows (" in words(open_page("tune", tuning=name))


def test_a_wider_search_keeps_the_algorithm_and_its_words(account: Account, data: PreparedData) -> None:
    job = replace(make_linear_plan(data, epochs="1", positive_example_weight_mult="balanced"), name=unique("linear"))
    narrow = Range("mini_batch_size", 20, 21, True)
    name = tuning_launch.launch(account, TuningPlan(job, (narrow,), "validation:roc_auc_score", True, "Random", 1, 1))
    eventually(lambda: not tuning_jobs.describe(account, name).status.active)
    page = open_page("tune", tuning=name)
    page.button(key="look_beyond").click().run()
    assert page.segmented_control(key="tune_algorithm").value == "Linear Learner"
    assert page.multiselect(key="tune_settings_linear_learner").value == [
        "mini_batch_size",
        "positive_example_weight_mult",
    ]
    assert page.text_input(key="positive_example_weight_mult_kept").value == "balanced"
    assert page.number_input(key="tune_epochs").value == 1
    page.text_input(key="tuning_name").set_value(unique("again"))
    again = tuning_jobs.describe(account, chosen(launch(page, "launch_tuning"), "tuning"))
    assert again.fixed["positive_example_weight_mult"] == "balanced"
    eventually(lambda: not tuning_jobs.describe(account, again.name).status.active)


def test_history_finds_the_jobs_of_an_algorithm(account: Account) -> None:
    data = make_data(account)
    linear, boosted = completed(account, make_linear_plan(data)), make_model(account, data)
    page = open_page("history", on=data.name, by="Linear Learner")
    assert list(page.main.dataframe[0].value["Job"]) == [f"train?job={linear.name}"]
    page = open_page("history", on=data.name)
    found = page.main.dataframe[0].value.set_index("Job")["Algorithm"]
    assert dict(found) == {f"train?job={linear.name}": "Linear Learner", f"train?job={boosted.name}": "XGBoost"}
