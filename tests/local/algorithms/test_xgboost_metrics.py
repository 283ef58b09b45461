"""The metrics the XGBoost container prints, against scikit-learn's."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from services.algorithms.xgboost import XGBOOST
from services.local.algorithms.xgboost.train import train
from tests.local.algorithms.xgboost_jobs import (
    CHANNELS,
    as_csv,
    booster,
    features,
    make_job,
    three_classes,
    two_channels,
    two_classes,
    values_of,
)

Job = Callable[..., Path]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A factory of job folders."""
    return partial(make_job, tmp_path)


@pytest.fixture
def data() -> dict[str, str]:
    return two_channels()


OBJECTIVES = {
    "merror": "multi:softmax",
    "mlogloss": "multi:softprob",
    "cox-nloglik": "survival:cox",
    "gamma-deviance": "reg:gamma",
    "gamma-nloglik": "reg:gamma",
    "poisson-nloglik": "count:poisson",
    "tweedie-nloglik": "reg:tweedie",
    "map": "rank:map",
    "ndcg": "rank:ndcg",
} | dict.fromkeys(("mae", "mape", "mphe", "mse", "r2", "rmse", "rmsle"), "reg:squarederror")
NEED_BOUNDS = ("aft-nloglik", "interval-regression-accuracy")


@pytest.mark.parametrize(
    "metric", [name for name in XGBOOST.hyperparameters["eval_metric"].choices if name not in NEED_BOUNDS]
)
def test_every_metric_is_printed_as_its_definition_reads_it(
    job: Job, metric: str, capsys: pytest.CaptureFixture[str]
) -> None:
    objective = OBJECTIVES.get(metric, "binary:logistic")
    classes = {"num_class": "3"} if objective.startswith("multi:") else {}
    values = features()
    label = three_classes(values) if classes else two_classes(values)
    text = as_csv(values, label + (objective == "reg:gamma"))
    given = {"num_round": "2", "objective": objective, "_tuning_objective_metric": f"validation:{metric}"}
    assert train(job(given | classes, train=text, validation=text)) == 0
    log = capsys.readouterr().out.splitlines()
    regex = next(
        metric_definition.regex
        for metric_definition in XGBOOST.tuning_metrics
        if metric_definition.name == f"validation:{metric}"
    )
    assert len([float(match[1]) for line in log if (match := re.match(regex, line))]) == 2


Scores = dict[str, Callable[[Any, Any], float]]
BOTH: Scores = {
    "accuracy": sklearn_metrics.accuracy_score,
    "balanced_accuracy": sklearn_metrics.balanced_accuracy_score,
    **dict.fromkeys(("f1", "f1_macro"), lambda y, p: sklearn_metrics.f1_score(y, p, average="macro")),
    "precision_macro": lambda y, p: sklearn_metrics.precision_score(y, p, average="macro", zero_division=0),
    "precision_micro": lambda y, p: sklearn_metrics.precision_score(y, p, average="micro"),
    "recall_macro": lambda y, p: sklearn_metrics.recall_score(y, p, average="macro"),
    "recall_micro": lambda y, p: sklearn_metrics.recall_score(y, p, average="micro"),
}
OF_TWO: Scores = {
    **BOTH,
    "f1_binary": sklearn_metrics.f1_score,
    "precision": sklearn_metrics.precision_score,
    "recall": sklearn_metrics.recall_score,
}


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw", "binary:hinge"])
def test_the_metrics_of_two_classes_are_scikit_learns(
    job: Job, data: dict[str, str], objective: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = job({"num_round": "4", "objective": objective, "eval_metric": ",".join(OF_TWO)}, **data)
    assert train(root) == 0
    log, held_out = capsys.readouterr().out, features(seed=1)
    predicted = booster(root).inplace_predict(held_out) > (0 if objective == "binary:logitraw" else 0.5)
    expected = {name: score(two_classes(held_out), predicted) for name, score in OF_TWO.items()}
    assert {name: values_of(log, name)[-1] for name in OF_TWO} == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_the_metrics_of_more_classes_are_scikit_learns(
    job: Job, objective: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = {name: as_csv(features(seed=at), three_classes(features(seed=at))) for at, name in enumerate(CHANNELS)}
    given = {
        "num_round": "2",
        "objective": objective,
        "num_class": "3",
        "max_depth": "1",
        "eval_metric": ",".join(BOTH),
    }
    root = job(given, **text)
    assert train(root) == 0
    log, held_out = capsys.readouterr().out, features(seed=1)
    predicted = booster(root).inplace_predict(held_out)
    classes = predicted.argmax(axis=1) if predicted.ndim == 2 else predicted
    expected = {name: score(three_classes(held_out), classes) for name, score in BOTH.items()}
    assert {name: values_of(log, name)[-1] for name in BOTH} == pytest.approx(expected, abs=1e-5)


def test_the_metrics_of_numbers_are_scikit_learns(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    values, held_out = features(), features(seed=1)
    root = job(
        {"num_round": "5", "eval_metric": "r2,mse,rmse"},
        train=as_csv(values, values[:, 0] * 10),
        validation=as_csv(held_out, held_out[:, 0] * 10),
    )
    assert train(root) == 0
    log, predicted = capsys.readouterr().out, booster(root).inplace_predict(held_out)
    label = np.array([float(f"{value:g}") for value in held_out[:, 0] * 10])
    assert values_of(log, "r2")[-1] == pytest.approx(sklearn_metrics.r2_score(label, predicted), abs=2e-5)
    assert values_of(log, "mse")[-1] == pytest.approx(sklearn_metrics.mean_squared_error(label, predicted), abs=2e-4)
