"""Every kind that bills: found, priced, ended and read again, against botocore's model of SageMaker."""

from typing import Any

import pytest

from services.aws.errors import AwsError
from services.inventory.all_kinds import KINDS, scan_now
from services.inventory.collect import CollectContext
from services.inventory.resources import BillableResource, Failure, LastUse, ResourceKind
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from services.shutdown.execute import State
from services.shutdown.protection import Confirmation
from tests.services.inventory.kind_answers import ARN, BEFORE, FOUND, NOW, Answers, listed
from tests.services.inventory.modelled import ModelledAccount, operations

DENIED = AwsError("List on AWS, us-east-1", "not authorized", "Ask for the IAM action", "AccessDeniedException")
GONE = AwsError("Describe on AWS, us-east-1", "Requested resource not found.", "Refresh", "ValidationException")
REGIONS = {ResourceKind.EARTH_OBSERVATION_JOB: "us-west-2", ResourceKind.VECTOR_ENRICHMENT_JOB: "us-west-2"}
WITH_THEIR_OWN_TESTS = {
    ResourceKind.ENDPOINT,
    ResourceKind.TRAINING_JOB,
    ResourceKind.TUNING_JOB,
    ResourceKind.PROCESSING_JOB,
    ResourceKind.TRANSFORM_JOB,
    ResourceKind.NOTEBOOK_INSTANCE,
    ResourceKind.STUDIO_APP,
}


def found(kind: ResourceKind) -> BillableResource:
    """The one thing of a kind that its answers make."""
    answers, _, _ = FOUND[kind]
    account = ModelledAccount(region=REGIONS.get(kind, "us-east-1"), answers=answers)
    asked = KINDS[kind].collect(CollectContext(account, NOW))
    resources = [resource for resource in asked if isinstance(resource, BillableResource)]
    (only,) = {resource.identity: resource for resource in resources}.values()
    return only


def test_every_kind_is_in_the_table_and_tested() -> None:
    assert set(KINDS) == set(ResourceKind) == set(FOUND) | WITH_THEIR_OWN_TESTS


@pytest.mark.parametrize("kind", FOUND)
def test_what_runs_is_found_under_its_name(kind: ResourceKind) -> None:
    resource = found(kind)
    assert (resource.kind, resource.name) == (kind, "x")


@pytest.mark.parametrize("kind", FOUND)
def test_what_runs_has_its_price_or_an_unknown_one(kind: ResourceKind) -> None:
    assert found(kind).usd_per_hour == (None if FOUND[kind][1] is None else pytest.approx(FOUND[kind][1]))


@pytest.mark.parametrize("kind", FOUND)
def test_what_ends_it_is_told_before(kind: ResourceKind) -> None:
    (step,) = shutdown_plan.plan([found(kind)])
    assert " ".join(map(str, step.calls)) == FOUND[kind][2]


@pytest.mark.parametrize("kind", [kind for kind in FOUND if KINDS[kind].shutdown])
def test_what_ends_it_is_called_as_sagemaker_takes_it(kind: ResourceKind) -> None:
    account = ModelledAccount()
    resource = found(kind)
    (step,) = shutdown_plan.plan([resource])
    assert shutdown_execution.execute(account, step, Confirmation({resource.key: resource.name})).ok
    assert [operation for operation in account.asked if operation != "list_tags"] == [
        call.operation for call in step.calls
    ]


@pytest.mark.parametrize("kind", [ResourceKind.INFERENCE_COMPONENT, ResourceKind.MONITORING_SCHEDULE])
def test_what_belongs_to_an_endpoint_says_to_which(kind: ResourceKind) -> None:
    ((operation, answer),) = FOUND[kind][0].items()
    assert not isinstance(answer, AwsError)
    ((key, (item,)),) = answer.items()
    account = ModelledAccount(answers={operation: {key: [{**item, "EndpointName": "fraud"}]}})
    resources = [
        resource
        for resource in KINDS[kind].collect(CollectContext(account, NOW))
        if isinstance(resource, BillableResource)
    ]
    assert {resource.parent for resource in resources} == {("Endpoint", "fraud")}


