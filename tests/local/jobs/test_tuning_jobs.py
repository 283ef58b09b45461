"""Tuning jobs, from boto3."""

from typing import Any

import pytest

from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService, eventually


def tuning_request(
    name: str, data: str, jobs: int = 4, rounds: str = "5", strategy: str = "Bayesian"
) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.01", "MaxValue": "1"}],
                "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}],
            },
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {"objective": "binary:logistic", "num_round": rounds, "eval_metric": "auc"},
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": factories.channels(data),
            "OutputDataConfig": {"S3OutputPath": f"s3://{factories.BUCKET}/models"},
            "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    }


def tuned(local: LocalService, name: str) -> dict[str, Any]:
    sagemaker = local.client("sagemaker")

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return job if job["HyperParameterTuningJobStatus"] in factories.ENDED else None

    job: dict[str, Any] = eventually(look)
    return job


@pytest.fixture(scope="module", params=["Bayesian", "Random", "Hyperband"])
def finished(local: LocalService, request: pytest.FixtureRequest) -> dict[str, Any]:
    name = factories.unique("tune")
    request_document = tuning_request(name, factories.put_data(local), strategy=request.param)
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request_document)
    return tuned(local, name)


def trials(local: LocalService, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Its training jobs, in the order they were launched."""
    summaries: list[dict[str, Any]] = local.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=job["HyperParameterTuningJobName"],
        MaxResults=100,
    )["TrainingJobSummaries"]
    return summaries


def test_a_tuning_job_runs_as_many_jobs_as_it_was_told(local: LocalService, finished: dict[str, Any]) -> None:
    counters = finished["TrainingJobStatusCounters"]
    assert counters["Completed"] + counters["Stopped"] == len(trials(local, finished)) == 4


def test_the_best_training_job_has_the_best_objective(local: LocalService, finished: dict[str, Any]) -> None:
    values = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials(local, finished)]
    best = finished["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    assert best == max(values)


def test_every_trial_stays_in_the_ranges(local: LocalService, finished: dict[str, Any]) -> None:
    tried = [trial["TunedHyperParameters"] for trial in trials(local, finished)]
    assert all(0.01 <= float(parameters["eta"]) <= 1 and parameters["max_depth"] in "123456" for parameters in tried)


def test_children_are_ordinary_training_jobs_of_the_tuning_job(local: LocalService, finished: dict[str, Any]) -> None:
    child = trials(local, finished)[0]["TrainingJobName"]
    described = local.client("sagemaker").describe_training_job(TrainingJobName=child)
    assert described["TuningJobArn"] == finished["HyperParameterTuningJobArn"]
    assert child.startswith(f"{finished['HyperParameterTuningJobName']}-00")


def test_stopping_a_tuning_job_stops_its_training_jobs(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("tune")
    sagemaker.create_hyper_parameter_tuning_job(**tuning_request(name, factories.put_data(local), rounds="100000"))

    def running() -> bool:
        job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return bool(job["TrainingJobStatusCounters"]["InProgress"] == 2)

    eventually(running)
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    job = tuned(local, name)
    assert (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["Stopped"]) == ("Stopped", 2)
