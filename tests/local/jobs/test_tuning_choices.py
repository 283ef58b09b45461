"""How a tuning job searches and when it has found enough, from boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.jobs.test_tuning_jobs import trials, tuned, tuning_request
from tests.local_service import LocalService

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(local: LocalService) -> str:
    return factories.put_data(local)


def start(local: LocalService, request: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The tuning job of `request` with further `members`, once it has ended."""
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request, **members)
    return tuned(local, request["HyperParameterTuningJobName"])


def request_with(data: str, jobs: int = 4, strategy: str = "Random", **config: Any) -> dict[str, Any]:
    """A request with changes to its HyperParameterTuningJobConfig."""
    request = tuning_request(factories.unique("tune"), data, jobs=jobs, strategy=strategy)
    request["HyperParameterTuningJobConfig"] |= {"RandomSeed": 1, **config}
    return request


def categorical(**values: list[str]) -> dict[str, Any]:
    return {
        "CategoricalParameterRanges": [
            {"Name": name, "Values": values_of_name} for name, values_of_name in values.items()
        ]
    }


def tried(local: LocalService, job: dict[str, Any]) -> list[dict[str, str]]:
    return [trial["TunedHyperParameters"] for trial in trials(local, job)]


def test_a_grid_tries_every_combination_once(local: LocalService, data: str) -> None:
    ranges = categorical(max_depth=["2", "3"], min_child_weight=["1", "5"])
    job = start(local, request_with(data, jobs=4, strategy="Grid", ParameterRanges=ranges))
    assert sorted((parameters["max_depth"], parameters["min_child_weight"]) for parameters in tried(local, job)) == [
        ("2", "1"),
        ("2", "5"),
        ("3", "1"),
        ("3", "5"),
    ]


def test_a_grid_that_is_through_is_completed(local: LocalService, data: str) -> None:
    ranges = categorical(max_depth=["2", "3"])
    job = start(local, request_with(data, jobs=2, strategy="Grid", ParameterRanges=ranges))
    assert (job["HyperParameterTuningJobStatus"], job.get("FailureReason")) == ("Completed", None)


def test_autotune_chooses_what_to_search(local: LocalService, data: str) -> None:
    request = request_with(data, jobs=2)
    del request["HyperParameterTuningJobConfig"]["ParameterRanges"]
    job = start(local, request, Autotune={"Mode": "Enabled"})
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert all({"eta", "alpha", "max_depth"} <= set(parameters) for parameters in tried(local, job))


def test_a_hint_is_a_range_where_one_can_be_searched_and_a_value_where_not(local: LocalService, data: str) -> None:
    hints = [{"Name": "eta", "ValueHint": "0.3"}, {"Name": "tree_method", "ValueHint": "exact"}]
    request = request_with(data, jobs=2, ParameterRanges={"AutoParameters": hints})
    job = start(local, request, Autotune={"Mode": "Enabled"})
    trial = trials(local, job)[0]
    child = local.client("sagemaker").describe_training_job(TrainingJobName=trial["TrainingJobName"])
    assert (set(trial["TunedHyperParameters"]), child["HyperParameters"]["tree_method"]) == ({"eta"}, "exact")


def warm(parent: dict[str, Any], kind: str) -> dict[str, Any]:
    names = [{"HyperParameterTuningJobName": parent["HyperParameterTuningJobName"]}]
    return {"ParentHyperParameterTuningJobs": names, "WarmStartType": kind}


@pytest.mark.parametrize(("kind", "inherits"), [("IdenticalDataAndAlgorithm", True), ("TransferLearning", False)])
def test_only_a_search_of_the_same_data_inherits_its_parents_best(
    local: LocalService, data: str, kind: str, inherits: bool
) -> None:
    parent = start(local, request_with(data))
    hopeless = {
        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.0000001", "MaxValue": "0.0000002"}],
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "1"}],
    }
    child = start(local, request_with(data, jobs=1, ParameterRanges=hopeless), WarmStartConfig=warm(parent, kind))
    best = parent["BestTrainingJob"]["TrainingJobName"]
    assert (child["OverallBestTrainingJob"]["TrainingJobName"] == best) is inherits


def test_a_search_that_differs_too_much_from_its_parent_is_refused(local: LocalService, data: str) -> None:
    parent, request = start(local, request_with(data, jobs=1)), request_with(data, jobs=1)
    request["TrainingJobDefinition"]["StaticHyperParameters"]["alpha"] = "1"
    with pytest.raises(ClientError, match=r"ValidationException.*tunable plus static HyperParameter names"):
        start(local, request, WarmStartConfig=warm(parent, "TransferLearning"))


