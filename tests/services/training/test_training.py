"""Training jobs, launched through the SageMaker SDK on a running local service and read back by boto3."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws import s3, tags
from services.aws.account import Account
from services.aws.s3 import Address
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training import logs as training_logs
from services.training import plan as training_plan
from services.training.jobs import TrainingJob
from services.training.learning_curves import LearningCurve, learning_curve
from tests.local_service import LocalService, eventually
from tests.services.training_factory import ended, make_plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(account: Account, data: PreparedData) -> TrainingJob:
    """A completed job of seven rounds, with two metrics."""
    return ended(account, training_launch.launch(account, make_plan(data, num_round="7", eval_metric="auc,logloss")))


def test_a_launched_job_is_named_after_the_plan_and_completes(job: TrainingJob, data: PreparedData) -> None:
    assert job.name.startswith(f"{data.name}-")
    assert (job.status, job.secondary, job.failure) == ("Completed", "Completed", None)


def test_what_was_asked_for_is_what_the_job_says(job: TrainingJob, data: PreparedData) -> None:
    assert job.channels == {split: data.channel(split) for split in ("train", "validation")}
    assert dict(job.hyperparameters) == {
        **training_plan.TUTORIAL_SETTINGS,
        "num_round": "7",
        "eval_metric": "auc,logloss",
    }
    assert (job.instance_type, job.instance_count, job.max_runtime, job.rounds) == ("ml.m4.xlarge", 1, 600, 7)


def test_a_completed_job_tells_its_times_bill_and_model(job: TrainingJob) -> None:
    assert job.started
    assert job.ended
    assert job.created <= job.started <= job.ended
    assert job.billable_seconds is not None
    assert job.model_uri
    assert job.model_uri.endswith(f"/{job.name}/output/model.tar.gz")


def test_completed_jobs_of_a_data_set_are_found_in_full(job: TrainingJob, account: Account, data: PreparedData) -> None:
    assert job in [replace(each, arn=job.arn) for each in training_jobs.completed_on(account, str(data.address))]
    assert training_jobs.completed_on(account, f"{data.address}-other") == []


def test_every_step_of_its_life_is_told_in_order(job: TrainingJob) -> None:
    steps = [step.status for step in job.transitions]
    assert steps == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_the_curve_is_what_cloudwatch_keeps(job: TrainingJob, account: Account) -> None:
    curve = learning_curve(training_logs.log_lines(account, job.name, datetime.now(UTC)))
    assert curve.rounds == tuple(range(7))
    assert set(curve.values) == {
        f"{split}:{metric}" for split in ("train", "validation") for metric in ("auc", "logloss")
    }
    for series, values in curve.values.items():
        kept = [cloudwatch(account, job, series, statistic) for statistic in ("SampleCount", "Sum")]
        assert kept == [len(values), pytest.approx(sum(values))]
        assert job.metrics[series] == pytest.approx(values[-1])


def cloudwatch(account: Account, job: TrainingJob, series: str, statistic: str) -> float:
    """A statistic over all values of a job's metric."""
    dimensions = [{"Name": "TrainingJobName", "Value": job.name}]
    metric = {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": series, "Dimensions": dimensions}
    answer = account.call(
        "cloudwatch",
        "get_metric_data",
        StartTime=job.created - timedelta(minutes=5),
        EndTime=datetime.now(UTC) + timedelta(minutes=5),
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": statistic}}],
    )
    return float(sum(answer["MetricDataResults"][0]["Values"]))


def test_the_list_has_the_newest_job_first(job: TrainingJob, account: Account, data: PreparedData) -> None:
    newer = training_launch.launch(account, make_plan(data, num_round="1"))
    names = [each.name for each in training_jobs.summaries(account)]
    assert names[0] == newer
    assert job.name in names


def test_a_list_is_as_long_as_asked(job: TrainingJob, account: Account) -> None:
    assert len(training_jobs.summaries(account, limit=1)) == 1


def test_a_stopped_job_ends_stopped(account: Account, data: PreparedData) -> None:
    name = training_launch.launch(account, make_plan(data, num_round="100000"))
    eventually(lambda: training_logs.log_lines(account, name, datetime.now(UTC)))
    training_jobs.stop(account, name)
    assert ended(account, name).status == "Stopped"


def test_a_job_that_does_not_exist_is_missing(account: Account) -> None:
    with pytest.raises(Problem, match=r"Describe training job on This computer, us-east-1: .*not found"):
        training_jobs.describe(account, "nobody")


def test_a_job_without_a_log_has_no_lines(account: Account) -> None:
    assert training_logs.log_lines(account, "nobody", datetime.now(UTC)) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"eta": "1.5"}, "eta"),
        ({"subsample": "0"}, "subsample"),
        ({"num_round": "many"}, "num_round"),
        ({"depth": "3"}, "depth"),
    ],
)
def test_a_value_out_of_range_is_one_sentence_before_anything_is_launched(
    account: Account, data: PreparedData, given: dict[str, str], said: str
) -> None:
    before = training_jobs.summaries(account)[:1]
    with pytest.raises(Problem, match=rf"^Hyperparameters: .*{said}.* Correct the value and launch again\.$") as raised:
        training_launch.launch(account, make_plan(data, **given))
    assert "\n" not in str(raised.value)
    assert [each.name for each in training_jobs.summaries(account)[:1]] == [each.name for each in before]


