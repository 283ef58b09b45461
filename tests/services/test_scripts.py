"""The scripts behind "Show the code": run as they stand, in a Python of their own, against a running local service."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from services import endpoints, last_training, scripts, search_space, tags, training, tuning, tuning_plan
from services.aws import Account
from services.search_space import Choices, Range, Searched
from services.tuning_plan import Ending, TuningPlan
from tests.local.making import unique
from tests.running import LocalService, eventually
from tests.services.launching import make_data, make_linear_plan, make_model, make_plan

pytestmark = pytest.mark.slow
OPTIONS = ("max_wait", "checkpoints", "sharded")


def run(local: LocalService, script: str) -> str:
    """What a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], env=local.environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_training_script_trains_what_the_button_would_have(local: LocalService) -> None:
    account = local.account
    plan = replace(
        make_plan(make_data(account), num_round="3", eval_metric="auc"),
        tags={"owner": "me"},
        max_wait=1200,
        sharded=True,
        instance_count=2,
    )
    plan = replace(plan, checkpoints=f"{plan.data.address}/checkpoints")
    run(local, scripts.training(account, plan))
    name = next(each.name for each in training.summaries(account) if each.name.startswith(plan.name))
    by_script = training.describe(account, name)
    by_button = training.describe(account, training.launch(account, plan))
    assert by_script.status == "Completed"
    assert tags.of(account, by_script.arn) == tags.of(account, by_button.arn) == {"owner": "me"}
    for what in ("hyperparameters", "channels", "image", "instance_type", "instance_count", "max_runtime", *OPTIONS):
        assert getattr(by_script, what) == getattr(by_button, what)


def test_the_tuning_script_tunes_what_the_button_would_have(local: LocalService) -> None:
    account = local.account
    job = replace(make_plan(make_data(account), num_round="2"), name=unique("script"))
    plan = TuningPlan(job, search_space.GUIDE, tuning_plan.OBJECTIVE, True, "Random", 2, 2)
    run(local, scripts.tuning(account, plan))
    found = tuning.describe(account, job.name)
    assert (found.status, found.objective, found.maximise, found.done) == ("Completed", tuning_plan.OBJECTIVE, True, 2)
    assert set(found.ranges) == set(search_space.GUIDE)


def test_the_scripts_of_linear_learner_ask_for_what_the_buttons_would_have(local: LocalService) -> None:
    account = local.account
    plan = make_linear_plan(make_data(account), epochs="2")
    run(local, scripts.training(account, plan))
    name = next(each.name for each in training.summaries(account) if each.name.startswith(plan.name))
    by_script, by_button = (training.describe(account, each) for each in (name, training.launch(account, plan)))
    assert by_script.status == "Completed"
    assert (by_script.image, by_script.hyperparameters) == (by_button.image, by_button.hyperparameters)


def test_the_tuning_script_of_linear_learner_asks_for_all_that_the_button_would_have(local: LocalService) -> None:
    account = local.account
    job = replace(make_linear_plan(make_data(account), epochs="1"), name=unique("script"))
    ranges: tuple[Searched, ...] = (*search_space.usual(job.algorithm), Choices("use_bias", ("true", "false")))
    ending = Ending(early_stopping=True)
    by_script = TuningPlan(job, ranges, "validation:roc_auc_score", True, "Random", 2, 2, ending, seed=7)
    by_button = replace(by_script, training=replace(job, name=unique("button")))
    run(local, scripts.tuning(account, by_script))
    tuning_plan.launch(account, by_button)
    assert asked(account, by_script.training.name) == asked(account, by_button.training.name)


def asked(account: Account, name: str) -> dict[str, Any]:
    """What SageMaker was asked for, without what differs from one launch to the next."""
    found = account.call("sagemaker", "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
    return {
        member: found.get(member)
        for member in ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "WarmStartConfig")
    }


@pytest.mark.parametrize(
    "strategy", [{"strategy": "Random"}, {"strategy": "Hyperband", "resources": (1, 2)}], ids=["random", "hyperband"]
)
def test_the_tuning_script_asks_for_all_that_the_button_would_have(
    local: LocalService, strategy: dict[str, Any]
) -> None:
    account = local.account
    job = replace(make_plan(make_data(account), num_round="2"), name=unique("parent"))
    plan = TuningPlan(job, search_space.GUIDE, tuning_plan.OBJECTIVE, True, "Random", 2, 2)
    parent = tuning_plan.launch(account, plan)
    eventually(lambda: not tuning.describe(account, parent).status.active)
    ranges = (
        Range("eta", 0.01, 1, scaling="Logarithmic"),
        Range("max_depth", 1, 4, integer=True, scaling="Linear"),
        Choices("grow_policy", ("depthwise", "lossguide")),
    )
    ending = Ending(0.99, 3, True, 600, early_stopping=strategy["strategy"] == "Random")
    plan = replace(plan, ranges=ranges, ending=ending, parents=(parent,), seed=7, **strategy)
    by_script = replace(plan, training=replace(job, name=unique("script")), baseline=job)
    by_button = replace(plan, training=replace(job, name=unique("button")), baseline=job)
    run(local, scripts.tuning(account, by_script))
    tuning_plan.launch(account, by_button)
    assert asked(account, by_script.training.name) == asked(account, by_button.training.name)
    baselines = [
        tuning.baseline(account, tuning.describe(account, each.training.name)) or "" for each in (by_script, by_button)
    ]
    settings = [training.describe(account, each).hyperparameters for each in baselines]
    assert settings == [job.hyperparameters] * 2


def test_the_script_of_a_last_training_learns_from_what_the_button_would_have(local: LocalService) -> None:
    account = local.account
    data = make_data(account)
    plan = last_training.plan(unique("last"), make_model(account, data, num_round="3"), data)
    run(local, scripts.training_together(account, plan))
    name = next(each.name for each in training.summaries(account) if each.name.startswith(plan.name))
    by_script = training.describe(account, name)
    by_button = training.describe(account, last_training.launch(account, plan))
    assert by_script.status == "Completed"
    assert (by_script.hyperparameters, by_script.channels) == (by_button.hyperparameters, by_button.channels)


def test_the_deploying_script_brings_the_model_into_service(local: LocalService) -> None:
    account, name = local.account, unique("script")
    job = make_model(account)
    run(local, scripts.deploying(account, job, name, "ml.m4.xlarge", 1))
    found = endpoints.describe(account, name)
    assert (found.status, found.job) == ("InService", job.name)
