"""Disks that bill by the month, whether or not anything runs on them: of stopped notebook instances and of spaces.

A running notebook instance's own disk is told with it, and bills the same. Source: SageMaker pricing page.
"""

from collections.abc import Iterator
from datetime import datetime

from services import pricing
from services.aws import Account
from services.inventory import money
from services.inventory.asking import described
from services.inventory.things import Ending, Kind, LastUse, Running, RunningKind

HOURS_A_MONTH = 730


def notebook_volumes(account: Account, now: datetime) -> Iterator[Running]:
    """The disks of stopped notebook instances."""
    summaries = account.pages("sagemaker", "list_notebook_instances", "NotebookInstances", StatusEquals="Stopped")
    for name in [item["NotebookInstanceName"] for item in summaries]:
        if notebook := described(account, "notebook_instance", NotebookInstanceName=name):
            identity = (("NotebookInstanceName", name),)
            size, since = notebook["VolumeSizeInGB"], notebook["LastModifiedTime"]
            yield _volume(RunningKind.NOTEBOOK_VOLUME, name, "Stopped", identity, size, "Notebook", since, now)


def space_volumes(account: Account, now: datetime) -> Iterator[Running]:
    """The disks of Studio's spaces."""
    for space in account.pages("sagemaker", "list_spaces", "Spaces"):
        storage = space.get("SpaceSettingsSummary", {}).get("SpaceStorageSettings", {})
        size = storage.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
        if size and space["Status"] != "Deleting":
            identity = tuple((key, space[key]) for key in ("DomainId", "SpaceName"))
            name, since = space["SpaceName"], space["CreationTime"]
            yield _volume(RunningKind.SPACE_VOLUME, name, space["Status"], identity, size, "Studio", since, now)


def _volume(
    kind: RunningKind,
    name: str,
    status: str,
    identity: tuple[tuple[str, str], ...],
    gigabytes: int,
    use: pricing.Storage,
    since: datetime,
    now: datetime,
) -> Running:
    monthly = gigabytes * pricing.usd_per_gb_month(use)
    rate = monthly / HOURS_A_MONTH
    return Running(
        kind=kind,
        name=name,
        status=status,
        instance_type="",
        instance_count=0,
        usd_per_hour=rate,
        since=since,
        cost_so_far=money.spent(rate, since, now),
        identity=identity,
        last_use=LastUse.UNKNOWN,
        detail=f"{gigabytes} GB, ${monthly:.2f} a month",
    )


KINDS = {
    RunningKind.NOTEBOOK_VOLUME: Kind(
        notebook_volumes,
        Ending(
            "delete_notebook_instance",
            "The notebook instance and every file on its disk.",
            "describe_notebook_instance",
            "NotebookInstanceStatus",
        ),
    ),
    RunningKind.SPACE_VOLUME: Kind(
        space_volumes,
        Ending(
            "delete_space",
            "The space and every file on its disk. Its apps must be deleted before.",
            "describe_space",
            "Status",
        ),
    ),
}
