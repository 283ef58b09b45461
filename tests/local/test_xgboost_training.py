"""The training side of the XGBoost container, run on small real jobs in folders that play /opt/ml."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import xgboost as xgb
from sklearn import metrics as sklearn_metrics

from services.algorithms.hyperparameters import hyperparameters, tuning_metrics
from services.local.algorithms.xgboost.train import train

CHANNELS = ("train", "validation")
ROWS, COLUMNS = 400, 4
BINARY = {"num_round": "3", "objective": "binary:logistic"}
Job = Callable[..., Path]


def features(rows: int = ROWS, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, COLUMNS)).astype(np.float32)


def two_classes(values: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(size=len(values)).astype(np.float32)
    label: np.ndarray = (values[:, 0] + values[:, 1] * values[:, 2] + noise > 0.5).astype(np.float32)
    return label


def three_classes(values: np.ndarray) -> np.ndarray:
    label: np.ndarray = np.digitize(values[:, 0], [-0.5, 0.7]).astype(np.float32)
    return label


def as_csv(values: np.ndarray, label: np.ndarray) -> str:
    return "".join(f"{y:g},{','.join(map(repr, row.tolist()))}\n" for y, row in zip(label, values, strict=True))


def as_libsvm(values: np.ndarray, label: np.ndarray) -> str:
    return "".join(
        f"{y:g} {' '.join(f'{index}:{value!r}' for index, value in enumerate(row.tolist()))}\n"
        for y, row in zip(label, values, strict=True)
    )


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A factory of job folders: hyperparameters, then each channel's files by name."""

    def make(
        given: dict[str, str], content_type: str | None = "text/csv", **channels: "str | dict[str, str | bytes]"
    ) -> Path:
        for folder in ("input/config", "model", "output"):
            (tmp_path / folder).mkdir(parents=True)
        for channel, content in channels.items():
            folder_of_channel = tmp_path / "input/data" / channel
            folder_of_channel.mkdir(parents=True)
            for name, text in ({"part.csv": content} if isinstance(content, str) else content).items():
                (folder_of_channel / name).write_bytes(text.encode() if isinstance(text, str) else text)
        described = {channel: {"ContentType": content_type} if content_type else {} for channel in channels}
        config = {"hyperparameters": given, "inputdataconfig": described, "resourceconfig": {}}
        for name, document in config.items():
            (tmp_path / "input/config" / f"{name}.json").write_text(json.dumps(document))
        return tmp_path

    return make


@pytest.fixture
def data() -> dict[str, str]:
    """Two channels of a binary problem, as CSV."""
    return {
        channel: as_csv(features(seed=seed), two_classes(features(seed=seed))) for seed, channel in enumerate(CHANNELS)
    }


def booster(root: Path, name: str = "xgboost-model") -> xgb.Booster:
    loaded = xgb.Booster()
    loaded.load_model(bytearray((root / "model" / name).read_bytes()))
    return loaded


def values_of(log: str, metric: str, channel: str = "validation") -> list[float]:
    return [float(value) for value in re.findall(rf"^\[\d+\].*#011{channel}-{metric}:(\S+?)(?:#|$)", log, re.MULTILINE)]


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


# ---- metrics


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
    "metric", [name for name in hyperparameters()["eval_metric"].choices if name not in NEED_BOUNDS]
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
    regex = next(each.regex for each in tuning_metrics() if each.name == f"validation:{metric}")
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
    said = booster(root).inplace_predict(held_out) > (0 if objective == "binary:logitraw" else 0.5)
    expected = {name: score(two_classes(held_out), said) for name, score in OF_TWO.items()}
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
    said = booster(root).inplace_predict(held_out)
    classes = said.argmax(axis=1) if said.ndim == 2 else said
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
    log, said = capsys.readouterr().out, booster(root).inplace_predict(held_out)
    label = np.array([float(f"{each:g}") for each in held_out[:, 0] * 10])
    assert values_of(log, "r2")[-1] == pytest.approx(sklearn_metrics.r2_score(label, said), abs=2e-5)
    assert values_of(log, "mse")[-1] == pytest.approx(sklearn_metrics.mean_squared_error(label, said), abs=2e-4)


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


def test_folds_leave_a_model_each_and_the_mean_of_their_metrics(
    job: Job, data: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root = job(BINARY | {"_kfold": "3", "_num_cv_round": "2", "eval_metric": "error"}, **data)
    assert train(root) == 0
    assert sorted(path.name for path in (root / "model").iterdir()) == [f"xgboost-model-{at}" for at in range(6)]
    log = capsys.readouterr().out
    assert "Run 2-round of 3-fold cross validation with 800 rows" in log
    errors = values_of(log, "error")  # three folds of three rounds, their mean, the same again, the mean of all
    assert errors[9] == pytest.approx(np.mean([errors[2], errors[5], errors[8]]), abs=2e-5)
    assert errors[-1] == pytest.approx(np.mean([errors[9], errors[19]]), abs=2e-5)


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
        ({"updater": "grow_skmaker"}, "XGB train call failed with exception: Unknown tree updater grow_skmaker"),
        ({"_kfold": "1000"}, "_kfold is 1000 and there are 400 records."),
    ],
)
def test_settings_that_cannot_be_trained_with_are_the_users_error(
    job: Job, data: dict[str, str], given: dict[str, str], reason: str
) -> None:
    assert failure(job(BINARY | given, train=data["train"])).startswith(f"ClientError: {reason}")


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
