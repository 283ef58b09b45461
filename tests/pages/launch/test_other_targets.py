"""Train and Tune on several classes and on a number: the form follows what is predicted."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.aws.account import Account
from services.data import prepare as data_preparation
from services.data.prepared_data import PreparedData
from tests.local.factories import unique
from tests.pages.app import PAGES, errors, open_page, words
from tests.services.training_factory import WHEN

pytestmark = pytest.mark.slow
ROWS = 300


def prepared(account: Account, target: object) -> PreparedData:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"size": random.normal(size=ROWS), "age": random.normal(size=ROWS), "y": target})
    frame.loc[3:5, "age"] = np.nan
    return data_preparation.prepare(
        account,
        frame,
        name=unique("kinds"),
        source="a test",
        target="y",
        positive=None,
        now=WHEN,
        progress=lambda done, total: None,
    )


@pytest.fixture
def several(account: Account) -> PreparedData:
    return prepared(account, ["poor", "fair", "good"] * (ROWS // 3))


@pytest.fixture
def number(account: Account) -> PreparedData:
    return prepared(account, np.arange(ROWS) + 0.5)


def test_several_classes_are_named_and_trained_by_their_probabilities(several: PreparedData) -> None:
    page = open_page("train", data=several.name)
    assert "210 training rows, 60 validation rows; y: 3 classes, fair, good, poor." in words(page)
    assert page.selectbox(key="hp_objective").value == "multi:softprob"
    assert page.number_input(key="hp_num_class").value == 3
    assert not errors(page)


def test_objectives_whose_scores_cannot_be_evaluated_are_not_offered_and_named_in_the_help(
    several: PreparedData,
) -> None:
    box = open_page("train", data=several.name).selectbox(key="hp_objective")
    assert box.options == ["multi:softmax", "multi:softprob"]
    assert "Not offered, as their scores cannot be evaluated on this target: " in box.help
    assert "rank" in box.help


def test_what_was_filled_in_for_another_kind_of_target_is_not_used(
    account: Account, several: PreparedData, number: PreparedData
) -> None:
    page = open_page("train", data=several.name)
    page.number_input(key="hp_eta").set_value(0.77).run()
    page.selectbox(key="data").set_value(number.name).run()
    assert "y is a number: filled with the usual settings for that." in words(page)
    assert page.selectbox(key="hp_objective").value == "reg:squarederror"
    assert (page.number_input(key="hp_num_class").value, page.number_input(key="hp_eta").value) == (None, 0.1)


def test_what_was_filled_in_stays_for_another_set_of_the_same_kind(account: Account, number: PreparedData) -> None:
    other = prepared(account, np.arange(ROWS) / 7)
    page = open_page("train", data=number.name)
    page.number_input(key="hp_eta").set_value(0.77).run()
    page.selectbox(key="data").set_value(other.name).run()
    assert page.number_input(key="hp_eta").value == 0.77


def test_an_earlier_jobs_objective_that_does_not_fit_is_repaired_by_its_button(number: PreparedData) -> None:
    st.cache_data.clear()
    page = AppTest.from_file(str(PAGES / "train.py"), default_timeout=60)
    page.query_params["data"] = number.name
    page.session_state["hp_num_round"], page.session_state["hp_objective"] = 5, "multi:softprob"
    page.run()
    assert "objective: multi\\:softprob is for classes: y is a number." in words(page)
    page.button(key="mend_objective").click().run()
    assert page.selectbox(key="hp_objective").value == "reg:squarederror"


def test_empty_cells_are_said_before_linear_learner_is_launched(number: PreparedData) -> None:
    page = open_page("train", data=number.name)
    page.segmented_control(key="train_algorithm").set_value("Linear Learner").run()
    assert "3 cells are empty in age, and Linear Learner fails on empty cells." in words(page)


@pytest.mark.parametrize(
    ("kind", "objective", "goal"),
    [("several", "validation:mlogloss", "lowest"), ("number", "validation:rmse", "lowest")],
)
def test_a_search_aims_at_what_suits_the_target(
    request: pytest.FixtureRequest, kind: str, objective: str, goal: str
) -> None:
    data: PreparedData = request.getfixturevalue(kind)
    page = open_page("tune", data=data.name)
    assert page.selectbox(key="objective_metric").value == objective
    assert f"Aims for the {goal} {objective.replace(':', chr(92) + ':')}." in words(page)
    assert not errors(page)


def test_a_search_forgets_what_was_fixed_for_another_kind_of_target(
    several: PreparedData, number: PreparedData
) -> None:
    page = open_page("tune", data=several.name)
    chosen: Callable[[AppTest], list[str]] = lambda page: page.multiselect(key="tune_settings_xgboost").value  # noqa: E731
    page.multiselect(key="tune_settings_xgboost").set_value([*chosen(page), "objective", "num_class"]).run()
    page.text_input(key="objective_kept").set_value("multi:softmax").run()
    page.selectbox(key="data").set_value(number.name).run()
    assert "objective" not in chosen(page)
    assert "objective reg\\:squarederror" in words(page)
    assert not errors(page)
