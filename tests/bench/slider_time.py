"""A move of the threshold until the page is repainted, over the same in an empty app with a slider and one chart.

Ours is the Evaluate page of a model of the card fraud set, on its validation rows.
"""

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import pandas as pd

from services.aws.account import Account
from services.data import prepare as data_preparation
from tests.journeys import visitor as journeys
from tests.journeys.visitor import Visitor
from tests.local_service import ROLE
from tests.services.training_factory import make_model

EMPTY = """\
import plotly.graph_objects as go
import streamlit as st


@st.fragment
def repainted():
    threshold = st.slider("Threshold", 0.0, 1.0, 0.5, 0.001, key="threshold")
    figure = go.Figure(go.Scatter(y=[threshold * place for place in range(200)]))
    st.plotly_chart(figure, key="chart")


st.title("Start")
repainted()
"""
MOVE = """key => new Promise(resolve => {
  const app = document.querySelector('[data-testid="stApp"]');
  const thumb = document.querySelector('.st-key-threshold [role="slider"]');
  let ran = false;
  const began = performance.now();
  const watch = new MutationObserver(() => {
    if (app.dataset.testScriptState !== 'notRunning') { ran = true; return; }
    if (!ran) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)));
  });
  watch.observe(app, {attributes: true});
  thumb.focus();
  thumb.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
})"""
WARM_UP = 15.0  # seconds that the server's warm-up thread is given


class SliderTime:
    """Both apps, each open in a browser."""

    def __init__(self, folder: Path, frame: pd.DataFrame) -> None:
        self._folder, self._frame = folder, frame

    def __enter__(self) -> "SliderTime":
        self._open = contextlib.ExitStack()
        script, home = self._folder / "slider.py", self._folder / "judged"
        script.write_text(EMPTY)
        ours = self._open.enter_context(journeys.dashboard(home))
        plain = self._open.enter_context(journeys.dashboard(home, script))
        browser = self._open.enter_context(journeys.chromium())
        files = (home / "data" / "aws" / "config", home / "data" / "aws" / "credentials")
        account = Account("This computer", "us-east-1", "sagedeck", files, role=ROLE)
        data = data_preparation.prepare(
            account,
            self._frame,
            name="fraud",
            source="the bench",
            target="Class",
            positive="1",
            now=datetime.now(UTC),
            progress=lambda done, total: None,
        )
        job = make_model(account, data, num_round="30")
        time.sleep(WARM_UP)
        self._ours, self._plain = Visitor(browser, ours), Visitor(browser, plain)
        self._ours.open(f"evaluate?job={job.name}&split=validation&threshold=0.5")
        self._ours.press("score")
        self._plain.open("")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def ours(self) -> float:
        """Seconds of a move on the Evaluate page."""
        return self._move(self._ours)

    def plain(self) -> float:
        """The same of the empty app."""
        return self._move(self._plain)

    def _move(self, visitor: Visitor) -> float:
        took: float = visitor.page.evaluate(MOVE, "ArrowRight")
        visitor.settle()
        return took / 1000
