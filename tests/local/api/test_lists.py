"""Every List operation by one table: pages that join to the whole, order, filters, and tokens that are none.

The account is made on a clock set back, one of each kind a day, their names in another order than their days.
"""

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.demo.account import Calendar, DemoAccount
from services.local.service import open_service
from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow

NAMES = ("item-c", "item-a", "item-e", "item-b", "item-d")  # the oldest first
NOWHERE = "s3://nowhere/at/all"
# What a token that somebody made could hold: nothing, lists, a number beyond 64 bits, none at all, half a character.
NO_POSITIONS = ("[]", "[[], []]", f'[{2**63}, "a"]', '[Infinity, "a"]', r'[1.5, "\ud800"]')


@dataclass(frozen=True)
class Listed:
    """A List operation: the member that has the list, what names an item, and which filters there are."""

    operation: str
    member: str
    name: str
    scope: dict[str, str] = field(default_factory=dict)  # "DOMAIN" stands for the domain's id
    sorts: tuple[str, ...] = ("CreationTime",)
    contains: str | None = None
    timed: bool = False
    status: str | None = None  # that all have
    stem: str = "item"

    def __str__(self) -> str:
        return self.operation


def made_token(text: str) -> str:
    """A token of what is no position."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def timed(operation: str, member: str, name: str, **more: Any) -> Listed:
    """One that is sorted by name too, and filtered by name and times."""
    return Listed(operation, member, name, sorts=("Name", "CreationTime"), contains="NameContains", timed=True, **more)


ITEMS, TUNINGS, MEMBERS = {"NameContains": "item-"}, {"NameContains": "tune-"}, {"DomainIdEquals": "DOMAIN"}
LISTS = [
    timed("list_models", "Models", "ModelName"),
    timed("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    timed("list_endpoints", "Endpoints", "EndpointName", status="Failed"),
    timed("list_training_jobs", "TrainingJobSummaries", "TrainingJobName", scope=ITEMS, status="Failed"),
    timed(
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        scope=TUNINGS,
        status="Failed",
        stem="tune",  # or their training jobs would be among the items
    ),
    timed("list_transform_jobs", "TransformJobSummaries", "TransformJobName", status="Failed"),
    timed("list_notebook_instances", "NotebookInstances", "NotebookInstanceName", status="InService"),
    Listed("list_domains", "Domains", "DomainName", sorts=()),
    Listed("list_user_profiles", "UserProfiles", "UserProfileName", MEMBERS, contains="UserProfileNameContains"),
    Listed("list_spaces", "Spaces", "SpaceName", MEMBERS, contains="SpaceNameContains"),
    Listed("list_apps", "Apps", "UserProfileName", MEMBERS),
]


def make_day(account: DemoAccount, name: str, domain: str | None) -> str:
    """One of each kind; the id of the domain."""
    container = {"Image": IMAGE, "ModelDataUrl": f"{NOWHERE}/model.tar.gz"}
    account.call("CreateModel", ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "one", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    account.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])
    account.call("CreateEndpoint", EndpointName=name, EndpointConfigName=name)
    account.call("CreateTrainingJob", **factories.training_request(name, NOWHERE))
    account.call("CreateHyperParameterTuningJob", **tuning_request(name.replace("item", "tune"), 1))
    account.call(
        "CreateTransformJob",
        TransformJobName=name,
        ModelName=name,
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": NOWHERE}}},
        TransformOutput={"S3OutputPath": NOWHERE},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    account.call("CreateNotebookInstance", NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    made: str = account.call(
        "CreateDomain", DomainName=name, AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}
    )["DomainId"]
    domain = domain or made
    account.call("CreateUserProfile", DomainId=domain, UserProfileName=name)
    account.call("CreateSpace", DomainId=domain, SpaceName=name)
    account.call("CreateApp", DomainId=domain, UserProfileName=name, AppType="JupyterLab", AppName="default")
    return domain


def tuning_request(name: str, jobs: int) -> dict[str, Any]:
    """A tuning job whose training jobs will find no data."""
    training = factories.training_request(name, NOWHERE)
    specification = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    members = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
        },
        "TrainingJobDefinition": {
            **{member: training[member] for member in members},
            "AlgorithmSpecification": specification,
            "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "1"},
        },
    }


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """A client of an account with five of each kind, and the domain that has the members."""
    folder, calendar = tmp_path_factory.mktemp("lists"), Calendar()
    made, domain = DemoAccount(open_service(folder, calendar), calendar, time.time()), None
    for age, name in zip(range(5, 0, -1), NAMES, strict=True):
        made.ago(days=age)
        domain = make_day(made, name, domain)
    made.call("CreateHyperParameterTuningJob", **tuning_request("parent", 5))
    service = LocalService(folder)
    assert domain
    yield service.client("sagemaker"), domain
    service.stop()


def ask(account: tuple[Any, str], listed: Listed, **request: Any) -> dict[str, Any]:
    sagemaker, domain = account
    scope = {key: domain if value == "DOMAIN" else value for key, value in listed.scope.items()}
    answer: dict[str, Any] = getattr(sagemaker, listed.operation)(**{**scope, **request})
    return answer


def names(account: tuple[Any, str], listed: Listed, **request: Any) -> list[str]:
    return named(listed, ask(account, listed, **request))


def named(listed: Listed, page: dict[str, Any]) -> list[str]:
    return [item[listed.name].replace(listed.stem, "item") for item in page[listed.member]]


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("listed", LISTS, ids=str)
def test_pages_join_to_the_whole(account: tuple[Any, str], listed: Listed, order: str) -> None:
    sorting = {"SortOrder": order} if listed.sorts else {}
    joined, sizes, more = list[str](), list[int](), dict[str, str]()
    while not sizes or more:
        page = ask(account, listed, MaxResults=2, **sorting, **more)
        joined += named(listed, page)
        sizes.append(len(page[listed.member]))
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
    assert sizes == [2, 2, 1]
    assert joined == names(account, listed, MaxResults=100, **sorting)
    assert sorted(joined) == sorted(NAMES)


@pytest.mark.parametrize("listed", LISTS, ids=str)
def test_the_newest_comes_first_unless_asked_otherwise(account: tuple[Any, str], listed: Listed) -> None:
    assert names(account, listed) == list(reversed(NAMES))


@pytest.mark.parametrize("listed", [entry for entry in LISTS if entry.sorts], ids=str)
def test_lists_are_sorted_by_time(account: tuple[Any, str], listed: Listed) -> None:
    assert names(account, listed, SortBy="CreationTime", SortOrder="Ascending") == list(NAMES)


@pytest.mark.parametrize("listed", [entry for entry in LISTS if "Name" in entry.sorts], ids=str)
def test_lists_are_sorted_by_name(account: tuple[Any, str], listed: Listed) -> None:
    assert names(account, listed, SortBy="Name", SortOrder="Ascending") == sorted(NAMES)


@pytest.mark.parametrize("listed", [entry for entry in LISTS if entry.contains], ids=str)
def test_a_part_of_the_name_finds_it(account: tuple[Any, str], listed: Listed) -> None:
    assert listed.contains
    assert names(account, listed, **{listed.contains: f"{listed.stem[-1]}-e".upper()}) == ["item-e"]


@pytest.mark.parametrize("member", ["CreationTime", "LastModifiedTime"])
@pytest.mark.parametrize("listed", [entry for entry in LISTS if entry.timed], ids=str)
def test_times_are_a_window(account: tuple[Any, str], listed: Listed, member: str) -> None:
    if member == "LastModifiedTime" and listed.operation in ("list_models", "list_endpoint_configs"):
        member = "CreationTime"  # these are never modified
    now = datetime.now(UTC)
    window = {f"{member}After": now - timedelta(days=3.5), f"{member}Before": now - timedelta(days=1.5)}
    assert names(account, listed, **window) == ["item-b", "item-e"]


@pytest.mark.parametrize("listed", [entry for entry in LISTS if entry.status], ids=str)
def test_a_status_finds_those_that_have_it(account: tuple[Any, str], listed: Listed) -> None:
    assert names(account, listed, StatusEquals=listed.status) == list(reversed(NAMES))
    assert names(account, listed, StatusEquals="Stopping" if "endpoint" not in listed.operation else "Updating") == []


def test_training_jobs_are_filtered_after_the_page_is_cut(account: tuple[Any, str]) -> None:
    [listed] = [entry for entry in LISTS if entry.operation == "list_training_jobs"]
    page = ask(account, listed, StatusEquals="Stopping", MaxResults=2)
    assert (page["TrainingJobSummaries"], "NextToken" in page) == ([], True)


def test_other_jobs_are_filtered_before_the_page_is_cut(account: tuple[Any, str]) -> None:
    [listed] = [entry for entry in LISTS if entry.operation == "list_transform_jobs"]
    page = ask(account, listed, StatusEquals="Stopping", MaxResults=2)
    assert (page["TransformJobSummaries"], "NextToken" in page) == ([], False)


@pytest.mark.parametrize("listed", LISTS, ids=str)
@pytest.mark.parametrize("token", ["nonsense", *(made_token(each) for each in NO_POSITIONS)])
def test_a_token_that_is_none_is_refused(account: tuple[Any, str], listed: Listed, token: str) -> None:
    with pytest.raises(ClientError, match="The NextToken is not valid") as refused:
        ask(account, listed, NextToken=token)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("listed", LISTS, ids=str)
def test_a_page_has_at_most_100(account: tuple[Any, str], listed: Listed) -> None:
    with pytest.raises(ClientError, match=r"maxResults.*less than or equal to 100") as refused:
        ask(account, listed, MaxResults=101)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_the_jobs_of_a_tuning_job_come_in_pages_that_join_to_the_whole(account: tuple[Any, str]) -> None:
    operation = account[0].get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    pages = list(operation.paginate(HyperParameterTuningJobName="parent", PaginationConfig={"PageSize": 2}))
    listed_names = [item["TrainingJobName"] for page in pages for item in page["TrainingJobSummaries"]]
    assert ([len(page["TrainingJobSummaries"]) for page in pages], len(set(listed_names))) == ([2, 2, 1], 5)
    assert listed_names == sorted(listed_names)


@pytest.mark.parametrize("sort", ["Name", "FinalObjectiveMetricValue"])
@pytest.mark.parametrize("token", ["nonsense", *(made_token(each) for each in ("[]", '["x"]', "[-1]", "[null]"))])
def test_a_token_of_a_tuning_jobs_jobs_that_is_none_is_refused(account: tuple[Any, str], token: str, sort: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*The NextToken is not valid"):
        account[0].list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="parent", NextToken=token, SortBy=sort
        )


def test_a_token_of_tags_that_is_none_is_refused(account: tuple[Any, str]) -> None:
    arn = account[0].describe_model(ModelName=NAMES[0])["ModelArn"]
    with pytest.raises(ClientError, match=r"ValidationException.*The NextToken is not valid"):
        account[0].list_tags(ResourceArn=arn, NextToken="nonsense")
