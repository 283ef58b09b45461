"""The views "Rows" and "Slices" of the Evaluate page: the rows behind a cell, and where a model is worse."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from pages.components.evaluate.rows import row_columns
from pages.components.queries import evaluated_rows, evaluations
from pages.components.queries.evaluations import FILE, Choice
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.data.sets import raw_rows
from services.data.target_kind import TargetKind
from tests.pages import test_evaluate
from tests.pages.app import words
from tests.pages.test_evaluate import PAGE, make_test_rows, make_training_job, open_page
from tests.pages.test_evaluate_kinds import CLASSES, make_rows, make_set, predicted
from tests.services.evaluation.test_scoring import (
    FakeAccount,
    make_class_model,
    make_model,
    make_number_model,
    matrix_of,
)

pytestmark = pytest.mark.slow
account = test_evaluate.account
ROWS = 300


def raw_table(rows: int = ROWS) -> pd.DataFrame:
    """Columns that no model learned from, one of them called as an answer is."""
    random = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "client": [f"C{number:03d}" for number in range(rows)],
            "region": random.choice(["north", "south", "east"], rows, p=[0.6, 0.36, 0.04]),
            "score": random.integers(0, 900, rows),
        }
    )


@pytest.fixture(autouse=True)
def _uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account of these tests is none that a cache could tell from another."""
    for name in ("_part_rows", "_decided", "_sliced", "_comparison", "_measured_column"):
        monkeypatch.setattr(evaluated_rows, name, getattr(evaluated_rows, name).__wrapped__)


def keep_raw(account: FakeAccount, data: PreparedData, folder: Path) -> PreparedData:
    """Raw rows of the test rows, as if they had been prepared now."""
    table, file = raw_table(), folder / "raw.parquet"
    raw_rows.write(table, table.index, file)
    account.objects[str(data.raw_file("test"))] = file.read_bytes()
    account.objects.pop(str(prepared_data.manifest(data.address)))
    data = replace(data, raw_rows=("test",))
    prepared_data.save_manifest(account, data)
    return data


def of_kind(account: FakeAccount, kind: TargetKind, folder: Path) -> PreparedData:
    two = kind is TargetKind.TWO_CLASSES
    return keep_raw(account, prepared_data.load(account, "cards") if two else make_set(account, kind), folder)


def open_view(name: str, threshold: float | None = None) -> AppTest:
    page = open_page()
    page.button(key="score").click().run()
    if threshold is not None:
        page.slider(key="threshold").set_value(threshold).run()
    page.segmented_control(key="view").set_value(name).run()
    assert not page.exception
    assert not page.main.error
    return page


def table(page: AppTest) -> pd.DataFrame:
    frame: pd.DataFrame = page.main.dataframe[0].value
    return frame


def of_two() -> tuple[np.ndarray, np.ndarray]:
    labels, features = make_test_rows()
    return labels, make_model().predict(matrix_of(features)).astype(float)


@pytest.mark.parametrize("threshold", [0.5, 0.3])
@pytest.mark.parametrize(
    ("cell", "actual", "flagged"),
    [("False positives", 0, True), ("False negatives", 1, False), ("True positives", 1, True)],
)
def test_a_cell_shows_its_rows_with_the_columns_of_the_table(
    account: FakeAccount, tmp_path: Path, cell: str, actual: int, flagged: bool, threshold: float
) -> None:
    of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    page = open_view("Rows", threshold)
    page.segmented_control(key="cell").set_value(cell.lower()).run()
    labels, scores = of_two()
    inside = np.flatnonzero((labels == actual) & ((scores >= threshold) == flagged))
    order = inside[np.argsort(scores[inside] if actual else -scores[inside], kind="stable")]
    assert f"{len(inside)} {cell.lower()} at threshold {threshold:.3f}" in page.subheader[0].value
    shown = table(page)
    assert shown["row"].tolist() == (order[:50] + 1).tolist()
    assert shown["client"].tolist() == raw_table()["client"][order[:50]].tolist()
    assert shown["score"].tolist() == pytest.approx(scores[order[:50]].tolist())
    assert shown["score (data)"].tolist() == raw_table()["score"][order[:50]].tolist()


