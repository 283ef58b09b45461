"""The view "Explain" of the Evaluate page and the reasons below a predicted row, for every kind of target."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from streamlit.testing.v1 import AppTest

from pages.components.predict import waterfall
from pages.components.queries import data_sets as data_queries
from pages.components.queries import explanations, models, table_cache
from services.data import prepared_data
from services.data.recipe import recipe as recipes
from services.data.recipe.recipe import FillMissing, FillWith, OneHot, Recipe
from services.data.table_sources import sources
from services.data.target_kind import TargetKind
from services.evaluation import model_file
from services.evaluation.explanation.link import Link
from services.evaluation.explanation.row_explanation import ColumnStep, RowExplanation
from tests.pages import test_evaluate
from tests.pages.app import errors, words
from tests.pages.test_evaluate import PAGE, keep, make_test_rows, shown
from tests.pages.test_evaluate_kinds import CLASSES, make_rows, make_set
from tests.services.evaluation.test_scoring import FakeAccount, make_class_model, make_model, make_number_model

pytestmark = pytest.mark.slow
account = test_evaluate.account


@pytest.fixture(autouse=True)
def uncached(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """The account, which Streamlit's caches cannot take."""
    monkeypatch.setattr(data_queries, "recipe", lambda account, name: None)
    monkeypatch.setattr(data_queries, "prepared_data", prepared_data.load)
    monkeypatch.setattr(table_cache, "version", sources.version)
    monkeypatch.setattr(models, "_model", lambda account, uri, version: model_file.load(account, uri))
    monkeypatch.setattr(explanations, "row_features", vars(explanations.row_features)["__wrapped__"])
    explanations._kept.clear()
    return account


