"""The Tune page's pictures of a search that has ended, over a running local service."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.tune import job_monitor as tuning_monitor
from services import settings
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.tuning import fanova, search_space
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning.jobs import TuningJob
from services.tuning.search_space import Choices, Range
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import REFUSED, errors, metrics, open_page, refuse, words
from tests.services.training_factory import make_data
from tests.services.tuning.test_tuning import ended, make_tuning_plan

pytestmark = pytest.mark.slow
PICTURES = [name for name in tuning_monitor.TABS if name != "Trials"]
SEARCHED = (*search_space.TUTORIAL_RANGES[:1], Range("max_depth", 1, 10, True), Choices("subsample", ("0.6", "1")))


@pytest.fixture(scope="module")
def job(local: LocalService) -> TuningJob:
    """A completed search of a continuous range, an integer range and a choice."""
    plan = make_tuning_plan(make_data(local.account), ranges=SEARCHED, max_jobs=12, parallel=4)
    return ended(local.account, tuning_launch.launch(local.account, plan))


def opened(job: TuningJob, tab: str) -> AppTest:
    page = open_page("tune", tuning=job.name)
    page.session_state["tuning_view"] = tab
    page.run()
    assert not page.exception
    assert not page.main.error
    return page


def figures(page: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in page.main.get("plotly_chart")]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("tab", PICTURES)
def test_every_picture_opens_and_only_the_open_one_is_drawn(job: TuningJob, tab: str) -> None:
    charts = {each.proto.id.rpartition("-")[2] for each in opened(job, tab).main.get("plotly_chart")}
    expected = {
        "Progress": {"progress"},
        "Parallel coordinates": {"parallel"},
        "Slices": {"effect_eta", "effect_max_depth", "effect_subsample"},
        "Contour": {"landscape"},
        "Importance": {"importance"},
        "Timeline": {"timeline"},
        "Learning curves": {"curves"},
        "Cost": {"spending"},
    }
    assert charts == expected[tab]


def test_table_verdict_and_pictures_are_drawn_from_one_paged_read(
    account: Account, job: TuningJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Counter[str]()

    class Counting(Account):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            asked[operation] += 1
            return super().call(service, operation, **parameters)

    monkeypatch.setattr(settings, "account", lambda title, region: Counting(**vars(account)))
    st.cache_resource.clear()
    page = open_page("tune", tuning=job.name)
    for tab in tuning_monitor.TABS:
        page.session_state["tuning_view"] = tab
        page.run()
    assert asked["list_training_jobs_for_hyper_parameter_tuning_job"] == 1


@pytest.mark.usefixtures("account")
def test_whoever_may_not_list_the_trials_can_still_deploy_the_best_one(
    job: TuningJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning_jobs, "trials", refuse)
    st.cache_resource.clear()
    page = open_page("tune", tuning=job.name)
    assert errors(page) == [str(REFUSED)]
    links: list[Any] = list(page.main.get("page_link"))
    assert {link.proto.label: link.proto.query_string for link in links}["Deploy best model"] == f"job={job.best}"


def test_the_table_lists_every_trial_with_the_best_first_and_marked(account: Account, job: TuningJob) -> None:
    table = open_page("tune", tuning=job.name).main.dataframe[0].value
    best = next(trial for trial in tuning_jobs.trials(account, job.name) if trial.name == job.best)
    assert len(table) == 12
    assert table["Best"].tolist() == ["★", *[""] * 11]
    assert table.iloc[0]["Training job"] == job.best
    assert table.iloc[0]["subsample"] == best.hyperparameters["subsample"]
    assert table[job.objective].is_monotonic_decreasing


def test_the_trials_are_downloaded_as_the_table_shows_them(account: Account, job: TuningJob) -> None:
    found = tuning_jobs.trials(account, job.name)
    columns = tuning_monitor.in_columns(account, job, found, job.created)
    lines = list(csv.DictReader(io.StringIO(tuning_monitor.as_csv(columns).decode())))
    assert {line["Training job"]: float(line[job.objective]) for line in lines} == {
        trial.name: trial.value for trial in found
    }


@pytest.mark.usefixtures("account")
def test_a_search_that_ended_tells_its_trials_time_and_money(job: TuningJob) -> None:
    shown = metrics(open_page("tune", tuning=job.name))
    assert (shown["Trials"], shown["Failed or stopped"]) == ("12", "0")
    assert shown["Cost"].startswith(("$", "<$"))


@pytest.mark.usefixtures("account")
def test_two_settings_are_chosen_for_the_map(job: TuningJob) -> None:
    page = opened(job, "Contour")
    page.selectbox(key="tune_across").set_value("subsample").run()
    assert page.selectbox(key="tune_up").options == ["eta", "max_depth"]
    assert not page.exception


def test_a_search_that_failed_says_why(account: Account, data: PreparedData) -> None:
    gone = replace(data, name="gone", address=data.address / "gone")
    failed = ended(account, tuning_launch.launch(account, make_tuning_plan(gone, name=unique("gone"), max_jobs=2)))
    page = open_page("tune", tuning=failed.name)
    assert [error.value for error in page.main.error] == [f"Tuning job {failed.name}: {failed.failure}"]
    page.session_state["tuning_view"] = "Progress"
    page.run()
    assert r"No trial has a value of validation\:auc." in words(page)


@pytest.mark.usefixtures("account")
def test_of_few_trials_there_is_no_contour_but_their_dots_and_how_many_it_needs(job: TuningJob) -> None:
    page = opened(job, "Contour")
    (figure,) = figures(page)
    assert {trace["type"] for trace in figure["data"]} == {"scatter"}  # type: ignore[attr-defined]
    assert "A contour needs at least 20 trials with a value; there are 12." in words(page)


@pytest.mark.usefixtures("account")
def test_importance_by_fanova_is_asked_for_by_name_and_says_how_many_trials_it_needs(job: TuningJob) -> None:
    page = opened(job, "Importance")
    page.segmented_control(key="importance_method").set_value("fANOVA").run()
    assert "fANOVA needs at least 20 trials with a value. There are 12." in words(page)
    assert not figures(page)


@pytest.mark.usefixtures("account")
def test_importance_by_fanova_is_drawn_of_trials_enough(job: TuningJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanova, "FEWEST", 12)
    page = opened(job, "Importance")
    page.segmented_control(key="importance_method").set_value("fANOVA").run()
    (figure,) = figures(page)
    assert set(figure["data"][0]["y"]) == {"eta", "max_depth", "subsample"}  # type: ignore[index]
    assert "fANOVA of 12 trials with a value" in words(page)
