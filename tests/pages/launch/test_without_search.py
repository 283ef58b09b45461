"""A launch form of somebody who may not search: it estimates nothing, says so in one sentence, and still launches."""

from typing import Any

import pytest

from pages.components.queries import jobs as job_queries
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.training import jobs as training_jobs
from services.tuning import jobs as tuning_jobs
from tests.local.factories import unique
from tests.pages.app import chosen, errors, open_page, words

pytestmark = pytest.mark.slow
SAID = "Earlier jobs are not counted in an estimate. Search on AWS, us-east-1: not authorized. Ask for it."


@pytest.fixture(autouse=True)
def _denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AwsError("Search on AWS, us-east-1", "not authorized", "Ask for it", "AccessDeniedException")

    monkeypatch.setattr(job_queries.training, "completed_on", refuse)


def test_a_training_job_is_launched_and_the_sentence_told(account: Account, data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    assert SAID in words(page)

    page.number_input(key="hp_num_round").set_value(1)
    page.button(key="launch").click().run()

    assert errors(page) == []
    assert training_jobs.describe(account, chosen(page, "job")).name.startswith(data.name)


def test_a_tuning_job_is_launched_and_the_sentence_told(account: Account, data: PreparedData) -> None:
    page = open_page("tune", data=data.name, tune_view="New search")
    assert SAID in words(page)

    name = unique("unsearched")
    page.text_input(key="tuning_name").set_value(name)
    page.number_input(key="max_jobs").set_value(1)
    page.number_input(key="parallel").set_value(1)
    page.number_input(key="tune_rounds").set_value(1)
    page.segmented_control(key="tune_baseline_kind").set_value("None")
    page.button(key="launch_tuning").click().run()

    assert errors(page) == []
    assert tuning_jobs.describe(account, chosen(page, "tuning")).name == name
