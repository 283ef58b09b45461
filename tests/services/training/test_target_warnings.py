"""What does not fit the target is said at its field, and its remedy leaves nothing to say."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation import scoring
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.training import launch_warnings, presets, target_warnings
from services.training.plan import TrainingPlan

TWO, SEVERAL, NUMBER = TargetKind.TWO_CLASSES, TargetKind.CLASSES, TargetKind.NUMBER
CLASSES = {TWO: ("0", "1"), SEVERAL: ("3", "4", "5", "9"), NUMBER: ()}


def make_data(kind: TargetKind) -> PreparedData:
    """Data of such a target, of three features."""
    return PreparedData(
        name="wine",
        address=Address("mine", "sagedeck/data/wine"),
        source="wine.csv",
        target="quality",
        classes=CLASSES[kind],
        features=("size", "age", "weight"),
        rows={"train": 2000, "validation": 200, "test": 100},
        positives={"train": 700, "validation": 60, "test": 30} if kind is TWO else {},
        seed=1729,
        created=datetime(2026, 11, 24, tzinfo=UTC),
        kind=kind,
        missing_cells={},
    )


def make_plan(kind: TargetKind, given: dict[str, str], algorithm: Algorithm = XGBOOST) -> TrainingPlan:
    return TrainingPlan("wine", make_data(kind), given, "ml.m4.xlarge", 1, 600, algorithm=algorithm)


def fields(plan: TrainingPlan) -> list[str]:
    return [warning.hyperparameter for warning in launch_warnings.of_settings(plan)]


def mended(plan: TrainingPlan) -> TrainingPlan:
    """The plan with the remedy of its first warning."""
    given = {**plan.hyperparameters, **launch_warnings.of_settings(plan)[0].remedy}
    return replace(plan, hyperparameters={name: value for name, value in given.items() if value})


@pytest.mark.parametrize("kind", [*TargetKind])
def test_every_preset_of_xgboost_suits_its_target(kind: TargetKind) -> None:
    for preset in presets.presets(XGBOOST, make_data(kind)):
        assert fields(make_plan(kind, dict(preset.hyperparameters))) == []
        XGBOOST.checked(preset.hyperparameters)


@pytest.mark.parametrize("kind", [TWO, NUMBER])
def test_every_preset_of_linear_learner_suits_its_target(kind: TargetKind) -> None:
    for preset in presets.presets(LINEAR_LEARNER, make_data(kind)):
        assert fields(make_plan(kind, dict(preset.hyperparameters), LINEAR_LEARNER)) == []


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
@pytest.mark.parametrize("kind", [SEVERAL, NUMBER])
def test_presets_are_taken_by_the_algorithm(algorithm: Algorithm, kind: TargetKind) -> None:
    for preset in presets.presets(algorithm, make_data(kind)):
        algorithm.fitting(algorithm.checked(preset.hyperparameters), 2000, 3)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (SEVERAL, {"objective": "binary:logistic", "eval_metric": "auc"}, "objective"),
        (SEVERAL, {"objective": "reg:squarederror"}, "objective"),
        (SEVERAL, {"objective": "multi:softprob", "num_class": "3"}, "num_class"),
        (SEVERAL, {"objective": "multi:softprob"}, "num_class"),
        (SEVERAL, {"objective": "multi:softprob", "num_class": "4", "eval_metric": "auc,merror"}, "eval_metric"),
        (SEVERAL, {"objective": "multi:softprob", "num_class": "4", "scale_pos_weight": "2"}, "scale_pos_weight"),
        (NUMBER, {"objective": "binary:logistic", "eval_metric": "auc,logloss"}, "objective"),
        (NUMBER, {"objective": "multi:softprob", "num_class": "4", "eval_metric": "merror"}, "objective"),
        (NUMBER, {"objective": "reg:logistic"}, "objective"),
        (NUMBER, {"objective": "reg:squarederror", "num_class": "4"}, "num_class"),
        (NUMBER, {"objective": "reg:squarederror", "eval_metric": "rmse,error"}, "eval_metric"),
        (NUMBER, {"objective": "survival:cox"}, "objective"),
        (NUMBER, {"objective": "rank:ndcg"}, "objective"),
        (TWO, {"objective": "rank:map"}, "objective"),
        (TWO, {"objective": "binary:logitraw"}, "objective"),
        (TWO, {"objective": "reg:squarederror"}, "objective"),
        (TWO, {"objective": "multi:softprob", "num_class": "4"}, "num_class"),
        (TWO, {"objective": "binary:logistic", "eval_metric": "mlogloss"}, "eval_metric"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_mended_by_its_remedy(
    kind: TargetKind, given: dict[str, str], field: str
) -> None:
    plan = make_plan(kind, {"num_round": "5", **given})
    assert fields(plan) == [field]
    repaired = mended(plan)
    assert fields(repaired) == []
    XGBOOST.checked(repaired.hyperparameters)


def test_a_sentence_has_the_datas_own_figures() -> None:
    (warning,) = launch_warnings.of_settings(make_plan(SEVERAL, {"num_round": "5", "objective": "binary:hinge"}))
    assert warning.sentence == "binary:hinge is for two classes, so the job fails: quality holds 4 classes."
    assert warning.remedy == {"objective": "multi:softprob", "num_class": "4"}


@pytest.mark.parametrize(
    ("kind", "given", "remedy"),
    [
        (TWO, {"predictor_type": "regressor", "loss": "squared_loss"}, {"loss": "auto"}),
        (NUMBER, {"predictor_type": "multiclass_classifier", "num_classes": "4"}, {"num_classes": ""}),
        (SEVERAL, {"predictor_type": "binary_classifier"}, {"num_classes": "4"}),
    ],
)
def test_linear_learner_is_told_what_it_predicts(
    kind: TargetKind, given: dict[str, str], remedy: dict[str, str]
) -> None:
    warning = launch_warnings.of_settings(make_plan(kind, given, LINEAR_LEARNER))[0]
    sound = {TWO: "binary_classifier", SEVERAL: "multiclass_classifier", NUMBER: "regressor"}[kind]
    assert (warning.hyperparameter, warning.remedy) == ("predictor_type", {"predictor_type": sound, **remedy})


def test_several_classes_of_linear_learner_are_for_aws_only() -> None:
    given = {"predictor_type": "multiclass_classifier", "num_classes": "4"}
    (warning,) = launch_warnings.of_settings(make_plan(SEVERAL, given, LINEAR_LEARNER))
    assert warning.sentence.startswith("The service on this computer cannot train multiclass_classifier; AWS can.")


def test_empty_cells_are_said_before_linear_learner_fails_on_them() -> None:
    plan = make_plan(NUMBER, {"predictor_type": "regressor"}, LINEAR_LEARNER)
    plan = replace(plan, data=replace(plan.data, missing_cells={"age": 31, "size": 2}))
    (warning,) = launch_warnings.of_settings(plan)
    assert warning.sentence.startswith("33 cells are empty in age, size, and Linear Learner fails on empty cells.")


@pytest.mark.parametrize("kind", TargetKind)
def test_every_objective_that_is_offered_gives_scores_that_can_be_evaluated(kind: TargetKind) -> None:
    """A model of each, trained on rows of such a target, is measured without a Problem."""
    import xgboost

    random = np.random.default_rng(3)
    values = random.normal(size=(120, 2))
    labels = {TWO: values[:, 0] > 0, SEVERAL: np.digitize(values[:, 0], (-0.6, 0, 0.6)), NUMBER: np.exp(values[:, 0])}
    classes = {TWO: 2, SEVERAL: 4, NUMBER: 0}[kind]
    for objective in target_warnings.EVALUATED[kind]:
        settings = {"objective": objective, "nthread": 1, "base_score": 0.5, "verbosity": 0}
        settings |= {"num_class": classes} if objective.startswith("multi:") else {}
        model = xgboost.train(settings, xgboost.DMatrix(values, labels[kind].astype(float)), 3)
        scores = model.predict(xgboost.DMatrix(values)).astype(np.float64)
        answered = scoring.of_kind(scores, make_data(kind), objective)
        if kind is TWO:
            Scored.of(labels[kind].astype(int), answered)
        elif kind is NUMBER:
            ScoredNumbers.of(labels[kind], answered, Constants.of(labels[kind]))
        else:
            ScoredClasses.of(labels[kind], answered, classes)
