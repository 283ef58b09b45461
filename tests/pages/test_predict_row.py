"""A row predicted by the model file: two classes, several classes, a number, raw rows, many columns."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import xgboost
from streamlit.testing.v1 import AppTest

from pages.components.queries import data_sets as data_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries import table_cache
from pages.components.queries.evaluation import models
from services.aws.account import Account
from services.data import first_rows
from services.data.first_rows import FirstRows
from services.data.prepared_data import load
from services.data.recipe.recipe import OneHot, Recipe
from services.data.table_sources import sources
from services.data.target_kind import TargetKind
from services.evaluation import model_file
from tests.pages.test_evaluate import PAGE, account, make_training_job, shown
from tests.pages.test_evaluate_kinds import CLASSES, make_set
from tests.services.evaluation.test_scoring import (
    MODEL,
    FakeAccount,
    make_class_model,
    make_model,
    make_number_model,
)

pytestmark = pytest.mark.slow

__all__ = ["account"]  # the fixture
ROW = (1.5, -2.0, 0.25)


@pytest.fixture
def uncached(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """The account, which Streamlit's caches cannot take."""
    monkeypatch.setattr(data_queries, "recipe", lambda account, name: None)
    monkeypatch.setattr(table_cache, "version", sources.version)
    monkeypatch.setattr(models, "_model", lambda account, uri, version: model_file.load(account, uri))
    return account


def open_form() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=150)
    page.session_state["predict_open"] = True
    page.run()
    assert not page.exception
    return page


def predict(page: AppTest, *values: float | None) -> AppTest:
    for name, value in zip("abc", values, strict=False):
        page.number_input(key=f"feature_{name}").set_value(value)
    page.button(key="predict_row").click().run()
    assert not page.exception
    assert not page.main.error
    return page


def scores_of(model: xgboost.Booster, *row: float) -> np.ndarray:
    scores: np.ndarray = model.predict(xgboost.DMatrix(np.array([row])))[0]
    return scores


@pytest.mark.usefixtures("uncached")
def test_a_row_of_two_classes_has_a_score_and_a_class_at_the_threshold() -> None:
    page = predict(open_form(), *ROW)
    score = float(scores_of(make_model(), *ROW))
    assert shown(page) == {"Score for Class = fraud": f"{score:.6f}"}
    verdict = "fraud" if score >= 0.5 else "legitimate"
    assert any(f"Predicted class: **{verdict}** (threshold 0.5)" in each.value for each in page.main.markdown)


def test_a_row_of_several_classes_has_a_class_and_the_probability_of_each(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.CLASSES)
    page = predict(open_form(), *ROW)
    scores = scores_of(make_class_model(), *ROW)
    assert shown(page) == {"Predicted size": CLASSES[int(scores.argmax())]}
    table = page.main.dataframe[0].value
    assert table["Class"].tolist() == [CLASSES[place] for place in np.argsort(-scores)]
    assert table["Probability"].tolist() == pytest.approx(sorted(scores.tolist(), reverse=True))


def test_a_row_of_a_model_without_probabilities_has_its_class(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.CLASSES, make_class_model("multi:softmax"))
    page = predict(open_form(), *ROW)
    assert shown(page) == {"Predicted size": CLASSES[int(scores_of(make_class_model("multi:softmax"), *ROW))]}


def test_a_row_of_a_number_has_that_number(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.NUMBER)
    page = predict(open_form(), *ROW)
    assert float(shown(page)["Predicted size"]) == pytest.approx(float(scores_of(make_number_model(), *ROW)), rel=1e-5)


@pytest.mark.usefixtures("uncached")
def test_an_empty_field_is_a_missing_cell() -> None:
    page = predict(open_form(), None, *ROW[1:])
    expected = float(scores_of(make_model(), np.nan, *ROW[1:]))
    assert float(shown(page)["Score for Class = fraud"]) == pytest.approx(expected, abs=1e-6)


def test_a_raw_row_goes_through_the_recipe(uncached: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Recipe(
        inputs=("size", "colour"),
        steps=(OneHot(column="colour", categories=("blue", "red")),),
        features=("size", "colour=blue", "colour=red"),
    )
    data = replace(load(uncached, "cards"), features=made.features)
    monkeypatch.setattr(data_queries, "recipe", lambda account, name: made)
    monkeypatch.setattr("services.data.prepared_data.trained_on", lambda account, channel: data)
    page = open_form()
    page.number_input(key="feature_size").set_value(1.5)
    page.selectbox(key="feature_colour").set_value("red")
    predict(page)
    expected = float(scores_of(make_model(), 1.5, 0, 1))
    assert float(shown(page)["Score for Class = fraud"]) == pytest.approx(expected, abs=1e-6)


def test_the_model_is_fetched_once_and_again_when_the_file_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    versions, fetched = iter(["first", "first", "second"]), Counter[str]()
    monkeypatch.setattr(table_cache, "version", lambda account, address: next(versions))
    monkeypatch.setattr(model_file, "load", lambda account, uri: fetched.update([uri]))
    for _ in range(3):
        models.model(Account("AWS", "us-east-1"), MODEL)
    assert fetched[MODEL] == 2


def test_a_deleted_model_is_one_sentence(uncached: FakeAccount) -> None:
    page = open_form()
    del uncached.objects[MODEL]
    page.button(key="predict_row").click().run()
    assert not page.exception
    assert "the file was deleted" in page.main.error[0].value


@pytest.mark.usefixtures("uncached")
def test_a_model_of_unknown_data_predicts_rows_once_they_are_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = make_training_job(channel="s3://other/train/")
    monkeypatch.setattr(job_queries, "training_job", lambda account, name: elsewhere)
    page = open_form()
    page.button(key="attach").click().run()
    assert "Score for Class = fraud" in shown(predict(page, *ROW))


def test_a_test_row_fills_the_fields_and_what_it_really_is_stays_beside_the_answer(
    uncached: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ("1,0.5,,2.5", "0,1,2,3")
    monkeypatch.setattr(first_rows, "read", lambda account, data, split: FirstRows(split, lines, True))
    page = open_form()
    page.button(key="fill_row").click().run()
    assert [page.number_input(key=f"feature_{name}").value for name in "abc"] == [0.5, None, 2.5]
    page = predict(page)
    expected = float(scores_of(make_model(), 0.5, np.nan, 2.5))
    assert float(shown(page)["Score for Class = fraud"]) == pytest.approx(expected, abs=1e-6)
    said = "Filled with test row 1, where Class is fraud. Empty there, or not told by the prepared row: b."
    assert said in [each.value for each in page.main.caption]


def test_sixty_columns_have_a_field_each(uncached: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    data = replace(load(uncached, "cards"), features=tuple(f"column {number}" for number in range(60)))
    monkeypatch.setattr("services.data.prepared_data.trained_on", lambda account, channel: data)
    assert len(open_form().main.number_input) == 60
