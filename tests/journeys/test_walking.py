"""Walking between pages in a real browser: what is selected stays selected, and the address names what is shown."""

import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from services.aws.account import Account
from tests.journeys.visitor import Visitor, chromium, close_windows, dashboard
from tests.local_service import ROLE
from tests.services.training_factory import make_data, make_model

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OFFICE = "office"  # another account: a profile of the user's own, that leads to the same service
# What the server says arrives half a second late, as over a slow line.
SLOW = """
const listen = WebSocket.prototype.addEventListener;
WebSocket.prototype.addEventListener = function (kind, heard, ...options) {
  const late = kind === 'message' ? event => setTimeout(() => heard(event), 500) : heard;
  return listen.call(this, kind, late, ...options);
};
"""


@dataclass
class Place:
    """A dashboard whose account has two data sets, and a job that is older than the others."""

    url: str
    running: Browser
    older: str
    newest: str

    def visit(self, path: str, width: int = 1440) -> Visitor:
        """Someone who comes by this address."""
        close_windows(self.running)
        visitor = Visitor(self.running, self.url, width)
        visitor.open(path)
        return visitor


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with dashboard(home) as url, chromium() as running:
        files = (home / "data" / "aws" / "config", home / "data" / "aws" / "credentials")
        account = Account("This computer", "us-east-1", "sagedeck", files, role=ROLE)
        add_office(home, files)
        cells, tissue = make_data(account, "cells"), make_data(account, "tissue")
        older, _, newest = (make_model(account, data).name for data in (cells, tissue, cells))
        yield Place(url, running, older, newest)


def add_office(home: Path, files: tuple[Path, Path]) -> None:
    """Have the user's own configuration lead there, too."""
    own = configparser.ConfigParser()
    own.read(files)
    written = configparser.ConfigParser()
    written[f"profile {OFFICE}"] = {**own["profile sagedeck"], **own["sagedeck"]}
    (home / ".aws").mkdir()
    with (home / ".aws" / "config").open("w") as file:
        written.write(file)


def stays(visitor: Visitor, key: str, name: str, value: str) -> None:
    """Fails unless the box `key` shows `value`, the address says so, and a reload shows the same."""
    shows(visitor, key, name, value)
    visitor.page.reload()
    shows(visitor, key, name, value)


def shows(visitor: Visitor, key: str, name: str, value: str) -> None:
    """Fails unless the box `key` shows `value` and the address says `name=value`, once."""
    expect(visitor.key(key).locator("input").first).to_have_value(value)
    visitor.settle()
    assert visitor.address.get(name) == [value]


def follow(visitor: Visitor, link: str) -> None:
    """Take the link of a page to the next one."""
    visitor.page.get_by_test_id("stMain").get_by_role("link", name=link).click()


def test_the_job_of_a_link_is_the_one_that_is_judged_and_deployed_whatever_is_clicked(place: Place) -> None:
    visitor = place.visit(f"train?job={place.older}")
    follow(visitor, "Evaluate")
    shows(visitor, "job", "job", place.older)
    visitor.choose("split", "validation")
    visitor.press("score")
    stays(visitor, "job", "job", place.older)
    follow(visitor, "Deploy")
    shows(visitor, "deploy_job", "job", place.older)
    visitor.fill("endpoint_instances", "2")
    visitor.fill("endpoint_instances", "1")
    stays(visitor, "deploy_job", "job", place.older)
    assert visitor.faults == []


def test_a_job_that_is_chosen_stays_on_the_way_through_the_navigation(place: Place) -> None:
    visitor = place.visit("evaluate")
    shows(visitor, "job", "job", place.newest)
    visitor.choose("job", place.older)
    for title, key in (("Endpoints", "deploy_job"), ("Costs", ""), ("Evaluate", "job")):
        visitor.walk(title)
        if key:
            shows(visitor, key, "job", place.older)
    stays(visitor, "job", "job", place.older)


