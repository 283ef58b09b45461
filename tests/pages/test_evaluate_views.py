"""The views "Curves" and "Compare" of the Evaluate page: models of the same data beside each other."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import Evaluation
from services.data.prepared_data import PreparedData
from services.training.jobs import TrainingJob
from tests.pages import test_evaluate
from tests.pages.app import words
from tests.pages.test_evaluate import make_test_rows, make_training_job, open_page
from tests.services.evaluation.test_scoring import FakeAccount, make_model, matrix_of

account = test_evaluate.account
OTHER = "cards-2"


@pytest.fixture(autouse=True)
def _another_model(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second job on the same set, whose model scores by chance."""
    real = evaluations.evaluate_model

    def evaluate(account: FakeAccount, job: TrainingJob, data: PreparedData, split: str) -> Evaluation:
        found = real(account, job, data, split)
        if job.name != OTHER:
            return found
        return evaluations.new_evaluation(data, found.labels, np.random.default_rng(2).random(len(found.labels)))

    jobs = [make_training_job("cards-1"), make_training_job(OTHER)]
    monkeypatch.setattr(evaluations, "evaluate_model", evaluate)
    monkeypatch.setattr(job_queries, "completed_on", lambda account, data: jobs)
    monkeypatch.setattr(job_queries, "ended_training_job", lambda account, name: make_training_job(name))


def open_view(name: str) -> AppTest:
    page = open_page()
    page.button(key="score").click().run()
    page.segmented_control(key="view").set_value(name).run()
    assert not page.exception
    return page


def test_another_model_is_drawn_over_the_same_rows() -> None:
    page = open_view("Curves")
    page.multiselect(key="beside").set_value([OTHER]).run()
    labels, features = make_test_rows()
    scores = make_model().predict(matrix_of(features))
    own = metrics.average_precision_score(labels, scores)
    other = metrics.average_precision_score(labels, np.random.default_rng(2).random(len(labels)))
    assert f"Average precision: cards-1 {own:.3f}, {OTHER} {other:.3f}." in words(page).replace("\\", "")


def test_at_the_same_recall_it_is_said_which_model_raises_fewer_false_alarms() -> None:
    page = open_view("Compare")
    page.number_input(key="point_recall").set_value(0.8).run()
    said = page.subheader[0].value.replace("\\", "")
    assert said == f"At a recall of 0.80, cards-1 raises fewer false alarms than {OTHER}."


def test_both_models_are_shown_with_their_own_threshold() -> None:
    table: pd.DataFrame = open_view("Compare").dataframe[0].value
    assert list(table["Model"]) == [OTHER, "cards-1"]
    labels, features = make_test_rows()
    scores = make_model().predict(matrix_of(features))
    assert ((scores >= table["Threshold"][1]) & (labels == 1)).sum() == table["Correct"][1]


def test_costs_that_say_nothing_are_one_sentence() -> None:
    page = open_view("Compare")
    page.segmented_control(key="point").set_value("Least cost of errors").run()
    page.number_input(key="point_miss").set_value(0.0).run()
    page.number_input(key="point_alarm").set_value(0.0).run()
    assert [error.value for error in page.error] == [
        "Comparison: costs are not below 0, and one of them is above. Change them."
    ]


def test_a_model_that_cannot_be_scored_is_named_and_the_others_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        job_queries, "ended_training_job", lambda account, name: replace(make_training_job(name), model_uri="s3://b/no")
    )
    page = open_view("Curves")
    page.multiselect(key="beside").set_value([OTHER]).run()
    assert not page.exception
    assert "Train the model again" in page.warning[0].value
    assert "Average precision: cards-1" in words(page).replace("\\", "")


def test_without_another_model_the_view_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queries, "completed_on", lambda account, data: [make_training_job("cards-1")])
    assert "No other model was trained on this data set yet." in [info.value for info in open_view("Compare").info]
