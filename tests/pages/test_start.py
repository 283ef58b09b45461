"""The Start page: what there is, and the next step."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pages.components.queries import evaluations
from services.endpoints import deploy as endpoint_deployment
from tests.local_service import LocalService
from tests.pages.app import metrics, open_page, stand_at, words
from tests.services.training_factory import WHEN, make_data, make_model


@pytest.mark.slow
def test_the_next_step_follows_what_there_is(own_local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    account = own_local.account
    stand_at(monkeypatch, own_local.folder)
    assert "**Next:** choose and prepare a data set." in words(open_page("start"))
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


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_registering_is_a_step_of_the_path_between_evaluating_and_deploying() -> None:
    links: list[Any] = list(open_page("start").main.get("page_link"))
    titles = [link.proto.label for link in links]
    assert titles[titles.index("Evaluate") :] == ["Evaluate", "Registry", "Endpoints", "Costs"]
