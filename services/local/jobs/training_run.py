"""One training job from Starting to its end: stage the data, run the container, follow its log, keep the model.

The container contract (files under /opt/ml, exit code, SIGTERM) is SageMaker's own: "Use your own training
algorithms", SageMaker developer guide. Here its root is a folder of the job's.
"""

import json
import logging
import math
import os
import re
import shutil
import signal
import sys
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.local.algorithms import container, tag_of
from services.local.jobs import experiment_tracking
from services.local.jobs.resource_usage import Meter
from services.local.protocol.addresses import split_uri
from services.local.runtime.prefork_server import ForkedProcess, ForkRequest, PreforkServer
from services.local.runtime.processes import LOST
from services.local.s3.errors import S3Error
from services.local.s3.staging import DownloadError, link_channels
from services.local.store import full_disk
from services.local.store.logs import TRAINING_GROUP
from services.local.store.metrics import TRAINING_NAMESPACE
from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from services.local.service import Service

log = logging.getLogger(__name__)
GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
READ = 1 << 16  # bytes of a container's output at a time
GATHER = 0.05  # seconds for which its lines are gathered
POLL = 0.1  # seconds until a stop or the end of the allowed time is noticed, and between measures
KILLED = (
    "AlgorithmError: The training process was killed (SIGKILL), which the system does when memory runs out. Use less "
    "data, a smaller max_depth or fewer jobs at a time, or close other programs."
)
INTERRUPTED = (
    "InternalServerError: The service on this computer stopped while the job was running. Start the job again."
)


def run(service: "Service", name: str, cpus: int | None, prefork: PreforkServer | None, stop: threading.Event) -> None:
    """Accompany the job to its end, whatever that is; the end is in its document."""
    job = service.resources.get(ResourceType.TRAINING_JOB, name)
    root = service.folder / "jobs" / uuid.uuid4().hex  # an ended job may be deleted, and another have its name
    try:
        _step(service, name, "Downloading", "Downloading input data")
        link_channels(service.objects, job.get("InputDataConfig", []), root / "input" / "data")
        _write_config(job, root)
        _step(service, name, "Training", "Training image download completed. Training in progress.")
        ending, heard, reason = _train(service, job, root, cpus, prefork, stop)
        if ending != "Failed":
            _step(service, name, "Uploading", "Uploading generated training model")
        artifact = _upload(service, job, root)
        _finish(service, name, ending, heard.numbers, artifact, reason)
    except (DownloadError, S3Error) as error:
        _finish(service, name, "Failed", [], None, f"ClientError: {error}")
    except Exception as fault:
        log.exception("Training job %s", name)
        _finish(service, name, "Failed", [], None, full_disk.reason(fault))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def enter(job: Document, status: str, message: str, now: float) -> float:
    """Put `job` into a secondary status, ending the last transition; returns when, which is never before its start."""
    transitions = job["SecondaryStatusTransitions"]
    now = max(now, transitions[-1]["StartTime"])
    transitions[-1].setdefault("EndTime", now)
    transitions.append({"Status": status, "StartTime": now, "StatusMessage": message})
    job["SecondaryStatus"] = status
    return now


def interrupt(service: "Service") -> int:
    """Fail every job that a previous run of the service left unfinished; how many those were.

    One that had not begun has lost nothing and is left, unless its tuning job or somebody gave it up.
    """
    left = [
        job
        for job in service.resources.with_status(ResourceType.TRAINING_JOB, "InProgress", "Stopping")
        if "TrainingStartTime" in job or "TuningJobArn" in job or job["TrainingJobStatus"] == "Stopping"
    ]
    for job in left:
        _end(service, job["TrainingJobName"], "Failed", [], None, INTERRUPTED)
    shutil.rmtree(service.folder / "jobs", ignore_errors=True)
    return len(left)


def _step(service: "Service", name: str, status: str, message: str) -> None:
    with service.resources.changing(ResourceType.TRAINING_JOB, name) as job:
        job.setdefault("TrainingStartTime", max(service.clock(), job["CreationTime"]))
        if job["TrainingJobStatus"] == "InProgress":
            enter(job, status, message, service.clock())


