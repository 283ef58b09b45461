"""The training side of the XGBoost container, run on small real jobs in folders that play /opt/ml."""

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
import pyarrow as pa
import pyarrow.parquet
import pytest
import xgboost as xgb

from services.local.algorithms.xgboost.boosting import CHECKPOINT
from services.local.algorithms.xgboost.train import train
from tests.local.algorithms.xgboost_jobs import (
    BINARY,
    COLUMNS,
    ROWS,
    as_csv,
    as_libsvm,
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


def failure(root: Path) -> str:
    assert train(root) == 1
    return (root / "output/failure").read_text()


# ---- learning


def test_it_learns_what_xgboost_learns(job: Job, data: dict[str, str]) -> None:
    root = job(BINARY | {"max_depth": "3", "eta": "0.2"}, **data)
    assert train(root) == 0
    values, parameters = features(), {"objective": "binary:logistic", "max_depth": 3, "eta": 0.2}
    plain = xgb.train(parameters, xgb.DMatrix(values, two_classes(values)), 3)
    assert booster(root).inplace_predict(values) == pytest.approx(plain.inplace_predict(values), abs=1e-6)


def test_each_round_is_a_line_of_both_channels(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(job(BINARY | {"eval_metric": "logloss,auc"}, **data)) == 0
    number = r"\d\.\d{5}"
    lines = [line for line in capsys.readouterr().out.splitlines() if "#011" in line]
    assert [line.partition("#")[0] for line in lines] == ["[0]", "[1]", "[2]"]
    assert re.fullmatch(
        rf"\[0\]#011train-logloss:{number}#011train-auc:{number}#011validation-logloss:{number}#011validation-auc:{number}",
        lines[0],
    )


def test_the_log_counts_the_rows_of_each_channel(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    train(job(BINARY, **data))
    log = capsys.readouterr().out
    assert "INFO] Train matrix has 400 rows and 4 columns" in log
    assert "INFO] Validation matrix has 400 rows and 4 columns" in log


@pytest.mark.parametrize("content_type", ["text/csv", "csv", "text/csv; label_size=1", "text/csv;charset=utf8"])
def test_csv_goes_by_several_names(job: Job, data: dict[str, str], content_type: str) -> None:
    assert train(job(BINARY, content_type, train=data["train"])) == 0


@pytest.mark.parametrize("content_type", [None, "text/libsvm", "text/x-libsvm", "libsvm"])
def test_libsvm_is_learned_like_csv(job: Job, content_type: str | None) -> None:
    values = features()
    root = job(BINARY, content_type, train=as_libsvm(values, two_classes(values)))
    assert train(root) == 0
    plain = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(values, two_classes(values)), 3)
    assert booster(root).inplace_predict(values) == pytest.approx(plain.inplace_predict(values), abs=1e-6)


def test_parquet_is_learned_like_csv(job: Job) -> None:
    values = features()
    sink = pa.BufferOutputStream()
    columns = {"label": two_classes(values).astype(int)} | {str(at): values[:, at] for at in range(COLUMNS)}
    pa.parquet.write_table(pa.table(columns), sink)
    root = job(BINARY, "application/x-parquet", train={"part.parquet": sink.getvalue().to_pybytes()})
    assert train(root) == 0
    plain = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(values, two_classes(values)), 3)
    assert booster(root).inplace_predict(values) == pytest.approx(plain.inplace_predict(values), abs=1e-6)


def test_files_of_a_channel_are_joined_and_hidden_ones_left_out(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = data["train"].splitlines(keepends=True)
    parts: dict[str, str] = {"a.csv": "".join(lines[:150]), "b.csv": "".join(lines[150:]), "_SUCCESS": "", ".x": "no"}
    assert train(job(BINARY, train=parts)) == 0
    assert "Train matrix has 400 rows" in capsys.readouterr().out


def test_the_second_column_can_be_the_weight(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    values = features()
    label, weight = two_classes(values), np.linspace(0.1, 3, ROWS, dtype=np.float32)
    text = as_csv(np.column_stack([weight, values]), label)
    assert train(job(BINARY | {"csv_weights": "1"}, train=text)) == 0
    history: dict[str, Any] = {}
    matrix = xgb.DMatrix(values, label, weight=weight)
    parameters, watched = {"objective": "binary:logistic"}, [(matrix, "train")]
    xgb.train(parameters, matrix, 3, evals=watched, evals_result=history, verbose_eval=False)
    assert values_of(capsys.readouterr().out, "logloss", "train") == pytest.approx(
        history["train"]["logloss"], abs=1e-5
    )


def test_an_empty_cell_is_a_missing_value(job: Job) -> None:
    values = features()
    label = two_classes(values)
    values[::3, 0] = np.nan
    root = job(BINARY, train=as_csv(values, label).replace("nan", ""))
    assert train(root) == 0
    plain = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(values, label), 3)
    assert booster(root).inplace_predict(values) == pytest.approx(plain.inplace_predict(values), abs=1e-6)


@pytest.mark.filterwarnings("ignore:.*manually specified the `updater`")
@pytest.mark.parametrize(
    "given",
    [
        {"booster": "gblinear", "updater": "shotgun"},
        {"booster": "dart", "rate_drop": "0.1"},
        {"tree_method": "exact"},
        {"tree_method": "approx", "updater": "grow_histmaker,prune"},
        {"tree_method": "hist", "monotone_constraints": "(1,0,0,0)", "interaction_constraints": "[[1,2],[3]]"},
        {"predictor": "cpu_predictor", "sketch_eps": "0.1", "dsplit": "row", "deterministic_histogram": "true"},
        {"max_bin": "16", "grow_policy": "lossguide", "max_leaves": "4"},
    ],
)
def test_other_ways_of_boosting_run_too(job: Job, data: dict[str, str], given: dict[str, str]) -> None:
    assert train(job(BINARY | given, **data)) == 0


# ---- stopping


def test_early_stopping_keeps_the_round_that_was_best_on_validation(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"num_round": "100", "objective": "binary:logistic", "eval_metric": "logloss", "eta": "0.9"}
    root = job(given | {"early_stopping_rounds": "3"}, **data)
    assert train(root) == 0
    losses = values_of(capsys.readouterr().out, "logloss")
    best = int(np.argmin(losses))
    assert len(losses) == best + 4 < 100
    assert booster(root).num_boosted_rounds() == best + 1


def test_early_stopping_watches_the_tuning_metric_and_maximises_it(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"num_round": "60", "objective": "binary:logistic", "eval_metric": "f1,logloss", "eta": "0.9"}
    root = job(given | {"early_stopping_rounds": "4", "_tuning_objective_metric": "validation:f1"}, **data)
    assert train(root) == 0
    scores = values_of(capsys.readouterr().out, "f1")
    assert len(scores) == int(np.argmax(scores)) + 5
    assert booster(root).num_boosted_rounds() == int(np.argmax(scores)) + 1


@pytest.mark.parametrize(
    ("given", "channels"), [({}, ["train", "validation"]), ({"eval_metric": "logloss"}, ["train"])]
)
def test_without_a_metric_or_a_validation_channel_all_rounds_are_trained(
    job: Job, data: dict[str, str], given: dict[str, str], channels: list[str]
) -> None:
    asked = BINARY | {"num_round": "40", "eta": "0.9", "early_stopping_rounds": "1"}
    root = job(asked | given, **{name: data[name] for name in channels})
    assert train(root) == 0
    assert booster(root).num_boosted_rounds() == 40


@pytest.mark.slow
@pytest.mark.parametrize(("save", "code"), [("true", 0), ("false", -signal.SIGTERM)])
def test_sigterm_leaves_a_model_only_if_asked_to(job: Job, data: dict[str, str], save: str, code: int) -> None:
    root = job(BINARY | {"num_round": "1000000", "save_model_on_termination": save}, **data)
    program = "import sys; from pathlib import Path; from services.local.algorithms.xgboost.train import train\n"
    with subprocess.Popen(
        [sys.executable, "-c", program + "sys.exit(train(Path(sys.argv[1])))", str(root)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"SM_NUM_CPUS": "1"},
    ) as process:
        assert process.stdout is not None
        log = next(line for line in process.stdout if line.startswith("[5]#011"))
        process.terminate()
        log += process.stdout.read()
    assert process.returncode == code
    finished = re.findall(r"^\[(\d+)\]#011", log, re.MULTILINE)
    assert [path.name for path in (root / "model").iterdir()] == (["xgboost-model"] if save == "true" else [])
    if save == "true":
        assert booster(root).num_boosted_rounds() == int(finished[-1]) + 1


# ---- cross-validation


FOLDS = BINARY | {"_kfold": "3", "eval_metric": "error"}


def test_folds_leave_a_model_each_and_the_mean_of_their_metrics(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root = job(FOLDS | {"_num_cv_round": "2"}, **data)
    assert train(root) == 0
    assert sorted(path.name for path in (root / "model").iterdir()) == [f"xgboost-model-{at}" for at in range(6)]
    log = capsys.readouterr().out
    assert "Run 2-round of 3-fold cross validation with 800 rows" in log
    errors = values_of(log, "error")  # three folds of three rounds, their mean, the same again, the mean of all
    assert errors[9] == pytest.approx(np.mean([errors[2], errors[5], errors[8]]), abs=2e-5)
    assert errors[-1] == pytest.approx(np.mean([errors[9], errors[19]]), abs=2e-5)


def test_the_metrics_of_folds_are_of_the_whole_channels(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root = job(FOLDS, **data)
    assert train(root) == 0
    log = capsys.readouterr().out
    for seed, channel in enumerate(data):
        values = features(seed=seed)
        wrong = [
            np.mean((booster(root, f"xgboost-model-{fold}").inplace_predict(values) > 0.5) != two_classes(values))
            for fold in range(3)
        ]
        assert values_of(log, "error", channel)[-1] == pytest.approx(np.mean(wrong), abs=2e-5)


def test_folds_without_a_validation_channel_have_no_validation_metric(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(job(FOLDS, train=data["train"])) == 0
    log = capsys.readouterr().out
    assert (len(values_of(log, "error", "train")), values_of(log, "error")) == (10, [])


def test_what_is_said_to_rows_held_out_is_written(job: Job, data: dict[str, str]) -> None:
    root = job(FOLDS | {"_num_cv_round": "2"}, **data)
    assert train(root) == 0
    label, score, said = np.loadtxt(root / "output/data/predictions.csv", delimiter=",").T
    values = np.vstack([features(seed=seed) for seed in range(2)])
    scores = [booster(root, f"xgboost-model-{fold}").inplace_predict(values) for fold in range(6)]
    assert label.tolist() == two_classes(features()).tolist() + two_classes(features(seed=1)).tolist()
    assert (np.min(scores, axis=0) - 1e-6 <= score).all()
    assert (score <= np.max(scores, axis=0) + 1e-6).all()
    assert set(said) == {0, 1}
    assert np.mean(said == label) < np.mean((np.mean(scores, axis=0) > 0.5) == label)


def test_classes_of_rows_held_out_are_the_likeliest(job: Job) -> None:
    values = features()
    label = three_classes(values)
    given = {"num_round": "3", "objective": "multi:softprob", "num_class": "3", "_kfold": "4"}
    root = job(given, train=as_csv(values, label))
    assert train(root) == 0
    written = np.loadtxt(root / "output/data/predictions.csv", delimiter=",")
    assert np.mean(written[:, 2] == label) > 0.9
    assert (written[:, 1] > 1 / 3).all()


def test_numbers_of_rows_held_out_have_no_class(job: Job) -> None:
    values = features()
    root = job({"num_round": "2", "_kfold": "2", "objective": "reg:squarederror"}, train=as_csv(values, values[:, 0]))
    assert train(root) == 0
    assert np.loadtxt(root / "output/data/predictions.csv", delimiter=",").shape == (ROWS, 2)


# ---- checkpoints


def keep_checkpoints(root: Path) -> Path:
    (root / "input/config/checkpointconfig.json").write_text("{}")
    (root / "checkpoints").mkdir()
    return root


def test_the_first_round_is_the_only_checkpoint(job: Job, data: dict[str, str]) -> None:
    root = keep_checkpoints(job(BINARY, **data))
    assert train(root) == 0
    [path] = (root / "checkpoints").iterdir()
    kept = xgb.Booster(model_file=path)
    assert (path.name, kept.num_boosted_rounds()) == (f"{CHECKPOINT}_0.ubj", 1)


def test_a_job_does_not_go_on_from_a_checkpoint(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root = keep_checkpoints(job(BINARY, **data))
    assert (train(root), train(root)) == (0, 0)
    assert len(values_of(capsys.readouterr().out, "logloss", "train")) == 6


def test_folds_keep_no_checkpoints(job: Job, data: dict[str, str]) -> None:
    assert failure(keep_checkpoints(job(FOLDS, **data))).startswith(
        "AlgorithmError: XGB train call failed with exception: a checkpoint of a fold"
    )


# ---- refusals


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "label,a,b\n1,2,3\n",
            "Channel train, file part.csv: the first line is not data (label,a,b). Remove the header",
        ),
        ("1,2,3\n0,red,4\n", "Channel train, file part.csv: In CSV column #1: Row #2: CSV conversion error to float: "),
        ("1,2,3\n0,4\n", "Channel train, file part.csv: CSV parse error: Row #2: Expected 3 columns, got 2"),
        ("1\n0\n", "Channel train, file part.csv: there is no feature column after the label."),
        (",2,3\n0,4,5\n", "Channel train, file part.csv: row 1 has no label."),
        ("2,2,3\n0,4,5\n", "Channel train: for binary:logistic label must be 0 or 1, and record 1 has 2."),
        ("", "Channel train holds no data."),
    ],
)
def test_data_that_cannot_be_learned_from_is_the_users_error(job: Job, text: str, reason: str) -> None:
    assert failure(job(BINARY, train=text)).startswith(f"ClientError: {reason}")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"silent": "1"}, "Extraneous hyperparameter found: silent"),
        ({"tree_method": "gpu_hist"}, "tree_method=gpu_hist needs a GPU, and this computer trains on its CPU."),
        ({"objective": "survival:aft"}, "Objective survival:aft needs a lower and an upper bound for every label"),
        ({"objective": "reg:squarederror", "eval_metric": "f1"}, "Metric 'f1' can only be applied for classification"),
        ({"_kfold": "1000"}, "_kfold is 1000 and there are 400 records."),
    ],
)
@pytest.mark.filterwarnings("ignore:.*manually specified the `updater`")
def test_settings_that_cannot_be_trained_with_are_the_users_error(
    job: Job, data: dict[str, str], given: dict[str, str], reason: str
) -> None:
    assert failure(job(BINARY | given, train=data["train"])).startswith(f"ClientError: {reason}")


