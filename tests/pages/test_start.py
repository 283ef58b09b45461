"""The Start page: what there is, and the next step."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pages.components.queries.evaluation import evaluations
from services.endpoints import deploy as endpoint_deployment
from services.registry import approval as model_approval
from services.registry.versions import Approval, ModelVersion
from tests.local_service import LocalService
from tests.pages.app import metrics, open_page, stand_at, words
from tests.services.registry.version_factory import make_version
from tests.services.training_factory import WHEN, make_data, make_model


@pytest.mark.slow
def test_the_next_step_follows_what_there_is(own_local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    account = own_local.account
    stand_at(monkeypatch, own_local.folder)
    page = open_page("start")
    assert "**Next:** choose and prepare a data set." in words(page)
    assert [page.button(key=key).label for key in ("next_step", "next_step_data")] == [
        "Try it with sample data",
        "Choose data",
    ]
    data = make_data(account, "cells")
    assert "**Next:** train a model on cells." in words(open_page("start"))
    job = make_model(account, data)
    assert f"**Next:** evaluate {job.name} on rows it has not seen." in words(open_page("start"))
    endpoint_deployment.deploy(account, job, "live", "ml.m4.xlarge", 1, WHEN)
    page = open_page("start")
    assert "**Next:** endpoint live bills until it is deleted." in words(page)
    assert metrics(page) == {
        "Prepared data sets": "1",
        "Completed training jobs": "1",
        "Tuning jobs": "0",
        "Endpoints": "1",
    }
    assert list(page.main.dataframe[0].value["Job"]) == [job.name]


@pytest.mark.slow
def test_the_next_step_after_an_evaluation_is_to_register_or_deploy_that_very_job(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = own_local.account
    stand_at(monkeypatch, own_local.folder)
    evaluations.clear()
    data = make_data(account, "cells")
    older, newest = make_model(account, data), make_model(account, data)
    assert f"**Next:** evaluate {newest.name} on rows it has not seen." in words(open_page("start"))
    evaluations.evaluate_model(account, older, data, "test")
    page = open_page("start")
    assert f"**Next:** register {older.name}, which was just evaluated, or deploy it." in words(page)
    assert [page.button(key=key).label for key in ("next_step", "next_step_endpoints")] == ["Register", "Deploy"]
    endpoint_deployment.deploy(account, older, "live", "ml.m4.xlarge", 1, datetime.now(UTC))
    assert "**Next:** endpoint live bills until it is deleted." in words(open_page("start"))
    evaluations.clear()


@pytest.fixture
def registered(own_local: LocalService, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelVersion]:
    """A model that was evaluated just now and then registered, as the second version of a group."""
    account = own_local.account
    stand_at(monkeypatch, own_local.folder)
    evaluations.clear()
    data = make_data(account, "cells")
    job, other = make_model(account, data), make_model(account, data)
    make_version(account, other, "models")
    evaluations.evaluate_model(account, job, data, "test")
    assert f"**Next:** register {job.name}" in words(open_page("start"))
    yield make_version(account, job, "models")
    evaluations.clear()


@pytest.mark.slow
def test_a_model_that_is_registered_is_offered_to_be_deployed_only(registered: ModelVersion) -> None:
    page = open_page("start")
    told = f"**Next:** deploy {registered.job}, which was just evaluated and is registered as version 2 of models."
    assert told in words(page)
    assert page.button(key="next_step").label == "Deploy"


@pytest.mark.slow
def test_a_model_that_was_rejected_is_offered_neither_to_be_registered_nor_deployed(
    own_local: LocalService, registered: ModelVersion
) -> None:
    model_approval.decide(own_local.account, registered, Approval.REJECTED, "too many false alarms")
    assert "on rows it has not seen." in words(open_page("start"))


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_registering_is_a_step_of_the_path_between_evaluating_and_deploying() -> None:
    links: list[Any] = list(open_page("start").main.get("page_link"))
    titles = [link.proto.label for link in links]
    assert titles[titles.index("Evaluate") :] == ["Evaluate", "Registry", "Endpoints", "Costs"]