def _write_config(job: Document, root: Path) -> None:
    config = root / "input" / "config"
    config.mkdir(parents=True)
    (root / "model").mkdir()
    (root / "output").mkdir()
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", "File"),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
        for channel in job.get("InputDataConfig", [])
    }
    # One process sees all the data, whatever the instance count: that is what sharded hosts compute together.
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    files: dict[str, Any] = {
        "hyperparameters": job["HyperParameters"],
        "inputdataconfig": channels,
        "resourceconfig": hosts,
    }
    if "CheckpointConfig" in job:
        files["checkpointconfig"] = {"LocalPath": job["CheckpointConfig"].get("LocalPath", "/opt/ml/checkpoints")}
        (root / "checkpoints").mkdir()
    (root / "image-tag").write_text(tag_of(job["AlgorithmSpecification"]["TrainingImage"]))
    for name, content in files.items():
        (config / f"{name}.json").write_text(json.dumps(content))


def _train(
    service: "Service",
    job: Document,
    root: Path,
    cpus: int | None,
    prefork: PreforkServer | None,
    stop: threading.Event,
) -> tuple[str, "_Heard", str | None]:
    """How the training ended, what it said, and why when it failed."""
    reader, writer = Pipe(duplex=False)
    algorithm = container(job["AlgorithmSpecification"]["TrainingImage"])
    environment = {"SM_NUM_CPUS": str(cpus or os.cpu_count()), "TRAINING_JOB_NAME": job["TrainingJobName"]}
    process: ForkServerProcess | ForkedProcess
    if prefork:
        process = prefork.start(
            ForkRequest(algorithm.share, _container, algorithm.train, str(root), environment), writer
        )
    else:
        process = service.processes.start(_container, algorithm.train, str(root), writer, environment)
    writer.close()
    heard = _Heard()
    following = threading.Thread(target=_follow, args=(service, job, reader, heard), daemon=True)
    following.start()
    meter = Meter(service, job, process.pid)
    asked_to_end = _await(process, job["StoppingCondition"]["MaxRuntimeInSeconds"], stop, meter)
    meter.close()
    following.join()
    ending = asked_to_end or ("Completed" if process.exitcode == 0 else "Failed")
    return ending, heard, _failure(root, process.exitcode, heard.last) if ending == "Failed" else None


def _container(entry: str, root: str, output: Connection, environment: dict[str, str]) -> None:
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    os.environ.update(environment)
    module, _, function = entry.partition(":")
    code: int = getattr(import_module(module), function)(Path(root))
    sys.stdout.flush()
    sys.exit(code)


def _await(
    process: ForkServerProcess | ForkedProcess, runtime: float, stop: threading.Event, meter: Meter
) -> str | None:
    """Wait for the process; ask it to end when told to or when its time is up, and say which it was."""
    deadline, reason = time.monotonic() + runtime, None
    while not wait([process.sentinel], timeout=POLL):
        meter.look()
        if reason and time.monotonic() > deadline:
            process.kill()
        elif not reason and (stop.is_set() or time.monotonic() > deadline):
            reason = "Stopped" if stop.is_set() else "MaxRuntimeExceeded"
            deadline = time.monotonic() + GRACE
            process.terminate()
    process.join()
    return reason


@dataclass
class _Heard:
    """What a container said: the last value of each metric, as FinalMetricDataList has them, and its last line."""

    finals: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: str = ""

    @property
    def numbers(self) -> list[dict[str, Any]]:
        """The metrics whose last value is a number: one that ends as nan or infinite is missing."""
        return [metric for metric in self.finals.values() if math.isfinite(metric["Value"])]


def _follow(service: "Service", job: Document, reader: Connection, heard: _Heard) -> None:
    """Turn what the container prints into log events and metrics, as it prints it."""
    name, rest = job["TrainingJobName"], b""
    stream = f"{name}/algo-1-{int(service.clock())}"
    definitions = [
        (definition["Name"], _finder(definition["Regex"]))
        for definition in job["AlgorithmSpecification"]["MetricDefinitions"]
    ]
    with closing(reader):  # also when it cannot go on: a container that nobody reads would wait for ever
        for chunk in _chunks(reader):
            *whole, rest = (rest + chunk).split(b"\n")
            lines = [line.decode(errors="replace") for line in whole]
            values = [
                (metric, value)
                for line in lines
                for metric, found_in in definitions
                if (match := found_in(line)) and (value := _number(match[1])) is not None
            ]
            heard.last = lines[-1] if lines else heard.last
            for metric, value in values:
                heard.finals[metric] = {"MetricName": metric, "Value": value, "Timestamp": service.clock()}
            numbers = [(metric, value) for metric, value in values if math.isfinite(value)]
            with suppress(full_disk.DiskFull):  # these lines are lost, and the container must not wait for a reader
                service.logs.write(TRAINING_GROUP, stream, lines)
                service.metrics.write(TRAINING_NAMESPACE, {"TrainingJobName": name}, numbers)
        if rest:
            with suppress(full_disk.DiskFull):
                service.logs.write(TRAINING_GROUP, stream, [rest.decode(errors="replace")])


