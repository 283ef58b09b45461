"""Notebook instances and Studio apps: machines that a person sits at, and forgets."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates

Description = Mapping[str, Any]

NOTEBOOK_RUNS = ("Pending", "InService", "Stopping", "Updating", "PendingMaintenance", "InMaintenance")
APP_RUNS = ("Pending", "InService")
FREE = "system"  # the instance type of a JupyterServer app that nobody chose one for


def notebook_instances(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Notebook instances that run, or are on their way up or down."""
    names = [
        {"NotebookInstanceName": summary["NotebookInstanceName"]}
        for summary in context.summaries("list_notebook_instances", "NotebookInstances")
        if summary["NotebookInstanceStatus"] in NOTEBOOK_RUNS
    ]
    yield from context.describe_each("notebook_instance", names, lambda notebook: notebook_resource(notebook, context))


def notebook_resource(notebook: Description, context: CollectContext) -> BillableResource:
    """From DescribeNotebookInstance. The last modification is taken as the start; AWS does not report use."""
    name, instance_type = notebook["NotebookInstanceName"], notebook["InstanceType"]
    rate, since = context.book.usd_per_hour(instance_type, "Notebook"), notebook["LastModifiedTime"]
    gigabytes = notebook["VolumeSizeInGB"]
    storage = pricing_rates.a_month(gigabytes, context.book.usd_per_gb_month("Notebook"))
    return BillableResource(
        kind=ResourceKind.NOTEBOOK_INSTANCE,
        name=name,
        status=notebook["NotebookInstanceStatus"],
        instance_type=instance_type,
        instance_count=1,
        usd_per_hour=rate,
        since=since,
        cost_so_far=pricing_rates.spent(rate, since, context.now),
        identity=(("NotebookInstanceName", name),),
        last_use=LastUse.UNKNOWN,
        bills_after=f"its {gigabytes} GB volume, {storage}, until the notebook instance is deleted",
        arn=notebook.get("NotebookInstanceArn", ""),
    )


def studio_apps(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Studio apps of every domain that run on an instance of their own."""
    keys = ("DomainId", "SpaceName", "UserProfileName", "AppType", "AppName")
    names = [
        {key: summary[key] for key in keys if summary.get(key)}
        for summary in context.summaries("list_apps", "Apps")
        if summary["Status"] in APP_RUNS
    ]
    yield from context.describe_each(
        "app", names, lambda app: app_resource(app, context) if _instance_type(app) != FREE else None
    )


def app_resource(app: Description, context: CollectContext) -> BillableResource:
    """A Studio app from DescribeApp."""
    instance_type = _instance_type(app)
    rate, since = context.book.usd_per_hour(instance_type, "Studio"), app["CreationTime"]
    storage = pricing_rates.a_month(100, context.book.usd_per_gb_month("Studio"))
    owner = "SpaceName" if app.get("SpaceName") else "UserProfileName"
    disk = f"the storage of its space, {storage} for every 100 GB"
    active = app.get("LastUserActivityTimestamp")
    # A health check sets both times to the same moment, and says nothing about a person.
    if active == app.get("LastHealthCheckTimestamp"):
        active = None
    return BillableResource(
        kind=ResourceKind.STUDIO_APP,
        name=f"{app[owner]} / {app['AppName']}",
        status=app["Status"],
        instance_type=instance_type,
        instance_count=1,
        usd_per_hour=rate,
        since=since,
        cost_so_far=pricing_rates.spent(rate, since, context.now),
        identity=tuple((key, app[key]) for key in ("DomainId", owner, "AppType", "AppName")),
        last_use=LastUse.SEEN if active else LastUse.UNKNOWN,
        idle_hours=pricing_rates.hours(active, context.now) if active else None,
        detail=app["AppType"],
        bills_after=disk if app.get("SpaceName") else "its files in the domain's file system (EFS)",
        arn=app.get("AppArn", ""),
        owner=app.get("UserProfileName", ""),
        parent=(ResourceKind.SPACE_VOLUME, app["DomainId"], app["SpaceName"]) if app.get("SpaceName") else (),
    )


def _instance_type(app: Description) -> str:
    instance_type: str = app.get("ResourceSpec", {}).get("InstanceType", "")
    return instance_type


KINDS = {
    ResourceKind.NOTEBOOK_INSTANCE: BillableKind(
        notebook_instances,
        Shutdown(
            "stop_notebook_instance",
            "Data in the memory of its kernels, and files outside the folder SageMaker. It can be started again.",
            "describe_notebook_instance",
            "NotebookInstanceStatus",
            ("Stopped", "Failed"),
        ),
    ),
    ResourceKind.STUDIO_APP: BillableKind(
        studio_apps,
        Shutdown(
            "delete_app",
            "Data in the memory of its kernels, and unsaved changes. Files of its space stay.",
            "describe_app",
            "Status",
            ("Deleted", "Failed"),
        ),
    ),
}
