"""A completed job predicts a row on the page one lands on, from its model file."""

import pytest
from streamlit.testing.v1 import AppTest

from services.aws.account import Account
from services.data.target_kind import TargetKind
from services.training.plan import TrainingPlan
from tests.local.factories import unique
from tests.pages.app import PAGES, errors, metrics, words
from tests.services.evaluation.kinds_factory import SETTINGS, make_kind
from tests.services.training_factory import completed, make_data, make_linear_plan

pytestmark = pytest.mark.slow


def open_panel(job: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / "train.py"), default_timeout=150)
    page.query_params["job"] = job
    page.session_state["predict_open"] = True
    page.run()
    assert not page.exception
    assert not errors(page)
    return page


def test_a_test_row_of_several_classes_is_predicted_where_training_ends(account: Account) -> None:
    data = make_kind(account, TargetKind.CLASSES)
    job = completed(account, TrainingPlan(unique("panel"), data, SETTINGS[TargetKind.CLASSES], "ml.m4.xlarge", 1, 600))
    page = open_panel(job.name)
    page.button(key="fill_row").click().run()
    assert page.number_input(key="feature_size").value is not None
    page.number_input(key="feature_size").set_value(3.0)
    page.button(key="predict_row").click().run()
    assert not errors(page)
    assert metrics(page)["Predicted rating"] == "high"


def test_a_model_that_only_its_container_reads_leads_to_an_endpoint(account: Account) -> None:
    job = completed(account, make_linear_plan(make_data(account)))
    page = open_panel(job.name)
    assert "Only the Linear Learner container can read its model file: deploy it to predict rows." in words(page)
