"""What the Tune page says after a search: its worth on rows that nobody has seen, and what to try next."""

from dataclasses import replace
from typing import Any

import pytest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.sets import looks
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training.plan import TrainingPlan
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning.jobs import TuningJob
from services.tuning.search_space import Range
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import chosen, errors, open_page, words
from tests.services.training_factory import ended as training_ended
from tests.services.training_factory import make_data, make_model, make_plan
from tests.services.tuning.test_tuning import ended, make_tuning_plan

pytestmark = pytest.mark.slow
NARROW = Range("max_depth", 2, 3, integer=True)  # whatever is found lies at an end of it


@pytest.fixture(scope="module")
def rows(local: LocalService) -> PreparedData:
    return make_data(local.account, rows=2000)


def searched(account: Account, data: PreparedData, **given: Any) -> TuningJob:
    """A completed search."""
    return ended(account, tuning_launch.launch(account, make_tuning_plan(data, **given)))


def bad_model(account: Account, data: PreparedData) -> TrainingPlan:
    """A plan whose model hardly learns."""
    return replace(make_plan(data, num_round="1", max_depth="1"), name=unique("weak"))


@pytest.fixture(scope="module")
def better(local: LocalService, rows: PreparedData) -> TuningJob:
    """A search that beats its baseline, which hardly learns."""
    account = local.account
    job = searched(account, rows, rounds=30, max_jobs=10, baseline=bad_model(account, rows))
    training_ended(account, tuning_jobs.baseline(account, job) or "")
    return job


def test_a_gain_on_validation_rows_is_told_with_its_interval_and_its_price(account: Account, better: TuningJob) -> None:
    page = open_page("tune", tuning=better.name)
    said = page.main.success[0].value
    assert said.startswith("The search improved the model. On 400 validation rows (")
    assert "95 % interval +0." in said
    assert "The best of 10 trials was chosen by these rows" in words(page)
    assert "per 0.01 of average precision." in words(page)
    assert not errors(page)


def test_test_rows_are_compared_only_on_request_and_each_look_is_counted(
    account: Account, better: TuningJob, rows: PreparedData
) -> None:
    page = open_page("tune", tuning=better.name)
    assert "Test rows of" not in words(page)
    page.segmented_control(key=f"compared_on_{better.name}").set_value("test").run()
    assert page.main.success[0].value.startswith("The search improved the model. On 200 test rows (")
    assert f"Test rows of {rows.name} were looked at 2 times, by 2 models." in words(page)
    page.run()
    assert len(looks.read(account, rows).looks) == 2


def test_the_best_model_against_itself_gained_nothing(account: Account, rows: PreparedData) -> None:
    job = searched(account, rows, max_jobs=1, parallel=1)
    assert job.best
    tuning_jobs.set_baseline(account, job, job.best)
    page = open_page("tune", tuning=job.name)
    assert page.main.info[0].value.startswith("No significant improvement.")
    assert "without a significant improvement." in words(page)


def test_a_search_without_baseline_asks_for_one_and_remembers_it(account: Account, rows: PreparedData) -> None:
    model, job = make_model(account, rows), searched(account, rows, max_jobs=2)
    page = open_page("tune", tuning=job.name)
    box = page.selectbox(key=f"baseline_of_{job.name}")
    assert box.value is None
    box.set_value(model.name).run()
    assert not errors(page)
    assert tuning_jobs.baseline(account, job) == model.name


def test_a_baseline_that_was_stopped_is_told(account: Account, rows: PreparedData) -> None:
    name = training_launch.launch(account, make_plan(rows, num_round="100000"))
    training_jobs.stop(account, name)
    assert training_ended(account, name).status == "Stopped"
    job = searched(account, rows, max_jobs=1, parallel=1, baseline=name)
    page = open_page("tune", tuning=job.name)
    assert f"Baseline {name} is stopped. Choose another one." in [each.value for each in page.main.warning]


def test_the_verdict_waits_for_a_baseline_that_still_runs(account: Account, rows: PreparedData) -> None:
    name = training_launch.launch(account, make_plan(rows, num_round="100000"))
    job = searched(account, rows, max_jobs=1, parallel=1, baseline=name)
    page = open_page("tune", tuning=job.name)
    assert f"The result appears when the baseline {name} has finished." in words(page)
    tuning_jobs.set_baseline(account, job, job.best or "")
    training_jobs.stop(account, name)
    assert "No significant improvement." in words(open_page("tune", tuning=job.name))


def test_a_baseline_that_learned_from_other_data_is_no_judge(account: Account, rows: PreparedData) -> None:
    other = make_model(account)
    job = searched(account, rows, max_jobs=1, parallel=1, baseline=other.name)
    (warning,) = open_page("tune", tuning=job.name).main.warning
    assert warning.value.startswith(f"Baseline {other.name} was trained on other data")


def test_a_best_value_at_the_end_of_its_range_leads_to_a_wider_search(account: Account, rows: PreparedData) -> None:
    asked = replace(make_plan(rows, num_round="3", eval_metric="auc"), name=unique("narrow"))  # as the form asks
    job = searched(account, rows, training=asked, ranges=(NARROW,), max_jobs=1, parallel=1)
    page = open_page("tune", tuning=job.name)
    assert "better values may lie outside." in words(page)
    page.button(key="look_beyond").click().run()
    assert chosen(page, "data") == rows.name
    assert page.multiselect(key="tune_parents").value == [job.name]
    assert page.multiselect(key="tune_settings_xgboost").value == ["max_depth"]
    page.text_input(key="tuning_name").set_value(unique("again"))
    page.button(key="launch_tuning").click().run()
    assert not errors(page)
    again = ended(account, chosen(page, "tuning"))
    assert again.parents == (job.name,)
    assert again.ranges in ((Range("max_depth", 1, 3, True),), (Range("max_depth", 2, 4, True),))


def test_the_best_settings_are_trained_a_last_time_on_all_rows_but_the_tests(
    account: Account, better: TuningJob, rows: PreparedData
) -> None:
    page = open_page("tune", tuning=better.name)
    assert "1,800 rows in total" in words(page)
    assert r"maximum \$0.04 (time limit)" in words(page)
    page.button(key="train_last").click().run()
    assert not errors(page)
    name = next(each.name for each in training_jobs.summaries(account) if each.name.startswith(f"{better.name}-last"))
    assert training_ended(account, name).channels == {"train": rows.channel("train-and-validation")}
