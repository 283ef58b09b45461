"""Every kind that bills: found, priced, ended and read again, against botocore's model of SageMaker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from tests.services.inventory.modelled import ModelledAccount, empty, operations

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=10)
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
DENIED = AwsError("List on AWS, us-east-1", "not authorized", "Ask for the IAM action", "AccessDeniedException")
GONE = AwsError("Describe on AWS, us-east-1", "Requested resource not found.", "Refresh", "ValidationException")

Answers = dict[str, dict[str, Any] | AwsError]


def listed(operation: str, **item: Any) -> Answers:
    """One item in the answer of a List operation."""
    (key,) = empty(operation)
    return {operation: {key: [item]}}


def job(operation: str, stem: str, status: str = "InProgress") -> Answers:
    return listed(operation, **{f"{stem}Name": "x", f"{stem}Status": status, "CreationTime": BEFORE})


# Kind: what SageMaker answers, the $/h that comes of it, and what will be called to end it.
FOUND: dict[ResourceKind, tuple[Answers, float | None, str]] = {
    ResourceKind.WARM_POOL: (
        {
            "list_training_jobs": {"TrainingJobSummaries": []},
            "list_training_jobs Available": {"TrainingJobSummaries": [{"TrainingJobName": "x"}]},
            "describe_training_job": {
                "TrainingJobName": "x",
                "TrainingEndTime": BEFORE,
                "WarmPoolStatus": {"Status": "Available"},
                "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
            },
        },
        0.46,
        "UpdateTrainingJob TrainingJobName=x ResourceConfig={'KeepAlivePeriodInSeconds': 0}",
    ),
    ResourceKind.NOTEBOOK_VOLUME: (
        {
            "list_notebook_instances": {
                "NotebookInstances": [{"NotebookInstanceName": "x", "NotebookInstanceStatus": "Stopped"}]
            },
            "describe_notebook_instance": {
                "NotebookInstanceName": "x",
                "VolumeSizeInGB": 73,
                "LastModifiedTime": BEFORE,
            },
        },
        0.014,
        "DeleteNotebookInstance NotebookInstanceName=x",
    ),
    ResourceKind.SPACE_VOLUME: (
        listed(
            "list_spaces",
            DomainId="d-1",
            SpaceName="x",
            Status="InService",
            CreationTime=BEFORE,
            SpaceSettingsSummary={"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 730}}},
        ),
        0.112,
        "DeleteSpace DomainId=d-1 SpaceName=x",
    ),
    ResourceKind.INFERENCE_COMPONENT: (
        job("list_inference_components", "InferenceComponent", "InService"),
        0.0,
        "DeleteInferenceComponent InferenceComponentName=x",
    ),
    ResourceKind.MONITORING_SCHEDULE: (
        job("list_monitoring_schedules", "MonitoringSchedule", "Scheduled"),
        0.0,
        "StopMonitoringSchedule MonitoringScheduleName=x",
    ),
    ResourceKind.PIPELINE_EXECUTION: (
        {
            **listed("list_pipelines", PipelineName="x"),
            **listed(
                "list_pipeline_executions",
                PipelineExecutionArn=f"{ARN}:pipeline/x/execution/1",
                PipelineExecutionStatus="Executing",
                StartTime=BEFORE,
            ),
        },
        0.0,
        f"StopPipelineExecution PipelineExecutionArn={ARN}:pipeline/x/execution/1",
    ),
    ResourceKind.AUTOML_JOB: (job("list_auto_ml_jobs", "AutoMLJob"), None, "StopAutoMLJob AutoMLJobName=x"),
    ResourceKind.LABELING_JOB: (job("list_labeling_jobs", "LabelingJob"), None, "StopLabelingJob LabelingJobName=x"),
    ResourceKind.COMPILATION_JOB: (
        job("list_compilation_jobs", "CompilationJob", "INPROGRESS"),
        None,
        "StopCompilationJob CompilationJobName=x",
    ),
    ResourceKind.OPTIMIZATION_JOB: (
        job("list_optimization_jobs", "OptimizationJob", "INPROGRESS"),
        None,
        "StopOptimizationJob OptimizationJobName=x",
    ),
    ResourceKind.EDGE_PACKAGING_JOB: (
        job("list_edge_packaging_jobs", "EdgePackagingJob", "INPROGRESS"),
        None,
        "StopEdgePackagingJob EdgePackagingJobName=x",
    ),
    ResourceKind.RECOMMENDER_JOB: (
        listed("list_inference_recommendations_jobs", JobName="x", Status="IN_PROGRESS", CreationTime=BEFORE),
        None,
        "StopInferenceRecommendationsJob JobName=x",
    ),
    ResourceKind.BENCHMARK_JOB: (
        job("list_ai_benchmark_jobs", "AIBenchmarkJob"),
        None,
        "StopAIBenchmarkJob AIBenchmarkJobName=x",
    ),
    ResourceKind.AI_RECOMMENDATION_JOB: (
        job("list_ai_recommendation_jobs", "AIRecommendationJob"),
        None,
        "StopAIRecommendationJob AIRecommendationJobName=x",
    ),
    ResourceKind.CUSTOMIZATION_JOB: (
        {
            "list_jobs AgentRFT": {
                "JobSummaries": [
                    {"JobName": "x", "JobCategory": "AgentRFT", "JobStatus": "InProgress", "CreationTime": BEFORE}
                ]
            }
        },
        None,
        "StopJob JobName=x JobCategory=AgentRFT",
    ),
    ResourceKind.MLFLOW_SERVER: (
        {
            **listed(
                "list_mlflow_tracking_servers",
                TrackingServerName="x",
                TrackingServerStatus="Started",
                CreationTime=BEFORE,
            ),
            "describe_mlflow_tracking_server": {
                "TrackingServerName": "x",
                "TrackingServerSize": "Small",
                "IsActive": "Inactive",
            },
        },
        None,
        "StopMlflowTrackingServer TrackingServerName=x",
    ),
    ResourceKind.MLFLOW_APP: (
        listed("list_mlflow_apps", Arn=f"{ARN}:mlflow-app/app-1", Name="x", Status="Created", CreationTime=BEFORE),
        None,
        f"DeleteMlflowApp Arn={ARN}:mlflow-app/app-1",
    ),
    ResourceKind.PARTNER_APP: (
        listed("list_partner_apps", Arn=f"{ARN}:partner-app/app-1", Name="x", Status="Available", CreationTime=BEFORE),
        None,
        f"DeletePartnerApp Arn={ARN}:partner-app/app-1",
    ),
    ResourceKind.CLUSTER: (
        {
            **listed("list_clusters", ClusterName="x", ClusterStatus="InService", CreationTime=BEFORE),
            "describe_cluster": {
                "ClusterName": "x",
                "InstanceGroups": [{"InstanceType": "ml.p4d.24xlarge", "CurrentCount": 4}],
            },
        },
        103.64,  # a rate of its own
        "DeleteCluster ClusterName=x",
    ),
    ResourceKind.ONLINE_STORE: (
        {
            **listed("list_feature_groups", FeatureGroupName="x", FeatureGroupStatus="Created", CreationTime=BEFORE),
            "describe_feature_group": {"FeatureGroupName": "x", "OnlineStoreConfig": {"EnableOnlineStore": True}},
        },
        None,
        "DeleteFeatureGroup FeatureGroupName=x",
    ),
    ResourceKind.TRAINING_PLAN: (
        listed("list_training_plans", TrainingPlanName="x", Status="Active", StartTime=BEFORE, UpfrontFee="100"),
        0.0,
        "",
    ),
}
MAPS = "arn:aws:sagemaker-geospatial:us-west-2:123456789012"
FOUND |= {
    ResourceKind.INFERENCE_EXPERIMENT: (
        {
            **listed("list_inference_experiments", Name="x", Status="Running"),
            "describe_inference_experiment": {
                "Arn": f"{ARN}:inference-experiment/x",
                "Name": "x",
                "Status": "Running",
                "CreationTime": BEFORE,
                "ModelVariants": [{"VariantName": "old"}, {"VariantName": "new"}],
                "ShadowModeConfig": {
                    "SourceModelVariantName": "old",
                    "ShadowModelVariants": [{"ShadowModelVariantName": "new", "SamplingPercentage": 50}],
                },
            },
        },
        0.0,
        "StopInferenceExperiment Name=x ModelVariantActions={'old': 'Retain', 'new': 'Remove'}",
    ),
    ResourceKind.HUMAN_LOOP: (
        {
            **listed("list_flow_definitions", FlowDefinitionArn=f"{ARN}:flow-definition/f"),
            **listed("list_human_loops", HumanLoopName="x", HumanLoopStatus="InProgress"),
            "describe_human_loop": {
                "HumanLoopName": "x",
                "HumanLoopArn": f"{ARN}:human-loop/x",
                "HumanLoopStatus": "InProgress",
                "CreationTime": BEFORE,
            },
        },
        None,
        "StopHumanLoop HumanLoopName=x",
    ),
    ResourceKind.EARTH_OBSERVATION_JOB: (
        listed(
            "list_earth_observation_jobs",
            Arn=f"{MAPS}:earth-observation-job/x",
            Name="x",
            Status="IN_PROGRESS",
            CreationTime=BEFORE,
        ),
        None,
        f"StopEarthObservationJob Arn={MAPS}:earth-observation-job/x",
    ),
    ResourceKind.VECTOR_ENRICHMENT_JOB: (
        listed(
            "list_vector_enrichment_jobs",
            Arn=f"{MAPS}:vector-enrichment-job/x",
            Name="x",
            Status="INITIALIZING",
            CreationTime=BEFORE,
        ),
        None,
        f"StopVectorEnrichmentJob Arn={MAPS}:vector-enrichment-job/x",
    ),
    ResourceKind.DOMAIN_FILES: (
        {
            **listed("list_domains", DomainId="d-1", Status="InService"),
            "describe_domain": {
                "DomainId": "d-1",
                "DomainName": "x",
                "DomainArn": f"{ARN}:domain/d-1",
                "HomeEfsFileSystemId": "fs-1",
                "Status": "InService",
                "CreationTime": BEFORE,
            },
        },
        None,
        "",
    ),
}
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
    resource = replace(found(kind), tags=())
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
