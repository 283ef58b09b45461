"""Bringing a job's data from the object store into its folder: by hard link, since objects never change."""

import errno
from pathlib import Path, PurePosixPath
from typing import Any

from services.local.s3.objects import ObjectStore, StoredObject


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
        target = _inside(folder, channel["ChannelName"])
        target.mkdir(parents=True, exist_ok=True)
        stored_objects = [item for item in objects.list(bucket, prefix) if not item.key.endswith("/")]
        if not stored_objects:
            raise DownloadError(
                f'Data download failed: No S3 objects found under S3 URL "{uri}" given in input data source. '
                "Please ensure that the bucket exists in the selected region, that objects exist under that "
                "S3 prefix, and that the role has permission to read them."
            )
        for item in stored_objects:
            _link(objects, bucket, item, _inside(target, item.key[prefix.rfind("/") + 1 :]))


def _link(objects: ObjectStore, bucket: str, item: StoredObject, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(objects.sound(bucket, item).path)
    except (FileExistsError, NotADirectoryError):
        raise DownloadError(
            f"Data download failed: the key {item.key} and another one of the channel would be the same file, or "
            "a file and a folder of one name. Rename one of the two."
        ) from None
    except ValueError as error:
        raise DownloadError(f"Data download failed: the key {item.key} cannot be a file: {error}.") from None
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise DownloadError(f"Data download failed: the key {item.key[:80]}... is too long for a file name.") from None


def _inside(folder: Path, key: str) -> Path:
    """Where the object lies in `folder`; steps that would leave it are dropped."""
    steps = [step for step in PurePosixPath(key).parts if step not in ("..", "/", ".")]
    return folder.joinpath(*steps)
