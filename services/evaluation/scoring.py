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
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import class_metrics, model_file
from services.evaluation.number_metrics import Constants

REAL_TIME_BODY = 6_291_456  # bytes a request may have. Reference: SageMaker Runtime API, InvokeEndpoint
REQUESTS_AT_ONCE = 4
MOST_HALVINGS = 64  # requests in which a refused row is looked for
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
    unknown = np.flatnonzero(~np.isfinite(scores.reshape(len(scores), -1)).all(axis=1))
    if len(unknown):
        said = f"{len(unknown):,} of {len(scores):,} scores are no numbers, the first that of row {unknown[0] + 1:,}"
        raise Problem(where, said, "Check the model: it may have learned from infinite values, or diverged")
    if data.kind is TargetKind.CLASSES:
        class_metrics.check(scores, len(data.classes), where)
        return scores
    if scores.ndim == 1:
        return scores
    if data.kind is TargetKind.TWO_CLASSES and scores.shape[1] == 2:  # multi:softprob of two classes
        return scores[:, 1]
    objective = "binary:logistic" if data.kind is TargetKind.TWO_CLASSES else "reg:squarederror"
    raise Problem(where, f"it returns {scores.shape[1]} scores per row", f"Train with the objective {objective}")


class PartlyScoredError(Problem):
    """An endpoint that failed; `scores` are those of the rows before the first that it has not scored."""

    def __init__(self, where: str, said: str, remedy: str, scores: NDArray[np.float64]) -> None:
        super().__init__(where, said, remedy)
        self.scores = scores


def through_endpoint(
    account: Account,
    endpoint: str,
    features: Any,
    progress: Progress | None = None,
    body_limit: int = REAL_TIME_BODY,
    answers: Answers = XGBOOST.answers,
    before: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The scores of an endpoint, in a few large text/csv requests, four at a time.

    body_limit: bytes a request may have; a serverless endpoint takes less than a real-time one.
    answers:    what the algorithm behind it answers.
    before:     scores of the first rows, which are not scored again.
    Raises PartlyScoredError when a request is refused after others were answered, AwsError when the first one is,
    Problem when an answer does not fit the rows.
    """
    done = [] if before is None or not len(before) else [before]
    start = sum(map(len, done))
    batches = _batches(_text(features.slice(start)), body_limit) if start < features.num_rows else []

    def score(batch: bytes) -> NDArray[np.float64]:
        return _invoke(account, endpoint, batch, answers)

    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        running = [threads.submit(score, batch) for batch in batches]
        try:
            for batch, answer in zip(batches, running, strict=True):
                try:
                    done.append(answer.result())
                except AwsError as error:
                    scores, is_row_refused = _up_to_refused(score, batch) if error.code == "ModelError" else ([], False)
                    done += scores
                    if sum(map(len, scores)) < batch.count(b"\n"):
                        raise _refused(endpoint, error, done, features.num_rows, is_row_refused) from error
                if progress:
                    progress(sum(map(len, done)), features.num_rows)
        finally:
            for answer in running:
                answer.cancel()
    return np.concatenate(done)


def _invoke(account: Account, endpoint: str, batch: bytes, answers: Answers) -> NDArray[np.float64]:
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


def _up_to_refused(
    score: Callable[[bytes], NDArray[np.float64]], batch: bytes
) -> tuple[list[NDArray[np.float64]], bool]:
    """The scores of the rows before the first that a model refuses, and whether it refuses that one by itself.

    Of all rows where it refuses none once they are sent in smaller requests.
    """
    lines = batch.splitlines(keepends=True)
    found: list[NDArray[np.float64]] = []
    first, size = 0, max(1, len(lines) // 2)
    for _ in range(MOST_HALVINGS):
        if first == len(lines):
            break
        try:
            found.append(score(b"".join(lines[first : first + size])))
        except AwsError as error:
            if size == 1 or error.code != "ModelError":
                return found, size == 1
        else:
            first += size
        size = max(1, size // 2)
    return found, False


def _refused(
    endpoint: str, error: AwsError, done: list[NDArray[np.float64]], rows: int, is_row_refused: bool
) -> AwsError | PartlyScoredError:
    """The refusal of a request in words, with what was scored before."""
    scored = sum(map(len, done))
    if not scored:
        return error
    which = f"row {scored + 1:,} was refused" if is_row_refused else f"it failed after row {scored:,} of {rows:,}"
    said = f"{which} ({error.said.strip().rstrip('.')}); the {scored:,} rows before that are not scored again"
    return PartlyScoredError(f"Endpoint {endpoint}", said, error.remedy, np.concatenate(done))


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
        unknown = body.lower().count(b"nan")
        said = f"it returned {body[:40].decode(errors='replace')!r} instead of numbers"
        if unknown:
            said = f"it returned {unknown:,} of {rows:,} scores that are no numbers (NaN)"
            remedy = "Check the model: it may have learned from infinite values, or diverged"
        raise Problem(where, said, remedy) from error
    if len(values) != rows:
        raise Problem(where, f"it returned {len(values):,} scores for {rows:,} rows", remedy)
    return values
