"""What SageMaker keeps running for people beside models: MLflow, partner apps, clusters, stores, plans, pipelines.

But for clusters, their hourly prices are in no book of ours, so they are unknown; what is paid upfront, or bills as
jobs that are listed themselves, is 0 an hour. Source: SageMaker API reference; SageMaker pricing page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext, arn
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates

MLFLOW_DOWN = ("Stopped", "Stopping", "Deleting", "CreateFailed")
APP_DOWN = ("Deleting", "Deleted", "CreateFailed", "Failed")
EXECUTING = ("Executing", "Stopping")


def mlflow_servers(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Tracking servers that are not stopped."""
    up = {
        summary["TrackingServerName"]: summary
        for summary in context.summaries("list_mlflow_tracking_servers", "TrackingServerSummaries")
        if summary["TrackingServerStatus"] not in MLFLOW_DOWN
    }

    def running(server: Mapping[str, Any]) -> BillableResource:
        name, size = server["TrackingServerName"], server.get("TrackingServerSize", "of unknown size")
        return _resource(
            ResourceKind.MLFLOW_SERVER,
            {**up[name], **server},
            context,
            name=name,
            status=up[name]["TrackingServerStatus"],
            identity=(("TrackingServerName", name),),
            detail=f"{size}, {server.get('IsActive', 'activity unknown')}",
            bills_after="its artifacts in S3",
        )

    yield from context.describe_each("mlflow_tracking_server", [{"TrackingServerName": name} for name in up], running)


def mlflow_apps(context: CollectContext) -> Iterator[BillableResource]:
    """MLflow apps that exist. Whether one bills by the hour AWS does not tell."""
    for summary in context.summaries("list_mlflow_apps", "Summaries"):
        if summary["Status"] not in APP_DOWN:
            identity = (("Arn", summary["Arn"]),)
            yield _resource(ResourceKind.MLFLOW_APP, summary, context, summary["Name"], summary["Status"], identity)


def partner_apps(context: CollectContext) -> Iterator[BillableResource]:
    """Partner AI apps that exist."""
    for summary in context.summaries("list_partner_apps", "Summaries"):
        if summary["Status"] not in APP_DOWN:
            identity, kind = (("Arn", summary["Arn"]),), summary.get("Type", "")
            yield _resource(
                ResourceKind.PARTNER_APP, summary, context, summary["Name"], summary["Status"], identity, kind
            )


