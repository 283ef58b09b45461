"""Legibility in a real browser: contrast of text in both themes, and numbers that are whole in a narrow window."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from services.aws.account import Account
from tests.journeys.visitor import Visitor, chromium, close_windows, dashboard
from tests.local_service import ROLE
from tests.services.training_factory import make_data, make_model

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "start",
    "data",
    "train",
    "tune",
    "history",
    "evaluate",
    "registry",
    "endpoints",
    "costs",
    "connection",
    "settings",
)
LEAST = 4.5  # WCAG 2.2, success criterion 1.4.3
# What Streamlit 1.67 paints in colours that no option of config.toml changes: selector, theme, what it reaches, why.
EXCEPTIONS = (
    ("[data-testid=stBaseButton-primary]", "dark", 3.5, "white on primaryColor, which is also a chosen segment's text"),
    ("[data-testid=stBaseButton-primaryFormSubmit]", "dark", 3.5, "the same"),
    ("[data-testid=stMultiSelectTagsContainer]", "dark", 3.5, "the same"),
    ("::placeholder", "both", 2.0, "textColor at 40 %"),
)
TOO_PALE = (Path(__file__).parent / "contrast.js").read_text()
# The pixels of a heat map are read in the page: an SVG image has no colour of its own.
READ_IMAGES = """
() => Promise.all([...document.querySelectorAll('.svg-container image')].map(async image => {
  const source = new Image();
  source.src = image.getAttribute('xlink:href') || image.getAttribute('href');
  await source.decode();
  image.bitmap = source;
}))
"""
# Texts of metric cards that are wider than the room they have.
CUT = """
() => [...document.querySelectorAll('[data-testid=stMetric]')].flatMap(card =>
  [...card.querySelectorAll('[data-testid=stMetricLabel], [data-testid=stMetricValue], [data-testid=stMetricDelta]')]
    .flatMap(part => [part, ...part.querySelectorAll('*')])
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX !== 'visible')
    .map(e => e.textContent))
"""


# Widths in pixels of the cards of each row.
WIDTHS = """
() => Object.values(Object.groupBy(document.querySelectorAll('[data-testid=stMain] [data-testid=stMetric]'),
  card => Math.round(card.getBoundingClientRect().top))).map(row => row.map(card => Math.round(card.offsetWidth)))
"""


@dataclass
class Place:
    """A dashboard whose account has one trained model, which is evaluated."""

    url: str
    running: Browser
    job: str

    def visit(self, path: str, width: int = 1440, scheme: str = "light") -> Visitor:
        """Someone who comes by this address; on Evaluate and Train, with the charts drawn."""
        close_windows(self.running)
        visitor = Visitor(self.running, self.url, width, scheme)
        visitor.open(path + (f"?job={self.job}" if path in ("evaluate", "train") else ""))
        if path == "data":
            visitor.page.get_by_role("radio", name="Breast cancer").click()
            visitor.sees("Rows by class")
            visitor.settle()
        if path == "evaluate":
            visitor.press("score")
            visitor.sees("Confusion matrix")
            visitor.settle()
        return visitor


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with dashboard(home) as url, chromium() as running:
        files = (home / "data" / "aws" / "config", home / "data" / "aws" / "credentials")
        account = Account("This computer", "us-east-1", "sagedeck", files, role=ROLE)
        job = make_model(account, make_data(account, "cells"))
        yield Place(url, running, job.name)


def too_pale(visitor: Visitor, scheme: str) -> list[Any]:
    """Texts of the page whose contrast is below what is asked of them."""
    visitor.page.mouse.move(0, 0)  # nothing is hovered
    visitor.page.wait_for_timeout(600)  # charts and expanders animate
    visitor.page.evaluate(READ_IMAGES)
    reach = [(selector, least) for selector, theme, least, _ in EXCEPTIONS if theme in (scheme, "both")]
    found: list[Any] = visitor.page.evaluate(TOO_PALE, [LEAST, reach])
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_is_readable(place: Place, path: str, scheme: str) -> None:
    visitor = place.visit(path, scheme=scheme)
    for code in visitor.page.get_by_text("Show the code").all():
        code.click()
        visitor.settle()
    assert too_pale(visitor, scheme) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_metric_is_cut_at_1024_and_the_cards_of_a_row_are_equal(place: Place, path: str) -> None:
    visitor = place.visit(path, 1024)
    visitor.page.wait_for_timeout(300)
    assert visitor.page.evaluate(CUT) == []
    assert [row for row in visitor.page.evaluate(WIDTHS) if len(set(row)) > 1] == []
