"""A dashboard that runs, and a visitor with a real browser: what the journeys are written in."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from tests import browser
from tests.local_service import PROJECT, eventually
from tests.moto_account import ROLE

PICTURES = PROJECT / "screenshots"
AWS = "account=work&region=us-east-1"  # what an address says of the account behind `aws_home`
ROW = 33  # pixels of a row of a table, or of its header
PATIENCE = 150  # seconds that anything may take: a shared machine draws late, and only what fails waits so long
CLICKS = 5  # on a box, until its list stays open
expect.set_options(timeout=PATIENCE * 1000)
# Notes in the page when the browser last asked something of the server, and when the server last said anything.
TALK = """
window.asked = window.told = -1;
const send = WebSocket.prototype.send, heard = new WeakSet();
WebSocket.prototype.send = function (...said) {
  if (!heard.has(this)) this.addEventListener('message', () => { window.told = performance.now(); });
  heard.add(this);
  window.asked = performance.now();
  return send.apply(this, said);
};
"""
# The server has begun to answer, which it may do late, and the script has run and is drawn.
IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return !!app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && window.told >= window.asked
    && !document.querySelector('[data-testid="stSkeleton"]') && !document.querySelector('[data-stale="true"]');
}"""
# It has been so for a while since `turn` began: what is clicked asks a little later, and a run may ask for another.
SETTLED = f"""turn => {{
  const now = performance.now();
  if (!({IDLE})() || window.turn !== turn) window.idleSince = now;
  window.turn = turn;
  return now - window.idleSince >= 200;
}}"""


