"""What a warm start is refused for, by the documents of a tuning job and its parent."""

from collections.abc import Callable
from typing import Any

import pytest

from services.local.jobs import warm_start
from services.local.protocol.wire import ServiceError
from tests.local.jobs.test_tuning_jobs import tuning_request
from tests.local_service import IMAGE

Change = Callable[[dict[str, Any]], None]


def make_job(kind: str = "TransferLearning", **static: str) -> dict[str, Any]:
    request = tuning_request("search", "s3://bucket/data")
    request["TrainingJobDefinition"]["StaticHyperParameters"] |= static
    return {
        **request,
        "WarmStartConfig": {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
            "WarmStartType": kind,
        },
    }


def make_parent(status: str = "Completed", **static: str) -> dict[str, Any]:
    request = tuning_request("parent", "s3://bucket/data")
    request["TrainingJobDefinition"]["StaticHyperParameters"] |= {
        **static,
        "_tuning_objective_metric": "validation:auc",
    }
    return {**request, "HyperParameterTuningJobStatus": status}


def ranges(job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = job["HyperParameterTuningJobConfig"]["ParameterRanges"]
    return found


def static(job: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = job["TrainingJobDefinition"]["StaticHyperParameters"]
    return found


def widen(job: dict[str, Any]) -> None:
    ranges(job)["ContinuousParameterRanges"][0]["MaxValue"] = "0.9"


def fix_depth(job: dict[str, Any]) -> None:
    del ranges(job)["IntegerParameterRanges"]
    static(job)["max_depth"] = "3"


def search_rounds(job: dict[str, Any]) -> None:
    del static(job)["num_round"]
    ranges(job)["IntegerParameterRanges"].append({"Name": "num_round", "MinValue": "1", "MaxValue": "9"})


def choose_depth(job: dict[str, Any]) -> None:
    del ranges(job)["IntegerParameterRanges"]
    ranges(job)["CategoricalParameterRanges"] = [{"Name": "max_depth", "Values": ["2", "3"]}]


def add_alpha(job: dict[str, Any]) -> None:
    static(job)["alpha"] = "1"


def aim_elsewhere(job: dict[str, Any]) -> None:
    objective = job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    objective |= {"MetricName": "validation:error", "Type": "Minimize"}


def use_another_image(job: dict[str, Any]) -> None:
    job["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = IMAGE.replace("3.2-0", "1.7-1")


def use_other_data(job: dict[str, Any]) -> None:
    source = job["TrainingJobDefinition"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = "s3://bucket/other/train/"


@pytest.mark.parametrize("kind", ["IdenticalDataAndAlgorithm", "TransferLearning"])
@pytest.mark.parametrize("change", [widen, fix_depth, search_rounds])
def test_ranges_and_what_is_searched_may_change(kind: str, change: Change) -> None:
    job = make_job(kind)
    change(job)
    warm_start.check(job, make_parent())


@pytest.mark.parametrize("kind", ["IdenticalDataAndAlgorithm", "TransferLearning"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (add_alpha, "The set of tunable plus static HyperParameter names is not the same"),
        (choose_depth, "type of these hyperparameters is another in the parent tuning job parent: max_depth"),
        (aim_elsewhere, "parent tuning job parent has another objective, Maximize validation:auc"),
    ],
)
def test_what_no_warm_start_may_change_is_refused(kind: str, change: Change, sentence: str) -> None:
    job = make_job(kind)
    change(job)
    with pytest.raises(ServiceError, match=sentence):
        warm_start.check(job, make_parent())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(use_another_image, "has another training image"), (use_other_data, "has another input data")],
)
def test_only_identical_data_and_algorithm_must_be_identical(change: Change, sentence: str) -> None:
    transfer, identical = make_job("TransferLearning"), make_job("IdenticalDataAndAlgorithm")
    change(transfer)
    change(identical)
    warm_start.check(transfer, make_parent())
    with pytest.raises(ServiceError, match=sentence):
        warm_start.check(identical, make_parent())


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_a_parent_must_have_ended(status: str) -> None:
    with pytest.raises(ServiceError, match=f"parent tuning job parent is in status {status}"):
        warm_start.check(make_job(), make_parent(status))


NUMBERS = ("alpha", "gamma", "lambda", "subsample", "max_delta_step", "colsample_bytree", "colsample_bylevel")


@pytest.mark.parametrize(("texts", "refused"), [((), False), (("booster",), False), (("booster", "tree_method"), True)])
def test_at_most_ten_values_of_static_hyperparameters_may_change(texts: tuple[str, ...], refused: bool) -> None:
    """Seven numbers are seven changes; a text counts twice, for the old value and the new one."""
    before = dict.fromkeys(NUMBERS, "0.5") | dict.fromkeys(texts, "old")
    after = dict.fromkeys(NUMBERS, "0.6") | dict.fromkeys(texts, "new")
    if not refused:
        warm_start.check(make_job(**after), make_parent(**before))
        return
    with pytest.raises(ServiceError, match="There are 11 changes to static hyperparameters"):
        warm_start.check(make_job(**after), make_parent(**before))
