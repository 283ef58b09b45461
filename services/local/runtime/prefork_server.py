"""A process that reads the data of a tuning job once, and from which each of its training jobs is forked.

What was read, and what the algorithm made of it, is in the memory of every fork at no cost. The process itself computes
with one thread only: OpenMP's threads do not survive a fork.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

from services.local.runtime.processes import Processes, die_with_service

Work = Callable[[str, str, Connection, dict[str, str]], None]  # of entry, root, output, environment


@dataclass(frozen=True)
class ForkRequest:
    """A job to be forked: what reads its data beforehand, and what runs it, as "module:function" over `root`."""

    share: str
    work: Work
    entry: str
    root: str
    environment: dict[str, str]


class PreforkServer:
    """One such process, started with its first job."""

    def __init__(self, processes: Processes) -> None:
        self._processes, self._lock = processes, threading.Lock()
        self._connection: Connection | None = None
        # Killed ones are kept too: their forks would take it for the end of the service if we let go of one.
        self._started: list[ForkServerProcess] = []

    def start(self, request: ForkRequest, output: Connection) -> "ForkedProcess":
        """The job, running with `output` as its standard output. Waits while the data is being read."""
        with self._lock:
            forked = self._fork(request, output)
            if not forked.lives:  # the process was killed: another takes its place
                self._connection = None
                forked = self._fork(request, output)
        return forked

    def close(self) -> None:
        """End the process, once no job that was forked from it is running any more."""
        if self._connection:
            self._connection.close()
        for process in self._started:
            process.join()

    def _fork(self, request: ForkRequest, output: Connection) -> "ForkedProcess":
        if self._connection is None:
            self._connection, theirs = Pipe()
            self._started.append(self._processes.start(_serve_forks, theirs))
            theirs.close()
        ours, status = Pipe(duplex=False)
        with suppress(OSError):  # nobody is there; then nobody tells a number either
            self._connection.send(request)
            for handle in (output, status):
                send_handle(self._connection, handle.fileno(), None)
        status.close()
        return ForkedProcess(ours)


class ForkedProcess:
    """A job's process, which is no child of ours: it tells its number, and in the end its exit code."""

    def __init__(self, sentinel: Connection) -> None:
        self.sentinel, self.exitcode = sentinel, -signal.SIGKILL  # what it is when nothing is told any more
        self.pid = self._receive()  # None when it did not come to be

    @property
    def lives(self) -> bool:
        """Whether it came to be."""
        return self.pid is not None

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)

    def join(self) -> None:
        """Wait until it has ended; `exitcode` is known then."""
        code = self._receive()
        self.exitcode = self.exitcode if code is None else code
        self.sentinel.close()

    def _receive(self) -> int | None:
        try:
            number: int = self.sentinel.recv()
        except EOFError:
            return None
        return number

    def _signal(self, number: int) -> None:
        if self.pid is not None and not self.sentinel.poll():  # it has not ended, so the number is still its own
            os.kill(self.pid, number)


def _serve_forks(connection: Connection) -> None:
    signal.signal(
        signal.SIGCHLD, signal.SIG_IGN
    )  # forks are reaped by the kernel; they tell their exit code themselves
    while True:
        try:
            request: ForkRequest = connection.recv()
            output, status = (Connection(recv_handle(connection), readable=False) for _ in range(2))
        except EOFError:
            return
        _import_function(request.share)(Path(request.root))
        if os.fork() == 0:
            connection.close()
            _run_forked_job(request, output, status)
        output.close()
        status.close()


def _run_forked_job(request: ForkRequest, output: Connection, status: Connection) -> None:
    """The fork: run the job and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Thread(target=die_with_service, daemon=True).start()
    status.send(os.getpid())
    code = 1
    try:
        request.work(request.entry, request.root, output, request.environment)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        status.send(code)
        os._exit(code)


def _import_function(name: str) -> Callable[[Path], None]:
    module, _, function = name.partition(":")
    function_object: Callable[[Path], None] = getattr(import_module(module), function)
    return function_object
