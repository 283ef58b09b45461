"""A metric that is no number: nan of a validation channel of one class, inf of an overflow."""

import json
import math
import sqlite3
from typing import Any

import numpy as np
import pytest

from services.training.logs import LOG_GROUP
from tests.local import factories
from tests.local_service import LocalService, eventually

pytestmark = pytest.mark.slow
AUC = "validation:auc"


def one_class(local: LocalService) -> str:
    """Data whose validation split has one class; its prefix's address."""
    data = factories.put_data(local)
    table = factories.rows(400, 1)
    table[:, 0] = 0
    key = data.removeprefix(f"s3://{factories.BUCKET}/")
    local.client("s3").put_object(
        Bucket=factories.BUCKET, Key=f"{key}/validation/data.csv", Body=factories.as_csv(table)
    )
    return data


def finals(job: dict[str, Any]) -> dict[str, float]:
    return {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}


def searched(local: LocalService, request: dict[str, Any]) -> dict[str, Any]:
    """The tuning job of a request once it has ended."""
    sagemaker, name = local.client("sagemaker"), request["HyperParameterTuningJobName"]
    sagemaker.create_hyper_parameter_tuning_job(**request)

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return job if job["HyperParameterTuningJobStatus"] in factories.ENDED else None

    job: dict[str, Any] = eventually(look)
    return job


def test_a_job_whose_metric_is_nan_is_logged_to_its_end_and_lacks_that_metric(local: LocalService) -> None:
    job = factories.train(
        local, one_class(local), eval_metric="auc,logloss", num_round="3000", max_depth="1", nthread="1"
    )
    assert job["TrainingJobStatus"] == "Completed"
    assert "validation:logloss" in finals(job)
    assert AUC not in finals(job)
    lines = local.client("logs").filter_log_events(
        logGroupName=LOG_GROUP, logStreamNamePrefix=job["TrainingJobName"], filterPattern='"[2999]"'
    )["events"]
    assert "validation-auc:nan" in lines[0]["message"]
    known = local.client("cloudwatch").list_metrics(
        Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}]
    )["Metrics"]
    assert AUC not in {metric["MetricName"] for metric in known}


def test_a_job_whose_metric_is_infinite_lacks_that_metric(local: LocalService) -> None:
    sagemaker, name, data = local.client("sagemaker"), factories.unique("job"), factories.put_data(local)
    table = factories.rows(400)
    table[:, 0] = np.where(table[:, 0], 3e38, -3e38)
    for split in ("train", "validation"):
        key = f"{data.removeprefix(f's3://{factories.BUCKET}/')}/{split}/data.csv"
        local.client("s3").put_object(Bucket=factories.BUCKET, Key=key, Body=factories.as_csv(table))
    request = factories.training_request(name, data, objective="reg:squarederror", eval_metric="rmse")
    sagemaker.create_training_job(**request)
    job = factories.ended(local, name)
    assert all(math.isfinite(value) for value in finals(job).values()) if "FinalMetricDataList" in job else True
    assert sagemaker.search(Resource="TrainingJob", SortBy="Metrics.validation:rmse")["Results"]


def test_search_still_answers_after_a_job_whose_metric_is_nan(local: LocalService) -> None:
    name = factories.train(local, one_class(local), eval_metric="auc,logloss")["TrainingJobName"]
    found = local.client("sagemaker").search(
        Resource="TrainingJob",
        SortBy="Metrics.validation:auc",
        SearchExpression={"Filters": [{"Name": "TrainingJobName", "Operator": "Equals", "Value": name}]},
    )["Results"]
    assert [result["TrainingJob"]["TrainingJobName"] for result in found] == [name]


def test_a_search_without_an_objective_ends_failed_with_its_counts_and_the_cause(local: LocalService) -> None:
    request = factories.tuning_request(factories.unique("tuning"), one_class(local), 2)
    job = searched(local, request)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 2
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 0, "Pending": 0, "Failed": 2}
    assert job["FailureReason"].startswith("No objective metrics found after running 2 training jobs.")
    assert "validation:auc" in job["FailureReason"]
    assert "BestTrainingJob" not in job


def test_a_number_in_a_request_that_json_does_not_have_is_refused(local: LocalService) -> None:
    request = factories.tuning_request(factories.unique("tuning"), "s3://nowhere/data", 1)
    config = request["HyperParameterTuningJobConfig"]
    config["TuningJobCompletionCriteria"] = {"TargetObjectiveMetricValue": float("nan")}
    sagemaker = local.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError) as refused:
        sagemaker.create_hyper_parameter_tuning_job(**request)
    assert refused.value.response["Error"]["Code"] == "SerializationException"


def test_own_metric_definitions_of_a_built_in_algorithm_are_refused(local: LocalService) -> None:
    request = factories.training_request(factories.unique("job"), "s3://nowhere/data")
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "own", "Regex": "auc:[0-9"}]
    sagemaker = local.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="can't override the metric definitions"):
        sagemaker.create_training_job(**request)


def test_a_data_folder_damaged_by_a_metric_that_is_nan_heals_at_the_next_start(own_local: LocalService) -> None:
    request = factories.tuning_request(factories.unique("tuning"), factories.put_data(own_local), 2)
    search = searched(own_local, request)
    best, name = search["BestTrainingJob"]["TrainingJobName"], search["HyperParameterTuningJobName"]
    own_local.kill()
    with sqlite3.connect(own_local.folder / "service.sqlite") as database:
        for kind, key in (("TrainingJob", best), ("HyperParameterTuningJob", name)):
            row = database.execute("SELECT document FROM resources WHERE kind = ? AND name = ?", (kind, key)).fetchone()
            damaged = _with_nan(json.loads(row[0]))
            database.execute(
                "UPDATE resources SET document = ? WHERE kind = ? AND name = ?", (json.dumps(damaged), kind, key)
            )
        database.execute("UPDATE datapoints SET value = 9e999 WHERE name = 'train:auc'")
        database.execute("ALTER TABLE parts DROP COLUMN checksum")
        database.execute("ALTER TABLE objects DROP COLUMN part_sizes")
        database.execute("PRAGMA user_version = 3")
    database.close()
    own_local.start()
    assert "2 records" in own_local.said
    sagemaker = own_local.client("sagemaker")
    healed = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert healed["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 1}
    assert healed["BestTrainingJob"]["TrainingJobName"] != best
    assert AUC not in finals(sagemaker.describe_training_job(TrainingJobName=best))
    assert len(sagemaker.search(Resource="TrainingJob", SortBy=f"Metrics.{AUC}")["Results"]) == 2
    metrics = own_local.client("cloudwatch").list_metrics()["Metrics"]
    assert "train:auc" not in {metric["MetricName"] for metric in metrics}


def _with_nan(value: Any) -> Any:
    """The document with every value of validation:auc nan."""
    if isinstance(value, list):
        return [_with_nan(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_nan(item) for key, item in value.items()}
    return {**changed, "Value": math.nan} if value.get("MetricName") == AUC and "Value" in value else changed