@pytest.mark.parametrize("kind", [ResourceKind.CLUSTER, ResourceKind.MLFLOW_SERVER, ResourceKind.INFERENCE_COMPONENT])
def test_of_what_aws_does_not_tell_no_use_is_claimed(kind: ResourceKind) -> None:
    assert found(kind).last_use is LastUse.UNKNOWN


@pytest.mark.parametrize("kind", [kind for kind in FOUND if KINDS[kind].shutdown])
def test_what_is_gone_is_read_as_gone(kind: ResourceKind) -> None:
    ending = KINDS[kind].shutdown
    assert ending
    account = ModelledAccount(answers={ending.describe_operation: GONE})
    assert shutdown_execution.read_again(account, *shutdown_plan.plan([found(kind)])) == State(True, "deleted")


@pytest.mark.parametrize("kind", KINDS)
def test_the_statuses_that_are_an_end_are_sagemakers_own(kind: ResourceKind) -> None:
    ending = KINDS[kind].shutdown
    if ending is None:
        return
    shape: Any = operations()[ending.describe_operation].output_shape
    for member in ending.status_member.split("."):
        shape = shape.members[member]
    assert set(ending.terminal_statuses) <= set(shape.enum)


def test_a_space_has_the_arn_that_its_list_leaves_out() -> None:
    assert found(ResourceKind.SPACE_VOLUME).arn == f"{ARN}:space/d-1/x"


def test_what_cannot_be_ended_says_so_and_calls_nothing() -> None:
    account = ModelledAccount()
    outcome = shutdown_execution.execute(account, shutdown_plan.plan([found(ResourceKind.TRAINING_PLAN)])[0])
    assert (outcome.ok, outcome.sentence) == (False, "Training plan x: It cannot be stopped before its end date.")
    assert account.asked == []


def test_the_file_system_of_a_domain_is_shown_and_never_ended() -> None:
    (step,) = shutdown_plan.plan([found(ResourceKind.DOMAIN_FILES)])
    assert (step.acts, step.refused.split(",")[0]) == (False, "It is deleted only with its domain")


def test_geospatial_jobs_are_asked_for_only_where_there_can_be_any() -> None:
    here, there = ModelledAccount(region="eu-west-1"), ModelledAccount(region="us-west-2")
    assert [scan_now(account, NOW).failures for account in (here, there)] == [(), ()]
    assert "list_earth_observation_jobs" in set(there.asked) - set(here.asked)


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (
            ResourceKind.MLFLOW_SERVER,
            listed("list_mlflow_tracking_servers", TrackingServerName="x", TrackingServerStatus="Stopped"),
        ),
        (
            ResourceKind.ONLINE_STORE,
            {
                **listed("list_feature_groups", FeatureGroupName="x", FeatureGroupStatus="Created"),
                "describe_feature_group": {"OfflineStoreConfig": {}},
            },
        ),
        (
            ResourceKind.PIPELINE_EXECUTION,
            {
                **listed("list_pipelines", PipelineName="x"),
                **listed("list_pipeline_executions", PipelineExecutionStatus="Succeeded", StartTime=BEFORE),
            },
        ),
        (ResourceKind.TRAINING_PLAN, listed("list_training_plans", TrainingPlanName="x", Status="Expired")),
        (
            ResourceKind.SPACE_VOLUME,
            listed("list_spaces", DomainId="d-1", SpaceName="x", Status="InService", CreationTime=BEFORE),
        ),
    ],
)
def test_what_does_not_bill_is_left_out(kind: ResourceKind, answers: Answers) -> None:
    assert list(KINDS[kind].collect(CollectContext(ModelledAccount(answers=answers), NOW))) == []


@pytest.mark.parametrize("kind", FOUND)
def test_a_kind_that_may_not_be_listed_is_a_failure_and_hides_no_other(kind: ResourceKind) -> None:
    lists: list[str] = [key for key in FOUND[kind][0] if key.startswith("list_")]
    others = listed("list_clusters", ClusterName="other", ClusterStatus="InService", CreationTime=BEFORE)
    region = REGIONS.get(kind, "us-east-1")
    account = ModelledAccount(
        region=region,
        answers={**others, "describe_cluster": {"ClusterName": "other"}, **dict.fromkeys(lists, DENIED)},
    )
    assert Failure(kind, str(DENIED), region) in scan_now(account, NOW).failures
