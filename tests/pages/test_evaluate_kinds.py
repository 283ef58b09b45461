"""The Evaluate page for several classes and for numbers: what it says is what scikit-learn says of the same rows."""

import io
import re
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from pages.components.evaluate import scored_rows, show_code
from pages.components.evaluate.overview import numbers, several_classes
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import FILE, Choice
from services.algorithms.algorithm import Algorithm, Answers
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData, load
from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.decision.saved_decision import AppliedThreshold
from services.evaluation.evaluated_model import of_job
from services.evaluation.number_metrics import ScoredNumbers
from tests.pages.app import words
from tests.pages.test_evaluate import (
    WHEN,
    account,
    keep,
    make_training_job,
    open_page,
    shown,
)
from tests.services.evaluation.test_scoring import FakeAccount, make_class_model, make_number_model

pytestmark = pytest.mark.slow

__all__ = ["account"]  # the fixture
CLASSES = ("low", "middle", "high")


def make_rows(kind: TargetKind, rows: int = 300, seed: int = 4) -> np.ndarray:
    """Labels, then features."""
    random = np.random.default_rng(seed)
    values = np.round(random.normal(size=(rows, 3)), 6)
    noisy = values[:, 0] + random.normal(size=rows) / 2
    labels = np.digitize(noisy, (-0.5, 0.9)) if kind is TargetKind.CLASSES else np.round(3 * noisy + 10, 6)
    return np.column_stack([labels, values])


def make_set(account: FakeAccount, kind: TargetKind, model: xgboost.Booster | None = None) -> PreparedData:
    """The prepared set `cards` of the fixture, of another kind, and a model of it."""
    splits = {"train": make_rows(kind, 90, 1), "test": make_rows(kind)}
    data = PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="size",
        classes=CLASSES if kind is TargetKind.CLASSES else (),
        features=("a", "b", "c"),
        rows={"train": 90, "validation": 0, "test": 300},
        positives={},
        seed=1729,
        created=WHEN,
        kind=kind,
    )
    account.objects.pop("s3://bucket/sagedeck/data/cards/manifest.json")
    of_kind = make_class_model() if kind is TargetKind.CLASSES else make_number_model()
    keep(account, data, model or of_kind, splits)
    return data


def predicted(model: xgboost.Booster, rows: np.ndarray) -> np.ndarray:
    scores: np.ndarray = model.predict(xgboost.DMatrix(rows[:, 1:]))
    return scores


def score(page: AppTest) -> AppTest:
    page.button(key="score").click().run()
    assert not page.exception
    assert not page.main.error
    return page


def table(page: AppTest) -> pd.DataFrame:
    frame: pd.DataFrame = page.main.dataframe[-1].value
    return frame


def test_classes_are_measured_as_by_scikit_learn(account: FakeAccount) -> None:
    make_set(account, TargetKind.CLASSES)
    rows = make_rows(TargetKind.CLASSES)
    scores, labels = predicted(make_class_model(), rows), rows[:, 0].astype(int)
    chosen = scores.argmax(axis=1)
    page = score(open_page())
    assert shown(page) == {
        "Accuracy": f"{metrics.accuracy_score(labels, chosen):.3f}",
        "Balanced accuracy": f"{metrics.balanced_accuracy_score(labels, chosen):.3f}",
        "Macro F1": f"{metrics.f1_score(labels, chosen, average='macro'):.3f}",
        "MCC": f"{metrics.matthews_corrcoef(labels, chosen):.3f}",
        "Log loss": f"{metrics.log_loss(labels, scores):.3f}",
    }
    right, most = int((labels == chosen).sum()), np.bincount(labels).max()
    said = f"{right} of 300 test rows right ({right / 3:.0f} %), against {most / 3:.0f} % for always answering"
    assert said in words(page)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, chosen)
    assert table(page)["Class"].tolist() == list(CLASSES)
    assert table(page)["Rows"].tolist() == support.tolist()
    for column, expected in (("Precision", precision), ("Recall", recall), ("F1", f1)):
        assert table(page)[column].tolist() == pytest.approx(expected.tolist())


def test_a_model_of_classes_without_probabilities_says_what_to_train_for_them(account: FakeAccount) -> None:
    make_set(account, TargetKind.CLASSES, make_class_model("multi:softmax"))
    page = score(open_page())
    assert "Log loss" not in shown(page)
    assert any("multi:softprob to see probabilities" in caption.value for caption in page.main.caption)


def test_a_binary_model_on_classes_is_one_sentence(account: FakeAccount) -> None:
    make_set(account, TargetKind.CLASSES, make_number_model())
    page = open_page().button(key="score").click().run()
    assert not page.exception
    assert "Train XGBoost with the objective multi" in page.main.error[0].value


