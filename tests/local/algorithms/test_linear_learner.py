"""Linear Learner as the service's second algorithm, from boto3: jobs, endpoints, tuning, batch transform."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.algorithms import linear_learner_jobs
from tests.local.algorithms.linear_learner_jobs import IMAGE
from tests.local.factories import as_csv, rows
from tests.local.jobs.test_transform_jobs import ended as transformed
from tests.local.jobs.test_transform_jobs import outputs, put, start
from tests.local.jobs.test_tuning_jobs import trials, tuned, tuning_request
from tests.local_service import ROLE, LocalService, eventually

pytestmark = pytest.mark.slow

ROWS = rows(50, seed=3)[:, 1:]


@pytest.fixture(scope="module")
def job(local: LocalService) -> dict[str, Any]:
    return linear_learner_jobs.train(local, epochs="4", early_stopping_patience="10")


@pytest.fixture(scope="module")
def endpoint(local: LocalService, job: dict[str, Any]) -> str:
    return factories.deploy(local, job, IMAGE)


def predictions(local: LocalService, endpoint: str, **request: str) -> list[dict[str, float]]:
    """The endpoint's answer in JSON."""
    given = {"ContentType": "text/csv", "Accept": "application/json", "Body": as_csv(ROWS), **request}
    answer = local.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, **given)
    answers: list[dict[str, float]] = json.loads(answer["Body"].read())["predictions"]
    return answers


def log(local: LocalService, name: str) -> list[str]:
    logs, group = local.client("logs"), "/aws/sagemaker/TrainingJobs"
    events = logs.filter_log_events(logGroupName=group, logStreamNamePrefix=f"{name}/")["events"]
    return [event["message"] for event in events]


# ---- training


def test_a_job_completes_with_the_metrics_of_its_last_epoch_and_its_best(job: dict[str, Any]) -> None:
    assert job["TrainingJobStatus"] == "Completed"
    final_values = {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}
    assert {"train:objective_loss", "validation:objective_loss", "validation:objective_loss:final"} <= set(final_values)
    assert 0.8 < final_values["validation:binary_classification_accuracy"] <= 1
    assert 0.8 < final_values["validation:roc_auc_score"] <= 1


def test_the_image_brings_its_metric_definitions(job: dict[str, Any]) -> None:
    definitions = {
        definition["Name"]: definition["Regex"] for definition in job["AlgorithmSpecification"]["MetricDefinitions"]
    }
    assert definitions["test:mse"] == r"#quality_metric: host=\S+, test mse <loss>=([^\s#]+)"
    assert "validation:auc" not in definitions


def test_metrics_reach_cloudwatch_epoch_by_epoch(local: LocalService, job: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    answer = local.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="validation:objective_loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}],
        StartTime=now - timedelta(hours=2),
        EndTime=now + timedelta(hours=1),
        Period=10_800,
        Statistics=["SampleCount"],
    )
    assert sum(point["SampleCount"] for point in answer["Datapoints"]) == 4


def test_the_log_has_a_line_an_epoch(local: LocalService, job: dict[str, Any]) -> None:
    lines = [line for line in log(local, job["TrainingJobName"]) if ", train binary" in line and "epoch=" in line]
    assert len(lines) == 4


def test_a_mistake_fails_the_job_in_the_containers_words(local: LocalService) -> None:
    failed = linear_learner_jobs.train(local, num_round="5")
    assert failed["TrainingJobStatus"] == "Failed"
    assert failed["FailureReason"] == (
        "ClientError: Additional hyperparameters are not allowed ('num_round' was unexpected) (caused by "
        "ValidationError)"
    )


def test_a_stopped_job_keeps_the_best_model_so_far(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("linear")
    endless = {"epochs": "1000000", "early_stopping_patience": "1000000"}
    sagemaker.create_training_job(**linear_learner_jobs.request(name, factories.put_data(local), **endless))
    eventually(lambda: sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] == "Training")
    eventually(lambda: any("epoch=1," in line for line in log(local, name)))
    sagemaker.stop_training_job(TrainingJobName=name)
    stopped = factories.ended(local, name)
    assert (stopped["TrainingJobStatus"], "ModelArtifacts" in stopped) == ("Stopped", True)


# ---- endpoints


def test_an_endpoint_answers_scores_and_labels_in_json(local: LocalService, endpoint: str) -> None:
    answers = predictions(local, endpoint)
    scores = np.array([prediction["score"] for prediction in answers])
    labels = np.array([prediction["predicted_label"] for prediction in answers])
    assert np.corrcoef(scores, ROWS[:, 0])[0, 1] > 0.7
    assert scores[labels == 1].min() > scores[labels == 0].max()


def test_json_asked_is_answered_like_csv(local: LocalService, endpoint: str) -> None:
    body = json.dumps({"instances": [{"features": row.tolist()} for row in ROWS]})
    answers = predictions(local, endpoint, ContentType="application/json", Body=body)
    expected = [prediction["score"] for prediction in predictions(local, endpoint)]
    assert [prediction["score"] for prediction in answers] == pytest.approx(expected, abs=1e-4)


