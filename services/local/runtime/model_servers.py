"""The processes that hold models: one a variant or one a target model, each loaded from a folder, asked over a pipe.

A model server is the container's inference side: it has no network, no state and no way to reach the service.
"""

import os
import shutil
import threading
import traceback
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from services.local.runtime.processes import Processes

PART = 1 << 15  # bytes of a body that go with its head
READ = 1 << 18  # bytes of the others at a time
QUIET = 0.5  # seconds after a large request
LANES = 2  # requests that a model server has at a time


class ModelLoadError(Exception):
    """A model archive that cannot be served; the message says why."""


@dataclass(frozen=True)
class Reply:
    """What a model answered to one request."""

    status: int
    content_type: str
    body: bytes


class ModelServer:
    """One loaded model. While one request is computed, the next is read and written: there are LANES at a time."""

    def __init__(
        self,
        processes: Processes,
        entry: str,
        bring: Callable[[Path], None],
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        """Let `bring` put the model into a new `folder` and load it, with `environment` besides.

        Raises ModelLoadError, also for a ValueError of `bring`, whose other errors pass.
        """
        self._folder, self._closing, self._lanes = folder, threading.RLock(), SimpleQueue[Connection]()
        try:
            bring(folder)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, ValueError):
                raise ModelLoadError(str(error)) from error
            raise
        lanes, theirs = zip(*(Pipe() for _ in range(LANES)), strict=True)
        self._process: ForkServerProcess = processes.start(_serve, theirs, entry, str(folder), dict(environment))
        for end in theirs:
            end.close()
        for lane in lanes:
            self._lanes.put(lane)
        try:
            problem: str | None = lanes[0].recv()
        except EOFError:
            problem = "The model server stopped while loading the model."
        if problem:
            self.close()
            raise ModelLoadError(problem)

    def invoke(self, body: bytes, content_type: str, accept: str) -> Reply:
        """The model's answer. Raises EOFError when the process has died or is closed."""
        lane = self._lanes.get()
        try:
            _send(lane, (content_type, accept), body)
            (status, answered), answer = _receive(lane)
            return Reply(status, answered, answer)
        except OSError:
            raise EOFError from None
        finally:
            self._lanes.put(lane)

    def retire(self) -> None:
        """Close it as soon as nobody waits for its answer."""
        with self._all_lanes():
            self._kill()
        self.close()

    def close(self) -> None:
        """End the process and remove its files; who waits for an answer gets EOFError."""
        self._kill()
        with self._all_lanes() as lanes:  # closed under a reader, its number could be another pipe's by the next read
            for lane in lanes:
                lane.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()

    @contextmanager
    def _all_lanes(self) -> Iterator[list[Connection]]:
        """Every lane, once nobody uses one."""
        with self._closing:
            lanes = [self._lanes.get() for _ in range(LANES)]
            try:
                yield lanes
            finally:
                for lane in lanes:
                    self._lanes.put(lane)