def test_rows_are_sent_a_page_at_a_time(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    page = open_view("Rows")
    page.segmented_control(key="cell").set_value("true negatives").run()
    labels, scores = of_two()
    inside = np.flatnonzero((labels == 0) & (scores < 0.5))
    order = inside[np.argsort(-scores[inside], kind="stable")]
    assert len(table(page)) == 50
    page.session_state[f"rows_page_{len(order)}_{order[0]}"] = 2
    page.run()
    assert table(page)["row"].tolist() == (order[50:100] + 1).tolist()
    assert f"Rows 51 to 100 of {len(order)}" in words(page)


def test_a_selected_row_leads_to_its_explanation(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    page = open_view("Rows")
    assert page.button(key="explain_row").disabled
    row = int(table(page)["row"].iloc[2])
    page.session_state[str(page.main.dataframe[0].proto.id).rpartition("-")[2]] = {
        "selection": {"rows": [2], "columns": [], "cells": []}
    }
    page.run()
    assert page.button(key="explain_row").label == f"Explain row {row}"
    page.button(key="explain_row").click().run()
    assert page.session_state["row"] == row


@pytest.mark.parametrize("kind", TargetKind)
def test_the_file_holds_every_row_of_the_cell_with_what_is_said_of_it(
    account: FakeAccount, tmp_path: Path, kind: TargetKind
) -> None:
    data = of_kind(account, kind, tmp_path)
    evaluation = evaluations.evaluate_model(account, make_training_job(), data, "test")
    part = evaluated_rows.part_rows(Choice(account, "cards-1", FILE, data.name, "test"), evaluation)
    places = np.array([7, 250, 3])
    frame = pd.read_csv(io.BytesIO(row_columns.to_csv(evaluation, part, places, 0.5)))
    assert frame["row"].tolist() == [8, 251, 4]
    assert frame["client"].tolist() == ["C007", "C250", "C003"]
    if kind is TargetKind.TWO_CLASSES:
        labels, scores = of_two()
        assert frame["actual"].tolist() == [data.classes[labels[place]] for place in places]
        assert frame["score"].tolist() == pytest.approx(scores[places].tolist())
        assert frame["decision"].tolist() == ["flagged" if scores[place] >= 0.5 else "not flagged" for place in places]
    elif kind is TargetKind.CLASSES:
        rows = make_rows(kind)[places]
        assert frame["actual"].tolist() == [CLASSES[int(label)] for label in rows[:, 0]]
        assert frame["predicted"].tolist() == [
            CLASSES[one] for one in predicted(make_class_model(), rows).argmax(axis=1)
        ]
    else:
        rows = make_rows(kind)[places]
        assert frame["error"].tolist() == pytest.approx((predicted(make_number_model(), rows) - rows[:, 0]).tolist())


def test_errors_of_several_classes_come_first_and_a_cell_can_be_chosen(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.CLASSES, tmp_path)
    rows = make_rows(TargetKind.CLASSES)
    labels, chosen = rows[:, 0].astype(int), predicted(make_class_model(), rows).argmax(axis=1)
    page = open_view("Rows")
    assert page.subheader[0].value == f"{(labels != chosen).sum()} rows predicted as another class."
    page.selectbox(key="cell").set_value("low predicted as middle").run()
    inside = np.flatnonzero((labels == 0) & (chosen == 1))
    assert sorted(table(page)["row"]) == (inside + 1).tolist()[:50]
    assert set(table(page)["predicted"]) == {"middle"}


def test_predictions_that_are_too_high_come_by_their_error(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.NUMBER, tmp_path)
    rows = make_rows(TargetKind.NUMBER)
    errors = predicted(make_number_model(), rows) - rows[:, 0]
    page = open_view("Rows")
    page.segmented_control(key="cell").set_value("too high").run()
    assert page.subheader[0].value == f"{(errors > 0).sum()} rows predicted too high."
    assert table(page)["error"].tolist() == pytest.approx(sorted(errors[errors > 0], reverse=True)[:50])


def test_of_a_set_without_raw_rows_the_features_are_shown_and_it_says_so(account: FakeAccount) -> None:
    page = open_view("Rows")
    assert not prepared_data.load(account, "cards").raw_rows
    assert "were prepared before raw rows were kept" in page.info[0].value
    assert table(page).columns.tolist() == ["row", "actual", "score", "decision", "a", "b", "c"]


def test_in_a_new_tab_the_threshold_is_that_of_the_address(account: FakeAccount, tmp_path: Path) -> None:
    data = of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    evaluations.evaluate_model(account, make_training_job(), data, "test")
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params.update({"view": "Rows", "threshold": "0.2", "cell": "True positives"})
    page.run()
    labels, scores = of_two()
    found = int(((labels == 1) & (scores >= 0.2)).sum())
    assert page.subheader[0].value.startswith(f"{found} true positives at threshold 0.200")


def test_slices_of_a_column_have_scikit_learns_measures_at_the_threshold(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    page = open_view("Slices", 0.3)
    page.selectbox(key="slice_column").set_value("region").run()
    labels, scores = of_two()
    shown = table(page).set_index("Slice")
    for name in ("north", "south"):
        inside = (raw_table()["region"] == name).to_numpy()
        part = shown.loc[name]
        assert (part["Rows"], part["Positives"]) == (inside.sum(), labels[inside].sum())
        assert part["Recall"] == pytest.approx(metrics.recall_score(labels[inside], scores[inside] >= 0.3))
        assert part["Average precision"] == pytest.approx(
            metrics.average_precision_score(labels[inside], scores[inside])
        )


def test_small_slices_are_warned_of_and_not_ranked(account: FakeAccount, tmp_path: Path) -> None:
    of_kind(account, TargetKind.TWO_CLASSES, tmp_path)
    page = open_view("Slices")
    few = int((raw_table()["region"] == "east").sum())
    assert f"region: east ({few} rows)" in page.warning[-1].value
    assert "east" not in set(table(page)["Slice"])
    assert "client" not in set(table(page)["Column"])  # it names rows and groups none


@pytest.mark.parametrize(
    ("kind", "measures"),
    [(TargetKind.CLASSES, ["Accuracy", "Macro F1"]), (TargetKind.NUMBER, ["Mean absolute error", "RMSE"])],
)
def test_slices_of_every_kind_are_compared_with_the_rest(
    account: FakeAccount, tmp_path: Path, kind: TargetKind, measures: list[str]
) -> None:
    of_kind(account, kind, tmp_path)
    page = open_view("Slices")
    assert page.segmented_control(key="slice_measure").options == measures
    for measure in measures:
        page.segmented_control(key="slice_measure").set_value(measure).run()
        assert not page.exception
        first = table(page).iloc[0]
        assert first["Difference"] == pytest.approx(first["Value"] - first["Rest"])
        assert measure.split()[-1] in page.subheader[0].value or measure.lower() in page.subheader[0].value
