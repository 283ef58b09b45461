"""First paint: until the title of the Start page stands, over an empty Streamlit app's title.

Not the browser's own "first contentful paint": that is Streamlit's shell, the same for both.
"""

import contextlib
import time
from pathlib import Path
from types import TracebackType

from tests.journeys import visitor

EMPTY = 'import streamlit as st\n\nst.title("Start")\n'
WARM_UP = 15.0  # seconds that the server's warm-up thread is given


class FirstPaint:
    """Both apps and a browser."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "FirstPaint":
        self._open = contextlib.ExitStack()
        script = self._folder / "empty.py"
        script.write_text(EMPTY)
        self._ours = self._open.enter_context(visitor.dashboard(self._folder / "home"))
        self._empty = self._open.enter_context(visitor.dashboard(self._folder / "home", script))
        self._browser = self._open.enter_context(visitor.chromium())
        time.sleep(WARM_UP)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def ours(self) -> float:
        """Seconds until the Start page's title stands, in a browser with an empty cache."""
        return self._title_after(self._ours)

    def plain(self) -> float:
        """The same of the empty app."""
        return self._title_after(self._empty)

    def _title_after(self, url: str) -> float:
        context = self._browser.new_context()
        page = context.new_page()
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.get_by_role("heading", name="Start", level=1).wait_for()
        took = time.perf_counter() - began
        context.close()
        return took
