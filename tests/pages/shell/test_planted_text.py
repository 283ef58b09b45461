"""Text of the account, the data and the address is text on every page: no element, no directive, no request."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.tune import job_monitor as tuning_monitor
from services.aws.account import Account
from services.aws.s3 import Address
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry
from services.data import prepare as data_preparation
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.shutdown import rules as shutdown_rules
from services.shutdown.rules import IdleFor, Rule
from services.tuning import launch as tuning_launch
from tests.local_service import LocalService, eventually
from tests.pages.app import NAMES, open_page, stand_at
from tests.pages.planted_text import PLANTED, drawn, plant
from tests.services.registry.version_factory import make_version, measured
from tests.services.training_factory import WHEN, make_model
from tests.services.tuning.test_tuning import ended, make_tuning_plan

pytestmark = pytest.mark.slow
FILE = f"{PLANTED.replace('/', '-')}.csv"
ONLY_NAMES = ("start", "history", "evaluate", "connection", "settings")  # and tables, which Streamlit draws as they are
UNKNOWN = dict.fromkeys(
    ("job", "data", "tuning", "endpoint", "register", "group", "again", "named", "tagged", "at", "address"), PLANTED
)


def table() -> pd.DataFrame:
    """Rows whose column and class names are planted."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(400, 2)).round(6), columns=[f"{PLANTED} size", f"{PLANTED} age"])
    positive = frame.iloc[:, 0] + random.normal(size=400) / 2 > 0.8
    frame[f"{PLANTED} kind"] = np.where(random.random(400) > 0.5, f"{PLANTED} a", f"{PLANTED} b")
    frame[PLANTED] = np.where(positive, f"{PLANTED} yes", f"{PLANTED} no")
    return frame


def prepared(account: Account) -> PreparedData:
    return data_preparation.prepare(
        account,
        table(),
        name="cells",
        source=PLANTED,
        target=PLANTED,
        positive=f"{PLANTED} yes",
        exclude=[f"{PLANTED} kind"],
        now=WHEN,
        progress=lambda done, total: None,
    )


class World:
    """An account with something of every kind."""

    def __init__(self, service: LocalService) -> None:
        self.service, account = service, service.account
        data = prepared(account)
        self.job = make_model(account, data, eval_metric="auc")
        make_version(account, self.job, "Models", measured(account, self.job, data), PLANTED)
        make_version(account, self.job, "Models", None, PLANTED)
        self.tuning = ended(account, tuning_launch.launch(account, make_tuning_plan(data))).name
        endpoint_deployment.deploy(account, self.job, "cells", "ml.m4.xlarge", 1, WHEN)
        eventually(lambda: endpoint_details.describe(account, "cells").status == "InService")
        bucket = account.default_bucket()
        account.call("s3", "put_object", Bucket=bucket, Key=FILE, Body=table().to_csv(index=False).encode())
        self.file = str(Address(bucket, FILE))
        shutdown_rules.add(account, Rule(PLANTED, PLANTED, IdleFor(2.0), PLANTED))
        entry = LedgerEntry(datetime.now(UTC), PLANTED, "Endpoint", PLANTED, (PLANTED,), 1.0, PLANTED, why=PLANTED)
        cost_ledger.append(account, entry, "planted-0")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    service = LocalService(tmp_path_factory.mktemp("service"))
    yield World(service)
    service.stop()


@pytest.fixture(autouse=True)
def planted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dashboard on that account, with planted text in whatever AWS answers."""
    call = Account.call

    def answer(self: Account, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        found: dict[str, Any] = plant(operation, call(self, service, operation, **parameters))
        return found

    monkeypatch.setattr(Account, "call", answer)
    stand_at(monkeypatch, world.service.folder)


def shown(page: AppTest) -> int:
    """How often planted text is read on the page; fails where it is anything but text."""
    texts = drawn(page)
    assert not [text for text in texts if text.is_live]
    return sum("planted" in text.text for text in texts)


@pytest.mark.parametrize("name", NAMES)
def test_text_of_the_account_is_text(world: World, name: str) -> None:
    query = {
        "train": {"job": world.job.name},
        "tune": {"tuning": world.tuning},
        "registry": {"group": "Models"},
        "history": {"compare": world.job.name},
        "data": {"source": "S3 address", "address": world.file},
    }
    page = open_page(name, **query.get(name, {}))
    assert shown(page) or name in ONLY_NAMES


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_the_form_of_an_earlier_job_tells_it_as_text(world: World) -> None:
    page = open_page("train", again=world.job.name)
    page.text_input(key="train_tags").set_value(f"{PLANTED}=me").run()
    assert shown(page)


@pytest.mark.parametrize("column", [f"{PLANTED} size", f"{PLANTED} kind"])
def test_the_distribution_of_a_column_shows_it_as_text(world: World, column: str) -> None:
    page = open_page("data", source="S3 address", address=world.file, target=PLANTED)
    page.session_state["view"] = "By class"
    page.run()
    assert shown(page.selectbox(key="column").select(column).run())


@pytest.mark.parametrize("tab", tuning_monitor.TABS)
def test_every_picture_of_a_search_shows_it_as_text(world: World, tab: str) -> None:
    page = open_page("tune", tuning=world.tuning)
    page.session_state["tuning_view"] = tab
    assert shown(page.run())


def test_an_evaluation_and_its_registration_show_it_as_text(world: World) -> None:
    assert shown(press(open_page("evaluate", job=world.job.name), "score"))
    assert shown(open_page("registry", register=world.job.name))


def test_a_prediction_shows_it_as_text() -> None:
    assert shown(press(open_page("endpoints", endpoint="cells"), "predict_row"))


@pytest.mark.parametrize("dialog", ["approve", "delete_version"])
def test_the_dialogs_of_a_version_show_it_as_text(dialog: str) -> None:
    assert shown(press(open_page("registry", group="Models", version="2"), dialog))


def test_the_dialog_of_a_jobs_files_shows_it_as_text(world: World) -> None:
    shown(press(open_page("history", compare=world.job.name), f"discard_{world.job.name}"))


def test_the_dialog_of_a_shutdown_shows_it_as_text() -> None:
    assert shown(press(open_page("endpoints", endpoint="cells"), "delete_endpoint"))


@pytest.mark.parametrize("name", NAMES)
def test_text_of_the_address_is_text(name: str) -> None:
    shown(open_page(name, **UNKNOWN))
