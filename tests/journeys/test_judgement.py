"""A model is judged: the verdict before any number, two models at equal recall, the report of the decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from services.aws.account import Account
from tests.journeys.visitor import Visitor, chromium, dashboard
from tests.local_service import ROLE
from tests.services.training_factory import make_data, make_model

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Place:
    """A dashboard whose account has a data set, a model of it that learned, and one that knows next to nothing."""

    url: str
    running: Browser
    good: str
    poor: str

    def visit(self, path: str) -> Visitor:
        """Someone who comes by this address and has the rows scored."""
        visitor = Visitor(self.running, self.url)
        visitor.open(path)
        visitor.press("score")
        return visitor


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with dashboard(home) as url, chromium() as running:
        files = (home / "data" / "aws" / "config", home / "data" / "aws" / "credentials")
        account = Account("This computer", "us-east-1", "sagedeck", files, role=ROLE)
        data = make_data(account, "cells", rows=4000)
        good = make_model(account, data, num_round="40")
        poor = make_model(account, data, num_round="1", colsample_bytree="0.01", max_depth="1", seed="3")
        yield Place(url, running, good.name, poor.name)


def view(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("radio", name=name, exact=True).click()
    visitor.settle()


def test_a_verdict_comes_before_the_numbers(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.good}")
    verdict = visitor.key("verdict")
    expect(verdict.get_by_text("Better than a random ranking")).to_be_visible()
    above = verdict.bounding_box()
    below = visitor.page.get_by_test_id("stMetric").first.bounding_box()
    assert above
    assert below
    assert above["y"] < below["y"]
    visitor.picture("verdict")
    visitor.sees_no_fault()


def test_at_equal_recall_the_better_model_raises_fewer_false_alarms(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.good}&view=Compare")
    visitor.fill("point_recall", "0.8")
    visitor.sees(f"At a recall of 0.80, {place.good} raises fewer false alarms than {place.poor}.")
    visitor.picture("compare")
    visitor.sees_no_fault()


def test_another_model_is_drawn_over_the_same_axes(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.good}&view=Curves")
    visitor.choose("beside", place.poor)
    visitor.page.keyboard.press("Escape")
    curves = visitor.key("roc_curves").locator(".legendtext")
    expect(curves).to_have_text([place.good, place.poor])
    visitor.picture("curves")
    visitor.sees_no_fault()


def test_the_report_of_a_version_is_read_from_the_registry(place: Place, tmp_path: Path) -> None:
    visitor = place.visit(f"evaluate?job={place.good}")
    visitor.page.get_by_role("link", name="Register with this threshold").click()
    visitor.sees("It waits for approval")
    visitor.press("register")
    visitor.sees("Version 1 of")
    visitor.open(f"evaluate?job={place.good}&view=Report")
    visitor.press("attach_report")
    visitor.sees("The report is attached to version 1 of cells.")
    visitor.picture("report-view")
    visitor.walk("Registry")
    visitor.sees("Version 1 of")
    with visitor.page.expect_download() as download:
        visitor.click("decision_report")
    file = tmp_path / "report.html"
    download.value.save_as(file)
    page = visitor.page.context.new_page()
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name=f"Decision report of {place.good}")).to_be_visible()
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    assert {"Result", "Decision", "Metrics", "Curves", "Slices", "Limits", "Data", "Recipe", "Model"} <= set(headings)
    visitor.sees_no_fault()