def test_a_wrong_number_of_features_is_the_models_error(local: LocalService, endpoint: str) -> None:
    with pytest.raises(ClientError) as refused:
        predictions(local, endpoint, Body="1,2")
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["OriginalStatusCode"]) == ("ModelError", 400)
    assert "records have 2 features where 4 are expected" in answer["Error"]["Message"]


def test_a_model_of_another_algorithm_is_not_served(local: LocalService) -> None:
    job = factories.train(local)
    sagemaker, name = local.client("sagemaker"), factories.unique("wrong")
    primary = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName=name, PrimaryContainer=primary, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "one", "ModelName": name, "InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def failed() -> str | None:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
        return endpoint["FailureReason"] if endpoint["EndpointStatus"] == "Failed" else None

    assert "The model archive does not hold linear-learner.json" in eventually(failed)


# ---- batch transform


@pytest.fixture(scope="module")
def model(local: LocalService, job: dict[str, Any]) -> str:
    name = factories.unique("linear")
    primary = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    local.client("sagemaker").create_model(ModelName=name, PrimaryContainer=primary, ExecutionRoleArn=ROLE)
    return name


def written(local: LocalService, model: str, **options: str) -> str:
    """What a batch transform of ROWS writes."""
    name = start(local, model, put(local, rows=as_csv(ROWS)), output=options)
    assert transformed(local, name)["TransformJobStatus"] == "Completed"
    return outputs(local, name)["rows.csv.out"]


def test_a_batch_transform_scores_as_the_endpoint_does(local: LocalService, model: str, endpoint: str) -> None:
    lines = written(local, model, Accept="application/jsonlines").splitlines()
    assert [json.loads(line) for line in lines] == predictions(local, endpoint)


def test_a_batch_transform_answers_in_json_unless_asked_otherwise(
    local: LocalService, model: str, endpoint: str
) -> None:
    assert json.loads(written(local, model))["predictions"] == predictions(local, endpoint)


# ---- tuning


def tuning(data: str, metric: str, ranges: dict[str, Any] | None, direction: str = "Maximize") -> dict[str, Any]:
    """A CreateHyperParameterTuningJob request of a classifier."""
    request = tuning_request(factories.unique("linear"), data, jobs=3, strategy="Random")
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    config["HyperParameterTuningJobObjective"] = {"Type": direction, "MetricName": metric}
    config["ParameterRanges"] = ranges
    if ranges is None:
        del config["ParameterRanges"]
    definition["StaticHyperParameters"] = {"predictor_type": "binary_classifier", "epochs": "5"}
    definition["AlgorithmSpecification"]["TrainingImage"] = IMAGE
    return request


RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "learning_rate", "MinValue": "0.001", "MaxValue": "1", "ScalingType": "Logarithmic"}
    ],
    "CategoricalParameterRanges": [{"Name": "use_bias", "Values": ["true", "false"]}],
}


@pytest.mark.parametrize(
    ("metric", "direction"), [("validation:binary_f_beta", "Maximize"), ("validation:objective_loss", "Minimize")]
)
def test_a_tuning_job_finds_the_best_by_its_metric(local: LocalService, metric: str, direction: str) -> None:
    request = tuning(factories.put_data(local), metric, RANGES, direction)
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request)
    job = tuned(local, request["HyperParameterTuningJobName"])
    values = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials(local, job)]
    best = job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert (best["MetricName"], len(values)) == (metric, 3)
    assert best["Value"] == (max(values) if direction == "Maximize" else min(values))


def test_autotune_searches_what_matters_to_linear_learner(local: LocalService) -> None:
    request = tuning(factories.put_data(local), "validation:roc_auc_score", None)
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request, Autotune={"Mode": "Enabled"})
    job = tuned(local, request["HyperParameterTuningJobName"])
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    tried = [trial["TunedHyperParameters"] for trial in trials(local, job)]
    assert all(set(parameters) == {"wd", "l1", "learning_rate", "mini_batch_size"} for parameters in tried)


def test_a_hint_becomes_the_recommended_range_or_both_choices(local: LocalService) -> None:
    hints = [{"Name": name, "ValueHint": "x"} for name in ("positive_example_weight_mult", "use_bias")]
    hints.append({"Name": "optimizer", "ValueHint": "sgd"})
    request = tuning(factories.put_data(local), "validation:recall", {"AutoParameters": hints})
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request, Autotune={"Mode": "Enabled"})
    job = tuned(local, request["HyperParameterTuningJobName"])
    trial = trials(local, job)[0]
    child = local.client("sagemaker").describe_training_job(TrainingJobName=trial["TrainingJobName"])
    assert set(trial["TunedHyperParameters"]) == {"positive_example_weight_mult", "use_bias"}
    assert trial["TunedHyperParameters"]["use_bias"] in ("true", "false")
    assert child["HyperParameters"]["optimizer"] == "sgd"


def test_a_metric_of_another_algorithm_is_no_objective(local: LocalService) -> None:
    request = tuning(factories.put_data(local), "validation:auc", RANGES)
    with pytest.raises(ClientError, match="Objective metric validation:auc is not one of the algorithm's") as refused:
        local.client("sagemaker").create_hyper_parameter_tuning_job(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
