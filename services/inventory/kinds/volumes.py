"""Disks that bill by the month, whether or not anything runs on them: of stopped notebook instances, spaces, domains.

A running notebook instance's disk is listed with the instance; it bills the same. Source: SageMaker pricing page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.aws.account import Identity
from services.aws.errors import AwsError
from services.inventory.collect import CollectContext
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates
from services.pricing.price_book import Storage

HOURS_A_MONTH = 730


def notebook_volumes(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """The disks of stopped notebook instances."""
    summaries = context.summaries("list_notebook_instances", "NotebookInstances", StatusEquals="Stopped")
    names = [{"NotebookInstanceName": summary["NotebookInstanceName"]} for summary in summaries]
    yield from context.describe_each("notebook_instance", names, lambda notebook: _notebook_volume(notebook, context))


def _notebook_volume(notebook: Mapping[str, Any], context: CollectContext) -> BillableResource:
    volume = Volume("Notebook", notebook["VolumeSizeInGB"], notebook["LastModifiedTime"])
    identity = (("NotebookInstanceName", notebook["NotebookInstanceName"]),)
    running = _volume(ResourceKind.NOTEBOOK_VOLUME, "Stopped", identity, volume, context)
    return replace(running, arn=notebook.get("NotebookInstanceArn", ""))


def space_volumes(context: CollectContext) -> Iterator[BillableResource]:
    """The disks of Studio's spaces."""
    us: Identity | None = None
    for space in context.summaries("list_spaces", "Spaces"):
        storage = space.get("SpaceSettingsSummary", {}).get("SpaceStorageSettings", {})
        size = storage.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
        if size and space["Status"] != "Deleting":
            identity = tuple((key, space[key]) for key in ("DomainId", "SpaceName"))
            volume = Volume("Studio", size, space["CreationTime"])
            running = _volume(ResourceKind.SPACE_VOLUME, space["Status"], identity, volume, context)
            owner = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName", "")
            us = us or context.account.identity()
            yield replace(running, owner=owner, arn=_arn(us, context.account.region, space))


def _arn(us: Identity, region: str, space: Mapping[str, Any]) -> str:
    """A list of spaces leaves out what describing each would tell."""
    partition, place = us.arn.split(":")[1], f"{region}:{us.account}"
    return f"arn:{partition}:sagemaker:{place}:space/{space['DomainId']}/{space['SpaceName']}"


def domain_files(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """The file systems that hold the homes of Studio's users; how much is in one, only EFS tells."""
    names = [
        {"DomainId": summary["DomainId"]}
        for summary in context.summaries("list_domains", "Domains")
        if summary["Status"] != "Deleting"
    ]
    yield from context.describe_each("domain", names, _domain_files)


def _domain_files(domain: Mapping[str, Any]) -> BillableResource | None:
    file_system = domain.get("HomeEfsFileSystemId")
    if not file_system:
        return None
    return BillableResource(
        kind=ResourceKind.DOMAIN_FILES,
        name=domain.get("DomainName", domain["DomainId"]),
        status=domain["Status"],
        instance_type="",
        instance_count=0,
        usd_per_hour=None,
        since=domain["CreationTime"],
        cost_so_far=None,
        identity=(("DomainId", domain["DomainId"]),),
        last_use=LastUse.UNKNOWN,
        detail=f"{file_system}. Billed per GB stored; SageMaker does not report the size",
        arn=domain.get("DomainArn", ""),
    )


@dataclass(frozen=True)
class Volume:
    """A disk: what it is for, its size, and since when it bills (UTC)."""

    use: Storage
    gigabytes: int
    since: datetime


def _volume(
    kind: ResourceKind, status: str, identity: tuple[tuple[str, str], ...], volume: Volume, context: CollectContext
) -> BillableResource:
    price = context.book.usd_per_gb_month(volume.use)
    rate = None if price is None else volume.gigabytes * price / HOURS_A_MONTH
    return BillableResource(
        kind=kind,
        name=identity[-1][1],
        status=status,
        instance_type="",
        instance_count=0,
        usd_per_hour=rate,
        since=volume.since,
        cost_so_far=pricing_rates.spent(rate, volume.since, context.now),
        identity=identity,
        last_use=LastUse.UNKNOWN,
        detail=f"{volume.gigabytes} GB, {pricing_rates.a_month(volume.gigabytes, price)}",
    )


KINDS = {
    ResourceKind.NOTEBOOK_VOLUME: BillableKind(
        notebook_volumes,
        Shutdown(
            "delete_notebook_instance",
            "The notebook instance and every file on its disk.",
            "describe_notebook_instance",
            "NotebookInstanceStatus",
        ),
    ),
    ResourceKind.SPACE_VOLUME: BillableKind(
        space_volumes,
        Shutdown(
            "delete_space",
            "The space and every file on its disk. Its apps must be deleted first.",
            "describe_space",
            "Status",
        ),
    ),
    ResourceKind.DOMAIN_FILES: BillableKind(
        domain_files,
        None,
        why_not_stopped=(
            "It is deleted only with its domain, together with every user's files. SageDeck does not do that."
        ),
    ),
}
