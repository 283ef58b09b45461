"""Cumulative layout shift of each page's load, by the browser's own measure, over that of an empty Streamlit app.

The empty app has the same sidebar and the same settings. Shifts within half a second of a person's input do not count,
as nobody touches the page here. Reference: W3C Layout Instability; web.dev, "Cumulative Layout Shift".
"""

import contextlib
from pathlib import Path

from pages.components.shell import sitemap
from tests.bench.demo_costs import seed
from tests.journeys import visitor as journeys
from tests.journeys.visitor import Visitor
from tests.local_service import PROJECT

WATCH = """
window.layoutShift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""
EMPTY = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
import streamlit as st
from pages.components.shell import sitemap

st.set_page_config(page_icon=sitemap.ICON, layout="wide")
st.logo(sitemap.LOGO, icon_image=sitemap.ICON, size="large")
st.navigation({{
    section: [
        st.Page(lambda title=title: st.title(title), title=title, icon=icon, url_path=name, default=name == "start")
        for name, title, icon in entries
    ]
    for section, entries in sitemap.SECTIONS.items()
}}).run()
"""
PAGES = tuple(name for entries in sitemap.SECTIONS.values() for name, _, _ in entries)
QUIET = 1500  # milliseconds after which nothing moves any more
WARM_UP = 15.0  # seconds that the server's warm-up thread is given


class LayoutShift:
    """A dashboard on the demonstration account and an empty one, with a browser. `seeded`: whether it is filled."""

    def __init__(self, folder: Path, seeded: bool = True) -> None:
        self._folder, self._seeded = folder / "shift", seeded

    def __enter__(self) -> "LayoutShift":
        self._open = contextlib.ExitStack()
        self._folder.mkdir()
        script = self._folder / "empty.py"
        script.write_text(EMPTY)
        home = self._folder / "home"
        home.mkdir()
        if self._seeded:
            seed(home / "data")
        self._ours = self._open.enter_context(journeys.dashboard(home))
        self._empty = self._open.enter_context(journeys.dashboard(self._folder / "nobody", script))
        self._browser = self._open.enter_context(journeys.chromium())
        visitor = Visitor(self._browser, self._ours)
        visitor.open("costs")  # what runs is asked for once before anything is measured
        visitor.page.wait_for_timeout(WARM_UP * 1000)
        visitor.page.context.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of_page(self, name: str) -> float:
        """The shift of one page's load."""
        return self._measured(self._ours, name)

    def of_empty_app(self) -> float:
        """The shift of the empty app's load."""
        return self._measured(self._empty, "")

    def _measured(self, url: str, path: str) -> float:
        visitor = Visitor(self._browser, url)
        visitor.page.add_init_script(WATCH)
        visitor.open(path)
        visitor.page.wait_for_timeout(QUIET)
        visitor.settle()
        shift = float(visitor.page.evaluate("window.layoutShift"))
        visitor.page.context.close()
        return shift