def open_view(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    page.button(key="score").click().run()
    page.segmented_control(key="view").set_value("Explain").run()
    assert not page.exception
    return page


def chart(page: AppTest, key: str) -> dict[str, Any]:
    """The figure of a chart."""
    (found,) = [each for each in page.get("plotly_chart") if key in each.proto.id]
    figure: dict[str, Any] = json.loads(found.proto.spec)
    return figure


def contributions_of(model: xgboost.Booster, rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = model.predict(xgboost.DMatrix(rows), pred_contribs=True)
    return found


def features_of_cards() -> np.ndarray:
    values: np.ndarray = make_test_rows()[1].to_pandas().to_numpy()
    return values


def test_the_column_that_moves_the_score_most_is_named_with_its_effect_in_probability() -> None:
    page = open_view()
    found = contributions_of(make_model(), features_of_cards())
    sizes = np.abs(found[:, :3]).mean(axis=0)
    name = "abc"[sizes.argmax()]
    (said,) = [each.value for each in page.main.subheader]
    assert said.startswith(f"{name} moves the score of fraud most: by {sizes.max():.3g} log-odds, about ")
    assert said.endswith("points of probability on average.")


def test_contributions_stand_beside_gain_and_the_difference_is_said() -> None:
    page = open_view()
    table = page.main.dataframe[0].value
    gain = make_model().get_score(importance_type="total_gain")
    shares = {f"{name}": gain.get(f"f{place}", 0) / sum(gain.values()) for place, name in enumerate("abc")}
    assert dict(zip(table["Column"], table["Gain"], strict=True)) == pytest.approx(shares)
    assert "Gain is of training" in words(page)


def test_the_view_is_drawn_again_without_explaining_the_rows_again(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_view()
    monkeypatch.setattr(explanations, "_explain", None)
    page.selectbox(key="explain_column").set_value("b").run()
    assert not page.exception
    assert not page.main.error


def test_a_row_adds_up_from_the_average_to_its_score() -> None:
    page = open_view(row="7")
    (found,) = contributions_of(make_model(), features_of_cards()[6:7])
    score = 1 / (1 + np.exp(-found.sum()))
    assert page.segmented_control(key="explained").value == "One row"
    assert f"Score of fraud: **{waterfall.score_text(Link.LOGISTIC, score)}** for this row" in words(page)
    labels, _ = make_test_rows()
    assert f"Row 7 of 300 test rows: actual Class is {('legitimate', 'fraud')[labels[6]]}." in words(page)


def test_a_changed_value_moves_the_score_beside_the_original_and_is_listed() -> None:
    page = open_view(row="7")
    assert not page.main.dataframe
    page.number_input(key="what_if_7_feature_a").set_value(3.0).run()
    assert not page.exception
    row = features_of_cards()[6]
    changed = np.array([3.0, *row[1:]])
    before, after = (float(make_model().predict(xgboost.DMatrix(each[None]))[0]) for each in (row, changed))
    scores = [metric.value for metric in page.main.metric if metric.label.startswith("Score for Class")]
    assert scores == [f"{before:.6f}", f"{after:.6f}"]
    (line,) = page.main.dataframe[0].value.to_dict("records")
    assert (line["Column"], line["Changed"]) == ("a", "3")
    assert line["Changed contribution"] == pytest.approx(contributions_of(make_model(), changed[None])[0, 0], abs=1e-5)


def test_reset_takes_changes_back() -> None:
    page = open_view(row="7")
    page.number_input(key="what_if_7_feature_a").set_value(3.0).run()
    page.button(key="reset_row").click().run()
    assert page.number_input(key="what_if_7_feature_a").value == pytest.approx(features_of_cards()[6, 0])
    assert "Change a value to see" in words(page)


def test_a_row_beyond_the_split_is_one_sentence() -> None:
    assert errors(open_view(row="9999")) == ["Row: there is no row 9,999. Enter a number from 1 to 300."]


def test_of_several_classes_the_chosen_one_is_explained(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.CLASSES)
    page = open_view()
    page.selectbox(key="explain_class").set_value(2).run()
    assert not page.exception
    found = contributions_of(make_class_model(), make_rows(TargetKind.CLASSES)[:, 1:])
    sizes = np.abs(found[:, 2, :3]).mean(axis=0)
    (said,) = [each.value for each in page.main.subheader]
    assert said.startswith(f"{'abc'[sizes.argmax()]} moves the score of {CLASSES[2]} most: by {sizes.max():.3g}")


def test_the_predicted_class_of_a_row_is_explained_first(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.CLASSES)
    page = open_view(row="3")
    scores = make_class_model().predict(xgboost.DMatrix(make_rows(TargetKind.CLASSES)[2:3, 1:]))[0]
    assert page.selectbox(key="row_class_3").value == int(scores.argmax())
    assert f"Score of {CLASSES[scores.argmax()]}: **" in words(page)


def test_a_number_is_explained_in_its_own_unit(uncached: FakeAccount) -> None:
    make_set(uncached, TargetKind.NUMBER)
    page = open_view(row="3")
    predicted = float(make_number_model().predict(xgboost.DMatrix(make_rows(TargetKind.NUMBER)[2:3, 1:]))[0])
    assert f"Prediction: **{predicted:,.4g}** for this row" in words(page)
    assert "units of the target" in words(page)


def test_a_linear_model_is_one_sentence(uncached: FakeAccount) -> None:
    settings = {"objective": "binary:logistic", "booster": "gblinear", "verbosity": 0}
    labels, features = make_test_rows()
    values = features.to_pandas().to_numpy()
    model = xgboost.train(settings, xgboost.DMatrix(values, labels), 3)
    data = prepared_data.load(uncached, "cards")
    uncached.objects.pop("s3://bucket/sagedeck/data/cards/manifest.json")
    keep(uncached, data, model, {"test": np.column_stack([labels, values])})
    (said,) = errors(open_view())
    assert "it is linear (booster gblinear)" in said


def test_a_model_of_another_algorithm_says_that_its_file_cannot_be_read() -> None:
    def page() -> None:
        from pages.components.evaluate.explain import view
        from services.evaluation.evaluated_model import EvaluatedModel

        image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
        view.show(None, None, EvaluatedModel("linear", "s3://models/model.tar.gz", None, image))  # type: ignore[arg-type]

    said = AppTest.from_function(page).run().info[0].value
    assert said == "Only the Linear Learner container can read its model file, so its scores cannot be explained here."


STEPS = (FillMissing(column="months", by=FillWith.MEDIAN, indicator=True), OneHot(column="job"))


@pytest.fixture
def raw_set(uncached: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """The set `cards`, made of text and numbers by a recipe, and a model of it."""
    random = np.random.default_rng(6)
    raw = pd.DataFrame({"job": random.choice(["clerk", "cook"], 300), "months": random.integers(1, 24, 300) * 1.0})
    raw.loc[::5, "months"] = np.nan
    labels = ((raw["job"] == "clerk") | (raw["months"] < 5)).astype(int).to_numpy()
    recipe, _ = recipes.fit(STEPS, raw, labels, 1729)
    features = recipe.apply(raw, "x").to_numpy(float)
    data = replace(prepared_data.load(uncached, "cards"), features=recipe.features, has_recipe=True)
    uncached.objects.pop("s3://bucket/sagedeck/data/cards/manifest.json")
    model = xgboost.train({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(features, labels), 5)
    keep(uncached, data, model, {"test": np.column_stack([labels, features])})
    monkeypatch.setattr(data_queries, "recipe", lambda account, name: recipe)
    return recipe


@pytest.mark.usefixtures("raw_set")
def test_explanations_are_in_raw_columns_with_a_box_for_each_category() -> None:
    page = open_view()
    assert {*page.main.dataframe[0].value["Column"]} == {"job", "months"}
    page.selectbox(key="explain_column").set_value("job").run()
    assert [box.split("<br>")[0] for box in chart(page, "dependence_chart")["layout"]["xaxis"]["ticktext"]] == [
        "clerk",
        "cook",
    ]


@pytest.mark.usefixtures("raw_set")
def test_raw_values_of_a_row_fill_the_fields_and_a_category_can_be_changed() -> None:
    page = open_view(row="1")
    assert page.number_input(key="what_if_1_feature_months").value is None
    assert "months = missing" in chart(page, "row_waterfall")["layout"]["yaxis"]["ticktext"]
    field = page.selectbox(key="what_if_1_feature_job")
    field.set_value("cook" if field.value == "clerk" else "clerk").run()
    assert not page.exception
    assert page.main.dataframe[0].value["Column"].tolist() == ["job"]


def test_a_predicted_row_is_explained_below_its_answer() -> None:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["predict_open"] = True
    page.run()
    for name, value in zip("abc", (1.5, -2.0, 0.25), strict=True):
        page.number_input(key=f"feature_{name}").set_value(value)
    page.button(key="predict_row").click().run()
    assert not page.exception
    (found,) = contributions_of(make_model(), np.array([[1.5, -2.0, 0.25]]))
    score = 1 / (1 + np.exp(-found.sum()))
    assert float(shown(page)["Score for Class = fraud"]) == pytest.approx(score, abs=1e-5)
    assert f"Score of fraud: **{waterfall.score_text(Link.LOGISTIC, score)}**" in words(page)


def test_a_waterfall_begins_each_bar_where_the_last_one_ended() -> None:
    steps = (ColumnStep("amount", 2.0, 0.3), ColumnStep("hour", -0.5, -0.1))
    rest = ColumnStep("3 other columns", 0.25, 0.05)
    figure = waterfall.figure(RowExplanation(-1.0, 0.27, steps, rest, 3, 0.75, 0.68), {"amount": "12"}, Link.LOGISTIC)
    lowers, raises = figure.data[:2]
    assert [*zip(raises.y, raises.base, raises.x, strict=True)] == [(1, -1.0, 2.0), (3, 0.5, 0.25)]
    assert [*zip(lowers.y, lowers.base, lowers.x, strict=True)] == [(2, 1.0, -0.5)]
    assert figure.layout.yaxis.ticktext == ("average", "amount = 12", "hour", "3 other columns", "this row")
