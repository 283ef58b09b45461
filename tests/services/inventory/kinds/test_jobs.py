"""What jobs in progress cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.account import Account
from services.inventory.collect import CollectContext
from services.inventory.kinds.jobs import job_resource, tuning_job_resource, warm_pool_resource
from services.inventory.resources import ResourceKind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKING = CollectContext(Account("AWS", "us-east-1"), NOW)
HOUR = timedelta(hours=1)
TWO_M5 = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}


def training_job(**more: Any) -> dict[str, Any]:
    started = {"CreationTime": NOW - 3 * HOUR, "TrainingStartTime": NOW - 2 * HOUR}
    return {"TrainingJobName": "fraud", "TrainingJobStatus": "InProgress", **started, **more}


def child(status: str, hours_ago: float, hours_long: float | None = None, **more: Any) -> dict[str, Any]:
    start = NOW - hours_ago * HOUR
    end = {} if hours_long is None else {"TrainingEndTime": start + hours_long * HOUR}
    return {"TrainingJobStatus": status, "CreationTime": start, "TrainingStartTime": start, **end, **more}


def tuning_job(**more: Any) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": "tune",
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": NOW - 5 * HOUR,
        "TrainingJobDefinition": {"ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1}},
        **more,
    }


def test_a_training_job_costs_every_instance_since_training_began() -> None:
    running = job_resource(ResourceKind.TRAINING_JOB, training_job(), TWO_M5, ASKING)

    assert running.usd_per_hour == pytest.approx(0.46)
    assert running.cost_so_far == pytest.approx(0.92)


def test_a_training_job_that_waits_for_instances_has_cost_nothing_yet() -> None:
    running = job_resource(ResourceKind.TRAINING_JOB, training_job(TrainingStartTime=None), TWO_M5, ASKING)

    assert running.cost_so_far == 0.0


def test_a_job_that_has_begun_tells_the_most_it_may_run() -> None:
    limited = training_job(StoppingCondition={"MaxRuntimeInSeconds": 7200})
    waiting = {**limited, "TrainingStartTime": None}
    found = [job_resource(ResourceKind.TRAINING_JOB, job, TWO_M5, ASKING) for job in (limited, training_job(), waiting)]

    assert [job.max_hours for job in found] == [2.0, None, None]


def test_a_tuning_job_and_a_warm_pool_tell_when_they_will_end() -> None:
    tuning = tuning_job(HyperParameterTuningJobConfig={"ResourceLimits": {"MaxRuntimeInSeconds": 36_000}})
    pool = training_job(
        TrainingEndTime=NOW,
        WarmPoolStatus={"Status": "Available"},
        ResourceConfig={**TWO_M5, "KeepAlivePeriodInSeconds": 1800},
    )

    assert tuning_job_resource(tuning, [], ASKING).max_hours == 10.0
    found = warm_pool_resource(pool, ASKING)
    assert found
    assert found.max_hours == 0.5


def test_a_mixed_cluster_costs_all_of_its_groups() -> None:
    groups = {"InstanceGroups": [TWO_M5, {"InstanceType": "ml.c5.large", "InstanceCount": 1}]}

    assert job_resource(ResourceKind.TRAINING_JOB, training_job(), groups, ASKING).usd_per_hour == pytest.approx(0.562)


def test_one_unknown_type_makes_the_whole_price_unknown() -> None:
    groups = {"InstanceGroups": [TWO_M5, {"InstanceType": "ml.z9.large", "InstanceCount": 1}]}

    assert job_resource(ResourceKind.TRAINING_JOB, training_job(), groups, ASKING).usd_per_hour is None


def test_processing_has_its_own_price_for_some_types() -> None:
    job = {"ProcessingJobName": "p", "ProcessingJobStatus": "InProgress", "CreationTime": NOW}

    running = job_resource(
        ResourceKind.PROCESSING_JOB, job, {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}, ASKING
    )

    assert running.usd_per_hour == 1.408


def test_a_tuning_job_costs_now_what_its_running_jobs_cost() -> None:
    children = [child("InProgress", 1), child("InProgress", 1), child("Completed", 4, 2)]

    assert tuning_job_resource(tuning_job(), children, ASKING).usd_per_hour == pytest.approx(2 * 0.24)


def test_a_tuning_job_has_cost_what_all_its_jobs_have_cost() -> None:
    children = [child("InProgress", 1), child("Completed", 4, 2), child("Failed", 4, 0.5)]

    assert tuning_job_resource(tuning_job(), children, ASKING).cost_so_far == pytest.approx((1 + 2 + 0.5) * 0.24)


def test_a_tuning_job_between_two_jobs_costs_nothing_at_the_moment() -> None:
    assert tuning_job_resource(tuning_job(), [child("Completed", 4, 2)], ASKING).usd_per_hour == 0.0


def test_each_definition_of_a_tuning_job_has_its_own_price() -> None:
    definitions = [
        {"DefinitionName": "small", "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1}},
        {"DefinitionName": "large", "ResourceConfig": {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1}},
    ]
    children = [child("InProgress", 1, TrainingJobDefinitionName="large")]

    running = tuning_job_resource(tuning_job(TrainingJobDefinitions=definitions), children, ASKING)

    assert running.usd_per_hour == 0.922


def test_a_tuning_job_with_a_choice_of_types_is_priced_by_the_preferred_one() -> None:
    choice = [
        {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1},
    ]
    job = tuning_job(TrainingJobDefinition={"HyperParameterTuningResourceConfig": {"InstanceConfigs": choice}})

    assert tuning_job_resource(job, [child("InProgress", 1)], ASKING).usd_per_hour == 0.115
