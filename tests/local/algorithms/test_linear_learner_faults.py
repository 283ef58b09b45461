"""What the Linear Learner container refuses (each in a sentence."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.local.algorithms import protobuf_records
from tests.local.algorithms.linear_learner_jobs import BINARY, RECORDIO, REGRESSOR, failure
from tests.local.algorithms.xgboost_jobs import as_csv, features, make_job

Job = Callable[..., Path]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A factory of job folders."""
    return partial(make_job, tmp_path)


ROW = "1,2,3,4,5\n0,3,4,5,6\n"


@pytest.mark.parametrize(
    ("given", "channels", "message"),
    [
        ({}, {"train": ROW}, "No value(s) were specified for 'predictor_type' which are required hyperparameter(s)"),
        (
            BINARY | {"num_round": "5"},
            {"train": ROW},
            "Additional hyperparameters are not allowed ('num_round' was unexpected) (caused by ValidationError)",
        ),
        (
            BINARY | {"l1": "-1"},
            {"train": ROW},
            "The value '-1' is not valid for the 'l1' hyperparameter which accepts one of the following: 'auto', a "
            "number in [0, +inf) (caused by ValidationError)",
        ),
        (
            BINARY | {"use_bias": "yes"},
            {"train": ROW},
            "The value 'yes' is not valid for the 'use_bias' hyperparameter which accepts one of the following: "
            "'true', 'false'",
        ),
        (BINARY | {"loss": "squared_loss"}, {"train": ROW}, "The loss 'squared_loss' is not valid for predictor_type"),
        (
            {"predictor_type": "multiclass_classifier", "num_classes": "3"},
            {"train": ROW},
            "predictor_type multiclass_classifier cannot be learned on this computer.",
        ),
        (REGRESSOR | {"loss": "quantile_loss"}, {"train": ROW}, "loss quantile_loss cannot be learned on this"),
        (BINARY, {"validation": ROW}, "Missing required channel: train."),
        (BINARY, {"train": ROW, "holdout": ROW}, "Unexpected channel: holdout."),
        (BINARY, {"train": "y,a,b\n1,2,3\n"}, "Channel train, file part.csv: the first line is not data (y,a,b)."),
        (BINARY, {"train": "1,2,red\n"}, "Channel train, file part.csv: In CSV column #2: Row #1: CSV conversion"),
        (BINARY, {"train": "1\n0\n"}, "Channel train, file part.csv: there is no feature column after the label."),
        (BINARY, {"train": "1,2,\n0,1,1\n"}, "Unable to read data channel 'train'. Found missing (NaN) values."),
        (BINARY, {"train": "1,2,inf\n"}, "Unable to read data channel 'train'. Found infinite floating point values."),
        (
            BINARY,
            {"train": "2,1,1\n"},
            "Channel train: labels of a binary_classifier must be 0 or 1, and record 1 has 2.",
        ),
        (BINARY | {"feature_dim": "3"}, {"train": ROW}, "Channel train has 4 features where feature_dim is 3."),
        (BINARY, {"train": ROW, "validation": "1,2\n"}, "Channel validation has 1 features where train has 4."),
        (BINARY, {"train": {"_SUCCESS": "x"}}, "Channel train holds no data."),
    ],
)
def test_what_cannot_be_learned_is_refused_in_a_sentence(
    job: Job, given: dict[str, str], channels: dict[str, Any], message: str, capsys: Printed
) -> None:
    assert failure(job(given, **channels)).startswith(f"ClientError: {message}")
    assert f"Customer Error: {message}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1,2,3\n1,2,3\n", "it is not in RecordIO format"),
        (protobuf_records.dense(features(3))[:-4], "it ends in the middle of a record"),
        (protobuf_records.dense(features(3)), "record 1 has no label"),
        (protobuf_records.dense(features(3), np.ones(3), "float64_tensor"), "only Float32 tensors are supported"),
        (
            protobuf_records.dense(features(3), np.ones(3)) + protobuf_records.dense(features(3)[:, :2], np.ones(3)),
            "record 4 has 2 features where 4 are expected",
        ),
    ],
)
def test_records_that_cannot_be_read_are_refused_in_a_sentence(job: Job, content: bytes, message: str) -> None:
    assert message in failure(job(BINARY, RECORDIO, train={"data": content}))


def test_another_content_type_is_refused(job: Job) -> None:
    reason = failure(job(BINARY, "text/libsvm", train="1 0:1\n"))
    assert reason.startswith("ClientError: Channel train: content type text/libsvm is not supported.")


def test_a_rate_that_diverges_is_told(job: Job) -> None:
    values = features()
    label = (values @ np.array([1, 2, 3, 4], np.float32)).astype(np.float32)
    given = REGRESSOR | {"learning_rate": "1e100"}
    assert failure(job(given, train=as_csv(values, label))).startswith("ClientError: Training diverged in epoch 0")