def _chunks(reader: Connection) -> Iterator[bytes]:
    """What a container prints until its end: the first at once, then gathered, as storing each line slows it down."""
    gather = 0.0
    while chunk := os.read(reader.fileno(), READ):
        until, gather = time.monotonic() + gather, GATHER
        while (
            (left := until - time.monotonic()) > 0 and wait([reader], left) and (more := os.read(reader.fileno(), READ))
        ):
            chunk += more
        yield chunk


def _finder(regex: str) -> Callable[[str], re.Match[str] | None]:
    """Searches a line; what begins with ".*" is found at its start or nowhere, and looking only there is faster."""
    compiled = re.compile(regex)
    return compiled.match if regex.startswith(".*") else compiled.search


def _number(matched: str) -> float | None:
    r"""The number a metric's regex found; the usual (\S+) takes the next metrics of the line along."""
    try:
        return float(matched.partition("#011")[0])
    except ValueError:
        return None


def _failure(root: Path, code: int | None, last: str) -> str:
    """Why a container failed: in its own words when it left any, else what its exit code and last line tell."""
    failure_file = root / "output" / "failure"
    if failure_file.exists() and (text := failure_file.read_text()):
        return text[:1024]
    if code == -signal.SIGKILL or code == LOST:
        return KILLED
    if code is not None and code < 0:
        return f"AlgorithmError: The training process was stopped by the signal {signal.Signals(-code).name}."
    cried, _, reason = last.partition(":ERROR] ")
    return reason or f"AlgorithmError: The training process ended with exit code {code}. Its last line: {cried[:500]}"


def _upload(service: "Service", job: Document, root: Path) -> str | None:
    """Upload all that a container left; the address of its model, None when there is none."""
    if "CheckpointConfig" in job:
        bucket, prefix = split_uri(job["CheckpointConfig"]["S3Uri"])
        for path in (root / "checkpoints").iterdir():
            service.objects.put_file(bucket, _key(prefix, path.name), path)
    _upload_archive(service, job, root / "output" / "data", "output.tar.gz")
    if job["OutputDataConfig"].get("CompressionType") != "NONE":
        return _upload_archive(service, job, root / "model", "model.tar.gz")
    files = sorted((root / "model").iterdir())
    bucket, output = _output(job)
    for path in files:
        service.objects.put_file(bucket, _key(output, "model", path.name), path)
    return f"s3://{bucket}/{output}/model" if files else None


def _upload_archive(service: "Service", job: Document, folder: Path, name: str) -> str | None:
    """The address of an archive of what is in a folder; None when there is nothing."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    archive = folder.parent / name
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)
    bucket, output = _output(job)
    key = _key(output, name)
    service.objects.put_file(bucket, key, archive)
    return f"s3://{bucket}/{key}"


def _output(job: Document) -> tuple[str, str]:
    """The bucket and the prefix of what a job leaves."""
    bucket, prefix = split_uri(job["OutputDataConfig"]["S3OutputPath"])
    return bucket, _key(prefix, job["TrainingJobName"], "output")


def _key(prefix: str, *parts: str) -> str:
    return "/".join(part for part in (prefix.rstrip("/"), *parts) if part)


_STATUS = {"MaxRuntimeExceeded": "Stopped"}
_MESSAGES = {
    "Completed": "Training job completed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds",
}


def _finish(
    service: "Service",
    name: str,
    ending: str,
    finals: list[dict[str, Any]],
    artifact: str | None,
    reason: str | None,
) -> None:
    full_disk.retry_until_room(lambda: _end(service, name, ending, finals, artifact, reason))


def _end(
    service: "Service",
    name: str,
    ending: str,
    finals: list[dict[str, Any]],
    artifact: str | None,
    reason: str | None,
) -> None:
    with service.resources.changing(ResourceType.TRAINING_JOB, name) as job:
        began = job.setdefault("TrainingStartTime", job["CreationTime"])
        now = enter(job, ending, reason or _MESSAGES[ending], max(service.clock(), began))
        job["SecondaryStatusTransitions"][-1]["EndTime"] = now
        seconds = math.ceil(now - began)
        job["TrainingJobStatus"] = _STATUS.get(ending, ending)
        job |= {"TrainingEndTime": now, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
        if finals:
            job["FinalMetricDataList"] = finals
        if artifact:
            job["ModelArtifacts"] = {"S3ModelArtifacts": artifact}
        if reason:
            job["FailureReason"] = reason
        if job.get("ExperimentConfig"):
            experiment_tracking.end(service, job)
