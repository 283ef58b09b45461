"""The threads in which jobs are accompanied and endpoints come and go: awaited by future, stopped by name."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any


class Workers:
    """Named background work, each piece with an event that asks it to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: dict[str, threading.Event] = {}
        self._futures: set[Future[None]] = set()

    def start(self, name: str, work: Callable[..., None], *arguments: Any) -> "Future[None]":
        """Run `work(*arguments, stop)` in a thread of its own; the future ends with it."""
        stop, future = threading.Event(), Future[None]()
        with self._lock:
            self._stops[name] = stop
            self._futures.add(future)

        def run() -> None:
            try:
                work(*arguments, stop)
            finally:
                with self._lock:
                    if self._stops.get(name) is stop:  # else it is of newer work of that name
                        del self._stops[name]
                    self._futures.discard(future)
                future.set_result(None)

        threading.Thread(target=run, name=name, daemon=True).start()
        return future

    def stop(self, name: str) -> None:
        """Ask a piece of work to stop; one that is no longer at work is left alone."""
        with self._lock:
            stop = self._stops.get(name)
        if stop:
            stop.set()

    def settle(self) -> None:
        """Wait until nothing is at work, also nothing that was begun meanwhile."""
        while True:
            with self._lock:
                at_work = set(self._futures)
            if not at_work:
                return
            wait(at_work)

    def stop_all(self) -> None:
        """Ask everything at work to stop."""
        with self._lock:
            for stop in self._stops.values():
                stop.set()
