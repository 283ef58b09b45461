"""Experiments, trials and their components, by boto3; and the component that a training job leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import unique
from tests.local_service import IMAGE, LocalService


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


@pytest.fixture
def experiment(sagemaker: Any) -> str:
    """An experiment; its name."""
    name = unique("experiment")
    sagemaker.create_experiment(ExperimentName=name, Description="Cards")
    return name


@pytest.fixture
def trial(sagemaker: Any, experiment: str) -> str:
    """A trial of `experiment`; its name."""
    name = unique("trial")
    sagemaker.create_trial(TrialName=name, ExperimentName=experiment)
    return name


@pytest.fixture
def component(sagemaker: Any, trial: str) -> str:
    """A component of `trial`; its name."""
    name = unique("component")
    sagemaker.create_trial_component(TrialComponentName=name, Parameters={"eta": {"NumberValue": 0.2}})
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=trial)
    return name


def names(summaries: list[dict[str, Any]], kind: str) -> list[str]:
    return [item[f"{kind}Name"] for item in summaries]


def error(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    response = refused.value.response["Error"]
    return response["Code"], response["Message"]


def put(local: LocalService, component: str, *values: float) -> None:
    """Values of validation:auc, one a step."""
    local.client("sagemaker-metrics").batch_put_metrics(
        TrialComponentName=component,
        MetricData=[
            {"MetricName": "validation:auc", "Value": value, "Step": step, "Timestamp": datetime.now(UTC)}
            for step, value in enumerate(values)
        ],
    )


def test_an_experiment_is_displayed_by_its_name_until_it_has_another(sagemaker: Any, experiment: str) -> None:
    assert sagemaker.describe_experiment(ExperimentName=experiment)["DisplayName"] == experiment
    sagemaker.update_experiment(ExperimentName=experiment, DisplayName="Fraud", Description="")
    experiment_document = sagemaker.describe_experiment(ExperimentName=experiment)
    assert (experiment_document["DisplayName"], experiment_document["Description"]) == ("Fraud", "")


def test_experiments_are_listed_by_time_in_pages(sagemaker: Any) -> None:
    made = [unique("experiment") for _ in range(3)]
    before = datetime.now(UTC)
    for name in made:
        sagemaker.create_experiment(ExperimentName=name)
    pages = sagemaker.get_paginator("list_experiments").paginate(
        CreatedAfter=before - timedelta(seconds=2), PaginationConfig={"PageSize": 2}
    )
    listed = [name for page in pages for name in names(page["ExperimentSummaries"], "Experiment")]
    assert [name for name in listed if name in made] == made[::-1]
    early = sagemaker.list_experiments(CreatedBefore=before - timedelta(days=1))["ExperimentSummaries"]
    assert early == []


def test_trials_are_listed_by_experiment_and_by_component(
    sagemaker: Any, experiment: str, trial: str, component: str
) -> None:
    other = unique("trial")
    sagemaker.create_trial(TrialName=other, ExperimentName=experiment)
    page = sagemaker.list_trials(ExperimentName=experiment, SortBy="CreationTime", SortOrder="Ascending")
    assert names(page["TrialSummaries"], "Trial") == [trial, other]
    assert names(sagemaker.list_trials(TrialComponentName=component)["TrialSummaries"], "Trial") == [trial]


def test_a_trial_gets_another_name_to_be_displayed(sagemaker: Any, trial: str) -> None:
    sagemaker.update_trial(TrialName=trial, DisplayName="Deep-trees")
    assert sagemaker.describe_trial(TrialName=trial)["DisplayName"] == "Deep-trees"


def test_a_component_is_listed_by_trial_and_by_experiment(
    sagemaker: Any, experiment: str, trial: str, component: str
) -> None:
    for filters in ({"TrialName": trial}, {"ExperimentName": experiment}):
        summaries = sagemaker.list_trial_components(**filters)["TrialComponentSummaries"]
        assert names(summaries, "TrialComponent") == [component]


def test_a_component_that_is_disassociated_is_no_longer_its_trials(sagemaker: Any, trial: str, component: str) -> None:
    sagemaker.disassociate_trial_component(TrialComponentName=component, TrialName=trial)
    assert sagemaker.list_trial_components(TrialName=trial)["TrialComponentSummaries"] == []


def test_a_components_parameters_are_added_to_and_taken_away(sagemaker: Any, component: str) -> None:
    sagemaker.update_trial_component(
        TrialComponentName=component,
        Status={"PrimaryStatus": "Completed"},
        Parameters={"objective": {"StringValue": "binary:logistic"}, "depth": {"NumberValue": 5}},
        ParametersToRemove=["eta"],
        OutputArtifacts={"model": {"Value": "s3://bucket/model.tar.gz", "MediaType": "application/gzip"}},
    )
    document = sagemaker.describe_trial_component(TrialComponentName=component)
    assert document["Parameters"] == {"objective": {"StringValue": "binary:logistic"}, "depth": {"NumberValue": 5}}
    assert document["OutputArtifacts"]["model"]["Value"] == "s3://bucket/model.tar.gz"
    assert document["Status"] == {"PrimaryStatus": "Completed"}


def test_a_component_is_found_by_its_arn_too(sagemaker: Any, component: str) -> None:
    arn = sagemaker.describe_trial_component(TrialComponentName=component)["TrialComponentArn"]
    assert sagemaker.describe_trial_component(TrialComponentName=arn)["TrialComponentName"] == component


def test_metrics_are_summed_up(local: LocalService, sagemaker: Any, component: str) -> None:
    put(local, component, 0.5, 0.9)
    put(local, component, 0.7)
    metric = sagemaker.describe_trial_component(TrialComponentName=component)["Metrics"][0]
    assert (metric["MetricName"], metric["Count"]) == ("validation:auc", 3)
    assert (metric["Min"], metric["Max"], metric["Last"]) == (0.5, 0.9, 0.7)
    assert (metric["Avg"], metric["StdDev"]) == pytest.approx((0.7, (0.08 / 3) ** 0.5))


def test_metrics_of_nothing_are_refused(local: LocalService) -> None:
    with pytest.raises(ClientError) as refused:
        put(local, "never", 0.5)
    assert error(refused)[0] == "ResourceNotFound"
    assert error(refused)[1].endswith("experiment-trial-component/never' does not exist.")


def test_what_is_in_use_is_deleted_last(sagemaker: Any, experiment: str, trial: str, component: str) -> None:
    for operation, named, sentence in (
        (sagemaker.delete_experiment, {"ExperimentName": experiment}, "has trials. Delete those first."),
        (sagemaker.delete_trial, {"TrialName": trial}, "has trial components. Disassociate those first."),
        (sagemaker.delete_trial_component, {"TrialComponentName": component}, "belongs to trials. Disassociate it"),
    ):
        with pytest.raises(ClientError) as refused:
            operation(**named)
        assert error(refused)[0] == "ValidationException"
        assert sentence in error(refused)[1]
    sagemaker.disassociate_trial_component(TrialComponentName=component, TrialName=trial)
    sagemaker.delete_trial_component(TrialComponentName=component)
    sagemaker.delete_trial(TrialName=trial)
    sagemaker.delete_experiment(ExperimentName=experiment)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_experiment(ExperimentName=experiment)


@pytest.mark.parametrize(
    ("operation", "named", "kind"),
    [
        ("describe_experiment", {"ExperimentName": "never"}, "Experiment"),
        ("update_experiment", {"ExperimentName": "never"}, "Experiment"),
        ("delete_experiment", {"ExperimentName": "never"}, "Experiment"),
        ("list_trials", {"ExperimentName": "never"}, "Experiment"),
        ("create_trial", {"TrialName": "t", "ExperimentName": "never"}, "Experiment"),
        ("describe_trial", {"TrialName": "never"}, "Trial"),
        ("update_trial", {"TrialName": "never"}, "Trial"),
        ("delete_trial", {"TrialName": "never"}, "Trial"),
        ("list_trial_components", {"TrialName": "never"}, "Trial"),
        ("describe_trial_component", {"TrialComponentName": "never"}, "TrialComponent"),
        ("update_trial_component", {"TrialComponentName": "never"}, "TrialComponent"),
        ("delete_trial_component", {"TrialComponentName": "never"}, "TrialComponent"),
        ("associate_trial_component", {"TrialComponentName": "never", "TrialName": "t"}, "TrialComponent"),
        ("disassociate_trial_component", {"TrialComponentName": "never", "TrialName": "t"}, "TrialComponent"),
    ],
)
def test_what_is_not_there_is_not_found(sagemaker: Any, operation: str, named: dict[str, str], kind: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(**named)
    parts = {"Experiment": "experiment", "Trial": "experiment-trial", "TrialComponent": "experiment-trial-component"}
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:{parts[kind]}/never"
    assert error(refused) == ("ResourceNotFound", f"{kind} '{arn}' does not exist.")


def test_a_component_is_associated_only_with_a_trial_that_exists(sagemaker: Any, component: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.associate_trial_component(TrialComponentName=component, TrialName="never")
    assert error(refused)[0] == "ResourceNotFound"


def test_names_are_taken_in_the_words_that_the_sdk_reads(
    sagemaker: Any, experiment: str, trial: str, component: str
) -> None:
    for operation, named, kind in (
        (sagemaker.create_experiment, {"ExperimentName": experiment}, "Experiment"),
        (sagemaker.create_trial, {"TrialName": trial, "ExperimentName": experiment}, "Trial"),
        (sagemaker.create_trial_component, {"TrialComponentName": component}, "TrialComponent"),
    ):
        with pytest.raises(ClientError) as refused:
            operation(**named)
        message = f"{kind} with name ({named[f'{kind}Name']}) already exists."
        assert error(refused)[0] == "ValidationException"
        assert error(refused)[1].endswith(message)


def test_components_are_filtered_by_one_thing(sagemaker: Any, experiment: str, trial: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.list_trial_components(ExperimentName=experiment, TrialName=trial)
    message = "Trial components are filtered by one of ExperimentName and TrialName, not by both."
    assert error(refused) == ("ValidationException", message)


def train(local: LocalService, **config: str) -> dict[str, Any]:
    """A training job with that ExperimentConfig, once it has ended."""
    name = unique("job")
    request = factories.training_request(name, factories.put_data(local), eta="0.3")
    local.client("sagemaker").create_training_job(**request, ExperimentConfig=config)
    return factories.ended(local, name)


@pytest.mark.slow
def test_a_training_job_becomes_a_component_of_its_trial(local: LocalService, sagemaker: Any, trial: str) -> None:
    job = train(local, TrialName=trial, TrialComponentDisplayName="First")
    summary = sagemaker.list_trial_components(TrialName=trial)["TrialComponentSummaries"][0]
    assert summary["TrialComponentSource"]["SourceArn"] == job["TrainingJobArn"]
    document = sagemaker.describe_trial_component(TrialComponentName=summary["TrialComponentName"])
    assert (document["DisplayName"], document["Status"]["PrimaryStatus"]) == ("First", "Completed")
    assert document["Parameters"]["eta"] == {"NumberValue": 0.3}
    assert document["Parameters"]["objective"] == {"StringValue": "binary:logistic"}
    assert document["InputArtifacts"]["SageMaker.ImageUri"]["Value"] == IMAGE
    archive = document["OutputArtifacts"]["SageMaker.ModelArtifact"]["Value"]
    assert archive == job["ModelArtifacts"]["S3ModelArtifacts"]
    finals = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert {metric["MetricName"]: metric["Last"] for metric in document["Metrics"]} == finals


@pytest.mark.slow
def test_a_training_job_with_an_experiment_alone_gets_a_trial(
    local: LocalService, sagemaker: Any, experiment: str
) -> None:
    job = train(local, ExperimentName=experiment)
    summaries = sagemaker.list_trial_components(ExperimentName=experiment)["TrialComponentSummaries"]
    assert [item["TrialComponentSource"]["SourceArn"] for item in summaries] == [job["TrainingJobArn"]]
    assert sagemaker.list_trial_components(SourceArn=job["TrainingJobArn"])["TrialComponentSummaries"] == summaries


@pytest.mark.slow
def test_the_name_of_a_deleted_training_job_is_free_in_its_experiment_too(
    local: LocalService, sagemaker: Any, experiment: str
) -> None:
    job = train(local, ExperimentName=experiment)
    sagemaker.delete_training_job(TrainingJobName=job["TrainingJobName"])
    request = factories.training_request(job["TrainingJobName"], factories.put_data(local), eta="0.7")
    sagemaker.create_training_job(**request, ExperimentConfig={"ExperimentName": experiment})
    factories.ended(local, job["TrainingJobName"])
    [summary] = sagemaker.list_trial_components(ExperimentName=experiment)["TrialComponentSummaries"]
    document = sagemaker.describe_trial_component(TrialComponentName=summary["TrialComponentName"])
    assert document["Parameters"]["eta"] == {"NumberValue": 0.7}


@pytest.mark.slow
def test_a_component_of_the_same_name_that_is_no_training_jobs_is_not_replaced(
    local: LocalService, sagemaker: Any, trial: str
) -> None:
    name = unique("job")
    sagemaker.create_trial_component(TrialComponentName=f"{name}-aws-training-job")
    request = factories.training_request(name, factories.put_data(local))
    with pytest.raises(ClientError, match="TrialComponent names must be unique"):
        sagemaker.create_training_job(**request, ExperimentConfig={"TrialName": trial})


@pytest.mark.slow
def test_a_training_job_of_a_run_is_told_with_it(
    local: LocalService, sagemaker: Any, experiment: str, trial: str, component: str
) -> None:
    job = train(local, ExperimentName=experiment, TrialName=trial, RunName=component)
    document = sagemaker.describe_trial_component(TrialComponentName=component)
    assert [source["SourceArn"] for source in document["Sources"]] == [job["TrainingJobArn"]]
    assert document["Parameters"]["eta"] == {"NumberValue": 0.3}


def test_a_training_job_of_an_experiment_that_is_not_there_is_refused_whole(
    local: LocalService, sagemaker: Any
) -> None:
    name = unique("job")
    request = factories.training_request(name, factories.put_data(local))
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**request, ExperimentConfig={"ExperimentName": "never"})
    assert error(refused)[0] == "ResourceNotFound"
    with pytest.raises(ClientError, match="Requested resource not found"):
        sagemaker.describe_training_job(TrainingJobName=name)
