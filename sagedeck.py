"""The dashboard and the local service as one program: `streamlit run sagedeck.py`.

`streamlit run streamlit_app.py` is the same dashboard without this computer's service, e.g. for AWS only.
"""

import sys

if sys.platform == "win32":  # before anything that may not be there
    sys.exit("SageDeck does not run on Windows itself. Install WSL (wsl --install) and start it in the Linux shell.")

import asyncio
import gc
import importlib
import subprocess
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from services import service_health, settings
from services.service_health import Health
from services.shutdown import background

COMMAND = (sys.executable, "-m", "services.local", "serve", "--with-parent")
READY_WITHIN = 30.0  # seconds
WATCH_EVERY = 2.0  # seconds between two looks at the service
LONGEST_PAUSE = 60.0  # seconds between two attempts to start one that ends at once, e.g. as the disk is full


class ServiceKeeper:
    """Keeps a local service answering on the data folder, as our child unless another dashboard's serves it already.

    One that has died, ours or another dashboard's, is started again; one that hangs is left alone, and pages say so.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Return when a service answers, or cannot; watch it from then on."""
        self._start_missing()
        self._watch.start()

    def close(self) -> None:
        """Stop watching, and end the service if it is our child."""
        self._closing.set()
        self._watch.join()
        if self._child and self._child.stdin:
            self._child.stdin.close()  # it ends with its standard input, also when we are killed
            try:
                self._child.wait(timeout=10)
            except subprocess.TimeoutExpired:  # it hangs
                self._child.kill()

    def _keep(self) -> None:
        pause = WATCH_EVERY
        while not self._closing.wait(pause):
            pause = WATCH_EVERY if self._start_missing() else min(2 * pause, LONGEST_PAUSE)

    def _start_missing(self) -> bool:
        """Start a service where there is none; whether there is one now."""
        if service_health.check() in (Health.OURS, Health.SILENT):
            return True
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [*COMMAND, "--data-dir", str(settings.DATA_FOLDER)], stdin=subprocess.PIPE, cwd=Path(__file__).parent
            )
        deadline = time.monotonic() + READY_WITHIN
        while (health := service_health.check()) is not Health.OURS and time.monotonic() < deadline:
            if self._child.poll() is not None or self._closing.wait(0.05):
                break
        return health is Health.OURS


def warm() -> None:
    """Import what pages need, then keep the collector away from it: reruns fall from 178 to 16 ms."""
    for name in ("plotly.graph_objects", "sklearn.datasets", "xgboost"):
        importlib.import_module(name)

    from services.training import sagemaker_sdk

    sagemaker_sdk.warm()
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the service and warm up; end the background thread, and then the service, with the dashboard."""
    keeper = ServiceKeeper()
    await asyncio.to_thread(keeper.start)
    threading.Thread(target=warm, daemon=True).start()
    yield
    await asyncio.to_thread(background.SERVER.close)
    await asyncio.to_thread(keeper.close)


def in_one_sentence(fault: Exception) -> bool:
    """What a person sees of a fault nobody foresaw; Streamlit has logged the rest."""
    st.error(
        f"This page: {type(fault).__name__} stopped it. Reload the page; the terminal that runs SageDeck says more.",
        icon=":material/error:",
    )
    return True


app = st.App("streamlit_app.py", lifespan=lifespan, on_script_error=in_one_sentence)
