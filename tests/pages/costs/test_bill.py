"""Prices, and what AWS itself says of the bill, on the Costs page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from pages.components.queries import prices as price_queries
from services import settings
from tests.pages.costs.costs_page import CLICKED, DENIED, PAGE, FakeAccount, FakeSageMaker, metric, open_page, texts
from tests.services.pricing.price_records import hour


def test_the_price_lists_prices_count_once_they_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    sagemaker.prices = [hour("ml.m5.xlarge", "Hosting", 0.5, region="us-east-1")]
    page = open_page(monkeypatch, sagemaker)

    price_queries.price_list(FakeAccount(behind=sagemaker)).wait()
    page.button(key="costs_refresh").click().run()

    assert metric(page, "Cost per hour") == "$0.500/h"
    assert "On-demand: AWS Price List of us-east-1," in texts(page)


def test_prices_that_are_refused_are_those_of_the_table_with_its_date_and_what_to_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("get_products",))
    page = open_page(monkeypatch, sagemaker)

    price_queries.price_list(FakeAccount(behind=sagemaker)).wait()
    page.run()

    assert metric(page, "Cost per hour") == "$0.230/h"
    assert "On-demand: list price of us-east-1, 28 September 2026." in texts(page)
    assert f"Current prices are not available. {DENIED}" in texts(page)


def test_aws_is_asked_for_the_bill_on_a_click_only_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker()
    page = open_page(monkeypatch, sagemaker)
    before = list(sagemaker.asked)

    page.button(key="ask_spend").click().run()
    cost_queries.month_to_date.clear()
    page.run()

    assert (before, sagemaker.asked) == ([], ["get_cost_and_usage "])
    assert next(each.value for each in page.metric if each.label.startswith("SageMaker, 1 to ")) == "$12.50"
    assert page.dataframe[0].value.iloc[0].tolist() == ["USE1-Host:ml.m5.xlarge", "54.30 Hrs", 12.5]


def test_endpoints_that_aws_finds_idle_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    page.button(key="ask_idle").click().run()

    assert [each.value for each in page.warning] == ["**fraud**, observed for 14 days: Idle."]


def test_the_free_tier_is_a_bar_an_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    page.button(key="ask_free_tier").click().run()

    bar = page.get("progress")[0].proto
    assert (bar.value, bar.text) == (16, "Notebooks: 40.0 of 250 Hrs used, 80.0 by the end of the month")


@pytest.mark.parametrize(("key", "operation"), [*zip(("spend", "idle", "free_tier"), CLICKED, strict=True)])
def test_a_question_that_is_refused_is_one_sentence(key: str, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(refused=(operation,)))

    page.button(key=f"ask_{key}").click().run()

    assert [each.value for each in page.error] == [str(DENIED)]


def test_where_nothing_is_billed_there_is_no_bill_to_ask_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = FakeAccount(files=(tmp_path, tmp_path), behind=FakeSageMaker())
    monkeypatch.setattr(settings, "account", lambda title, region: here)

    page = AppTest.from_file(PAGE, default_timeout=150).run()

    assert "Nothing is billed on this computer." in texts(page)
    assert not [each.key for each in page.button if str(each.key).startswith("ask_")]