def test_the_training_jobs_of_parents_count_against_the_limit(local: LocalService, data: str) -> None:
    parent, request = start(local, request_with(data, jobs=2)), request_with(data, jobs=749)
    with pytest.raises(ClientError, match=r"ResourceLimitExceeded.*utilization of 2 Training jobs"):
        start(local, request, WarmStartConfig=warm(parent, "TransferLearning"))


def test_a_search_ends_when_its_target_is_reached(local: LocalService, data: str) -> None:
    criteria = {"TargetObjectiveMetricValue": 0.5}
    job = start(local, request_with(data, jobs=50, TuningJobCompletionCriteria=criteria))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert sum(job["TrainingJobStatusCounters"].values()) <= 4


def test_a_search_ends_when_it_no_longer_improves(local: LocalService, data: str) -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    flat = {"ContinuousParameterRanges": [{"Name": "max_delta_step", "MinValue": "0", "MaxValue": "0"}]}
    request = request_with(data, jobs=50, TuningJobCompletionCriteria=criteria, ParameterRanges=flat)
    job = start(local, request)
    assert job["TuningJobCompletionDetails"]["NumberOfTrainingJobsObjectiveNotImproving"] >= 3
    assert sum(job["TrainingJobStatusCounters"].values()) < 10


def test_training_jobs_carry_the_tags_of_their_tuning_job(local: LocalService, data: str) -> None:
    tags = [{"Key": "team", "Value": "fraud"}]
    job = start(local, request_with(data, jobs=1), Tags=tags)
    arn = trials(local, job)[0]["TrainingJobArn"]
    assert local.client("sagemaker").list_tags(ResourceArn=arn)["Tags"] == tags


def whole(low: str, high: str) -> dict[str, Any]:
    return {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": low, "MaxValue": high}]}


@pytest.mark.parametrize(
    ("config", "members", "sentence"),
    [
        ({"strategy": "Grid"}, {}, "Grid search takes categorical ranges only"),
        ({"strategy": "Grid", "ParameterRanges": categorical(max_depth=["2", "3"])}, {}, "has 2 combinations"),
        ({"strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"}, {}, "Hyperband stops training jobs itself"),
        ({"ParameterRanges": {}}, {}, "At least one hyperparameter range is required"),
        ({"ParameterRanges": categorical(num_round=["5", "9"])}, {}, "both static and tuned: num_round"),
        ({"ParameterRanges": categorical(booster=["gbtree"])}, {}, "cannot be tuned: booster. .* are num_round,"),
        ({"ParameterRanges": categorical(depth=["2"])}, {}, "XGBoost cannot be tuned: depth"),
        ({"ParameterRanges": whole("1.0", "6")}, {}, "MinValue of max_depth is '1.0'; write a whole number, such as 1"),
        ({"ParameterRanges": whole("1", "deep")}, {}, "MaxValue of max_depth is 'deep'"),
        (
            {},
            {"WarmStartConfig": warm({"HyperParameterTuningJobName": "never"}, "TransferLearning")},
            "Requested resource not found",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_sentence(
    local: LocalService, data: str, config: dict[str, Any], members: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence):
        start(local, request_with(data, **config), **members)


def test_a_range_that_ends_nowhere_is_refused(local: LocalService, data: str) -> None:
    endless = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "inf"}]}
    with pytest.raises(ClientError, match="MaxValue of eta is 'inf'; write a number"):
        start(local, request_with(data, ParameterRanges=endless))


def test_an_objective_without_its_channel_is_refused(local: LocalService, data: str) -> None:
    request = request_with(data)
    del request["TrainingJobDefinition"]["InputDataConfig"][1]
    with pytest.raises(ClientError, match=r"validation:auc needs the channel validation, and .* has only train"):
        start(local, request)


def test_jobs_without_an_objective_are_left_out_when_sorted_by_it(local: LocalService, data: str) -> None:
    request = request_with(data, jobs=2, strategy="Grid", ParameterRanges=categorical(eta=["0.3", "7"]))
    job = start(local, request)  # the algorithm refuses eta 7
    listed = {
        sorting: local.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=job["HyperParameterTuningJobName"], SortBy=sorting
        )["TrainingJobSummaries"]
        for sorting in ("FinalObjectiveMetricValue", "CreationTime")
    }
    etas = {
        sorting: sorted(trial["TunedHyperParameters"]["eta"] for trial in summaries)
        for sorting, summaries in listed.items()
    }
    assert etas == {"FinalObjectiveMetricValue": ["0.3"], "CreationTime": ["0.3", "7"]}
