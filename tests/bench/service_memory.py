"""Holding: the memory of the service with all its processes, at its highest, while it gets 2 GB of data, runs 100 jobs
and comes to serve 20 endpoints.

The processes are forked and share pages, so a sum of resident sizes would count the same memory many times. What is
summed is their proportional share (Pss of /proc/PID/smaps_rollup): a page that n processes share counts 1/n in each.
"""

import re
import threading
from pathlib import Path
from typing import Any

from tests.local import factories
from tests.local_service import LocalService, eventually
from tests.processes import tree

JOBS, ENDPOINTS, DATA = 100, 20, 2 << 30
AT_ONCE = 4  # jobs
EVERY = 0.2  # seconds between two looks
BODY_ROWS = 20_000


def peak(local: LocalService, folder: Path) -> tuple[float, float]:
    """Megabytes: the highest sum of proportional shares, and the highest sum of resident sizes."""
    assert local.process
    stop, found = threading.Event(), [(0.0, 0.0)]
    watching = threading.Thread(target=_watch, args=(local.process.pid, found, stop))
    watching.start()
    try:
        _use(local, folder)
    finally:
        stop.set()
        watching.join()
    return max(share for share, _ in found), max(resident for _, resident in found)


def _use(local: LocalService, folder: Path) -> None:
    data, s3 = factories.put_data(local), local.client("s3")
    large = folder / "large.csv"
    with large.open("wb") as file:
        file.truncate(DATA)
    s3.upload_file(str(large), factories.BUCKET, "large/data.csv")
    large.unlink()
    sagemaker, runtime = local.client("sagemaker"), local.client("sagemaker-runtime")
    for _ in range(0, JOBS, AT_ONCE):
        names = [factories.unique("holding") for _ in range(AT_ONCE)]
        for name in names:
            sagemaker.create_training_job(**factories.training_request(name, data))
        for name in names:
            eventually(lambda name=name: _status(sagemaker, name) == "Completed")
    config = factories.deploy(local, sagemaker.describe_training_job(TrainingJobName=names[0]))
    others = [factories.unique("holding") for _ in range(ENDPOINTS - 1)]
    for name in others:
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    body = factories.as_csv(factories.rows(BODY_ROWS)[:, 1:])
    for name in [config, *others]:
        eventually(lambda name=name: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
        runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)["Body"].read()


def _status(sagemaker: Any, name: str) -> str:
    status: str = sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
    return status


def _watch(service: int, found: list[tuple[float, float]], stop: threading.Event) -> None:
    while not stop.wait(EVERY):
        each = [_memory(pid) for pid in tree(service)]
        found.append((sum(share for share, _ in each), sum(resident for _, resident in each)))


def _memory(pid: int) -> tuple[float, float]:
    """Megabytes: proportional share and resident size of a process, nothing of one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    sizes = dict(re.findall(r"^(Pss|Rss):\s+(\d+) kB", text, re.MULTILINE))
    return int(sizes.get("Pss", 0)) / 1024, int(sizes.get("Rss", 0)) / 1024
