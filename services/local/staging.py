"""Bringing a job's data from the object store into its folder: by hard link, since objects never change."""

from pathlib import Path, PurePosixPath
from typing import Any

from services.local.s3.objects import ObjectStore


class DownloadError(Exception):
    """Data that a job names and that is not there."""


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of "s3://bucket/key"."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def link_channels(objects: ObjectStore, channels: list[dict[str, Any]], folder: Path) -> None:
    """Link each channel's objects into `folder/CHANNEL`. Raises DownloadError for one without objects."""
    for channel in channels:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, prefix = split_uri(uri)
        target = folder / channel["ChannelName"]
        target.mkdir(parents=True)
        found = [item for item in objects.list(bucket, prefix) if not item.key.endswith("/")]
        if not found:
            raise DownloadError(
                f'Data download failed: No S3 objects found under S3 URL "{uri}" given in input data source. '
                "Please ensure that the bucket exists in the selected region, that objects exist under that "
                "S3 prefix, and that the role has permission to read them."
            )
        for item in found:
            path = _inside(target, item.key[prefix.rfind("/") + 1 :])
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.hardlink_to(item.path)
            except FileNotFoundError:  # overwritten since it was listed
                path.hardlink_to(objects.get(bucket, item.key).path)


def _inside(folder: Path, key: str) -> Path:
    """Where the object lies in `folder`; steps that would leave it are dropped."""
    steps = [step for step in PurePosixPath(key).parts if step not in ("..", "/", ".")]
    return folder.joinpath(*steps)
