"""The scripts behind "Show the code": run as they stand, in a Python of their own, against a running local service."""

import json
import subprocess
import sys
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from services.aws import tags
from services.aws.account import Account
from services.codegen import boto3_scripts, sdk_scripts
from services.endpoints import describe as endpoint_details
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training.plan import TrainingPlan
from services.tuning import final_fit, search_space
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning import plan as tuning_plan
from services.tuning.plan import StoppingCriteria, TuningPlan
from services.tuning.search_space import Choices, Range, SearchedParameter
from tests.local.factories import unique
from tests.local_service import LocalService, eventually
from tests.services.training_factory import make_data, make_linear_plan, make_model, make_plan

pytestmark = pytest.mark.slow
both_ways = pytest.mark.parametrize("way", [sdk_scripts, boto3_scripts], ids=["sdk", "boto3"])


def run(local: LocalService, script: str) -> str:
    """What a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], env=local.environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def asked(account: Account, kind: str, name: str) -> dict[str, Any]:
    """What SageMaker was asked for, whatever the job is called, by its own description of the job and its tags."""
    request = account.client("sagemaker").meta.service_model.operation_model(f"Create{kind}").input_shape
    operation = {"TrainingJob": "describe_training_job"}.get(kind, "describe_hyper_parameter_tuning_job")
    found = account.call("sagemaker", operation, **{f"{kind}Name": name})
    kept = {member: found[member] for member in request.members if member in found and member != f"{kind}Name"}
    own = {key: value for key, value in tags.of(account, found[f"{kind}Arn"]).items() if key != tuning_jobs.BASELINE}
    kept |= {"Tags": own}
    return json.loads(json.dumps(kept).replace(name, "NAME"))


def trained(account: Account, plan: TrainingPlan) -> str:
    """The name of the one job whose name begins as the plan says."""
    (name,) = [each.name for each in training_jobs.summaries(account) if each.name.startswith(f"{plan.name}-")]
    return name


@both_ways
def test_the_scripts_of_linear_learner_ask_for_what_the_buttons_would_have(
    local: LocalService, way: ModuleType
) -> None:
    account, plan = local.account, make_linear_plan(make_data(local.account), epochs="2")
    run(local, way.training(account, plan))
    by_script, by_button = trained(account, plan), training_launch.launch(account, plan)
    assert asked(account, "TrainingJob", by_script) == asked(account, "TrainingJob", by_button)
    ranges: tuple[SearchedParameter, ...] = (
        *search_space.usual(plan.algorithm),
        Choices("use_bias", ("true", "false")),
    )
    named, ending = replace(plan, name=unique("script")), StoppingCriteria(early_stopping=True)
    search = TuningPlan(named, ranges, "validation:roc_auc_score", True, "Random", 2, 2, ending, seed=7)
    other = replace(search, training=replace(plan, name=unique("button")))
    run(local, way.tuning(account, search))
    tuning_launch.launch(account, other)
    jobs = [asked(account, "HyperParameterTuningJob", each.training.name) for each in (search, other)]
    assert jobs[0] == jobs[1]


@both_ways
@pytest.mark.parametrize("checkpoints", ["", "elsewhere", None])
def test_the_training_script_asks_for_what_the_button_would_have(
    local: LocalService, way: ModuleType, checkpoints: str | None
) -> None:
    account = local.account
    plan = make_plan(make_data(account), num_round="3", eval_metric="auc")
    if checkpoints is not None:
        options: dict[str, Any] = {
            "tags": {"owner": "me"},
            "max_wait": 1200,
            "sharded": True,
            "instance_count": 2,
            "volume_gb": 40,
        }
        address = f"{plan.data.address}/{checkpoints}" if checkpoints else ""
        plan = replace(plan, checkpoints=address, **options)
    run(local, way.training(account, plan))
    by_script = trained(account, plan)
    by_button = training_launch.launch(account, plan)
    assert training_jobs.describe(account, by_script).status == "Completed"
    assert asked(account, "TrainingJob", by_script) == asked(account, "TrainingJob", by_button)


@both_ways
@pytest.mark.parametrize(
    "chosen",
    [
        {"strategy": "Random", "objective": "validation:logloss", "maximise": False},
        {"strategy": "Hyperband", "resources": (1, 2)},
    ],
    ids=lambda chosen: chosen["strategy"],
)
def test_the_tuning_script_asks_for_what_the_button_would_have(
    local: LocalService, way: ModuleType, chosen: dict[str, Any]
) -> None:
    account, job = local.account, replace(make_plan(make_data(local.account), num_round="2"), name=unique("parent"))
    ranges = (
        Range("eta", 0.01, 1.0, scaling="Logarithmic"),
        Range("max_depth", 1, 4, integer=True, scaling="Linear"),
        Choices("subsample", ("0.6", "1")),
    )
    aim = chosen.get("objective", tuning_plan.OBJECTIVE), chosen.get("maximise", True)
    plan = TuningPlan(job, ranges, *aim, "Random", 2, 2)
    parent = tuning_launch.launch(account, plan)
    eventually(lambda: not tuning_jobs.describe(account, parent).status.active)
    ending = StoppingCriteria(0.99, 3, True, 600, early_stopping=chosen["strategy"] == "Random")
    plan = replace(plan, stopping=ending, parents=(parent,), seed=7, **chosen)
    tagged = replace(job, tags={"owner": "me"}, max_wait=1200)
    by_script = replace(plan, training=replace(tagged, name=unique("script")), baseline=job)
    by_button = replace(plan, training=replace(tagged, name=unique("button")), baseline=job)
    run(local, way.tuning(account, by_script))
    tuning_launch.launch(account, by_button)
    name, other = by_script.training.name, by_button.training.name
    kind = "HyperParameterTuningJob"
    assert asked(account, kind, name) == asked(account, kind, other)
    assert tuning_jobs.describe(account, name).status == "Completed"
    baselines = [tuning_jobs.baseline(account, tuning_jobs.describe(account, each)) or "" for each in (name, other)]
    assert asked(account, "TrainingJob", baselines[0]) == asked(account, "TrainingJob", baselines[1])


@both_ways
def test_a_grid_and_an_earlier_baseline_are_in_the_script_too(local: LocalService, way: ModuleType) -> None:
    account = local.account
    data, name = make_data(account), unique("script")
    baseline = make_model(account, data)
    plan = TuningPlan(
        replace(make_plan(data, num_round="2"), name=name),
        (Choices("eta", ("0.1", "0.3")), Choices("max_depth", ("2", "3"))),
        tuning_plan.OBJECTIVE,
        True,
        "Grid",
        4,
        2,
        baseline=baseline.name,
    )
    run(local, way.tuning(account, plan))
    found = tuning_jobs.describe(account, name)
    assert (found.status, found.done, tuning_jobs.baseline(account, found)) == ("Completed", 4, baseline.name)


@both_ways
def test_the_script_of_a_last_training_learns_from_what_the_button_would_have(
    local: LocalService, way: ModuleType
) -> None:
    account = local.account
    data = make_data(account)
    plan = final_fit.plan(unique("last"), make_model(account, data, num_round="3"), data)
    run(local, way.training(account, plan))
    by_script = trained(account, plan)
    by_button = final_fit.launch(account, plan)
    assert training_jobs.describe(account, by_script).status == "Completed"
    assert asked(account, "TrainingJob", by_script) == asked(account, "TrainingJob", by_button)


def test_the_deploying_script_brings_the_model_into_service(local: LocalService) -> None:
    account, name = local.account, unique("script")
    job = make_model(account)
    run(local, boto3_scripts.deployment_script(account, job, name, "ml.m4.xlarge", 1))
    found = endpoint_details.describe(account, name)
    assert (found.status, found.job) == ("InService", job.name)
