"""The processes that hold models: one a variant or one a target model, each loaded from a folder, asked over a pipe.

A model server is the container's inference side: it has no network, no state and no way to reach the service.
"""

import os
import shutil
import threading
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

from services.local.runtime.processes import Processes


class ModelLoadError(Exception):
    """A model archive that cannot be served; the message says why."""


@dataclass(frozen=True)
class Reply:
    """What a model answered to one request."""

    status: int
    content_type: str
    body: bytes


class ModelServer:
    """One loaded model. Requests are answered one at a time; XGBoost uses every core for each."""

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
        self._lock, self._folder = threading.RLock(), folder
        try:
            bring(folder)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, ValueError):
                raise ModelLoadError(str(error)) from error
            raise
        self._connection, theirs = Pipe()
        self._process: ForkServerProcess = processes.start(_serve, theirs, entry, str(folder), dict(environment))
        theirs.close()
        try:
            problem: str | None = self._connection.recv()
        except EOFError:
            problem = "The model server stopped while loading the model."
        if problem:
            self.close()
            raise ModelLoadError(problem)

    def invoke(self, body: bytes, content_type: str, accept: str) -> Reply:
        """The model's answer. Raises EOFError when the process has died or is closed."""
        with self._lock:
            try:
                self._connection.send((content_type, accept))
                self._connection.send_bytes(body)
                status, answered = self._connection.recv()
                return Reply(status, answered, self._connection.recv_bytes())
            except OSError:
                raise EOFError from None

    def retire(self) -> None:
        """Close it as soon as nobody waits for its answer."""
        with self._lock:
            self.close()

    def close(self) -> None:
        """End the process and remove its files; who waits for an answer gets EOFError."""
        self._process.kill()
        self._process.join()
        with self._lock:  # closed under a reader, its number could be another pipe's by the next read
            self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)


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


def _serve(connection: Connection, entry: str, folder: str, environment: dict[str, str]) -> None:
    """The process: load, say so (None, or the reason it failed), then answer until the pipe closes."""
    os.environ.update(environment)
    module, _, function = entry.partition(":")
    try:
        model = getattr(import_module(module), function)(Path(folder))
    except (OSError, ValueError, RuntimeError) as error:
        connection.send(str(error))
        return
    connection.send(None)
    while True:
        try:
            content_type, accept = connection.recv()
            answer = model.invoke(connection.recv_bytes(), content_type, accept)
            connection.send((answer.status, answer.content_type))
            connection.send_bytes(answer.body)
        except (EOFError, OSError):
            return
