"""The Start page: what there is, and the next step."""

import pytest

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