@pytest.mark.parametrize("name", ["", "two words", "-a", "a" * 49, "a_b"])
def test_a_name_that_sagemaker_would_refuse_is_refused_here(data: PreparedData, name: str) -> None:
    with pytest.raises(Problem, match="letters, digits and single hyphens, at most 48"):
        training_plan.validate(replace(make_plan(data), name=name))


def test_without_a_role_the_way_to_set_one_is_told(account: Account, data: PreparedData) -> None:
    with pytest.raises(Problem, match=r"no execution role is set. Enter the role's ARN on the Settings page"):
        training_launch.launch(replace(account, role=None), make_plan(data))


def test_a_launch_that_sagemaker_refuses_is_one_sentence(account: Account, data: PreparedData) -> None:
    with pytest.raises(Problem, match=r"^Create training job on This computer, us-east-1: ") as raised:
        training_launch.launch(account, replace(make_plan(data), instance_type="ml.nonsense"))
    assert "\n" not in str(raised.value)


def test_a_launch_while_the_service_is_down_is_one_sentence(own_local: LocalService, data: PreparedData) -> None:
    account = own_local.account
    own_local.stop()
    with pytest.raises(Problem, match=r"nothing answers at .* Start the service with make run"):
        training_launch.launch(account, make_plan(data))


def test_a_service_that_comes_back_elsewhere_is_found(own_local: LocalService) -> None:
    account = own_local.account
    assert training_jobs.summaries(account) == []
    own_local.stop()
    own_local.start()
    assert training_jobs.summaries(account) == []


def test_a_metric_that_not_every_round_has_is_left_out() -> None:
    lines = ["[0]#011train-auc:0.5#011validation-auc:0.4", "nothing", "[1]#011train-auc:0.6"]
    assert learning_curve(lines) == LearningCurve((0, 1), {"train:auc": (0.5, 0.6)})


@pytest.mark.parametrize("text", ["nan", "-nan", "inf", "-inf", "1e999", "-nan(ind)"])
def test_a_value_that_is_no_number_is_missing_from_the_curve_and_stops_no_reader(text: str) -> None:
    values = learning_curve([f"[0]#011train-auc:0.5#011validation-auc:{text}"]).values
    assert values["train:auc"] == (0.5,)
    assert math.isnan(values["validation:auc"][0])


def test_a_final_metric_that_is_no_number_is_missing() -> None:
    told = [None, "NaN", float("nan"), float("inf"), 0.5]
    assert [training_jobs.metric_value({"Value": value}) for value in told] == [None, None, None, None, 0.5]


def test_an_unfinished_log_has_no_curve() -> None:
    assert learning_curve(["Starting"]) == LearningCurve((), {})


def test_rounds_logged_twice_keep_their_last_values() -> None:
    assert learning_curve(["[0]\ttrain-auc:0.5", "[0]\ttrain-auc:0.7"]).values == {"train:auc": (0.7,)}


def test_what_a_plan_asks_beyond_the_usual_is_what_the_job_says(account: Account, data: PreparedData) -> None:
    plan = replace(
        make_plan(data, num_round="2"),
        tags={"project": "fraud"},
        max_wait=900,
        checkpoints=f"{data.address}/checkpoints",
        instance_count=2,
        sharded=True,
    )
    job = ended(account, training_launch.launch(account, plan))
    assert (job.max_wait, job.checkpoints, job.sharded) == (900, plan.checkpoints, True)
    assert tags.of(account, job.arn) == {"project": "fraud"}


