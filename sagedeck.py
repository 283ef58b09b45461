"""The dashboard and the local service as one program: `streamlit run sagedeck.py`.

`streamlit run streamlit_app.py` is the same dashboard without this computer's service, e.g. for AWS only.
"""

import sys

if sys.platform == "win32":  # before anything that may not be there
    sys.exit("SageDeck does not run on Windows itself. Install WSL (wsl --install) and start it in the Linux shell.")

import asyncio
import configparser
import gc
import importlib
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from services import settings
from services.shutdown import background

READY_WITHIN = 30.0  # seconds


def answers() -> bool:
    """Whether the local service of this data folder answers."""
    profile = configparser.ConfigParser()
    try:
        profile.read(settings.LOCAL_FILES[0])
    except (configparser.Error, UnicodeDecodeError):
        return False  # damaged; the service writes it anew when it starts
    url = profile.get("profile sagedeck", "endpoint_url", fallback=None)
    try:
        return bool(url) and urllib.request.urlopen(f"{url}/_health", timeout=1).status == 200
    except (urllib.error.URLError, TimeoutError):
        return False


def start_service() -> "subprocess.Popen[bytes] | None":
    """The local service as our child, answering; None when another one serves the data folder already."""
    if answers():
        return None
    command = [sys.executable, "-m", "services.local", "serve", "--with-parent"]
    child = subprocess.Popen(
        [*command, "--data-dir", str(settings.DATA_FOLDER)], stdin=subprocess.PIPE, cwd=Path(__file__).parent
    )
    deadline = time.monotonic() + READY_WITHIN
    while not answers() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return child


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
    child = await asyncio.to_thread(start_service)
    threading.Thread(target=warm, daemon=True).start()
    yield
    await asyncio.to_thread(background.SERVER.close)
    if child and child.stdin:
        child.stdin.close()  # it ends with its standard input, also when we are killed
        child.wait(timeout=10)


def in_one_sentence(fault: Exception) -> bool:
    """What a person sees of a fault nobody foresaw; Streamlit has logged the rest."""
    st.error(
        f"This page: {type(fault).__name__} stopped it. Reload the page; the terminal that runs SageDeck says more.",
        icon=":material/error:",
    )
    return True


app = st.App("streamlit_app.py", lifespan=lifespan, on_script_error=in_one_sentence)