def test_the_data_set_of_a_link_is_learned_from_even_after_another_one_was_chosen(place: Place) -> None:
    visitor = place.visit("data?data=cells")
    visitor.walk("Tune")
    shows(visitor, "data", "data", "cells")
    visitor.choose("data", "tissue")
    visitor.walk("Data")
    shows(visitor, "prepared", "data", "tissue")
    visitor.choose("prepared", "cells")
    follow(visitor, "Train a model")
    shows(visitor, "data", "data", "cells")
    visitor.fill("hp_num_round", "7")
    stays(visitor, "data", "data", "cells")


def test_what_a_button_opens_is_shown_even_after_another_job_was_looked_at(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.newest}")
    visitor.press("score")
    visitor.sees("Average precision")
    visitor.open(f"registry?register={place.older}")
    visitor.walk("Start")
    visitor.press("next_step")
    stays(visitor, "register_job", "register", place.newest)


def test_the_view_and_the_rows_that_a_link_names_are_shown_even_after_others_were_chosen(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.older}")
    visitor.press("score")
    visitor.sees("Average precision")
    visitor.choose("split", "test")
    visitor.walk("Registry")
    visitor.page.get_by_role("radio", name="Register").click()
    visitor.settle()
    visitor.choose("register_job", place.older)
    visitor.page.get_by_role("radio", name="Versions").click()
    visitor.walk("Evaluate")
    visitor.choose("split", "validation")
    follow(visitor, "Register with this threshold")
    shows(visitor, "register_job", "register", place.older)
    visitor.walk("Evaluate")
    visitor.choose("split", "test")
    visitor.walk("Registry")
    visitor.choose("register_job", place.older)
    follow(visitor, "Choose threshold on Evaluate")
    shows(visitor, "job", "job", place.older)
    expect(visitor.key("split").locator("input").first).to_have_value("validation")


def test_the_way_back_shows_what_was_shown(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.older}")
    visitor.choose("job", place.newest)
    shows(visitor, "job", "job", place.newest)
    visitor.page.go_back()
    shows(visitor, "job", "job", place.older)
    follow(visitor, "Deploy")
    shows(visitor, "deploy_job", "job", place.older)
    visitor.page.go_back()
    stays(visitor, "job", "job", place.older)


def test_a_choice_made_on_a_slow_line_is_not_undone_by_the_next_click(place: Place) -> None:
    visitor = Visitor(place.running, place.url)
    visitor.page.add_init_script(SLOW)
    visitor.open(f"evaluate?job={place.older}")
    shows(visitor, "job", "job", place.older)
    visitor.key("job").locator("input").first.click()
    visitor.page.get_by_role("option", name=place.newest).first.click()
    visitor.click("score")
    assert visitor.address["job"] == [place.older]  # the server's answer is still on its way
    visitor.page.wait_for_url(lambda url: place.newest in url)
    stays(visitor, "job", "job", place.newest)


@pytest.mark.parametrize("width", [1440, 480])
def test_the_account_stays_on_every_way(place: Place, width: int) -> None:
    visitor = place.visit(f"train?account={OFFICE}&job={place.older}", width)
    follow(visitor, "Evaluate")
    shows(visitor, "job", "job", place.older)
    visitor.choose("split", "test")
    follow(visitor, "Deploy")
    shows(visitor, "deploy_job", "job", place.older)
    assert visitor.address["account"] == [OFFICE]
    visitor.page.reload()
    visitor.settle()
    assert visitor.address["account"] == [OFFICE]
    expect(visitor.page.get_by_text(f"AWS · {OFFICE} · us-east-1")).to_have_count(1)


def test_another_account_in_the_sidebar_leaves_nothing_of_the_first(place: Place) -> None:
    visitor = place.visit(f"evaluate?job={place.older}")
    visitor.choose("account", OFFICE)
    shows(visitor, "account", "account", OFFICE)
    stays(visitor, "job", "job", place.newest)
