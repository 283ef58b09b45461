"""For every kind that bills: what SageMaker answers about one resource, its $/h, and the call that ends it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.aws.errors import AwsError
from services.inventory.resources import ResourceKind
from tests.services.inventory.modelled import empty

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=10)
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MAPS = "arn:aws:sagemaker-geospatial:us-west-2:123456789012"

Answers = dict[str, dict[str, Any] | AwsError]


def listed(operation: str, **item: Any) -> Answers:
    """One item in the answer of a List operation."""
    (key,) = empty(operation)
    return {operation: {key: [item]}}


def job(operation: str, stem: str, status: str = "InProgress") -> Answers:
    return listed(operation, **{f"{stem}Name": "x", f"{stem}Status": status, "CreationTime": BEFORE})


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
