"""The training side of the Linear Learner container, run on small real jobs in folders that play /opt/ml."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.local.algorithms.linear_learner.model import FILE, load
from services.local.algorithms.linear_learner.train import share, train
from tests.local.algorithms import protobuf_records
from tests.local.algorithms.linear_learner_jobs import BINARY, RECORDIO, REGRESSOR, failure, learned, scores
from tests.local.algorithms.xgboost_jobs import COLUMNS, as_csv, features, make_job, two_channels, two_classes
from tests.local.jobs.test_shared_data import spoil

Job = Callable[..., Path]
Printed = pytest.CaptureFixture[str]
TO_THE_END = {"early_stopping_patience": "100", "epochs": "30"}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A factory of job folders."""
    return partial(make_job, tmp_path)


@pytest.fixture
def data() -> dict[str, str]:
    return two_channels()


def halves(values: np.ndarray, label: np.ndarray) -> tuple[dict[str, str], tuple[np.ndarray, np.ndarray]]:
    """Records in random order: two thirds and the rest as the CSV of two channels, and the rest itself."""
    order = np.random.default_rng(0).permutation(len(values))
    learned, held_out = np.split(order, [2 * len(values) // 3])
    channels = {
        "train": as_csv(values[learned], label[learned]),
        "validation": as_csv(values[held_out], label[held_out]),
    }
    return channels, (values[held_out], label[held_out])


def rare() -> tuple[np.ndarray, np.ndarray]:
    values = features(3000)
    return values, (values[:, 0] + np.random.default_rng(1).normal(size=3000) > 1.8).astype(np.float32)


def printed(log: str, channel: str, name: str) -> list[float]:
    """The values of a metric in the log, by the image's own expression."""
    regexes = dict(LINEAR_LEARNER.metric_definitions)
    return [float(value) for value in re.findall(regexes[f"{channel}:{name}"], log)]


# ---- learning


def test_it_classifies_as_well_as_scikit_learns_logistic_regression(job: Job) -> None:
    channels, (values, label) = halves(*load_breast_cancer(return_X_y=True))
    model = learned(job(BINARY, **channels))
    table = np.loadtxt(channels["train"].splitlines(), delimiter=",")
    plain = make_pipeline(StandardScaler(), LogisticRegression()).fit(table[:, 1:], table[:, 0])
    of_plain = plain.predict_proba(values)[:, 1]
    assert metrics.log_loss(label, scores(model, values)) < metrics.log_loss(label, of_plain) + 0.02
    assert metrics.roc_auc_score(label, scores(model, values)) > metrics.roc_auc_score(label, of_plain) - 0.01


def test_it_predicts_numbers_as_well_as_scikit_learns_linear_regression(job: Job) -> None:
    channels, (values, label) = halves(*load_diabetes(return_X_y=True))
    model = learned(job(REGRESSOR, **channels))
    table = np.loadtxt(channels["train"].splitlines(), delimiter=",")
    plain = LinearRegression().fit(table[:, 1:], table[:, 0])
    off = [metrics.mean_squared_error(label, predicted) for predicted in (scores(model, values), plain.predict(values))]
    assert off[0] < off[1] * 1.03


@pytest.mark.parametrize(
    ("loss", "name", "epsilon"),
    [
        ("absolute_loss", "epsilon_insensitive", 0.0),
        ("huber_loss", "huber", 1.0),
        ("eps_insensitive_absolute_loss", "epsilon_insensitive", 0.01),
        ("eps_insensitive_squared_loss", "squared_epsilon_insensitive", 0.01),
    ],
)
def test_every_loss_of_a_regressor_finds_what_scikit_learn_finds(
    job: Job, loss: str, name: str, epsilon: float
) -> None:
    values = features(2000)
    label = (values @ [3.0, -2.0, 1.0, 0.5] + 7 + np.random.default_rng(1).normal(size=2000)).astype(np.float32)
    model = learned(job(REGRESSOR | TO_THE_END | {"loss": loss}, train=as_csv(values, label)))
    plain = SGDRegressor(loss=name, epsilon=epsilon, max_iter=1000, random_state=0).fit(values, label)
    assert model.weights == pytest.approx(plain.coef_, abs=0.1)
    assert model.bias == pytest.approx(plain.intercept_[0], abs=0.15)


def test_hinge_loss_gives_margins_that_part_the_classes_as_scikit_learns_do(job: Job) -> None:
    values = features(2000)
    label = (values[:, 0] - values[:, 1] > 0.3).astype(np.float32)
    model = learned(job(BINARY | {"loss": "hinge_loss"}, train=as_csv(values, label)))
    plain = SGDClassifier(loss="hinge", random_state=0).fit(values, label)
    agree = (scores(model, values) > 0) == plain.predict(values)
    assert scores(model, values).min() < 0
    assert agree.mean() > 0.98


def test_units_of_features_make_no_difference(tmp_path: Path) -> None:
    values, label = features(), two_classes(features())
    units = np.array([1e4, 1e-3, 1.0, 50.0], np.float32)
    one = learned(make_job(tmp_path / "one", BINARY, train=as_csv(values, label)))
    other = learned(make_job(tmp_path / "other", BINARY, train=as_csv(values * units + 3 * units, label)))
    assert scores(other, values * units + 3 * units) == pytest.approx(scores(one, values), abs=1e-3)


def test_l1_leaves_out_features_that_tell_nothing(job: Job) -> None:
    values = features(2000)
    label = (values[:, 0] > 0).astype(np.float32)
    model = learned(job(BINARY | TO_THE_END | {"l1": "0.05"}, train=as_csv(values, label)))
    assert model.weights[0] > 0.5
    assert (np.abs(model.weights[1:]) < 0.01).all()


def test_wd_keeps_weights_small(tmp_path: Path) -> None:
    channels = {"train": as_csv(features(), two_classes(features()))}
    free, bound = (learned(make_job(tmp_path / wd, BINARY | {"wd": wd}, train=channels["train"])) for wd in ("0", "1"))
    assert np.linalg.norm(bound.weights) < np.linalg.norm(free.weights) / 2


def test_without_bias_nothing_is_added(job: Job) -> None:
    assert learned(job(BINARY | {"use_bias": "False"}, train=two_channels()["train"])).bias == 0


def test_balanced_weights_find_more_of_the_rare_class(tmp_path: Path) -> None:
    values, label = rare()
    recalls = {}
    for weight in ("1", "balanced"):
        given = BINARY | {"positive_example_weight_mult": weight}
        given |= {"binary_classifier_model_selection_criteria": "loss_function"}
        model = learned(make_job(tmp_path / weight, given, train=as_csv(values, label)))
        recalls[weight] = metrics.recall_score(label, scores(model, values) >= (model.threshold or 0))
    assert recalls["balanced"] > recalls["1"] + 0.2


def test_a_weight_counts_as_scikit_learns_class_weight_does(job: Job) -> None:
    values, label = rare()
    model = learned(job(BINARY | TO_THE_END | {"positive_example_weight_mult": "5"}, train=as_csv(values, label)))
    plain = LogisticRegression(class_weight={1: 5}).fit(values, label)
    assert np.abs(scores(model, values) - plain.predict_proba(values)[:, 1]).mean() < 0.03


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_recordio_is_learned_like_csv(tmp_path: Path, form: str) -> None:
    values = features()
    values[values < 0.2] = 0
    label = two_classes(values)
    content = getattr(protobuf_records, form)(values, label)
    packed = make_job(tmp_path / "packed", BINARY, RECORDIO, train={"data": content[:]})
    plain = make_job(tmp_path / "plain", BINARY, train=as_csv(values, label))
    assert learned(packed).weights == pytest.approx(learned(plain).weights)


def test_files_of_a_channel_are_joined(tmp_path: Path, data: dict[str, str]) -> None:
    lines = data["train"].splitlines(keepends=True)
    parts: dict[str, str | bytes] = {"a.csv": "".join(lines[:150]), "b.csv": "".join(lines[150:]), "_SUCCESS": ""}
    whole = learned(make_job(tmp_path / "whole", BINARY, train=data["train"]))
    joined = learned(make_job(tmp_path / "joined", BINARY, train=parts))
    assert joined.weights.tolist() == whole.weights.tolist()


@pytest.mark.parametrize("content_type", ["text/csv", "text/csv;label_size=1", "text/csv; label_size=1"])
def test_csv_goes_by_several_names(job: Job, data: dict[str, str], content_type: str) -> None:
    assert train(job(BINARY, content_type, train=data["train"])) == 0


# ---- thresholds


@pytest.mark.parametrize(
    ("criterion", "target", "holds"),
    [
        ("precision_at_target_recall", {"target_recall": "0.9"}, lambda precision, recall: recall >= 0.9),
        ("recall_at_target_precision", {"target_precision": "0.7"}, lambda precision, recall: precision >= 0.7),
    ],
)
def test_a_target_is_held_and_the_other_as_good_as_it_gets(
    job: Job, criterion: str, target: dict[str, str], holds: Callable[[Any, Any], Any]
) -> None:
    values, label = rare()
    given = BINARY | target | {"binary_classifier_model_selection_criteria": criterion}
    model = learned(job(given, train=as_csv(values, label), validation=as_csv(values, label)))
    precision, recall, _ = metrics.precision_recall_curve(label, scores(model, values))
    predicted = scores(model, values) >= (model.threshold or 0)
    own = metrics.precision_score(label, predicted), metrics.recall_score(label, predicted)
    assert holds(*own)
    allowed = holds(precision[:-1], recall[:-1])
    sought = 0 if "target_recall" in target else 1
    assert own[sought] == pytest.approx((precision, recall)[sought][:-1][allowed].max())


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_no_other_threshold_has_a_better_f_score(job: Job, beta: float) -> None:
    values, label = rare()
    given = BINARY | {"binary_classifier_model_selection_criteria": "f_beta", "f_beta": str(beta)}
    model = learned(job(given, train=as_csv(values, label)))
    precision, recall, _ = metrics.precision_recall_curve(label, scores(model, values))
    best = np.nanmax((1 + beta**2) * precision * recall / np.maximum(1e-9, beta**2 * precision + recall))
    predicted = scores(model, values) >= (model.threshold or 0)
    assert metrics.fbeta_score(label, predicted, beta=beta) == pytest.approx(best)


def test_no_other_threshold_is_more_accurate(job: Job) -> None:
    values, label = rare()
    model = learned(job(BINARY, train=as_csv(values, label)))
    model_scores = scores(model, values)
    right = [np.mean((model_scores >= threshold) == label) for threshold in (*model_scores, 2.0, model.threshold)]
    assert right[-1] == max(right)


def test_the_loss_as_criterion_leaves_the_threshold_in_the_middle(job: Job, data: dict[str, str]) -> None:
    given = BINARY | {"binary_classifier_model_selection_criteria": "loss_function"}
    assert learned(job(given, **data)).threshold == 0.5


# ---- what is printed


def test_every_metric_definition_reads_what_the_container_prints(tmp_path: Path, capsys: Printed) -> None:
    data = two_channels()
    with_test = data | {"test": data["validation"]}
    for number, (given, channels) in enumerate(
        (given, channels) for given in (BINARY, REGRESSOR) for channels in (with_test, {"train": data["train"]})
    ):
        assert train(make_job(tmp_path / str(number), given, **channels)) == 0
    log = capsys.readouterr().out
    unread = [name for name, regex in LINEAR_LEARNER.metric_definitions if not re.search(regex, log)]
    assert unread == []


def test_every_epoch_is_a_line_of_each_channel(job: Job, data: dict[str, str], capsys: Printed) -> None:
    assert train(job(BINARY | {"epochs": "3"}, **data)) == 0
    log = capsys.readouterr().out
    line = (
        r"#quality_metric: host=algo-1, epoch=(\d), (\w+) binary_classification_cross_entropy_objective <loss>=0\.\d+"
    )
    assert re.findall(line, log) == [(str(epoch), channel) for epoch in range(3) for channel in ("train", "validation")]
    assert re.match(r"\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d INFO \d+\] #quality_metric", log)


@pytest.mark.parametrize("criterion", ["accuracy", "loss_function", "recall_at_target_precision"])
@pytest.mark.parametrize("channel", ["validation", "test"])
def test_final_metrics_are_scikit_learns(
    job: Job, data: dict[str, str], channel: str, criterion: str, capsys: Printed
) -> None:
    data |= {"test": data["validation"], "validation": data["validation" if channel == "validation" else "train"]}
    model = learned(job(BINARY | {"binary_classifier_model_selection_criteria": criterion}, **data))
    log = capsys.readouterr().out
    values = features(seed=1)
    label, model_scores = two_classes(values), scores(model, values)
    predicted = model_scores >= (model.threshold or 0)
    for name, value in {
        "binary_classification_accuracy": metrics.accuracy_score(label, predicted),
        "binary_f_beta": metrics.f1_score(label, predicted),
        "precision": metrics.precision_score(label, predicted),
        "recall": metrics.recall_score(label, predicted),
        "roc_auc_score": metrics.roc_auc_score(label, model_scores),
    }.items():
        assert printed(log, channel, name) == [pytest.approx(value, abs=1e-3)], name
    assert printed(log, "test", "objective_loss") == [pytest.approx(metrics.log_loss(label, model_scores), abs=1e-3)]


def test_a_model_that_finds_nothing_is_told_so(job: Job, capsys: Printed) -> None:
    values, label = rare()
    given = {"binary_classifier_model_selection_criteria": "loss_function", "learning_rate": "0.0001"}
    learned(job(BINARY | given, train=as_csv(values, label)))
    log = capsys.readouterr().out
    assert printed(log, "train", "recall") == printed(log, "train", "precision") == [0.0]


def test_training_stops_early_when_the_loss_no_longer_improves(job: Job, data: dict[str, str], capsys: Printed) -> None:
    assert train(job(BINARY | {"epochs": "500", "early_stopping_patience": "2"}, **data)) == 0
    assert len(printed(capsys.readouterr().out, "train", "objective_loss")) < 100


def test_patience_beyond_the_epochs_trains_to_the_end(job: Job, data: dict[str, str], capsys: Printed) -> None:
    assert train(job(BINARY | TO_THE_END, **data)) == 0
    log = capsys.readouterr().out
    assert len(printed(log, "train", "objective_loss")) == 30
    assert printed(log, "train", "progress")[-1] == 100


def test_a_tunings_objective_is_taken(job: Job, data: dict[str, str]) -> None:
    assert train(job(BINARY | {"_tuning_objective_metric": "validation:binary_f_beta"}, **data)) == 0


@pytest.mark.slow
def test_told_to_stop_it_saves_what_it_has(job: Job, data: dict[str, str]) -> None:
    root = job(BINARY | {"epochs": "1000000", "early_stopping_patience": "1000000"}, **data)
    program = "import sys; from pathlib import Path; from services.local.algorithms.linear_learner.train import train\n"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{program}sys.exit(train(Path({str(root)!r})))"],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        text=True,
    )
    assert process.stdout
    next(line for line in process.stdout if "epoch=3" in line)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert len(load(root / "model" / FILE).weights) == COLUMNS


def test_shared_data_is_not_read_again_and_learned_alike(tmp_path: Path, data: dict[str, str]) -> None:
    alone, shared = (make_job(tmp_path / name, BINARY, **data) for name in ("alone", "shared"))
    share(shared)
    for path in (shared / "input" / "data").rglob("*.csv"):
        spoil(path)
    assert learned(shared).weights.tolist() == learned(alone).weights.tolist()


def test_what_is_wrong_with_shared_data_is_told_by_the_job(job: Job) -> None:
    root = job(BINARY, train="1,two\n")
    share(root)
    assert failure(root).startswith("ClientError: Channel train, file part.csv: ")
