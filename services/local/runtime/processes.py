"""Processes of our own, forked from a server that has the algorithms' libraries loaded already.

XGBoost takes seconds to import and milliseconds to fork. The fork server itself never computes anything: OpenMP's
threads do not survive a fork.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from typing import Any

LOOK = 1.0  # seconds between two looks whether the fork server is there
LOST = 255  # the exit code of a process whose fork server died; whether it ended by itself is not known
PRELOADED = "services.local.algorithms.preloaded"


class Processes:
    """Starts processes; every one of them ends when this process or the fork server does, however that ends.

    Without the fork server nobody would know of their end. The next `start` starts another fork server.
    """

    def __init__(self) -> None:
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # as fast, and it gives back what is unused
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOADED])

    def warm(self) -> None:
        """Load the libraries now, in the background, so that the first job need not wait for them."""
        threading.Thread(target=lambda: self.start(_do_nothing).join(), daemon=True).start()

    def start(self, target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
        """Run `target(*arguments)`, both picklable, in a process of its own."""
        process = self._context.Process(target=_run_guarded, args=(target, arguments), daemon=True)
        process.start()
        return process


def _do_nothing() -> None:
    pass


def _run_guarded(target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, whose end is our end
    threading.Thread(target=_die_with_parent, daemon=True).start()
    target(*arguments)


def die_with_service() -> None:
    """Wait for the end of the service, and end with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _die_with_parent() -> None:
    parent, server = multiprocessing.parent_process(), os.getppid()
    if parent is not None:
        while not wait([parent.sentinel], timeout=LOOK) and os.getppid() == server:
            pass
        os._exit(1)
