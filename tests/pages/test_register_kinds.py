"""Registering models of several classes and of numbers: their metrics, no threshold, no dead end."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import registry as registry_queries
from pages.components.queries.evaluation import evaluations
from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import ScoredClasses
from tests.pages.test_evaluate import account, make_training_job, shown
from tests.pages.test_evaluate_kinds import make_set
from tests.services.evaluation.test_scoring import FakeAccount

pytestmark = pytest.mark.slow

__all__ = ["account"]  # the fixture
PAGE = str(Path(__file__).parents[2] / "pages" / "registry.py")


@pytest.fixture
def evaluated(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, kind: TargetKind
) -> tuple[AppTest, evaluations.Evaluation]:
    """The form for a model of a kind that was evaluated, and the evaluation."""
    monkeypatch.setattr(registry_queries, "groups", lambda account: [])
    evaluation = evaluations.evaluate_model(account, make_training_job(), make_set(account, kind), "test")
    page = AppTest.from_file(PAGE, default_timeout=150)
    page.query_params["register"] = "cards-1"
    page.run()
    assert not page.exception
    assert not page.main.error
    return page, evaluation


@pytest.mark.parametrize("kind", [TargetKind.CLASSES])
def test_a_model_of_several_classes_is_registered_with_its_metrics_and_no_threshold(
    evaluated: tuple[AppTest, evaluations.Evaluation],
) -> None:
    page, evaluation = evaluated
    assert isinstance(evaluation.scored, ScoredClasses)
    assert shown(page)["Accuracy"] == f"{evaluation.scored.accuracy:.3f}"
    assert "weighted_f1" not in shown(page)
    assert not page.main.number_input


@pytest.mark.parametrize("kind", [TargetKind.NUMBER])
def test_a_model_of_a_number_is_registered_with_its_errors(
    evaluated: tuple[AppTest, evaluations.Evaluation],
) -> None:
    assert set(shown(evaluated[0])) == {"RMSE", "Mean absolute error", "R²", "Median absolute error", "MAE of the mean"}


@pytest.mark.parametrize(
    ("kind", "member"),
    [(TargetKind.CLASSES, "multiclass_classification_metrics"), (TargetKind.NUMBER, "regression_metrics")],
)
def test_the_code_shown_registers_the_same_metrics(
    evaluated: tuple[AppTest, evaluations.Evaluation], member: str
) -> None:
    code = evaluated[0].code[0].value
    compile(code, "shown", "exec")
    assert json.dumps(member) in code
