"""The search spaces that the Tune form begins with, over a running local service."""

import pytest
from streamlit.testing.v1 import AppTest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.tuning import search_space
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import chosen, errors, open_page, words
from tests.pages.tune.test_failed_trials import make_fraud
from tests.services.tuning.test_tuning import ended

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("account")]


@pytest.fixture(scope="module")
def fraud(local: LocalService) -> PreparedData:
    return make_fraud(local.account)


def form(data: PreparedData) -> AppTest:
    return open_page("tune", data=data.name, tune_view="New search")


def settings(page: AppTest) -> list[str]:
    value: list[str] = page.multiselect(key="tune_settings_xgboost").value
    return value


def test_the_form_begins_with_recommended_ranges_and_says_so(data: PreparedData) -> None:
    page = form(data)
    assert (page.number_input(key="eta_low").value, page.number_input(key="eta_high").value) == (0.01, 0.3)
    assert page.selectbox(key="eta_scale").value == "Logarithmic"
    assert page.number_input(key="tune_rounds").value == 300
    assert page.text_input(key="early_stopping_rounds_kept").value == "30"
    assert "Recommended ranges: " in words(page)


def test_the_tutorials_ranges_are_one_click_away(account: Account, data: PreparedData) -> None:
    page = form(data)
    page.button(key="search_preset_1").click().run()
    assert "AWS tutorial ranges: " in words(page)
    page.number_input(key="max_jobs").set_value(3)
    page.number_input(key="tune_rounds").set_value(3)
    page.text_input(key="tuning_name").set_value(unique("tutorial"))
    page.segmented_control(key="tune_baseline_kind").set_value("None")
    page.button(key="launch_tuning").click().run()
    assert not errors(page)
    job = ended(account, chosen(page, "tuning"))
    assert set(job.ranges) == set(search_space.TUTORIAL_RANGES)
    assert "early_stopping_rounds" not in job.fixed


def test_a_changed_search_space_is_called_ones_own_and_a_preset_brings_its_ranges_back(data: PreparedData) -> None:
    page = form(data)
    page.number_input(key="eta_high").set_value(0.5).run()
    assert "Your own search space." in words(page)
    page.button(key="search_preset_0").click().run()
    assert page.number_input(key="eta_high").value == 0.3


def test_of_a_rare_class_steps_are_limited_and_for_other_data_no_longer(
    data: PreparedData, fraud: PreparedData
) -> None:
    page = form(fraud)
    assert page.number_input(key="max_delta_step_kept").value == 1
    page.selectbox(key="data").set_value(data.name).run()
    assert "max_delta_step" not in settings(page)
    assert "early_stopping_rounds" in settings(page)


def test_what_somebody_changed_stays_for_other_data(data: PreparedData, fraud: PreparedData) -> None:
    page = form(data)
    page.number_input(key="eta_high").set_value(0.5).run()
    page.selectbox(key="data").set_value(fraud.name).run()
    assert page.number_input(key="eta_high").value == 0.5


def test_the_average_precision_is_an_aim_with_a_word_on_aws(data: PreparedData) -> None:
    page = form(data)
    page.selectbox(key="objective_metric").set_value("validation:aucpr").run()
    assert r"does not list validation\:aucpr" in words(page)
