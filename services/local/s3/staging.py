"""Bringing objects into the folder of a job or a model: by hard link, since objects never change.

Source: botocore's model of SageMaker, S3DataSource, Channel and S3ModelDataSource.
"""

import errno
import gzip
import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from services.local.protocol.addresses import AddressError, split_uri
from services.local.protocol.wire import validation_error
from services.local.s3.errors import S3Error
from services.local.s3.files import BATCH
from services.local.s3.objects import ObjectStore, StoredObject


class DownloadError(ValueError):
    """Data that a job or a model names, and that is not there or cannot be files."""


@dataclass(frozen=True)
class SourceObject:
    """An object of a data source; `name` is its path below what the source names."""

    bucket: str
    name: str
    stored: StoredObject


def check_source(where: str, data_source: Mapping[str, Any]) -> None:
    """Refuse a DataSource that cannot be read here; `where` it stands, for the message. Raises ServiceError."""
    if "S3DataSource" not in data_source:
        raise validation_error(f"{where}: only an S3DataSource can be read here. Put the data into S3.")
    kind = data_source["S3DataSource"]["S3DataType"]
    if kind not in ("S3Prefix", "ManifestFile"):
        raise validation_error(f"{where}: S3DataType {kind} cannot be read here. Use S3Prefix or ManifestFile.")


def check_channels(channels: Sequence[Mapping[str, Any]], mode: str) -> None:
    """Refuse channels that cannot be read here; `mode` is their InputMode unless they say. Raises ServiceError."""
    for channel in channels:
        where = f"InputDataConfig.{channel['ChannelName']}"
        check_source(where, channel["DataSource"])
        if channel.get("CompressionType") == "Gzip" and channel.get("InputMode", mode) != "Pipe":
            raise validation_error(
                f"{where}: CompressionType Gzip goes with InputMode Pipe only. Set that, or leave CompressionType out."
            )


def source_objects(objects: ObjectStore, source: Mapping[str, Any]) -> Sequence[SourceObject]:
    """What an S3DataSource names, by prefix or one by one in a manifest. Raises DownloadError, S3Error."""
    if source["S3DataType"] == "ManifestFile":
        return _manifest_objects(objects, source["S3Uri"])
    bucket, prefix = split_uri(source["S3Uri"])
    return _below(bucket, prefix, [item for item in objects.list(bucket, prefix) if not item.key.endswith("/")])


def _below(bucket: str, prefix: str, stored: Sequence[StoredObject]) -> Sequence[SourceObject]:
    folder = prefix.rfind("/") + 1
    return [SourceObject(bucket, item.key[folder:], item) for item in stored]


def _manifest_objects(objects: ObjectStore, uri: str) -> Sequence[SourceObject]:
    _, file = objects.open(*split_uri(uri))
    with file:
        content = file.read()
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    match document:
        case [{"prefix": str(base)}, str(_), *_] if all(isinstance(name, str) for name in document[1:]):
            pass
        case _:
            raise DownloadError(
                f"Data download failed: the manifest {uri} is not a JSON list of a prefix and names below it. Write it "
                'as [{"prefix": "s3://bucket/folder/"}, "first.csv", "second.csv"].'
            )
    try:
        bucket, prefix = split_uri(base)
        return _below(bucket, prefix, [objects.get(bucket, prefix + name) for name in document[1:]])
    except (AddressError, S3Error) as error:
        raise DownloadError(
            f"Data download failed: the manifest {uri} names what cannot be read: {error} Correct the manifest, or "
            "upload what it names."
        ) from None


def link_channels(objects: ObjectStore, channels: list[dict[str, Any]], folder: Path) -> None:
    """Bring each channel's objects into `folder/CHANNEL`. Raises DownloadError, S3Error."""
    for channel in channels:
        source = channel["DataSource"]["S3DataSource"]
        target = _inside(folder, channel["ChannelName"])
        target.mkdir(parents=True, exist_ok=True)
        found = source_objects(objects, source)
        if not found:
            raise DownloadError(
                f'Data download failed: No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data '
                "source. Please ensure that the bucket exists in the selected region, that objects exist under that "
                "S3 prefix, and that the role has permission to read them."
            )
        for item in found:
            _place(objects, item, _inside(target, item.name), gzipped=channel.get("CompressionType") == "Gzip")


def link_model(objects: ObjectStore, source: Mapping[str, str], folder: Path) -> None:
    """Bring uncompressed model data, an S3ModelDataSource, into a new folder. Raises DownloadError, S3Error."""
    bucket, key = split_uri(source["S3Uri"])
    if source["S3DataType"] == "S3Object":
        found = [SourceObject(bucket, key.rpartition("/")[2], objects.get(bucket, key))]
    else:
        found = [SourceObject(bucket, item.key.removeprefix(key), item) for item in objects.list(bucket, key)]
    if not found:
        raise DownloadError(
            f"Data download failed: there is no object under {source['S3Uri']}. Upload the model there."
        )
    folder.mkdir(parents=True)
    for item in found:
        if {"", ".", ".."} & {*item.name.split("/")}:
            raise DownloadError(
                f"Data download failed: the key {item.stored.key} cannot be a file of a model, as a step of it is "
                'empty, "." or "..". Delete it, or rename it.'
            )
        _place(objects, item, folder / item.name, gzipped=False)


def _place(objects: ObjectStore, item: SourceObject, path: Path, *, gzipped: bool) -> None:
    key = item.stored.key
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        source = objects.sound(item.bucket, item.stored).path
        if gzipped:
            _unzip(source, path.with_name(path.name.removesuffix(".gz")))
        else:
            path.hardlink_to(source)
    except (FileExistsError, NotADirectoryError):
        raise DownloadError(
            f"Data download failed: the key {key} and another one of the channel would be the same file, or "
            "a file and a folder of one name. Rename one of the two."
        ) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DownloadError(
            f"Data download failed: the key {key} is not whole gzip data, which CompressionType says it is. Compress "
            "it, or leave CompressionType out."
        ) from None
    except ValueError as error:
        raise DownloadError(f"Data download failed: the key {key} cannot be a file: {error}.") from None
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise DownloadError(f"Data download failed: the key {key[:80]}... is too long for a file name.") from None


def _unzip(source: Path, target: Path) -> None:
    with gzip.open(source) as packed, target.open("xb") as file:
        shutil.copyfileobj(packed, file, BATCH)


def _inside(folder: Path, key: str) -> Path:
    """Where the object lies in `folder`; steps that would leave it are dropped."""
    steps = [step for step in PurePosixPath(key).parts if step not in ("..", "/", ".")]
    return folder.joinpath(*steps)