class ModelServers:
    """The model servers of all endpoints, by endpoint, the config they come from, and slot; the latest used come last.

    A slot is a variant, or "VARIANT/MODEL" of one that serves many models.
    """

    def __init__(self, processes: Processes, folder: Path) -> None:
        self._processes, self._folder = processes, folder
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str, str], ModelServer] = {}
        self._in_flight: Counter[tuple[str, str]] = Counter()  # requests being answered, by endpoint and variant
        self._starting: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        shutil.rmtree(folder, ignore_errors=True)  # left by a run that ended without closing

    def load(self, entry: str, bring: Callable[[Path], None], environment: Mapping[str, str]) -> ModelServer:
        """A new model server, not yet behind any endpoint. Raises as ModelServer does."""
        return ModelServer(self._processes, entry, bring, self._folder / uuid.uuid4().hex, environment)

    def get(self, endpoint: str, config: str, slot: str) -> ModelServer | None:
        """The server of a slot, if it is running; it has been used by that."""
        key = endpoint, config, slot
        with self._lock:
            server = self._running.pop(key, None)
            if server:
                self._running[key] = server
            return server

    def evict(self, endpoint: str, config: str, variant: str, most: int) -> list[ModelServer]:
        """Take the least lately used models of a variant away that are beyond `most`; to be retired."""
        with self._lock:
            own = [key for key in self._running if key[:2] == (endpoint, config) and key[2].startswith(f"{variant}/")]
            return [self._running.pop(key) for key in own[: max(len(own) - most, 0)]]

    def starting(self, endpoint: str) -> threading.Lock:
        """To be held while a server of an endpoint is started, so that it is once, and while its config changes."""
        with self._lock:
            return self._starting[endpoint]

    def put(self, endpoint: str, config: str, servers: dict[str, ModelServer]) -> None:
        """Put `servers`, by slot, behind an endpoint; those they replace are closed once they have answered."""
        with self._lock:
            new = {(endpoint, config, variant): server for variant, server in servers.items()}
            old = [self._running.pop(key) for key in new if key in self._running]
            self._running |= new
        for server in old:
            server.retire()

    def withdraw(self, endpoint: str, but: str | None) -> list[ModelServer]:
        """Take the servers of an endpoint away, those of the config `but` excepted; to be retired."""
        with self._lock:
            gone = [key for key in self._running if key[0] == endpoint and key[1] != but]
            return [self._running.pop(key) for key in gone]

    @contextmanager
    def room(self, endpoint: str, variant: str, most: int | None) -> Iterator[bool]:
        """Whether a variant answers fewer than `most` requests (None: any number) already; this is one more."""
        with self._lock:
            free = most is None or self._in_flight[endpoint, variant] < most
            self._in_flight[endpoint, variant] += free
        try:
            yield free
        finally:
            with self._lock:
                self._in_flight[endpoint, variant] -= free

    def discard(self, endpoint: str, config: str, slot: str, server: ModelServer) -> bool:
        """Forget a server that has died; whether it was in use still, and not replaced or deleted on purpose."""
        with self._lock:
            mourned = self._running.get((endpoint, config, slot)) is server
            if mourned:
                del self._running[endpoint, config, slot]
        server.close()
        return mourned

    def close(self) -> None:
        """End every model server."""
        with self._lock:
            servers, self._running = list(self._running.values()), {}
        for server in servers:
            server.close()


def _serve(lanes: tuple[Connection, ...], entry: str, folder: str, environment: dict[str, str]) -> None:
    """The process: load, say so (None, or the reason it failed), then answer until the pipes close."""
    os.environ.update(environment)
    module, _, function = entry.partition(":")
    try:
        model = getattr(import_module(module), function)(Path(folder))
    except (OSError, ValueError, RuntimeError) as error:
        lanes[0].send(str(error))
        return
    threading.excepthook = _end_process
    threads = [threading.Thread(target=_answer, args=(model, lane)) for lane in lanes]
    for thread in threads:
        thread.start()
    lanes[0].send(None)
    for thread in threads:
        thread.join()


def _end_process(fault: threading.ExceptHookArgs) -> None:
    """After a fault, or without memory: if only one thread ended, its caller would wait for ever."""
    traceback.print_exception(fault.exc_value)
    os._exit(1)


def _answer(model: Any, lane: Connection) -> None:
    body = b""
    while True:
        try:
            if len(body) > PART and not lane.poll(QUIET):
                body = b""
                _release_memory()
            (content_type, accept), body = _receive(lane)
            answer = model.invoke(body, content_type, accept)
            _send(lane, (answer.status, answer.content_type), answer.body)
        except (EOFError, OSError):
            return


def _release_memory() -> None:
    """Give back to the system what a large request has left behind."""
    import pyarrow as pa  # the service itself does without

    pa.default_memory_pool().release_unused()


def _send(lane: Connection, head: tuple[Any, ...], body: bytes) -> None:
    """Send a message: what is small in one piece, what is large as it is, which Connection itself would copy."""
    left = memoryview(body)
    lane.send((head, len(body), bytes(left[:PART])))
    left = left[PART:]
    while left:
        left = left[os.write(lane.fileno(), left) :]


def _receive(lane: Connection) -> tuple[tuple[Any, ...], bytes]:
    """Head and body of a message. Raises EOFError when the other side has gone before its end."""
    head, size, part = lane.recv()
    parts, left = [part], size - len(part)
    while left:
        part = os.read(lane.fileno(), min(left, READ))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return head, b"".join(parts)
