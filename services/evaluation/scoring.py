"""Scores of a prepared split: through an endpoint, or free, from the model file.

Both ways answer the same: (rows,) probabilities of class 1 or predicted numbers, of several classes (rows, classes)
probabilities, or (rows,) predicted classes of a model that answers no probabilities (multi:softmax).
"""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from services.algorithms.algorithm import Answers
from services.algorithms.xgboost import XGBOOST
from services.aws import s3
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import class_metrics, model_file
from services.evaluation.number_metrics import Constants

REAL_TIME_BODY = 6_291_456  # bytes a request may have. Reference: SageMaker Runtime API, InvokeEndpoint
REQUESTS_AT_ONCE = 4
SMALLEST_BATCH = 256 * 1024  # below this a request's own cost outweighs what parallel work saves

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


@dataclass(frozen=True)
class Split:
    """A prepared split in memory.

    labels:   (rows,) int8, 0 or 1; of several classes their places; float64 of a number.
    features: one float64 column for each feature, in the order of training; a missing value is null.
    """

    labels: NDArray[Any]
    features: Any

    @property
    def rows(self) -> int:
        return len(self.labels)


def read_split(account: Account, data: PreparedData, split: str) -> Split:
    """One split of prepared data. Raises Problem when it is empty or not as its manifest says, AwsError when unread."""
    where = f"Split {split} of {data.name}"
    if not data.rows[split]:
        raise Problem(where, "it has no rows", "Choose another split")
    names = [data.target, *data.features]
    try:
        table = csv.read_csv(
            io.BytesIO(s3.read_bytes(account, data.file(split))),
            csv.ReadOptions(column_names=names),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64())),
        )
    except pa.ArrowInvalid as error:
        raise Problem(where, str(error).splitlines()[0], "Prepare the data again on the Data page") from error
    return Split(_labels(table.column(0).to_numpy(), data, where), table.drop_columns([data.target]))


def _labels(cells: NDArray[np.float64], data: PreparedData, where: str) -> NDArray[Any]:
    """The target's cells as the labels of its kind."""
    remedy = "Prepare the data again on the Data page"
    if data.kind is TargetKind.NUMBER:
        if not np.isfinite(cells).all():
            raise Problem(where, "its targets are not all numbers", remedy)
        return cells
    if not np.isin(cells, np.arange(len(data.classes))).all():
        allowed = "0 or 1" if len(data.classes) == 2 else f"0 to {len(data.classes) - 1}"
        raise Problem(where, f"its labels are not all {allowed}", remedy)
    return cells.astype(np.int8 if len(data.classes) == 2 else np.int64)


def training_constants(account: Account, data: PreparedData) -> Constants | None:
    """Mean and median of the target in the training rows; None where it is no number. Raises Problem, AwsError."""
    if data.kind is not TargetKind.NUMBER:
        return None
    where = f"Split train of {data.name}"
    try:
        table = csv.read_csv(
            io.BytesIO(s3.read_bytes(account, data.file("train"))),
            csv.ReadOptions(column_names=[data.target, *data.features]),
            convert_options=csv.ConvertOptions(column_types={data.target: pa.float64()}, include_columns=[data.target]),
        )
    except pa.ArrowInvalid as error:
        raise Problem(where, str(error).splitlines()[0], "Prepare the data again on the Data page") from error
    return Constants.of(_labels(table.column(0).to_numpy(), data, where))


def of_kind(scores: NDArray[np.float64], data: PreparedData, where: str) -> NDArray[np.float64]:
    """Scores as the kind of target has them, see the top of this file. Raises Problem for those of another model."""
    if data.kind is TargetKind.CLASSES:
        class_metrics.check(scores, len(data.classes), where)
        return scores
    if scores.ndim == 1:
        return scores
    if data.kind is TargetKind.TWO_CLASSES and scores.shape[1] == 2:  # multi:softprob of two classes
        return scores[:, 1]
    objective = "binary:logistic" if data.kind is TargetKind.TWO_CLASSES else "reg:squarederror"
    raise Problem(where, f"it returns {scores.shape[1]} scores per row", f"Train with the objective {objective}")


def through_endpoint(
    account: Account,
    endpoint: str,
    features: Any,
    progress: Progress | None = None,
    body_limit: int = REAL_TIME_BODY,
    answers: Answers = XGBOOST.answers,
) -> NDArray[np.float64]:
    """The scores of an endpoint, in a few large text/csv requests, four at a time.

    body_limit: bytes a request may have; a serverless endpoint takes less than a real-time one.
    answers:    what the algorithm behind it answers.
    Raises AwsError when a request is refused, Problem when an answer does not fit the rows.
    """
    batches = _batches(_text(features), body_limit)

    def score(batch: bytes) -> NDArray[np.float64]:
        with account.speaking("sagemaker-runtime", "invoke_endpoint"):
            answer = account.call(
                "sagemaker-runtime",
                "invoke_endpoint",
                EndpointName=endpoint,
                ContentType="text/csv",
                Accept=answers.accept,
                Body=batch,
            )
            body = answer["Body"].read()
        return read_answer(f"Endpoint {endpoint}", body, batch.count(b"\n"), answers)

    done: list[NDArray[np.float64]] = []
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        for scores in threads.map(score, batches):
            done.append(scores)
            if progress:
                progress(sum(map(len, done)), features.num_rows)
    return np.concatenate(done)


def from_artifact(account: Account, model_uri: str, features: Any) -> NDArray[np.float64]:
    """The scores of the model in a training job's model.tar.gz, computed here; the mean of several fold models.

    Raises Problem when the archive is gone or it or the model cannot be used, AwsError when it cannot be fetched.
    """
    return model_file.load(account, model_uri).scores(features)


def _text(features: Any) -> bytes:
    sink = pa.BufferOutputStream()
    csv.write_csv(features, sink, csv.WriteOptions(include_header=False))
    text: bytes = sink.getvalue().to_pybytes()
    return text


def _batches(text: bytes, limit: int) -> list[bytes]:
    """`text` cut after whole lines into pieces of at most `limit` bytes, enough of them to work in parallel."""
    size = min(limit, max(SMALLEST_BATCH, len(text) // REQUESTS_AT_ONCE + 1))
    batches: list[bytes] = []
    start = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + size) + 1
        if not end:
            raise Problem("Scoring", f"a row is longer than {limit:,} bytes", "Train on fewer columns")
        batches.append(text[start:end])
        start = end
    return batches


def read_answer(where: str, body: bytes, rows: int, answers: Answers) -> NDArray[np.float64]:
    """The scores in what a model server answered. Raises Problem when they are not a number or a list of each row."""
    remedy = "Choose an endpoint that serves a model of a built-in algorithm"
    try:
        values = np.array(answers.read(body), dtype=np.float64)
    except (ValueError, TypeError) as error:
        said = f"it returned {body[:40].decode(errors='replace')!r} instead of numbers"
        raise Problem(where, said, remedy) from error
    if len(values) != rows:
        raise Problem(where, f"it returned {len(values):,} scores for {rows:,} rows", remedy)
    return values
