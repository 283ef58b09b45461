"""Contributions add up to what the model says, in raw columns; a row's way to its score adds up, too."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xgboost

from services.data.recipe import recipe as recipes
from services.data.recipe.column_types import Encoding
from services.data.recipe.raw_values import raw_values
from services.data.recipe.recipe import DateParts, FillMissing, FillWith, OneHot, Recipe, TargetEncoding
from services.errors import Problem
from services.evaluation.explanation import contributions as explanations
from services.evaluation.explanation import row_explanation, summary
from services.evaluation.explanation.contributions import Contributions
from services.evaluation.explanation.link import Link
from services.evaluation.model_file import LoadedModel

ROWS, COLUMNS = 400, 5
OBJECTIVES = (
    "binary:logistic",
    "binary:logitraw",
    "binary:hinge",
    "multi:softprob",
    "multi:softmax",
    "reg:squarederror",
    "reg:absoluteerror",
    "reg:squaredlogerror",
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
)


def make_table(rows: int = ROWS, seed: int = 3, missing: float = 0.1) -> pa.Table:
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, COLUMNS))
    values[random.random(values.shape) < missing] = np.nan
    return pa.table({f"c{place}": values[:, place] for place in range(COLUMNS)})


def cells_of(table: pa.Table) -> dict[str, np.ndarray]:
    return {name: table.column(name).to_numpy() for name in table.column_names}


def matrix(table: pa.Table) -> np.ndarray:
    return np.column_stack([column.to_numpy() for column in table.columns])


def trained(objective: str, seed: int = 0, rounds: int = 12, **settings: Any) -> xgboost.Booster:
    random = np.random.default_rng(seed)
    values = matrix(make_table(seed=seed))
    signal = np.nan_to_num(values[:, 0]) + np.nan_to_num(values[:, 1]) ** 2 + random.normal(size=ROWS) / 2
    labels = signal
    if objective.startswith("binary:"):
        labels = signal > 1
    elif objective.startswith("multi:"):
        labels, settings = np.digitize(signal, (0, 1)), {"num_class": 3, **settings}
    elif objective in ("count:poisson", "reg:gamma", "reg:tweedie", "reg:squaredlogerror"):
        labels = np.round(np.abs(signal)) + 1
    parameters = {"objective": objective, "nthread": 1, "max_depth": 4, **settings}
    booster = xgboost.train(parameters, xgboost.DMatrix(values, labels), rounds)
    stored = xgboost.Booster()
    stored.load_model(booster.save_raw())
    return stored


def loaded(*boosters: xgboost.Booster) -> LoadedModel:
    return LoadedModel("Model m", boosters)


def themselves(table: pa.Table) -> dict[str, str]:
    return {name: name for name in table.column_names}


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(3))
def test_contributions_and_base_sum_to_the_margin_and_the_score(objective: str, seed: int) -> None:
    model, table = loaded(trained(objective, seed)), make_table(seed=seed + 10)
    found = explanations.explain(model, table, themselves(table))
    (booster,) = model.boosters
    rows = xgboost.DMatrix(matrix(table))
    margins = booster.predict(rows, output_margin=True).reshape(ROWS, -1)
    np.testing.assert_allclose(found.margins, margins, rtol=1e-4, atol=1e-4)
    scores = model.scores(table).reshape(ROWS, -1)
    if objective == "multi:softmax":
        assert (found.margins.argmax(axis=1) == scores[:, 0]).all()
    else:
        np.testing.assert_allclose(found.link.scores(found.margins), scores, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [{"booster": "dart", "rate_drop": 0.3}, {"num_parallel_tree": 3, "subsample": 0.5}, {"base_score": 0.02}],
    ids=["dart", "forest", "base score"],
)
def test_contributions_sum_to_the_margin_of_every_kind_of_trees(settings: dict[str, Any]) -> None:
    booster, table = trained("binary:logistic", **settings), make_table(seed=8)
    found = explanations.explain(loaded(booster), table, themselves(table))
    margins = booster.predict(xgboost.DMatrix(matrix(table)), output_margin=True)
    np.testing.assert_allclose(found.margins[:, 0], margins, rtol=1e-4, atol=1e-4)


def test_all_trees_are_explained_also_after_early_stopping() -> None:
    values = matrix(make_table())
    labels = np.nan_to_num(values[:, 0]) > 0
    watched = [(xgboost.DMatrix(values, ~labels), "opposite")]
    booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1},
        xgboost.DMatrix(values, labels),
        30,
        evals=watched,
        early_stopping_rounds=5,
        verbose_eval=False,
    )
    assert booster.best_iteration < booster.num_boosted_rounds() - 1
    model, table = loaded(booster), make_table(seed=9)
    found = explanations.explain(model, table, themselves(table))
    np.testing.assert_allclose(found.link.scores(found.margins)[:, 0], model.scores(table), atol=1e-5)


def test_models_of_folds_are_explained_by_the_mean_of_their_margins() -> None:
    boosters, table = [trained("binary:logistic", seed) for seed in range(3)], make_table(seed=8)
    found = explanations.explain(loaded(*boosters), table, themselves(table))
    margins = [booster.predict(xgboost.DMatrix(matrix(table)), output_margin=True) for booster in boosters]
    np.testing.assert_allclose(found.margins[:, 0], np.mean(margins, axis=0), rtol=1e-4, atol=1e-4)
    assert found.models == 3


def test_a_linear_model_is_one_sentence() -> None:
    model, table = loaded(trained("binary:logistic", booster="gblinear", verbosity=0)), make_table()
    with pytest.raises(Problem, match="gblinear"):
        explanations.explain(model, table, themselves(table))
    with pytest.raises(Problem, match="gblinear"):
        explanations.gains(model, themselves(table))


def test_leaves_with_a_value_for_each_class_are_one_sentence() -> None:
    model, table = loaded(trained("multi:softprob", multi_strategy="multi_output_tree")), make_table()
    with pytest.raises(Problem, match="multi_output_tree"):
        explanations.explain(model, table, themselves(table))


def test_a_model_of_other_columns_is_one_sentence() -> None:
    table = make_table().select(["c0", "c1"])
    with pytest.raises(Problem, match="trained on 5 columns, and the data has 2"):
        explanations.explain(loaded(trained("binary:logistic")), table, themselves(table))


def test_columns_in_another_order_are_found_by_the_names_that_the_model_knows() -> None:
    table = make_table()
    labels = np.nan_to_num(table.column("c1").to_numpy()) > 0
    names = table.column_names
    booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(matrix(table), labels, feature_names=names), 5
    )
    turned = table.select(names[::-1])
    expected = explanations.explain(loaded(booster), table, themselves(table))
    found = explanations.explain(loaded(booster), turned, themselves(turned))
    assert found.columns == tuple(names[::-1])
    np.testing.assert_allclose(found.values, expected.values[:, :, ::-1], atol=1e-6)
    assert explanations.gains(loaded(booster), themselves(turned))["c1"] > 0.9


def test_a_column_without_any_cell_is_explained() -> None:
    table = make_table()
    empty = table.set_column(2, "c2", pa.array([None] * ROWS, pa.float64()))
    found = explanations.explain(loaded(trained("binary:logistic")), empty, themselves(empty))
    values = raw_values(cells_of(empty), None)["c2"]
    assert values is not None
    groups = summary.dependence(found, "c2", values)
    assert (groups.names, groups.rows.tolist()) == (("missing",), [ROWS])
    assert summary.swarms(found, {"c2": values}, ["c2"])[0].rows.sum() == pytest.approx(ROWS)


def make_raw(rows: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(5)
    dates = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D")
    months = random.integers(1, 24, rows).astype(float)
    months[::7] = np.nan
    return pd.DataFrame(
        {
            "job": random.choice(np.array(["cook", "nurse", "clerk", None], dtype=object), rows),
            "town": random.choice([f"town {place}" for place in range(9)], rows),
            "since": dates.strftime("%d/%m/%Y"),
            "months": months,
            "bill": random.normal(50, 9, rows).round(2),
        }
    )


STEPS = (
    FillMissing(column="months", by=FillWith.MEDIAN, indicator=True),
    DateParts(column="since", order=Encoding.DAY_FIRST),
    OneHot(column="job"),
    TargetEncoding(column="town"),
)


def make_recipe() -> tuple[Recipe, pa.Table, LoadedModel]:
    raw = make_raw()
    labels = ((raw["job"] == "clerk") | (raw["months"] < 5)).astype(int).to_numpy()
    recipe, _ = recipes.fit(STEPS, raw, labels, 1729)
    table = pa.Table.from_pandas(recipe.apply(raw, "x").astype(float), preserve_index=False)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(matrix(table), labels), 10)
    return recipe, table, loaded(booster)


def test_contributions_of_features_are_added_up_to_the_raw_column_they_came_from() -> None:
    recipe, table, model = make_recipe()
    found = explanations.explain(model, table, recipe.origins())
    assert {*found.columns} == {"job", "town", "since", "months", "bill"}
    plain = model.boosters[0].predict(xgboost.DMatrix(matrix(table)), pred_contribs=True)
    for column in found.columns:
        places = [place for place, name in enumerate(recipe.features) if name.split("=")[0].split("_")[0] == column]
        expected = plain[:, places].sum(axis=1)
        np.testing.assert_allclose(found.values[:, 0, found.columns.index(column)], expected, atol=1e-5)
    assert len([name for name in recipe.features if name.startswith("job=")]) == 4


def test_gains_of_features_are_added_up_to_the_raw_column() -> None:
    recipe, _, model = make_recipe()
    found = explanations.gains(model, recipe.origins())
    by_feature = model.boosters[0].get_score(importance_type="total_gain")
    places = [place for place, name in enumerate(recipe.features) if name.startswith("job=")]
    of_job = sum(by_feature.get(f"f{place}", 0.0) for place in places)
    assert found["job"] == pytest.approx(of_job / sum(by_feature.values()))
    assert sum(found.values()) == pytest.approx(1)


def test_steps_of_a_row_add_up_from_the_base_to_the_margin_and_the_score() -> None:
    model, table = loaded(trained("multi:softprob")), make_table(seed=8)
    found = explanations.explain(model, table, themselves(table))
    for place in range(3):
        row = row_explanation.explain_row(found, 7, place, most=2)
        assert row.others is not None
        assert row.others.column == "3 other columns"
        steps = [*row.steps, row.others]
        assert row.base + sum(step.contribution for step in steps) == pytest.approx(row.margin, abs=1e-6)
        assert row.base_score + sum(step.change for step in steps) == pytest.approx(row.score, abs=1e-6)
        assert row.score == pytest.approx(model.scores(table)[7, place], abs=1e-4)
        sizes = [abs(step.contribution) for step in row.steps]
        assert sizes == sorted(sizes, reverse=True)


def test_a_changed_cell_changes_the_features_of_its_column_only() -> None:
    recipe, table, _ = make_recipe()
    row = table.slice(3, 1)
    changed = row_explanation.changed_features(row, {"job": "cook", "since": "2025-02-03"}, recipe, "What if")
    before, after = row.to_pylist()[0], changed.to_pylist()[0]
    assert (after["job=cook"], after["since_year"], after["since_weekday"]) == (1, 2025, 0)
    others = [name for name in before if not name.startswith(("job=", "since_"))]
    assert [before[name] for name in others] == [after[name] for name in others]


def test_text_where_a_number_is_needed_is_one_sentence() -> None:
    with pytest.raises(Problem, match="column c0 is not a number"):
        row_explanation.changed_features(make_table(1), {"c0": "many"}, None, "What if")


def test_a_row_beyond_the_split_is_one_sentence() -> None:
    assert row_explanation.number_of_row(57, 57) == 56
    with pytest.raises(Problem, match=r"there is no row 58\. Enter a number from 1 to 57"):
        row_explanation.number_of_row(58, 57)


def make_contributions(values: np.ndarray, link: Link = Link.IDENTITY) -> Contributions:
    columns = tuple(f"c{place}" for place in range(values.shape[1]))
    return Contributions(columns, values[:, None, :].astype(np.float32), np.zeros(1), link)


def test_columns_are_ranked_by_their_mean_absolute_contribution() -> None:
    values = np.array([[1.0, -4.0, 0.0], [-1.0, 2.0, 0.0]])
    ranked = summary.rank(make_contributions(values), {"c0": 0.75, "c1": 0.25})
    assert [(one.column, one.contribution, one.gain) for one in ranked] == [
        ("c1", 3.0, 0.25),
        ("c0", 1.0, 0.75),
        ("c2", 0.0, 0.0),
    ]


def test_the_effect_of_a_column_is_what_the_probability_would_change_without_it() -> None:
    (first, _) = summary.rank(make_contributions(np.array([[2.0, 1.0]]), Link.LOGISTIC), {})
    assert first.effect == pytest.approx(1 / (1 + np.exp(-3)) - 1 / (1 + np.exp(-1)))


def test_a_beeswarm_counts_every_row_once_and_stays_a_few_kilobytes() -> None:
    model, table = loaded(trained("binary:logistic")), make_table(5000, seed=8)
    found = explanations.explain(model, table, themselves(table))
    values = raw_values(cells_of(table), None)
    swarms = summary.swarms(found, values, found.columns)
    for swarm in swarms:
        assert swarm.rows.sum() == pytest.approx(5000)
        assert np.abs(swarm.y).max() <= 1
    assert sum(len(swarm.x) for swarm in swarms) < 250 * COLUMNS


def test_a_dependence_has_a_group_for_missing_cells_and_all_rows() -> None:
    model, table = loaded(trained("binary:logistic")), make_table(2000, seed=8)
    found = explanations.explain(model, table, themselves(table))
    values = raw_values({"c0": table.column("c0").to_numpy()}, None)["c0"]
    assert values is not None
    groups = summary.dependence(found, "c0", values)
    assert groups.names[-1] == "missing"
    assert groups.rows.sum() == 2000
    assert groups.at is not None
    assert (np.diff(groups.at[:-1]) > 0).all()
    assert (np.diff(groups.quantiles, axis=1) >= 0).all()


def test_more_categories_than_boxes_are_put_together() -> None:
    names = np.array([f"town {place:02d}" for place in range(20)])
    recipe, features = recipes.fit(
        [OneHot(column="town")], pd.DataFrame({"town": names.repeat(5)}), np.zeros(100, int), 1
    )
    values = raw_values(cells_of(pa.Table.from_pandas(features.astype(float))), recipe)["town"]
    assert values is not None
    groups = summary.dependence(make_contributions(np.ones((100, 1))), "c0", values)
    assert groups.names[-1] == "8 others"
    assert groups.rows.tolist() == [5] * 12 + [40]


def test_a_split_beyond_the_limit_is_explained_by_a_sample_of_its_rows() -> None:
    assert explanations.sample(28_481, 1, 30) is None
    chosen = explanations.sample(1_000_000, 1, 30)
    assert chosen is not None
    assert len(chosen) == len(np.unique(chosen)) == explanations.MOST_ROWS
    of_many_classes = explanations.sample(1_000_000, 100, 200)
    assert of_many_classes is not None
    assert len(of_many_classes) == 1000


def test_progress_is_told_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanations, "BLOCK", 150)
    told: list[tuple[int, int]] = []
    table = make_table()
    explanations.explain(
        loaded(trained("binary:logistic")), table, themselves(table), lambda done, rows: told.append((done, rows))
    )
    assert told == [(150, 400), (300, 400), (400, 400)]
