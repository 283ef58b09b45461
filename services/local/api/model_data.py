"""Where the data of a model lies: ModelDataUrl, an archive, or ModelDataSource, an archive or plain objects.

Source: botocore's model of SageMaker, ContainerDefinition and S3ModelDataSource, which also says where AWS takes no
ModelDataSource.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.local.protocol.addresses import split_uri
from services.local.protocol.wire import validation_error
from services.local.runtime import archives
from services.local.s3.objects import ObjectStore
from services.local.s3.staging import link_model


def check(container: Mapping[str, Any]) -> None:
    """Refuse model data that AWS's documentation excludes. Raises ServiceError."""
    if "ModelDataSource" not in container:
        return
    source = container["ModelDataSource"].get("S3DataSource")
    if not source:
        raise validation_error("ModelDataSource.S3DataSource is required.")
    if container.get("ModelDataUrl"):
        raise validation_error("ModelDataUrl and ModelDataSource exclude each other. Give one of the two.")
    if container.get("Mode") == "MultiModel":
        raise validation_error("Mode MultiModel takes no ModelDataSource. Give a ModelDataUrl.")
    if source["S3DataType"] == "S3Prefix" and source["CompressionType"] == "Gzip":
        raise validation_error("CompressionType Gzip goes with S3DataType S3Object: it is one archive.")
    if source["S3DataType"] == "S3Prefix" and not source["S3Uri"].endswith("/"):
        raise validation_error(f"S3Uri {source['S3Uri']}: an S3Prefix of model data ends with a slash.")


def require_archive_url(container: Mapping[str, Any], use: str) -> None:
    """Refuse a ModelDataSource for a `use` that AWS has none for. Raises ServiceError."""
    if container.get("ModelDataSource"):
        raise validation_error(f"A model with ModelDataSource cannot be used by {use}. Give it a ModelDataUrl.")


def bring(objects: ObjectStore, container: Mapping[str, Any], folder: Path) -> None:
    """Put the model's files into a new folder. Raises ValueError, S3Error, OSError."""
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source and source["CompressionType"] == "None":
        link_model(objects, source, folder)
        return
    _, archive = objects.open(*split_uri(source["S3Uri"] if source else container["ModelDataUrl"]))
    with archive:
        archives.unpack(archive, folder)