@pytest.mark.filterwarnings("ignore:.*manually specified the `updater`")
def test_an_error_of_xgboost_itself_is_the_algorithms(job: Job, data: dict[str, str]) -> None:
    assert failure(job(BINARY | {"updater": "grow_skmaker"}, **data)).startswith(
        "AlgorithmError: XGB train call failed with exception: Unknown tree updater grow_skmaker"
    )


def test_csv_without_a_content_type_is_refused_as_libsvm(job: Job, data: dict[str, str]) -> None:
    assert failure(job(BINARY, None, train=data["train"])).startswith(
        "ClientError: Blankspace and colon not found in firstline"
    )


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        ("image/png", "image/png is not an accepted ContentType."),
        ("text/csv; label_size=2", "ContentType text/csv; label_size=2: label_size can only be 1"),
    ],
)
def test_a_content_type_the_algorithm_cannot_read_is_refused(
    job: Job, data: dict[str, str], content_type: str, reason: str
) -> None:
    assert failure(job(BINARY, content_type, train=data["train"])).startswith(f"ClientError: {reason}")


def test_channels_must_have_the_same_columns(job: Job, data: dict[str, str]) -> None:
    assert failure(job(BINARY, train=data["train"], validation="1,2\n0,3\n")).startswith(
        "ClientError: Channel validation: 1 features where train has 4."
    )


def test_the_train_channel_is_needed_and_others_are_not_known(job: Job, data: dict[str, str]) -> None:
    assert failure(job(BINARY, validation=data["train"])) == "ClientError: Missing required channel: train"


def test_a_failed_job_leaves_no_model(job: Job) -> None:
    root = job(BINARY, train="7,1\n8,2\n")
    assert train(root) == 1
    assert not any((root / "model").iterdir())
