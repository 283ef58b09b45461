"""Text of an account and its data in a real browser: it becomes no element, and nothing it names is fetched."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from services.aws.account import Account
from services.codegen import request_documents
from services.data import prepare as data_preparation
from tests.journeys.visitor import Visitor, chromium, dashboard
from tests.local_service import IMAGE, LocalService
from tests.services.registry.version_factory import make_version
from tests.services.training_factory import WHEN, ended, make_model, make_plan

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Elements made of planted text: those that say or show it alone, or lead to the listener.
MADE = """listener => [...document.querySelectorAll('img, a, strong, b, em, [class*=ColoredText], .katex')]
  .filter(each => [each.alt, each.textContent.trim()].includes('planted') || each.matches('.katex')
    || (each.href || each.src || '').startsWith(listener))
  .map(each => each.outerHTML)"""
BOLD_IN_CHARTS = """() => [...document.querySelectorAll('svg text tspan')]
  .filter(each => each.style.fontWeight && each.textContent.includes('planted')).map(each => each.outerHTML)"""
TURNED = """() => [...document.querySelectorAll('[data-testid=stMarkdownContainer], svg text')]
  .map(each => each.textContent).filter(text => text.includes('\\u202e'))"""


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps the path of whatever is asked of it."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a server of the test's own."""
    Listener.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def table(planted: str) -> pd.DataFrame:
    """Rows whose columns and classes are called so."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(400, 2)).round(6), columns=[f"size {planted}", f"age {planted}"])
    frame[f"kind {planted}"] = np.where(frame.iloc[:, 0] > 0.5, f"yes {planted}", f"no {planted}")
    return frame


def furnish(account: Account, planted: str) -> dict[str, str]:
    """A failed job, a registered model and a file with that text in them; the addresses of their pages."""
    rows = table(planted)
    data = data_preparation.prepare(
        account,
        rows,
        name="cells",
        source=planted,
        target=f"kind {planted}",
        positive=f"yes {planted}",
        now=WHEN,
        progress=lambda done, total: None,
    )
    request = request_documents.training(account, make_plan(data, eval_metric=planted), IMAGE, None)
    account.call("sagemaker", "create_training_job", TrainingJobName="failed", **request)
    assert "![planted](" in str(ended(account, "failed").failure)
    job = make_model(account, data)
    make_version(account, job, "Models", None, planted)
    bucket = account.default_bucket()
    account.call("s3", "put_object", Bucket=bucket, Key="rows.csv", Body=rows.to_csv(index=False).encode())
    place = {"source": "S3 address", "address": f"s3://{bucket}/rows.csv"}
    return {"train": "job=failed", "registry": "group=Models", "data": urlencode(place)}


def test_planted_text_makes_no_element_and_no_request(tmp_path: Path, listener: str) -> None:
    planted = (
        f"![planted]({listener}/p.png) [planted]({listener}/l) {listener}/planted :red[planted] **planted** "
        f"<b>planted</b> <img src={listener}/i.png alt=planted> $planted$ \u202eplanted"
    )
    home = tmp_path / "home"
    home.mkdir()
    service = LocalService(home / "data")
    pages = furnish(service.account, planted)
    service.stop()
    with dashboard(home) as address, chromium() as browser:
        visitor = Visitor(browser, address)
        for name, query in pages.items():
            visitor.open(f"{name}?{query}")
            visitor.sees("![planted](")
            if name == "data":
                visitor.page.get_by_role("tab", name="By class").click()
                visitor.settle()
            assert visitor.page.evaluate(MADE, listener) == []
            assert visitor.page.evaluate(BOLD_IN_CHARTS) == []
            assert visitor.page.evaluate(TURNED) == []
            visitor.picture(f"planted-{name}")
    assert Listener.asked == []
    assert visitor.faults == []
