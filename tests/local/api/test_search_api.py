"""Search, by boto3: every operator, nested filters, sorting and paging over what a few training jobs left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import unique
from tests.local.jobs.test_tuning_jobs import tuned, tuning_request
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow
ETAS = ("0.1", "0.3", "0.7")
Filter = tuple[str, str, str]


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


@pytest.fixture(scope="module")
def family() -> str:
    """The tag that the jobs of this module share."""
    return unique("family")


@pytest.fixture(scope="module")
def jobs(local: LocalService, sagemaker: Any, family: str) -> list[dict[str, Any]]:
    """Three jobs that differ by eta, and so by metric, the last with another tag and without validation data."""
    data, made = factories.put_data(local), []
    for number, eta in enumerate(ETAS):
        name = unique("found")
        request = factories.training_request(name, data, eta=eta, eval_metric="auc", num_round="2")
        if number == 2:
            request["InputDataConfig"] = request["InputDataConfig"][:1]
        tags = [{"Key": "family", "Value": family}, {"Key": "turn", "Value": f"turn {number}"}]
        sagemaker.create_training_job(**request, Tags=tags)
        made.append(factories.ended(local, name))
    return made


def clause(given: Filter | tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("Name", "Operator", "Value"), given, strict=False))


def search(sagemaker: Any, family: str, *filters: Filter | tuple[str, ...], **options: Any) -> list[str]:
    """The etas of the jobs of this module that satisfy every filter, in the order they come."""
    own = [("Tags.family", "Equals", family), *filters]
    expression = {"Filters": [clause(given) for given in own]} | options.pop("SearchExpression", {})
    results = sagemaker.search(Resource="TrainingJob", SearchExpression=expression, **options)["Results"]
    return [result["TrainingJob"]["HyperParameters"]["eta"] for result in results]


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("given", "etas"),
    [
        (("TrainingJobStatus", "Equals", "Completed"), "0.1 0.3 0.7"),
        (("TrainingJobStatus", "NotEquals", "Completed"), ""),
        (("Tags.turn", "Equals", "turn 1"), "0.3"),
        (("Tags.turn", "Contains", "TURN"), "0.1 0.3 0.7"),
        (("Tags.turn", "In", "turn 0, turn 2"), "0.1 0.7"),
        (("Tags.other", "NotExists"), "0.1 0.3 0.7"),
        (("HyperParameters.eta", "Equals", "0.30"), "0.3"),
        (("HyperParameters.eta", "GreaterThan", "0.1"), "0.3 0.7"),
        (("HyperParameters.eta", "GreaterThanOrEqualTo", "0.3"), "0.3 0.7"),
        (("HyperParameters.eta", "LessThan", "0.3"), "0.1"),
        (("HyperParameters.eta", "LessThanOrEqualTo", "0.3"), "0.1 0.3"),
        (("HyperParameters.eta", "GreaterThan", "0"), ""),  # a whole number compares whole numbers, as on AWS
        (("HyperParameters.eta", "In", "0.1,0.7"), "0.1 0.7"),
        (("HyperParameters.eta",), "0.1 0.3 0.7"),
        (("HyperParameters.alpha", "Exists"), ""),
        (("HyperParameters.objective", "Equals", "binary:logistic"), "0.1 0.3 0.7"),
        (("Metrics.train:auc", "GreaterThan", "0.5"), "0.1 0.3 0.7"),
        (("Metrics.validation:auc", "Exists"), "0.1 0.3"),
        (("Metrics.validation:auc", "LessThan", "0.5"), ""),
        (("TrainingTimeInSeconds", "LessThan", "600"), "0.1 0.3 0.7"),
        (("ResourceConfig.InstanceType", "Equals", "ml.m4.xlarge"), "0.1 0.3 0.7"),
        (("ResourceConfig.VolumeSizeInGB", "Equals", "11"), ""),
        (("EnableManagedSpotTraining", "Equals", "false"), "0.1 0.3 0.7"),
        (("FailureReason", "Exists"), ""),
        (("InputDataConfig.ChannelName", "Equals", "validation"), "0.1 0.3"),
        (("InputDataConfig.ChannelName", "NotEquals", "validation"), "0.7"),
        (("AlgorithmSpecification.TrainingImage", "Contains", "xgboost"), "0.1 0.3 0.7"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value or "none",
)
def test_a_filter_finds_what_it_says(sagemaker: Any, family: str, given: tuple[str, ...], etas: str) -> None:
    assert sorted(search(sagemaker, family, given)) == etas.split()


def test_times_are_compared_as_times(sagemaker: Any, family: str, jobs: list[dict[str, Any]]) -> None:
    moment = jobs[0]["TrainingEndTime"].astimezone(UTC)
    since = ("CreationTime", "GreaterThanOrEqualTo", moment.isoformat())
    assert search(sagemaker, family, since, SortBy="CreationTime", SortOrder="Ascending") == ["0.3", "0.7"]
    naive = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert search(sagemaker, family, ("TrainingEndTime", "LessThan", naive)) == []


def test_a_name_is_found_with_its_tags(sagemaker: Any, jobs: list[dict[str, Any]], family: str) -> None:
    name = jobs[0]["TrainingJobName"]
    answer = sagemaker.search(
        Resource="TrainingJob", SearchExpression={"Filters": [clause(("TrainingJobName", "Equals", name))]}
    )
    assert answer["TotalHits"] == {"Value": 1, "Relation": "EqualTo"}
    job = answer["Results"][0]["TrainingJob"]
    assert job["TrainingJobArn"] == jobs[0]["TrainingJobArn"]
    assert {"Key": "family", "Value": family} in job["Tags"]


@pytest.mark.usefixtures("jobs")
def test_expressions_are_joined_by_and_or_or(sagemaker: Any, family: str) -> None:
    either = {
        "Filters": [clause(("HyperParameters.eta", "Equals", "0.1")), clause(("HyperParameters.eta", "Equals", "0.7"))],
        "Operator": "Or",
    }
    own = {"Filters": [clause(("Tags.family", "Equals", family))], "SubExpressions": [either]}
    assert set(search(sagemaker, family, SearchExpression=own)) == {"0.1", "0.7"}


@pytest.mark.usefixtures("jobs")
def test_nested_filters_are_met_by_one_and_the_same_item(sagemaker: Any, family: str) -> None:
    def nested(channel: str, address: str) -> dict[str, Any]:
        filters = [
            clause(("InputDataConfig.ChannelName", "Equals", channel)),
            clause(("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", address)),
        ]
        return {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}

    assert set(search(sagemaker, family, SearchExpression=nested("validation", "/validation/"))) == {"0.1", "0.3"}
    assert search(sagemaker, family, SearchExpression=nested("validation", "/train/")) == []


@pytest.mark.parametrize("by", ["HyperParameters.eta", "CreationTime", "Metrics.train:auc", "TrainingJobName"])
def test_results_are_sorted_by_any_property(sagemaker: Any, family: str, jobs: list[dict[str, Any]], by: str) -> None:
    finals = [{m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}["train:auc"] for job in jobs]
    expected = list(ETAS)
    if by == "Metrics.train:auc":
        expected = [eta for _, eta in sorted(zip(finals, ETAS, strict=True))]
    assert search(sagemaker, family, SortBy=by, SortOrder="Ascending") == expected
    assert search(sagemaker, family, SortBy=by) == expected[::-1]


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_cut_nothing_though_the_last_have_no_metric(sagemaker: Any, family: str, order: str) -> None:
    pages = sagemaker.get_paginator("search").paginate(
        Resource="TrainingJob",
        SearchExpression={"Filters": [clause(("Tags.family", "Equals", family))]},
        SortBy="Metrics.validation:auc",
        SortOrder=order,
        PaginationConfig={"PageSize": 1},
    )
    etas = [page["Results"][0]["TrainingJob"]["HyperParameters"]["eta"] for page in pages]
    assert (sorted(etas), etas[-1]) == (list(ETAS), "0.7")


@pytest.mark.usefixtures("jobs")
def test_what_changed_last_comes_first(sagemaker: Any, family: str) -> None:
    assert search(sagemaker, family) == list(ETAS[::-1])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("Colour", "Equals", "red"), "Search: Colour is not a property of this resource."),
        (("TrainingJobName.x", "Equals", "red"), "Search: TrainingJobName.x is not a property of this resource."),
        (
            ("TrainingJobName", "GreaterThan", "a"),
            "Search: GreaterThan is not supported for TrainingJobName and the text a.",
        ),
        (
            ("TrainingTimeInSeconds", "Contains", "1"),
            "Search: Contains is not supported for TrainingTimeInSeconds, which is not text.",
        ),
        (
            ("TrainingTimeInSeconds", "Equals", "long"),
            "Search: TrainingTimeInSeconds is compared with a value of type integer, not with long.",
        ),
        (
            ("CreationTime", "GreaterThan", "yesterday"),
            "Search: yesterday is not a time for CreationTime; write it like 2026-01-31T09:30:00.",
        ),
        (
            ("TrainingJobName", "Equals"),
            "Search: the filter on TrainingJobName with the operator Equals needs a Value.",
        ),
        (
            ('HyperParameters.e") OR 1 --', "Equals", "1"),
            'Search: e") OR 1 -- cannot be searched for its quotation mark.',
        ),
    ],
)
def test_what_cannot_be_searched_is_refused(sagemaker: Any, given: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": [clause(given)]})
    response = refused.value.response["Error"]
    assert (response["Code"], response["Message"]) == ("ValidationException", sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"Resource": "Pipeline"}, "Search for Pipeline is not offered on this computer; AWS has it."),
        ({"Resource": "TrainingJob", "SortBy": "InputDataConfig"}, "SortBy: InputDataConfig cannot be sorted by."),
        ({"Resource": "TrainingJob", "NextToken": "x"}, "The NextToken is not valid. Request the first page again."),
        (
            {
                "Resource": "TrainingJob",
                "SearchExpression": {"Filters": [clause(("TrainingJobName", "Contains", "a"))] * 2},
            },
            "'CONTAINS' operator usage limit of 1 exceeded.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(sagemaker: Any, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.search(**arguments)
    response = refused.value.response["Error"]
    assert (response["Code"], response["Message"]) == ("ValidationException", sentence)


def search_resources(sagemaker: Any, resource: str, *filters: Filter) -> list[dict[str, Any]]:
    answer = sagemaker.search(Resource=resource, SearchExpression={"Filters": [clause(given) for given in filters]})
    return [next(iter(result.values())) for result in answer["Results"]]


def test_trial_components_are_found_by_trial_parameter_and_metric(local: LocalService, sagemaker: Any) -> None:
    name = unique("searched")
    sagemaker.create_experiment(ExperimentName=name)
    sagemaker.create_trial(TrialName=name, ExperimentName=name)
    sagemaker.create_trial_component(TrialComponentName=name, Parameters={"eta": {"NumberValue": 0.2}})
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=name)
    for value in (0.9, 0.8):
        local.client("sagemaker-metrics").batch_put_metrics(
            TrialComponentName=name,
            MetricData=[{"MetricName": "validation:auc", "Value": value, "Timestamp": datetime.now(UTC)}],
        )
    own = ("Parents.TrialName", "Equals", name)
    for given, hits in (
        (("Parameters.eta", "LessThan", "0.3"), 1),
        (("Parameters.eta.NumberValue", "GreaterThan", "0.3"), 0),
        (("Parameters.eta", "In", "0.1,0.2"), 1),
        (("metrics.validation:auc.max", "GreaterThan", "0.85"), 1),
        (("Metrics.validation:auc.last", "GreaterThan", "0.85"), 0),
        (("Metrics.validation:auc", "LessThan", "0.85"), 1),
    ):
        assert len(search_resources(sagemaker, "ExperimentTrialComponent", own, given)) == hits, given
    trial = search_resources(sagemaker, "ExperimentTrial", ("ExperimentName", "Equals", name))[0]
    assert [item["TrialComponentName"] for item in trial["TrialComponentSummaries"]] == [name]
    assert search_resources(sagemaker, "Experiment", ("ExperimentName", "Equals", name))[0]["ExperimentName"] == name


def test_model_packages_are_found_by_what_their_reviewer_wrote(sagemaker: Any) -> None:
    name = unique("searched")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for recall in ("0.7", "0.9"):
        sagemaker.create_model_package(
            ModelPackageGroupName=name,
            InferenceSpecification={"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}]},
            CustomerMetadataProperties={"recall": recall},
        )
    own = ("ModelPackageGroupName", "Equals", name)
    good = search_resources(sagemaker, "ModelPackage", own, ("CustomerMetadataProperties.recall", "GreaterThan", "0.8"))
    assert [package["ModelPackageVersion"] for package in good] == [2]
    assert [group["ModelPackageGroupName"] for group in search_resources(sagemaker, "ModelPackageGroup", own)] == [name]


def test_endpoints_are_found_by_their_status(sagemaker: Any) -> None:
    name = unique("searched")
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"},
        ExecutionRoleArn=ROLE,
    )
    variant = {"VariantName": "A", "ModelName": name, "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    own = ("EndpointName", "Equals", name)
    assert search_resources(sagemaker, "Endpoint", own, ("EndpointStatus", "Equals", "InService")) == []
    assert search_resources(sagemaker, "Endpoint", own)[0]["EndpointConfigName"] == name


def test_tuning_jobs_are_found_by_their_strategy(local: LocalService, sagemaker: Any) -> None:
    name = unique("tune")
    sagemaker.create_hyper_parameter_tuning_job(**tuning_request(name, factories.put_data(local), jobs=1))
    tuned(local, name)
    own = ("HyperParameterTuningJobName", "Equals", name)
    strategy = "HyperParameterTuningJobConfig.Strategy"
    assert search_resources(sagemaker, "HyperParameterTuningJob", own, (strategy, "Equals", "Random")) == []
    bayesian = search_resources(sagemaker, "HyperParameterTuningJob", own, (strategy, "Equals", "Bayesian"))[0]
    children = search_resources(
        sagemaker, "TrainingJob", ("TuningJobArn", "Equals", bayesian["HyperParameterTuningJobArn"])
    )
    assert [child["TrainingJobName"] for child in children] == [bayesian["BestTrainingJob"]["TrainingJobName"]]