def test_numbers_are_measured_as_by_scikit_learn(account: FakeAccount) -> None:
    make_set(account, TargetKind.NUMBER)
    rows = make_rows(TargetKind.NUMBER)
    actual, found = rows[:, 0], predicted(make_number_model(), rows)
    mean = make_rows(TargetKind.NUMBER, 90, 1)[:, 0].mean()
    page = score(open_page())
    assert {label: float(value) for label, value in shown(page).items()} == pytest.approx(
        {
            "RMSE": metrics.root_mean_squared_error(actual, found),
            "Mean absolute error": metrics.mean_absolute_error(actual, found),
            "Median absolute error": metrics.median_absolute_error(actual, found),
            "R²": metrics.r2_score(actual, found),
        },
        rel=5e-3,  # three digits are shown
    )
    beside = metrics.mean_absolute_error(actual, np.full(300, mean))
    assert f"against {beside:.2f} (RMSE" in words(page)


def test_the_rows_that_are_furthest_off_are_listed_with_their_features(account: FakeAccount) -> None:
    make_set(account, TargetKind.NUMBER)
    rows = make_rows(TargetKind.NUMBER)
    errors = predicted(make_number_model(), rows) - rows[:, 0]
    worst = int(np.abs(errors).argmax())
    first = table(score(open_page())).iloc[0]
    assert first["Row"] == worst + 1
    assert first["Error"] == pytest.approx(errors[worst])
    assert first[["a", "b", "c"]].tolist() == pytest.approx(rows[worst, 1:].tolist())


def evaluation_of(account: FakeAccount, kind: TargetKind) -> evaluations.Evaluation:
    return evaluations.evaluate_model(account, make_training_job(), make_set(account, kind), "test")


def test_scored_rows_of_classes_hold_names_and_a_probability_each(account: FakeAccount) -> None:
    evaluation = evaluation_of(account, TargetKind.CLASSES)
    frame = pd.read_csv(io.BytesIO(scored_rows.to_csv(several_classes._columns(evaluation))))
    assert frame.columns.tolist() == ["row", "size", "predicted", *(f"probability of {name}" for name in CLASSES)]
    rows = make_rows(TargetKind.CLASSES)
    assert frame["size"].tolist() == [CLASSES[int(label)] for label in rows[:, 0]]
    scores = predicted(make_class_model(), rows)
    assert frame["predicted"].tolist() == [CLASSES[place] for place in scores.argmax(axis=1)]
    assert frame["probability of high"].tolist() == pytest.approx(scores[:, 2].tolist())


def test_scored_rows_of_numbers_hold_the_error(account: FakeAccount) -> None:
    evaluation = evaluation_of(account, TargetKind.NUMBER)
    assert isinstance(evaluation.scored, ScoredNumbers)
    frame = pd.read_csv(io.BytesIO(scored_rows.to_csv(numbers._columns(evaluation, evaluation.scored))))
    assert frame.columns.tolist() == ["row", "size", "predicted", "error"]
    assert (frame["predicted"] - frame["size"]).tolist() == pytest.approx(frame["error"].tolist())


def run_script(
    account: FakeAccount, data: PreparedData, answers: Answers, method: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """What the script shown for a scoring method prints, asked of the fake account."""
    choice = Choice(account, "cards-1", method, data.name, "test")
    script = show_code.script(choice, data, of_job(make_training_job()), answers, "ml.m4.xlarge", AppliedThreshold())

    def ask(operation: str) -> Any:
        return lambda **parameters: account.call("sagemaker-runtime", operation, **parameters)

    client = SimpleNamespace(get_object=ask("get_object"), invoke_endpoint=ask("invoke_endpoint"))
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda *_, **__: client))
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdout", printed)
    exec(script, {})
    return printed.getvalue()


def served(answers: Answers, scores: np.ndarray) -> bytes:
    """Scores as a model server writes them."""
    if answers is LINEAR_LEARNER.answers:
        return "".join(f'{{"score": {row}}}\n' for row in scores.astype(float).tolist()).encode()
    return "".join(f"{row}\n" for row in scores.astype(float).tolist()).encode()


def expected_of(scored: Any) -> list[float]:
    """Numbers that the script of a kind prints, among others."""
    if isinstance(scored, ScoredNumbers):
        return [scored.rmse, scored.mae, scored.mean_rmse, scored.mean_mae]
    if isinstance(scored, ScoredClasses):
        return [scored.log_loss or 0, scored.accuracy, scored.most_frequent_share]
    return [scored.average_precision, scored.roc_auc]


@pytest.mark.parametrize("served_by", [None, XGBOOST, LINEAR_LEARNER])
@pytest.mark.parametrize("kind", TargetKind)
def test_the_script_shown_runs_and_prints_the_pages_numbers(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, kind: TargetKind, served_by: Algorithm | None
) -> None:
    data = load(account, "cards") if kind is TargetKind.TWO_CLASSES else make_set(account, kind)
    evaluation = evaluations.evaluate_model(account, make_training_job(), data, "test")
    answers = (served_by or XGBOOST).answers
    asked = replace(account, answer=lambda body: served(answers, evaluation.scores))
    printed = run_script(asked, data, answers, "live" if served_by else FILE, monkeypatch)
    values = [float(text) for text in re.findall(r"[-+]?\d+\.\d+(?:e-?\d+)?", printed)]
    for one in expected_of(evaluation.scored):
        assert any(value == pytest.approx(one, rel=1e-6) for value in values), (one, printed)
