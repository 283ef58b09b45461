"""The Train page, over a running local service."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import prices as price_queries
from pages.components.shell import formats
from services.algorithms.xgboost import XGBOOST
from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.pricing.price_book import LIST_PRICES
from services.training import curve_diagnostics, learning_curves
from services.training import launch as training_launch
from services.training import logs as training_logs
from services.training import plan as training_plan
from services.training.plan import TrainingPlan
from tests.local.algorithms import linear_learner_jobs
from tests.local.factories import training_request, unique
from tests.local_service import LocalService
from tests.pages.app import REFUSED, chosen, errors, metrics, open_page, refuse, stand_at, words
from tests.services.training_factory import ended, make_data, make_model, make_plan

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
    assert "No prepared data sets yet." in said
    assert "No training jobs yet. Launch one under New job." in words(open_page("train", view="Jobs"))


def test_launching_as_it_stands_trains_with_the_guides_numbers(account: Account, data: PreparedData) -> None:
    page = launch(open_page("train", data=data.name))
    name = chosen(page, "job")
    job = ended(account, name)
    assert name.startswith(f"{data.name}-")
    assert (job.status, dict(job.hyperparameters)) == ("Completed", dict(training_plan.TUTORIAL_SETTINGS))


def test_a_completed_job_is_shown_with_what_it_learned(account: Account, data: PreparedData) -> None:
    job = make_model(account, data, eval_metric="auc")
    page = open_page("train", job=job.name)
    shown = {name: f"{job.metrics[name]:.5f}" for name in ("train:auc", "validation:auc")}
    assert metrics(page) == {"Billed time": f"{job.billable_seconds} s", "Cost": "<$0.01", **shown}


@pytest.mark.usefixtures("account")
def test_a_value_out_of_range_is_told_at_its_field_and_stays_typed(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_eta").set_value(1.5).run()
    assert r":red[:material/error: 1.5 is not in \[0, 1\]]" in words(page)
    assert page.button(key="launch").disabled
    assert page.number_input(key="hp_eta").value == 1.5


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("objective", "metrics", "said"),
    [
        (
            "binary:logistic",
            ["aft-nloglik"],
            r"Metric 'aft-nloglik' can only be applied for 'survival\:aft'",
        ),
        ("multi:softprob", [], "Require input for parameter 'num_class' for multi-classification"),
    ],
)
def test_a_contradiction_is_told_before_anything_is_sent(
    data: PreparedData, objective: str, metrics: list[str], said: str
) -> None:
    page = open_page("train", data=data.name)
    page.selectbox(key="hp_objective").set_value(objective)
    page.multiselect(key="hp_eval_metric").set_value(metrics).run()
    assert len(errors(page)) == 1
    assert errors(page)[0].startswith(f"Hyperparameters: {said}")
    assert page.button(key="launch").disabled


def test_every_kind_of_field_reaches_the_job(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_num_round").set_value(3)
    page.number_input(key="hp_scale_pos_weight").set_value(57.5)
    page.number_input(key="hp_max_leaves").set_value(7)
    page.selectbox(key="hp_tree_method").set_value("hist")
    page.multiselect(key="hp_eval_metric").set_value(["auc", "error@0.7"])
    page.text_input(key="hp_interaction_constraints").set_value("[[1, 2]]")
    job = ended(account, chosen(launch(page), "job"))
    own = {
        "num_round": "3",
        "eval_metric": "auc,error@0.7",
        "scale_pos_weight": "57.5",
        "max_leaves": "7",
        "tree_method": "hist",
        "interaction_constraints": "[[1, 2]]",
    }
    assert (job.status, dict(job.hyperparameters)) == ("Completed", {**training_plan.TUTORIAL_SETTINGS, **own})


@pytest.mark.usefixtures("account")
def test_the_cost_is_told_before_the_click(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    assert r"maximum \$0.24 (time limit)" in words(page)


@pytest.mark.usefixtures("account")
def test_prices_that_arrive_are_those_on_the_form_and_change_no_choice(
    data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("train", data=data.name)
    page.selectbox(key="train_instance").select("ml.m5.xlarge").run()
    dearer = replace(LIST_PRICES, hours={"ml.m5.large": {"Training": 0.1}, "ml.m5.xlarge": {"Training": 0.5}})
    monkeypatch.setattr(price_queries, "book", lambda account: dearer)
    page.run()
    assert chosen(page, "train_instance") == "ml.m5.xlarge"
    assert r"maximum \$0.50 (time limit)." in words(page)


@pytest.mark.usefixtures("account")
def test_a_machine_that_a_region_does_not_price_is_not_offered_there(
    data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        price_queries, "book", lambda account: replace(LIST_PRICES, hours={"ml.m5.large": {"Training": 0.1}})
    )
    page = open_page("train", data=data.name)
    assert [each.partition(" ")[0] for each in page.selectbox(key="train_instance").options] == ["ml.m5.large"]


def test_a_running_job_can_be_stopped(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_num_round").set_value(100_000)
    launch(page).button(key="stop_job").click().run()
    assert ended(account, chosen(page, "job")).status == "Stopped"


def test_a_running_job_whose_log_may_not_be_read_can_be_stopped(
    account: Account, data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_logs, "log_lines", refuse)
    page = open_page("train", data=data.name)
    page.number_input(key="hp_num_round").set_value(100_000)
    launch(page)
    assert errors(page) == [f"Neither log nor learning curve: {REFUSED}"]
    page.button(key="stop_job").click().run()
    assert ended(account, chosen(page, "job")).status == "Stopped"


def test_a_job_that_failed_says_why(account: Account, data: PreparedData) -> None:
    request = training_request(unique("gone"), str(data.address / "gone"), num_round="2")
    account.call("sagemaker", "create_training_job", **request)
    job = ended(account, request["TrainingJobName"])
    page = open_page("train", job=job.name)
    assert job.status == "Failed"
    assert errors(page) == [f"Training job {job.name}: {job.failure}"]
    assert "the data was deleted or never written" in words(page)


@pytest.mark.usefixtures("account")
def test_an_address_of_a_job_that_does_not_exist_is_one_sentence(data: PreparedData) -> None:
    assert "not found" in errors(open_page("train", job="nobody"))[0]


def test_training_data_that_is_gone_is_told_before_anything_is_launched(account: Account) -> None:
    data = make_data(account)
    page = open_page("train", data=data.name)
    file = data.file("train")
    account.call("s3", "delete_object", Bucket=file.bucket, Key=file.key)
    launch(page)
    assert errors(page) == [
        f"Data set {data.name}: its training files were deleted. Prepare it again on the Data page."
    ]
    assert page.selectbox(key="data").value == data.name


def test_a_preset_fills_the_form_and_empties_what_it_does_not_name(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_alpha").set_value(2.0).run()
    page.button(key="preset_1").click().run()
    positives = data.positives["train"]
    weight = (data.rows["train"] - positives) / positives
    assert page.number_input(key="hp_scale_pos_weight").value == pytest.approx(weight, rel=1e-5)
    assert page.number_input(key="hp_alpha").value is None
    assert page.number_input(key="hp_max_depth").value == 5


def test_spot_checkpoints_and_tags_reach_the_job(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_num_round").set_value(2)
    page.checkbox(key="train_spot").check()
    page.checkbox(key="train_checkpoints").check().run()
    page.number_input(key="train_wait").set_value(90)
    page.text_input(key="train_tags").set_value("project=fraud, owner=me")
    job = ended(account, chosen(launch(page), "job"))
    assert (job.status, job.max_wait) == ("Completed", 5400)
    assert job.checkpoints
    assert job.checkpoints.endswith(f"/{job.name}/checkpoints")
    assert tags.of(account, job.arn) == {"project": "fraud", "owner": "me"}


@pytest.mark.usefixtures("account")
def test_waiting_for_spot_less_than_running_takes_is_one_sentence(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.checkbox(key="train_spot").check().run()
    page.number_input(key="train_wait").set_value(5).run()
    assert errors(page) == [
        "Spot capacity: the wait and run time is shorter than the time limit. Enter 60 minutes or more."
    ]


@pytest.mark.usefixtures("account")
def test_a_tag_that_aws_would_refuse_is_told_at_its_field_and_stays_typed(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.text_input(key="train_tags").set_value("project=fraud!").run()
    assert len(errors(page)) == 1
    assert errors(page)[0].startswith("Tag 'project': only letters, digits, spaces")
    assert page.button(key="launch").disabled
    assert page.text_input(key="train_tags").value == "project=fraud!"


def test_the_form_reopens_with_everything_an_earlier_job_had(account: Account, data: PreparedData) -> None:
    plan = replace(
        make_plan(data, num_round="3", eval_metric="auc,error@0.7", colsample_bytree="0.5", gamma="2"),
        name=unique("again"),
        tags={"owner": "me"},
        max_wait=1200,
        checkpoints=f"{data.address}/checkpoints",
        instance_type="ml.m5.xlarge",
    )
    job = ended(account, training_launch.launch(account, plan))
    page = open_page("train", job=job.name)
    page.button(key="reopen").click().run()
    assert page.text_input(key="train_name").value == plan.name
    page.text_input(key="train_name").set_value(unique("once-more"))  # two of a name within a second are refused
    page.button(key="launch").click().run()
    again = ended(account, chosen(page, "job"))
    assert again.name != job.name
    for what in ("hyperparameters", "channels", "instance_type", "max_runtime", "max_wait", "checkpoints"):
        assert getattr(again, what) == getattr(job, what)
    assert tags.of(account, again.arn) == {"owner": "me"}


def test_what_no_field_can_hold_is_told_when_a_job_is_reopened(account: Account, data: PreparedData) -> None:
    request = training_request(unique("odd"), str(data.address), num_round="2", max_depth="deep", silent="1")
    account.call("sagemaker", "create_training_job", **request)
    ended(account, request["TrainingJobName"])
    page = open_page("train", again=request["TrainingJobName"])
    told = [warning.value for warning in page.main.warning]
    assert told == [f"Not copied from the earlier job: {each}" for each in ("silent = 1", "max_depth = deep")]
    assert page.number_input(key="hp_num_round").value == 2


def test_the_log_can_be_searched(account: Account, data: PreparedData) -> None:
    page = open_page("train", job=make_model(account, data).name)
    page.text_input(key="log_search").set_value("[3]").run()
    assert "1 line of " in words(page)
    assert page.main.code[0].value.count("\n") == 0


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("said", "code", "meant"),
    [
        (
            "User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:PassRole on resource: x",
            "AccessDeniedException",
            r"A permission is missing: iam\:PassRole.",
        ),
        (
            "The account-level service limit 'ml.m4.xlarge for training job usage' is 0 Instances",
            "ResourceLimitExceeded",
            "[Open Service Quotas](https://console.aws.amazon.com/servicequotas/",
        ),
        (
            "Value 'ml.m4.xlarge' at 'resourceConfig.instanceType' failed: Member must satisfy enum value set: […]",
            "ValidationException",
            "The region does not offer that instance type.",
        ),
        ("Rate exceeded", "ThrottlingException", "Too many requests to AWS."),
        ("Cannot create already existing training-job", "ResourceInUse", "SageMaker does not reuse names"),
    ],
)
def test_a_launch_that_aws_refuses_is_explained_and_nothing_typed_is_lost(
    data: PreparedData, monkeypatch: pytest.MonkeyPatch, said: str, code: str, meant: str
) -> None:
    def refuse(account: Account, plan: TrainingPlan) -> str:
        raise AwsError("Create training job on AWS, us-east-1", said, "Do something", code)

    monkeypatch.setattr(training_launch, "launch", refuse)
    page = open_page("train", data=data.name)
    page.number_input(key="hp_max_leaves").set_value(31)
    launch(page)
    assert errors(page) == [formats.plain(f"Create training job on AWS, us-east-1: {said}. Do something.")]
    assert meant in words(page)
    assert page.number_input(key="hp_max_leaves").value == 31


def test_what_the_curves_teach_is_said_beside_them(account: Account, data: PreparedData) -> None:
    job = make_model(account, data, num_round="40", gamma="0", min_child_weight="0", max_depth="9", eta="0.9")
    curve = learning_curves.learning_curve(training_logs.log_lines(account, job.name, datetime.now(UTC)))
    lesson = curve_diagnostics.diagnose(curve, "logloss", XGBOOST)
    assert lesson
    assert lesson.shape == "overfitting"
    assert f":orange[:material/warning:] {lesson.sentence}" in words(open_page("train", job=job.name))


def test_what_it_will_cost_is_told_from_earlier_jobs_on_the_data_set_scaled_by_rounds(account: Account) -> None:
    data = make_data(account)
    assert "No estimate yet" in words(open_page("train", data=data.name))
    for number in ("50", "40"):
        make_model(account, data, num_round=number)
    said = words(open_page("train", data=data.name))
    assert "median of 2 completed jobs on this data set, scaled by rounds; maximum" in said


def test_a_job_in_the_address_is_looked_at_after_a_reload(account: Account, data: PreparedData) -> None:
    older, _ = make_model(account, data), make_model(account, data)
    page = open_page("train", job=older.name, view="Jobs")
    assert chosen(page, "job") == older.name
    assert page.segmented_control(key="view").value == "Jobs"


def test_the_name_follows_the_data_set_until_somebody_types_one(account: Account, data: PreparedData) -> None:
    other = make_data(account)
    page = open_page("train", data=data.name)
    page.selectbox(key="data").set_value(other.name).run()
    assert page.text_input(key="train_name").value == other.name
    page.text_input(key="train_name").set_value("mine").run()
    page.selectbox(key="data").set_value(data.name).run()
    assert page.text_input(key="train_name").value == "mine"


@pytest.mark.usefixtures("account")
def test_a_job_of_another_algorithm_is_shown_with_its_steps_and_log(local: LocalService) -> None:
    job = linear_learner_jobs.train(local)
    page = open_page("train", job=job["TrainingJobName"])
    assert chosen(page, "job") == job["TrainingJobName"]
    assert "#quality_metric: host=algo-1, validation roc_auc_score <score>=" in page.main.code[-1].value


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("train_instances", 0, "Instances: a job needs at least one. Enter 1 or more."),
        (
            "train_minutes",
            50_000,
            "Time limit: a job can run from 1 minute to 28 days. Enter 1 to 40,320 minutes.",
        ),
    ],
)
def test_a_machine_that_cannot_be_had_is_told_and_stays_typed(
    data: PreparedData, key: str, value: int, said: str
) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key=key).set_value(value).run()
    assert errors(page) == [said]
    assert page.button(key="launch").disabled
    assert page.number_input(key=key).value == value


def test_rows_shared_among_instances_are_trained_on(account: Account) -> None:
    data = make_data(account)
    page = open_page("train", data=data.name)
    page.number_input(key="hp_num_round").set_value(2)
    page.number_input(key="train_instances").set_value(2).run()
    page.checkbox(key="train_sharded").check()
    job = ended(account, chosen(launch(page), "job"))
    assert (job.status, job.instance_count, job.sharded) == ("Completed", 2, True)
    assert job.channels["train"] == f"{data.address}/shards-2/"
