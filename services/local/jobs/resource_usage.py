"""What the process of a training job takes of the machine, kept as CloudWatch metrics as SageMaker keeps them.

    /aws/sagemaker/TrainingJobs  Host=JOB/algo-1  MemoryUtilization, CPUUtilization

MemoryUtilization is the most that the process held, in percent of the memory of the instance type that was asked for:
so it means what it means on AWS, and above 100 the job would not have fit there. CPUUtilization is the mean, in percent
of one core of this computer. Both are read from Linux's /proc, and not measured elsewhere.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from services import instance_types
from services.local.store import full_disk
from services.local.store.metrics import TRAINING_NAMESPACE
from services.local.store.resources import Document

if TYPE_CHECKING:
    from services.local.service import Service

PERIOD = 60.0  # seconds of a datapoint, as on AWS; a last one is of the job's end
TICKS = os.sysconf("SC_CLK_TCK")  # in a second of processor time, as /proc counts it


class Meter:
    """Measures the process `pid` of a job: `look` often while it runs, `close` once it has ended."""

    def __init__(self, service: "Service", job: Document, pid: int | None) -> None:
        self._service, self._host = service, {"Host": f"{job['TrainingJobName']}/algo-1"}
        self._memory = (instance_types.memory(job["ResourceConfig"].get("InstanceType", "")) or 0) * 2**30
        self._process = Path(f"/proc/{pid}")
        self._record = 0  # the most the process ever held, in bytes
        self._cpu = 0.0  # processor seconds until now
        self._most, self._began, self._cpu_before = 0, time.monotonic(), 0.0  # since the last datapoint
        self.look()

    def look(self) -> None:
        """Measure, and keep what a minute has shown when it is over. The process may end meanwhile."""
        with suppress(OSError, KeyError, IndexError):  # KeyError: of a process that has ended only its name is told
            held, record = _memory(self._process)
            self._cpu = _processor_seconds(self._process)
            # Between two looks it may have held more; the kernel tells it when that is a record.
            self._most = max(self._most, record if record > self._record else held)
            self._record = record
        if time.monotonic() - self._began >= PERIOD:
            self.close()
            self._most, self._began, self._cpu_before = 0, time.monotonic(), self._cpu

    def close(self) -> None:
        """Keep what the time since the last datapoint has shown; nothing for a type of unknown memory."""
        if self._most and self._memory:
            cpu = (self._cpu - self._cpu_before) / (time.monotonic() - self._began)
            values = [("MemoryUtilization", 100 * self._most / self._memory), ("CPUUtilization", 100 * cpu)]
            with suppress(full_disk.DiskFull):
                self._service.metrics.write(TRAINING_NAMESPACE, self._host, values)


def _memory(process: Path) -> tuple[int, int]:
    """Bytes that the process holds, and the most it ever held (resident set size and its high-water mark).

    What it shares with the process it was forked from counts: on an instance of its own it would hold that too.
    """
    lines = (line.partition(":") for line in (process / "status").read_text().splitlines())
    fields = {name: value for name, _, value in lines}
    return int(fields["VmRSS"].split()[0]) * 1024, int(fields["VmHWM"].split()[0]) * 1024


def _processor_seconds(process: Path) -> float:
    """Of all its threads, in user and kernel mode."""
    after_the_name = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(after_the_name[11]) + int(after_the_name[12])) / TICKS
