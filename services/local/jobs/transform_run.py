"""One batch transform job to its end: every object under the input address, scored, becomes KEY.out beside the others.

An object with a bad record leaves no output and fails the job; the others are kept. A stopped job keeps none.
Source: SageMaker developer guide, "Use batch transform"; API reference, CreateTransformJob.
"""

import logging
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.local.api import loaded_models
from services.local.jobs.transform_records import CSV, DataProcessing, batches, data_processing, split
from services.local.protocol.addresses import split_uri
from services.local.protocol.wire import ServiceError
from services.local.runtime.model_servers import ModelLoadError, ModelServer
from services.local.s3.errors import S3Error
from services.local.s3.objects import StoredObject
from services.local.s3.staging import source_objects
from services.local.store import full_disk
from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from services.local.service import Service

log = logging.getLogger(__name__)
GROUP = "/aws/sagemaker/TransformJobs"
MEGABYTE = 1 << 20
INTERRUPTED = (
    "InternalServerError: The service on this computer stopped while the job was running. Start the job again."
)
KILLED = (
    "AlgorithmError: The model server was killed while scoring, which the system does when memory runs out. Lower "
    "MaxPayloadInMB, or close other programs."
)
BAD_INPUT = "ClientError: See job logs for more information"


class _Stopped(Exception):
    """The job was asked to stop."""


@dataclass(frozen=True)
class _Input:
    """An object to score, and where its scores go below the output address."""

    stored: StoredObject
    address: str
    output: str


def run(service: "Service", name: str, stop: threading.Event) -> None:
    """Accompany the job to its end, whatever that is; the end is in its document."""
    root = service.folder / "transforms" / name
    job = service.resources.get(ResourceType.TRANSFORM_JOB, name)
    try:
        with service.resources.changing(ResourceType.TRANSFORM_JOB, name) as started:
            started["TransformStartTime"] = max(service.clock(), started["CreationTime"])
        reason = _transform(service, job, root, stop)
        _finish(service, name, "Failed" if reason else "Completed", reason)
    except _Stopped:
        _finish(service, name, "Stopped", None)
    except (ModelLoadError, S3Error, ServiceError, ValueError) as error:
        _finish(service, name, "Failed", f"ClientError: {error}")
    except EOFError:
        _finish(service, name, "Failed", KILLED)
    except Exception as fault:
        log.exception("Transform job %s", name)
        _finish(service, name, "Failed", full_disk.reason(fault))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def interrupt(service: "Service") -> int:
    """Fail every job that a previous run of the service left unfinished; how many those were."""
    left = service.resources.names_with_status(ResourceType.TRANSFORM_JOB, "InProgress", "Stopping")
    for name in left:
        _end(service, name, "Failed", INTERRUPTED)
    shutil.rmtree(service.folder / "transforms", ignore_errors=True)
    return len(left)


def _transform(service: "Service", job: Document, root: Path, stop: threading.Event) -> str | None:
    """Score all inputs and upload what came of them; a reason when an input could not be scored."""
    inputs = _inputs(service, job["TransformInput"]["DataSource"]["S3DataSource"])
    bad, name = False, job["TransformJobName"]
    root.mkdir(parents=True)
    scored: list[tuple[str, Path]] = []
    server = loaded_models.load(service, job["ModelName"], batch=True)
    try:
        for number, item in enumerate(inputs):
            path = root / str(number)
            try:
                _score(server, job, item, path, stop)
            except ValueError as error:
                bad = True
                line = f"{service.clock():.3f}:[sagemaker logs]: {item.address}: {error}"
                service.logs.write(GROUP, f"{name}/i-local/data-log", [line])
            else:
                scored.append((item.output, path))
    finally:
        server.close()
    bucket, prefix = split_uri(job["TransformOutput"]["S3OutputPath"])
    for output, path in scored:
        service.objects.put_file(bucket, "/".join(part for part in (prefix.rstrip("/"), output) if part), path)
    return BAD_INPUT if bad else None


def _inputs(service: "Service", source: dict[str, str]) -> list[_Input]:
    """The objects that a job is to score. Raises ValueError when there is none."""
    found = source_objects(service.objects, source)
    if not found:
        raise ValueError(f"No S3 objects found under S3 URL {source['S3Uri']}. Put the data there, or correct the URL.")
    return [
        _Input(service.objects.sound(item.bucket, item.stored), f"{item.bucket}/{item.stored.key}", f"{item.name}.out")
        for item in found
    ]


def _score(server: ModelServer, job: Document, item: _Input, output: Path, stop: threading.Event) -> None:
    """Write the scores of one object. Raises ValueError for one with a bad record."""
    given, output_config = job["TransformInput"], job["TransformOutput"]
    content_type, by_line = given.get("ContentType") or CSV, given.get("SplitType") == "Line"
    accept = output_config.get("Accept", "")  # each container has a form of its own to answer in
    steps = data_processing(job.get("DataProcessing", {}), content_type)
    records = split(item.stored.path, given.get("CompressionType") == "Gzip", by_line)
    pairs = ((record, steps.model_input(record)) for record in records)
    most = 1 if job["BatchStrategy"] == "SingleRecord" else None
    with output.open("wb") as file:
        for batch in batches(pairs, most, job["MaxPayloadInMB"] * MEGABYTE):
            if stop.is_set():
                raise _Stopped
            body = b"\n".join(sent for _, sent in batch)
            reply = server.invoke(body, content_type, accept)
            if reply.status >= 400:
                raise ValueError(f"Bad HTTP status received from algorithm: {reply.status} {reply.body.decode()}")
            # The containers end what they answer a transform in CSV with a line's end, assembled or not.
            by_lines = output_config.get("AssembleWith") == "Line" or reply.content_type.startswith(CSV)
            file.write(_assemble(steps, [record for record, _ in batch], reply.body, b"\n" if by_lines else b""))


def _assemble(steps: DataProcessing, records: list[bytes], answer: bytes, end: bytes) -> bytes:
    """What is written of the model's answer to a request of `records`."""
    if steps.as_answered:
        return answer.rstrip(b"\n") + end if end else answer
    answers = [answer.rstrip(b"\n")] if len(records) == 1 else answer.splitlines()
    if len(answers) != len(records):
        raise ValueError(
            f"the model gave {len(answers)} answers to {len(records)} records; join and filter need one each. Accept "
            "application/jsonlines or text/csv, or use BatchStrategy SingleRecord"
        )
    lines = [steps.output(record, part) for record, part in zip(records, answers, strict=True)]
    return b"".join(part + end for part in lines)


def _finish(service: "Service", name: str, status: str, reason: str | None) -> None:
    full_disk.retry_until_room(lambda: _end(service, name, status, reason))


def _end(service: "Service", name: str, status: str, reason: str | None) -> None:
    with service.resources.changing(ResourceType.TRANSFORM_JOB, name) as job:
        began = job.setdefault("TransformStartTime", job["CreationTime"])
        job |= {"TransformJobStatus": status, "TransformEndTime": max(service.clock(), began)}
        if reason:
            job["FailureReason"] = reason
