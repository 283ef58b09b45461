"""What the Tune page says of trials that learned nothing, over a running local service that really trains."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from services.aws.account import Account
from services.data import prepare as data_preparation
from services.data.prepared_data import PreparedData
from services.tuning import launch as tuning_launch
from services.tuning.jobs import TuningJob
from services.tuning.search_space import Choices
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import chosen, errors, open_page, words
from tests.services.training_factory import make_plan
from tests.services.tuning.test_tuning import ended, make_tuning_plan

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("account")]
STUCK, LEARNS = "1.0", "0.05"  # of eta


def make_fraud(account: Account, rows: int = 60_000) -> PreparedData:
    """A prepared set of which one row in 300 is positive, and can be told from the others."""
    random = np.random.default_rng(7)
    positive = np.arange(rows) % 300 == 0
    frame = pd.DataFrame(random.normal(size=(rows, 3)).round(3), columns=["size", "age", "weight"])
    frame[["size", "age"]] += np.outer(positive, (2.5, 2.0))
    frame["fraud"] = np.where(positive, "yes", "no")
    return data_preparation.prepare(
        account,
        frame,
        name=unique("fraud"),
        source="a test",
        target="fraud",
        positive="yes",
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        progress=lambda done, total: None,
    )


def searched(account: Account, data: PreparedData, *etas: str, **given: str) -> TuningJob:
    """A grid search over these learning rates, that has ended."""
    job = replace(make_plan(data, num_round="8", min_child_weight="3", **given), name=unique("rare"))
    plan = make_tuning_plan(data, ranges=(Choices("eta", etas),), strategy="Grid", max_jobs=len(etas), parallel=1)
    return ended(account, tuning_launch.launch(account, replace(plan, training=job)))


@pytest.fixture(scope="module")
def fraud(local: LocalService) -> PreparedData:
    return make_fraud(local.account)


@pytest.fixture(scope="module")
def stuck(local: LocalService, fraud: PreparedData) -> TuningJob:
    """A search of which one trial in two learns nothing."""
    return searched(local.account, fraud, STUCK, LEARNS)


def test_trials_that_learned_nothing_are_told_with_their_cause_for_the_image(stuck: TuningJob) -> None:
    (said,) = (each.value for each in open_page("tune", tuning=stuck.name).main.warning)
    assert said.startswith("1 of 2 trials failed to learn: validation")
    assert "Image 3.2-0 starts from the share of positives, where all 145 positive train rows" in said


def test_the_remedy_is_a_button_that_fills_the_form_and_its_search_learns(account: Account, stuck: TuningJob) -> None:
    page = open_page("tune", tuning=stuck.name)
    page.button(key="mend_search").click().run()
    assert page.number_input(key="max_delta_step_kept").value == 1
    assert not page.multiselect(key="tune_parents").value
    page.text_input(key="tuning_name").set_value(unique("mended"))
    page.segmented_control(key="tune_baseline_kind").set_value("None")
    page.button(key="launch_tuning").click().run()
    assert not errors(page)
    mended = ended(account, chosen(page, "tuning"))
    assert mended.fixed["max_delta_step"] == "1"
    assert "failed to learn" not in words(open_page("tune", tuning=mended.name))


def test_trials_that_learned_are_not_complained_of(account: Account, fraud: PreparedData) -> None:
    job = searched(account, fraud, LEARNS)
    assert "failed to learn" not in words(open_page("tune", tuning=job.name))
