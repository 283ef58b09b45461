"""The History page, over a running local service."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.aws import tags
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.training import history as job_history
from services.training import launch as training_launch
from services.training import logs as training_logs
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import REFUSED, errors, open_page, refuse, stand_at, words
from tests.services.training_factory import WHEN, ended, make_data, make_model, make_plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def jobs(local: LocalService, data: PreparedData) -> list[TrainingJob]:
    """Two jobs that differ in depth; the second has a tag, a name and a note."""
    made = []
    for depth, owner in (("2", "you"), ("4", "me")):
        plan = replace(
            make_plan(data, num_round="6", max_depth=depth, eval_metric="auc"),
            name=unique("past"),
            tags={"owner": owner},
        )
        made.append(ended(local.account, training_launch.launch(local.account, plan)))
    tags.save(local.account, made[1].arn, {tags.TITLE: "the deep one", tags.NOTE: "best so far"})
    return made


def table(page: AppTest, number: int = 0) -> list[dict[str, Any]]:
    shown = page.main.dataframe[number].value
    return [dict(zip(shown.columns, row, strict=True)) for row in shown.itertuples(index=False)]


def names(page: AppTest) -> list[str]:
    return [row["Job"].partition("job=")[2] for row in table(page)]


def test_without_jobs_the_next_step_is_to_launch_one(own_local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, own_local.folder)
    assert "No training jobs yet." in words(open_page("history"))


@pytest.mark.usefixtures("account")
def test_jobs_are_listed_newest_first_with_what_they_are_called(jobs: list[TrainingJob], data: PreparedData) -> None:
    page = open_page("history", on=data.name)
    assert names(page) == [jobs[1].name, jobs[0].name]
    newest = table(page)[0]
    assert (newest["Display name"], newest["Note"], newest["Tags"]) == ("the deep one", "best so far", "owner=me")
    assert newest["Final metric"] == f"validation:auc {jobs[1].metrics['validation:auc']:.4f}"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("given", [{"tagged": "owner=me"}, {"named": "NAME"}])
def test_a_job_is_found_by_tag_and_by_name(jobs: list[TrainingJob], data: PreparedData, given: dict[str, str]) -> None:
    given = {key: value.replace("NAME", jobs[1].name) for key, value in given.items()}
    assert names(open_page("history", on=data.name, **given)) == [jobs[1].name]


@pytest.mark.usefixtures("account")
def test_a_filter_that_nothing_fits_says_so(data: PreparedData) -> None:
    assert "No jobs match. Clear a filter." in words(open_page("history", on=data.name, named="nobody"))


@pytest.mark.usefixtures("account")
def test_ticked_jobs_are_compared(jobs: list[TrainingJob], data: PreparedData) -> None:
    page = open_page("history", on=data.name, compare=jobs[0].name)
    page.multiselect(key="compare").set_value([job.name for job in jobs]).run()
    assert not page.exception
    outcomes, differing = table(page, 1), table(page, 2)
    assert {row[""]: row[jobs[0].name] for row in outcomes}["validation:auc"] == (
        f"{jobs[0].metrics['validation:auc']:.5f}"
    )
    assert differing == [{"": "max_depth", jobs[0].name: "2", jobs[1].name: "4"}]


@pytest.mark.usefixtures("account")
def test_jobs_whose_logs_may_not_be_read_are_compared_by_their_results(
    jobs: list[TrainingJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_logs, "log_lines", refuse)
    page = open_page("history", compare=jobs[0].name)
    page.multiselect(key="compare").set_value([job.name for job in jobs]).run()
    assert errors(page) == [str(REFUSED)]
    assert table(page, 2) == [{"": "max_depth", jobs[0].name: "2", jobs[1].name: "4"}]
    assert [button.key for button in page.button if str(button.key).startswith("discard_")] == [
        f"discard_{job.name}" for job in jobs
    ]


def test_the_files_of_a_job_are_listed_before_they_are_deleted(account: Account, data: PreparedData) -> None:
    job = make_model(account, data)
    page = open_page("history", compare=job.name)
    page.button(key=f"discard_{job.name}").click().run()
    listed = next(table.value for table in page.dataframe if "File" in table.value)
    assert listed["File"].tolist() == [job.model_uri]
    assert "**Lost:** the model can no longer be deployed or evaluated." in [each.value for each in page.markdown]
    page.button(key="discard_confirm").click().run()
    assert not errors(page)
    assert page.main.success[0].value.startswith(f"{job.name}: 1 file deleted, ")
    assert page.main.success[0].value.endswith("Verified: nothing left.")


def test_files_that_an_endpoint_uses_cannot_be_deleted(account: Account, data: PreparedData) -> None:
    job, endpoint = make_model(account, data), unique("holds")
    endpoint_deployment.deploy(account, job, endpoint, "ml.m4.xlarge", 1, WHEN)
    page = open_page("history", compare=job.name)
    page.button(key=f"discard_{job.name}").click().run()
    assert [error.value for error in page.error] == [
        f"Still used by endpoint {endpoint} (model {job.name}). Delete that first."
    ]
    assert not [button for button in page.button if button.key == "discard_confirm"]


@pytest.mark.usefixtures("account")
def test_a_job_to_compare_that_does_not_exist_is_one_sentence(data: PreparedData) -> None:
    page = open_page("history", on=data.name, compare="nobody")
    assert len(errors(page)) == 1
    assert "not found" in errors(page)[0]


def test_a_list_is_turned_page_by_page(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_history, "ROWS", 2)
    data = make_data(account)
    made = [
        training_launch.launch(account, replace(make_plan(data, num_round="1"), name=unique("turn"))) for _ in range(3)
    ]
    for name in made:
        ended(account, name)
    page = open_page("history", on=data.name, named="turn")
    assert names(page) == made[:0:-1]
    page.button(key="further").click().run()
    assert names(page) == made[:1]
    page.button(key="back").click().run()
    assert names(page) == made[:0:-1]


def test_a_note_is_kept_on_the_job(account: Account, jobs: list[TrainingJob]) -> None:
    page, job = open_page("train", job=jobs[0].name), jobs[0]
    page.text_input(key=f"note_{job.name}").set_value("too shallow")
    page.button(key="keep_note").click().run()
    assert not errors(page)
    assert tags.of(account, job.arn)[tags.NOTE] == "too shallow"
    assert "too shallow" in words(page)


@pytest.mark.usefixtures("account")
def test_a_note_that_no_tag_can_hold_is_one_sentence_and_stays_typed(jobs: list[TrainingJob]) -> None:
    page, key = open_page("train", job=jobs[1].name), f"note_{jobs[1].name}"
    page.text_input(key=key).set_value("why?!")
    page.button(key="keep_note").click().run()
    assert len(errors(page)) == 1
    assert errors(page)[0].startswith(r"Tag 'sagedeck\:note': only letters, digits, spaces")
    assert page.text_input(key=key).value == "why?!"
