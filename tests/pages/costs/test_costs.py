"""The Costs page: what runs, what it costs, and what could not be asked."""

import threading
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import prices as price_queries
from services import settings
from services.aws.account import Account
from tests.local_service import eventually
from tests.pages.costs.costs_page import DENIED, PAGE, FakeAccount, FakeSageMaker, metric, open_page, texts


def test_the_sum_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}))

    assert (metric(page, "Cost per hour"), metric(page, "Per day if left running")) == ("$0.345/h", "$8.28")


def test_each_thing_has_its_row_with_price_and_cost_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))

    row = page.dataframe[0].value.iloc[0]

    assert row["Name"] == "fraud"
    assert row["Runs on"] == "ml.m5.xlarge × 1"
    assert row["$/h"] == 0.23
    assert row["Cost so far"] == pytest.approx(2.3, abs=0.01)
    assert list(row["Idle for"]) == ["in use", "10 h"]
    assert row["Note"] == "Never used"


def test_the_longest_idle_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))

    assert metric(page, "Longest idle endpoint") == "10 h"


def test_an_unknown_price_is_told_beside_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.z9.xlarge"}))

    assert page.metric[0].delta == "at least"
    assert page.metric[0].help == "Not included: 1 resource with unknown price."


def test_what_could_not_be_asked_is_told_and_the_rest_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("list_apps",))

    page = open_page(monkeypatch, sagemaker)

    assert [each.value for each in page.warning] == [f"Studio app not included. {DENIED}"]
    assert len(page.dataframe[0].value) == 1


def test_many_that_could_not_be_asked_are_one_warning_with_their_sentences_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = ("list_apps", "list_clusters", "list_mlflow_apps")

    page = open_page(monkeypatch, FakeSageMaker(refused=refused))

    assert [each.value for each in page.warning] == [
        "3 kinds of resources not included: Studio app, MLflow app, HyperPod cluster."
    ]
    assert f"- HyperPod cluster not included. {DENIED}" in texts(page)


def test_nothing_running_says_so_and_shows_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    assert metric(page, "Cost per hour") == "$0.000/h"
    assert r"Nothing is running: \$0.000/h." in texts(page)
    assert len(page.get("page_link")) >= 1


def test_nothing_is_not_claimed_of_what_could_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(refused=("list_apps",)))

    assert "No running resources found." in texts(page)


def subheaders(page: AppTest) -> list[str]:
    return [str(each.value) for each in page.subheader]


def test_things_are_compared_in_a_chart_once_there_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    one = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))
    two = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}))

    assert ("Highest cost" in subheaders(one), "Highest cost" in subheaders(two)) == (False, True)


def test_the_last_day_is_drawn_and_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))  # for 10 h and a minute

    assert "Last 24 hours" in subheaders(page)
    assert r"\$2.30 in total, by hour (UTC)." in texts(page)


def test_a_month_whose_jobs_cannot_be_asked_is_told_to_lack_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("search",)))
    cost_queries.jobs_of_month(settings.account("", "")).wait(30)
    page.run()

    assert f"Training jobs of this month not included. {DENIED}" in [each.value for each in page.warning]


def test_a_selection_never_slides_to_another_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"})
    page = open_page(monkeypatch, sagemaker)
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()

    del sagemaker.endpoints["fraud"]  # by somebody else; its row is now another's
    page.button(key="costs_refresh").click().run()

    assert page.button(key="costs_shut_down").disabled


HUNG = threading.Event()  # while it is not set, sa-east-1 does not answer


class RegionalAccount(FakeAccount):
    """The same endpoints in every region."""

    def at(self, region: str) -> Account:
        return self if region == self.region else RegionalAccount(region=region, behind=vars(self)["sagemaker"])

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "list_regions":
            return {"Regions": [{"RegionName": name} for name in ("us-east-1", "eu-west-1", "sa-east-1")]}
        if self.region == "sa-east-1":
            HUNG.wait(60)
        return super().call(service, operation, **parameters)


def test_other_regions_are_counted_and_named_and_one_that_is_slow_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = RegionalAccount(behind=FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    for query in (
        inventory_queries.region_scan,
        inventory_queries.other_regions_scan,
        cost_queries.jobs_of_month,
        cost_queries.ledger,
        price_queries.price_list,
    ):
        query.clear()

    eventually(lambda: inventory_queries.other_regions_scan(account).look(0).waiting == ("sa-east-1",))
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    HUNG.set()

    assert [row["Region"] for _, row in page.dataframe[0].value.iterrows()] == ["eu-west-1", "us-east-1"]
    assert metric(page, "Cost per hour") == "$0.460/h"
    assert page.info[0].value == "1 region still loading: sa-east-1."