def test_shared_rows_are_cut_into_a_file_an_instance(account: Account, data: PreparedData) -> None:
    plan = replace(make_plan(data, num_round="2"), sharded=True, instance_count=3)
    job = ended(account, training_launch.launch(account, plan))
    assert (job.status, job.channels) == ("Completed", plan.channels)
    keys = [key for key, _ in s3.keys(account, Address.parse(job.channels["train"]))]
    parts = [s3.read_bytes(account, Address(data.address.bucket, key)).splitlines() for key in keys]
    whole = s3.read_bytes(account, data.file("train")).splitlines()
    assert parts == [whole[number::3] for number in range(3)]
    assert prepared_data.trained_on(account, job.channels["train"]) == data


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_wait": 599}, r"^Spot capacity: .*Enter 10 minutes or more\.$"),
        ({"instance_count": 0}, r"^Instances: a job needs at least one\. Enter 1 or more\.$"),
        ({"max_runtime": 0}, r"^Time limit: a job can run from 1 minute to 28 days\."),
        ({"max_runtime": 29 * 86_400}, r"^Time limit: .* Enter 1 to 40,320 minutes\.$"),
        ({"tags": {"aws:mine": "1"}}, r"^Tag 'aws:mine': "),
        ({"checkpoints": "a folder"}, r"^Address 'a folder': it is not an S3 address"),
    ],
)
def test_an_option_that_sagemaker_would_refuse_is_refused_here(
    data: PreparedData, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(Problem, match=said):
        training_plan.validate(replace(make_plan(data), **given))


def test_each_wrong_value_is_told_by_its_name_and_contradictions_by_one_of_theirs(data: PreparedData) -> None:
    plan = make_plan(data, eta="1.5", num_round="many", gamma="1", objective="reg:squarederror", eval_metric="auc")
    assert training_plan.field_errors(plan) == {
        "eta": "1.5 is not in [0, 1]",
        "num_round": "many is not a whole number in [1, +inf)",
        "eval_metric": "Metric 'auc' can only be applied for classification and ranking problems.",
    }


LINEAR = {"predictor_type": "binary_classifier", "mini_batch_size": "20"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epochs": "few"}, "few is not a whole number in [1, +inf)"),
        ({"num_models": "many"}, "many is not auto or a whole number in [1, +inf)"),
        ({"positive_example_weight_mult": "0"}, "0 is not auto or balanced or a number in (0, +inf)"),
        (
            {"predictor_type": "clusterer"},
            "clusterer is not one of binary_classifier, multiclass_classifier, regressor",
        ),
        ({"normalize_data": "maybe"}, "maybe is not one of true, false, auto"),
        (
            {"loss": "huber_loss"},
            "huber_loss is not a loss of binary_classifier; choose auto, logistic, hinge_loss",
        ),
        ({"feature_dim": "5"}, "feature_dim is 5, and the data has 3 features"),
        (
            {"mini_batch_size": "281"},
            "mini_batch_size is 281, but each instance has only 280 training rows: it would learn nothing",
        ),
    ],
)
def test_what_linear_learner_would_refuse_is_told_at_its_field(
    data: PreparedData, given: dict[str, str], said: str
) -> None:
    plan = replace(make_plan(data), algorithm=LINEAR_LEARNER, hyperparameters={**LINEAR, **given})
    assert training_plan.field_errors(plan) == {next(iter(given)): said}
    with pytest.raises(Problem, match=r"^Hyperparameters: "):
        training_plan.validate(plan)


def test_a_share_of_the_rows_must_hold_a_mini_batch(data: PreparedData) -> None:
    given = {**LINEAR, "mini_batch_size": "100"}
    plan = replace(make_plan(data), algorithm=LINEAR_LEARNER, hyperparameters=given, instance_count=3)
    training_plan.validate(plan)
    with pytest.raises(Problem, match="each instance has only 93 training rows"):
        training_plan.validate(replace(plan, sharded=True))


def test_linear_learner_trains_and_tells_its_curve_by_epochs(account: Account, data: PreparedData) -> None:
    plan = replace(make_plan(data), algorithm=LINEAR_LEARNER, hyperparameters={**LINEAR, "epochs": "4"})
    job = ended(account, training_launch.launch(account, plan))
    curve = learning_curve(training_logs.log_lines(account, job.name, datetime.now(UTC)))
    assert (job.status, job.algorithm, job.rounds) == ("Completed", LINEAR_LEARNER, 4)
    assert (curve.unit, set(curve.values)) == ("epoch", {"train:objective_loss", "validation:objective_loss"})
    assert curve.values["validation:objective_loss"][-1] == pytest.approx(job.metrics["validation:objective_loss"])


def test_an_epoch_that_is_half_logged_does_not_hide_a_series() -> None:
    said = "#quality_metric: host=algo-1, epoch={}, {} binary_classification_cross_entropy_objective <loss>=0.5"
    lines = [said.format(*each) for each in ((0, "train"), (0, "validation"), (1, "train"))]
    assert learning_curve(lines).values == {"train:objective_loss": (0.5,), "validation:objective_loss": (0.5,)}
