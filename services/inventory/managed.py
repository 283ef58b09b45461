"""What SageMaker keeps running for people beside models: MLflow, partner apps, clusters, stores, plans, pipelines.

Their hourly prices are in no table of ours, so they are unknown; what is paid upfront, or bills as jobs that are listed
themselves, is 0 an hour. Source: SageMaker API reference; SageMaker pricing page.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.aws import Account
from services.inventory import money
from services.inventory.asking import described
from services.inventory.things import Ending, Kind, Running, RunningKind

MLFLOW_DOWN = ("Stopped", "Stopping", "Deleting", "CreateFailed")
APP_DOWN = ("Deleting", "Deleted", "CreateFailed", "Failed")
EXECUTING = ("Executing", "Stopping")


def mlflow_servers(account: Account, now: datetime) -> Iterator[Running]:
    """Tracking servers that are not stopped."""
    for item in account.pages("sagemaker", "list_mlflow_tracking_servers", "TrackingServerSummaries"):
        name = item["TrackingServerName"]
        if item["TrackingServerStatus"] in MLFLOW_DOWN:
            continue
        if server := described(account, "mlflow_tracking_server", TrackingServerName=name):
            size = server.get("TrackingServerSize", "of unknown size")
            yield _thing(
                RunningKind.MLFLOW_SERVER,
                {**item, **server},
                now,
                name=name,
                status=item["TrackingServerStatus"],
                identity=(("TrackingServerName", name),),
                detail=f"{size}, {server.get('IsActive', 'activity unknown')}",
                bills_after="its artifacts in S3",
            )


def mlflow_apps(account: Account, now: datetime) -> Iterator[Running]:
    """MLflow apps that exist. Whether one bills by the hour AWS does not tell."""
    for item in account.pages("sagemaker", "list_mlflow_apps", "Summaries"):
        if item["Status"] not in APP_DOWN:
            identity = (("Arn", item["Arn"]),)
            yield _thing(RunningKind.MLFLOW_APP, item, now, item["Name"], item["Status"], identity)


def partner_apps(account: Account, now: datetime) -> Iterator[Running]:
    """Partner AI apps that exist."""
    for item in account.pages("sagemaker", "list_partner_apps", "Summaries"):
        if item["Status"] not in APP_DOWN:
            identity, kind = (("Arn", item["Arn"]),), item.get("Type", "")
            yield _thing(RunningKind.PARTNER_APP, item, now, item["Name"], item["Status"], identity, kind)


def clusters(account: Account, now: datetime) -> Iterator[Running]:
    """HyperPod clusters; their rates are above those of training, and not in our table."""
    for item in account.pages("sagemaker", "list_clusters", "ClusterSummaries"):
        name = item["ClusterName"]
        if item["ClusterStatus"] == "Deleting":
            continue
        if cluster := described(account, "cluster", ClusterName=name):
            groups = cluster.get("InstanceGroups", [])
            machines = [(group.get("InstanceType", ""), group.get("CurrentCount", 0)) for group in groups]
            yield _thing(
                RunningKind.CLUSTER,
                item,
                now,
                name=name,
                status=item["ClusterStatus"],
                identity=(("ClusterName", name),),
                machines=machines,
            )


def online_stores(account: Account, now: datetime) -> Iterator[Running]:
    """Feature groups with an online store, which bills by what it holds and by its throughput."""
    for item in account.pages("sagemaker", "list_feature_groups", "FeatureGroupSummaries"):
        name, status = item["FeatureGroupName"], item.get("FeatureGroupStatus", "")
        group = described(account, "feature_group", FeatureGroupName=name) if status != "Deleting" else None
        if group and group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            mode = group.get("ThroughputConfig", {}).get("ThroughputMode", "OnDemand")
            identity = (("FeatureGroupName", name),)
            yield _thing(RunningKind.ONLINE_STORE, item, now, name, status, identity, f"{mode} throughput")


def training_plans(account: Account, now: datetime) -> Iterator[Running]:
    """Training plans that are paid for."""
    for item in account.pages("sagemaker", "list_training_plans", "TrainingPlanSummaries"):
        if item["Status"] in ("Active", "Scheduled"):
            fee = f"{item.get('UpfrontFee', 'A fee')} {item.get('CurrencyCode', '')}".strip()
            yield _thing(
                RunningKind.TRAINING_PLAN,
                {"CreationTime": item.get("StartTime", now)},
                now,
                name=item["TrainingPlanName"],
                status=item["Status"],
                identity=(("TrainingPlanName", item["TrainingPlanName"]),),
                detail=f"{fee} paid upfront",
                rate=0.0,
            )


def pipeline_executions(account: Account, now: datetime) -> Iterator[Running]:
    """Executions of pipelines; their steps are jobs, listed and billed as such."""
    for pipeline in account.pages("sagemaker", "list_pipelines", "PipelineSummaries"):
        name = pipeline["PipelineName"]
        found = account.pages("sagemaker", "list_pipeline_executions", "PipelineExecutionSummaries", PipelineName=name)
        for item in found:
            if item["PipelineExecutionStatus"] in EXECUTING:
                yield _thing(
                    RunningKind.PIPELINE_EXECUTION,
                    {"CreationTime": item["StartTime"]},
                    now,
                    name=item.get("PipelineExecutionDisplayName") or name,
                    status=item["PipelineExecutionStatus"],
                    identity=(("PipelineExecutionArn", item["PipelineExecutionArn"]),),
                    detail="Its steps bill as jobs",
                    rate=0.0,
                )


def _thing(
    kind: RunningKind,
    item: Mapping[str, Any],
    now: datetime,
    name: str,
    status: str,
    identity: tuple[tuple[str, str], ...],
    detail: str = "",
    machines: money.Machines | None = None,
    rate: float | None = None,
    bills_after: str = "",
) -> Running:
    return Running(
        kind=kind,
        name=name,
        status=status,
        instance_type=money.types(machines or []),
        instance_count=sum(count for _, count in machines or []),
        usd_per_hour=rate,
        since=item["CreationTime"],
        cost_so_far=money.spent(rate, item["CreationTime"], now),
        identity=identity,
        detail=detail,
        bills_after=bills_after,
    )


KINDS = {
    RunningKind.MLFLOW_SERVER: Kind(
        mlflow_servers,
        Ending(
            "stop_mlflow_tracking_server",
            "Its address stops answering. Runs and artifacts stay, and it can be started again.",
            "describe_mlflow_tracking_server",
            "TrackingServerStatus",
            ("Stopped", "StopFailed"),
        ),
    ),
    RunningKind.MLFLOW_APP: Kind(
        mlflow_apps,
        Ending("delete_mlflow_app", "The app and its registry.", "describe_mlflow_app", "Status", ("Deleted",)),
    ),
    RunningKind.PARTNER_APP: Kind(
        partner_apps,
        Ending("delete_partner_app", "The app and what it keeps.", "describe_partner_app", "Status", ("Deleted",)),
    ),
    RunningKind.CLUSTER: Kind(
        clusters,
        Ending(
            "delete_cluster",
            "All its nodes and what is on their disks.",
            "describe_cluster",
            "ClusterStatus",
        ),
    ),
    RunningKind.ONLINE_STORE: Kind(
        online_stores,
        Ending(
            "delete_feature_group",
            "The feature group and everything in its online store. The offline store's files stay in S3.",
            "describe_feature_group",
            "FeatureGroupStatus",
        ),
    ),
    RunningKind.TRAINING_PLAN: Kind(training_plans, None),
    RunningKind.PIPELINE_EXECUTION: Kind(
        pipeline_executions,
        Ending(
            "stop_pipeline_execution",
            "The steps still to come; those that run are stopped.",
            "describe_pipeline_execution",
            "PipelineExecutionStatus",
            ("Stopped", "Succeeded", "Failed"),
        ),
    ),
}