@contextlib.contextmanager
def dashboard(folder: Path, script: Path = PROJECT / "sagedeck.py") -> Iterator[str]:
    """The dashboard (or another Streamlit script) of someone whose home is `folder`; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(folder), "SAGEDECK_DATA": str(folder / "data")}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=PROJECT,
        env=environment,
        stdout=2,  # beside the errors, so that the bench prints its own lines only
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(f"{url}/_stcore/health"), within=PATIENCE)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def _answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=10).status == 200)
    except (urllib.error.URLError, TimeoutError):
        return False


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser.executable(), args=browser.ARGUMENTS)
        yield running
        running.close()


def close_windows(running: Browser) -> None:
    """Close what earlier tests have left open: a page goes on asking the dashboard, and drawing."""
    for context in running.contexts:
        context.close()


class Visitor:
    """Someone with a browser window on the dashboard."""

    def __init__(self, running: Browser, url: str, width: int = 1440, scheme: Any = "light") -> None:
        self.url = url
        context = running.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script(TALK)
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._turn = 0
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str) -> None:
        """Go to a page by its address, as a deep link does."""
        self.page.goto(f"{self.url}/{path}")
        self.settle()

    @property
    def address(self) -> dict[str, list[str]]:
        """What the address selects."""
        return parse_qs(urlsplit(self.page.url).query)

    def walk(self, title: str) -> None:
        """Go to a page by the navigation."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        expect(self.page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
        self.settle()

    def settle(self, within: float = PATIENCE) -> None:
        """Wait until the script has run and everything is drawn."""
        self._turn += 1
        self.page.wait_for_function(SETTLED, arg=self._turn, timeout=within * 1000)

    def key(self, name: str) -> Locator:
        """The widget with a key."""
        return self.page.locator(f".st-key-{name}")

    def press(self, name: str, within: float = PATIENCE) -> None:
        """Press the button with a key."""
        self.click(name)
        self.settle(within)

    def click(self, name: str) -> None:
        """Press a button on or before a page that follows a job: on a slow machine such a page never settles."""
        self.key(name).get_by_role("button").first.click()

    def fill(self, name: str, text: str) -> None:
        """Type into the field with a key."""
        field = self.key(name).locator("input, textarea").first
        field.fill(text)
        field.press("Enter" if field.evaluate("e => e.tagName") == "INPUT" else "Control+Enter")
        self.settle()

    def choose(self, name: str, option: str) -> None:
        """Choose an option of the select box with a key."""
        for _ in range(CLICKS):  # a page that is still being drawn may close the list again
            self.key(name).locator("input").first.click()
            with contextlib.suppress(TimeoutError):
                self.page.get_by_role("option", name=option).first.click(timeout=PATIENCE * 1000 / CLICKS)
                break
        else:
            raise AssertionError(f"{name} offers no {option}")
        self.settle()

    def tick_first_row(self) -> None:
        """Tick the first row of the page's first table, which is drawn on a canvas."""
        self._tick(1)

    def tick_row(self, text: str) -> None:
        """Tick the row with `text` in it, of those of the first table that need no scrolling."""
        rows = self.page.locator("canvas").first.locator("tr")  # what the canvas draws, for those who cannot see it
        self._tick(int(rows.filter(has_text=text).first.get_attribute("aria-rowindex") or 0) - 1)

    def tick_all(self) -> None:
        """Tick every row of the first table."""
        self._tick(0)

    def _tick(self, row: int) -> None:
        # One call of the browser, so that no rerun can put another table in its place in between.
        x, y = self.page.locator("canvas").first.evaluate(
            "table => { table.scrollIntoView({block: 'nearest'});"
            " const box = table.getBoundingClientRect(); return [box.x, box.y]; }"
        )
        self.page.mouse.click(x + 18, y + (row + 0.5) * ROW)
        self.settle()

    def sees(self, text: str, within: float = PATIENCE) -> None:
        """Fails unless `text` is on the page, soon."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=within * 1000)

    def sees_in_table(self, text: str, within: float = PATIENCE) -> None:
        """Fails unless `text` is in a row of a table, soon; a table is drawn on a canvas."""
        expect(self.page.locator("canvas tr").filter(has_text=text).first).to_be_attached(timeout=within * 1000)

    def metric(self, label: str) -> str:
        """The value of the metric with a label."""
        shown = self.page.get_by_test_id("stMetric").filter(has_text=label).first
        text: str = shown.get_by_test_id("stMetricValue").inner_text()
        return text

    def sees_no_fault(self) -> None:
        """Fails when the page shows an exception, or the browser has met an error of a script since it was opened."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        assert self.faults == []

    def picture(self, name: str, live: bool = False) -> None:
        """A screenshot of the whole page, to be looked at; `live` is one that follows a job."""
        PICTURES.mkdir(exist_ok=True)
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        size = self.page.viewport_size
        assert size
        self.page.set_viewport_size({"width": size["width"], "height": max(1000, min(height, 4000))})
        if not live:
            self.settle()
        self.page.wait_for_timeout(600)  # charts animate
        self.page.screenshot(path=PICTURES / f"{name}.png")
        self.page.set_viewport_size(size)


def set_the_role(visitor: Visitor) -> None:
    """On the account of `aws_home`, save the role that jobs and models run under."""
    visitor.open(f"settings?{AWS}")
    visitor.sees("AWS · work · us-east-1")
    visitor.fill("role", ROLE)
    visitor.press("keep")


def prepare_tumours(visitor: Visitor, name: str) -> None:
    """Prepare 569 tumours under a name."""
    visitor.walk("Data")
    visitor.page.get_by_role("radio", name="Breast cancer").click()
    visitor.sees("Rows by class")
    visitor.fill("name", name)
    visitor.press("prepare")
    visitor.sees(f"{name} is prepared at")


def train(visitor: Visitor) -> None:
    """Launch a training job with the form as it stands; AWS's imitation completes it at once."""
    visitor.walk("Train")
    visitor.press("launch")
    visitor.sees("Completed")
    visitor.settle()


def deploy(visitor: Visitor, name: str) -> None:
    """Deploy the model of the form on Endpoints."""
    visitor.walk("Endpoints")
    visitor.page.get_by_label("Endpoint name").fill(name)
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("InService")
