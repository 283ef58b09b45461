"""Opening Costs on the demonstration account, over a Streamlit app with one table and one chart.

Both from the address until a table and a chart stand and nothing is left to draw, in a browser with an empty cache, and
ours with nothing asked for longer than an answer is fresh.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.costs_page import REMEMBERED
from tests.bench.page_opening import WARM_UP, painted
from tests.journeys import visitor as journeys
from tests.journeys.visitor import Visitor
from tests.local_service import PROJECT

PLAIN = """
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

st.set_page_config(layout="wide")
st.title("Costs")
st.dataframe(pd.DataFrame({"Resource": [f"endpoint-{n}" for n in range(10)], "$/h": range(10)}))
st.plotly_chart(go.Figure(go.Bar(x=[f"endpoint-{n}" for n in range(10)], y=list(range(10)))))
"""


def seed(data: Path) -> None:
    """Fill a data folder with the demonstration account."""
    command = [sys.executable, "-m", "services.local", "seed-demo", "--data-dir", str(data)]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)


class DemoCosts:
    """Both apps and a browser. `fill` fills the data folder of ours."""

    def __init__(self, folder: Path, fill: Callable[[Path], None] = seed) -> None:
        self._folder, self._fill = folder / "demo-costs", fill

    def __enter__(self) -> "DemoCosts":
        self._open = contextlib.ExitStack()
        home = self._folder / "home"
        home.mkdir(parents=True)
        script = self._folder / "plain.py"
        script.write_text(PLAIN)
        self._fill(home / "data")
        self._ours = self._open.enter_context(journeys.dashboard(home))
        self._plain = self._open.enter_context(journeys.dashboard(self._folder / "nobody", script))
        self._browser = self._open.enter_context(journeys.chromium())
        time.sleep(WARM_UP)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ours(self) -> float:
        """Seconds until Costs is quiet, when the account is asked anew."""
        time.sleep(REMEMBERED)
        return self._opened(f"{self._ours}/costs")

    def plain(self) -> float:
        """The same of the other app."""
        return self._opened(self._plain)

    def _opened(self, address: str) -> float:
        visitor = Visitor(self._browser, address)
        began = time.perf_counter()
        visitor.page.goto(address, wait_until="commit")
        visitor.page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for()
        visitor.page.locator(".js-plotly-plot .main-svg").first.wait_for()
        painted(visitor.page)
        took = time.perf_counter() - began
        visitor.page.context.close()
        return took