def clusters(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """HyperPod clusters; their rates are their own, above those of training."""
    up = {
        summary["ClusterName"]: summary
        for summary in context.summaries("list_clusters", "ClusterSummaries")
        if summary["ClusterStatus"] != "Deleting"
    }

    def running(cluster: Mapping[str, Any]) -> BillableResource:
        name, groups = cluster["ClusterName"], cluster.get("InstanceGroups", [])
        machines = [(group.get("InstanceType", ""), group.get("CurrentCount", 0)) for group in groups]
        return _resource(
            ResourceKind.CLUSTER,
            {**up[name], **cluster},
            context,
            name=name,
            status=up[name]["ClusterStatus"],
            identity=(("ClusterName", name),),
            machines=machines,
            rate=pricing_rates.rate(machines, "Cluster", context.book) if machines else None,
        )

    yield from context.describe_each("cluster", [{"ClusterName": name} for name in up], running)


def online_stores(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Feature groups with an online store, which bills by what it holds and by its throughput."""
    up = {
        summary["FeatureGroupName"]: summary
        for summary in context.summaries("list_feature_groups", "FeatureGroupSummaries")
        if summary.get("FeatureGroupStatus") != "Deleting"
    }

    def running(group: Mapping[str, Any]) -> BillableResource | None:
        if not group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            return None
        name, mode = group["FeatureGroupName"], group.get("ThroughputConfig", {}).get("ThroughputMode", "OnDemand")
        status, identity = up[name].get("FeatureGroupStatus", ""), (("FeatureGroupName", name),)
        return _resource(
            ResourceKind.ONLINE_STORE, {**up[name], **group}, context, name, status, identity, f"{mode} throughput"
        )

    yield from context.describe_each("feature_group", [{"FeatureGroupName": name} for name in up], running)


def training_plans(context: CollectContext) -> Iterator[BillableResource]:
    """Training plans that are paid for."""
    for summary in context.summaries("list_training_plans", "TrainingPlanSummaries"):
        if summary["Status"] in ("Active", "Scheduled"):
            fee = f"{summary.get('UpfrontFee', 'A fee')} {summary.get('CurrencyCode', '')}".strip()
            yield _resource(
                ResourceKind.TRAINING_PLAN,
                {"CreationTime": summary.get("StartTime", context.now), **summary},
                context,
                name=summary["TrainingPlanName"],
                status=summary["Status"],
                identity=(("TrainingPlanName", summary["TrainingPlanName"]),),
                detail=f"{fee} paid upfront",
                rate=0.0,
            )


def pipeline_executions(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Executions of pipelines; their steps are jobs, listed and billed as such."""
    for pipeline in context.summaries("list_pipelines", "PipelineSummaries"):
        name = pipeline["PipelineName"]
        executions = context.summaries("list_pipeline_executions", "PipelineExecutionSummaries", PipelineName=name)
        for summary in executions:
            if summary["PipelineExecutionStatus"] in EXECUTING:
                yield _resource(
                    ResourceKind.PIPELINE_EXECUTION,
                    {"CreationTime": summary["StartTime"], "Arn": summary["PipelineExecutionArn"]},
                    context,
                    name=summary.get("PipelineExecutionDisplayName") or name,
                    status=summary["PipelineExecutionStatus"],
                    identity=(("PipelineExecutionArn", summary["PipelineExecutionArn"]),),
                    detail="Its steps are billed as jobs",
                    rate=0.0,
                )


def _resource(
    kind: ResourceKind,
    summary: Mapping[str, Any],
    context: CollectContext,
    name: str,
    status: str,
    identity: tuple[tuple[str, str], ...],
    detail: str = "",
    machines: pricing_rates.Machines | None = None,
    rate: float | None = None,
    bills_after: str = "",
) -> BillableResource:
    return BillableResource(
        kind=kind,
        name=name,
        status=status,
        instance_type=pricing_rates.types(machines or []),
        instance_count=sum(count for _, count in machines or []),
        usd_per_hour=rate,
        since=summary["CreationTime"],
        cost_so_far=pricing_rates.spent(rate, summary["CreationTime"], context.now),
        identity=identity,
        last_use=LastUse.WORKING if kind is ResourceKind.PIPELINE_EXECUTION else LastUse.UNKNOWN,
        detail=detail,
        bills_after=bills_after,
        arn=arn(summary, identity),
    )


KINDS = {
    ResourceKind.MLFLOW_SERVER: BillableKind(
        mlflow_servers,
        Shutdown(
            "stop_mlflow_tracking_server",
            "It stops answering requests. Runs and artifacts stay, and it can be started again.",
            "describe_mlflow_tracking_server",
            "TrackingServerStatus",
            ("Stopped", "StopFailed"),
        ),
    ),
    ResourceKind.MLFLOW_APP: BillableKind(
        mlflow_apps,
        Shutdown("delete_mlflow_app", "The app and its registry.", "describe_mlflow_app", "Status", ("Deleted",)),
    ),
    ResourceKind.PARTNER_APP: BillableKind(
        partner_apps,
        Shutdown("delete_partner_app", "The app and its data.", "describe_partner_app", "Status", ("Deleted",)),
    ),
    ResourceKind.CLUSTER: BillableKind(
        clusters,
        Shutdown(
            "delete_cluster",
            "All its nodes and the data on their disks.",
            "describe_cluster",
            "ClusterStatus",
        ),
    ),
    ResourceKind.ONLINE_STORE: BillableKind(
        online_stores,
        Shutdown(
            "delete_feature_group",
            "The feature group and everything in its online store. The offline store's files stay in S3.",
            "describe_feature_group",
            "FeatureGroupStatus",
        ),
    ),
    ResourceKind.TRAINING_PLAN: BillableKind(
        training_plans, None, why_not_stopped="It cannot be stopped before its end date."
    ),
    ResourceKind.PIPELINE_EXECUTION: BillableKind(
        pipeline_executions,
        Shutdown(
            "stop_pipeline_execution",
            "The remaining steps; running ones are stopped.",
            "describe_pipeline_execution",
            "PipelineExecutionStatus",
            ("Stopped", "Succeeded", "Failed"),
        ),
    ),
}
