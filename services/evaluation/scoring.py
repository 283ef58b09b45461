"""Scores of a prepared split: through an endpoint, or free, from the model file.

Both ways answer the same (rows,) probabilities. Models load from XGBoost's own format only, never from a pickle.
"""

import io
import re
import tarfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.errors import Problem

REAL_TIME_BODY = 6_291_456  # bytes a request may have. Reference: SageMaker Runtime API, InvokeEndpoint
REQUESTS_AT_ONCE = 4
SMALLEST_BATCH = 256 * 1024  # below this a request's own cost outweighs what parallel work saves
UNPACKED_LIMIT = 2 * 1024**3

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


@dataclass(frozen=True)
class Split:
    """A prepared split in memory.

    labels:   (rows,) int8, 0 or 1.
    features: one float64 column for each feature, in the order of training; a missing value is null.
    """

    labels: NDArray[np.int8]
    features: Any

    @property
    def rows(self) -> int:
        return len(self.labels)


def read_split(account: Account, data: PreparedData, split: str) -> Split:
    """One split of prepared data. Raises Problem when it is empty or not as its manifest says, AwsError when unread."""
    where = f"Split {split} of {data.name}"
    if not data.rows[split]:
        raise Problem(where, "it has no rows", "Choose another split")
    names, remedy = [data.target, *data.features], "Prepare the data again on the Data page"
    try:
        table = csv.read_csv(
            io.BytesIO(s3.read_bytes(account, data.file(split))),
            csv.ReadOptions(column_names=names),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64())),
        )
    except pa.ArrowInvalid as error:
        raise Problem(where, str(error).splitlines()[0], remedy) from error
    labels = table.column(0).to_numpy()
    if not np.isin(labels, (0, 1)).all():
        raise Problem(where, "its labels are not all 0 or 1", remedy)
    return Split(labels.astype(np.int8), table.drop_columns([data.target]))


def through_endpoint(
    account: Account,
    endpoint: str,
    features: Any,
    progress: Progress | None = None,
    body_limit: int = REAL_TIME_BODY,
    answers: Answers = XGBOOST.answers,
) -> NDArray[np.float64]:
    """(rows,) scores of an endpoint, in a few large text/csv requests, four at a time.

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
    """(rows,) scores of the model in a training job's model.tar.gz, computed here; the mean of several fold models.

    Raises Problem when the archive is gone or it or the model cannot be used, AwsError when it cannot be fetched.
    """
    where = f"Model {model_uri}"
    with TemporaryDirectory(prefix="sagedeck-model-") as folder:
        archive = Path(folder) / "model.tar.gz"
        try:
            s3.download(account, Address.parse(model_uri), archive)
        except AwsError as error:
            if error.is_missing:
                raise Problem(where, "the file was deleted", "Train the model again") from error
            raise
        models = model_files(archive, where)
    matrix = np.column_stack([column.to_numpy() for column in features.columns]).astype(np.float32)
    return np.mean([_predicted(model, matrix, where) for model in models], axis=0, dtype=np.float64)


def model_files(archive: Path, where: str) -> list[bytes]:
    """The XGBoost models in a model.tar.gz: `xgboost-model`, or `xgboost-model-0` and so on for folds.

    Nothing is written to disk. Raises Problem for a broken, oversized or path-escaping archive, a pickle or no model.
    """
    remedy = "Train the model again, or score through an endpoint"
    models: dict[int, bytes] = {}
    unpacked = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                tarfile.data_filter(member, str(archive.parent))
                unpacked += member.size
                if unpacked > UNPACKED_LIMIT:
                    raise Problem(where, f"the archive unpacks to more than {UNPACKED_LIMIT:,} bytes", remedy)
                name = re.fullmatch(r"(?:\./)?xgboost-model(?:-(\d+))?", member.name)
                content = tar.extractfile(member) if name and member.isfile() else None
                if name and content:
                    models[int(name[1] or 0)] = content.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise Problem(where, f"the archive cannot be unpacked: {error}", remedy) from error
    if not models:
        raise Problem(where, "the archive contains no file named xgboost-model", "Choose a job of built-in XGBoost")
    if any(model[:1] == b"\x80" for model in models.values()):
        raise Problem(
            where, "the model is a Python pickle, which could run arbitrary code", "Score through an endpoint"
        )
    return [models[fold] for fold in sorted(models)]


def _predicted(model: bytes, matrix: NDArray[np.float32], where: str) -> NDArray[np.float32]:
    import xgboost  # three seconds: only once a model is really scored

    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(model))
    except xgboost.core.XGBoostError as error:
        said = f"XGBoost {xgboost.__version__} cannot read it: {str(error).strip().splitlines()[-1].strip()}"
        raise Problem(where, said, "Score through an endpoint, which has its own XGBoost") from error
    if booster.num_features() != matrix.shape[1]:
        said = f"it was trained on {booster.num_features()} columns, and the data has {matrix.shape[1]}"
        raise Problem(where, said, "Choose the data set it was trained on")
    scores: NDArray[np.float32] = booster.predict(xgboost.DMatrix(matrix))  # all trees, as at an endpoint
    if scores.ndim != 1:
        raise Problem(where, f"it returns {scores.shape[1]} scores per row", "Train with the objective binary:logistic")
    return scores


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
    """The (rows,) scores in what a model server answered. Raises Problem when they are not that many numbers."""
    remedy = "Choose an endpoint that serves a binary model of a built-in algorithm"
    try:
        values = np.array(answers.read(body), dtype=np.float64)
    except ValueError as error:
        said = f"it returned {body[:40].decode(errors='replace')!r} instead of numbers"
        raise Problem(where, said, remedy) from error
    if len(values) != rows:
        raise Problem(where, f"it returned {len(values):,} scores for {rows:,} rows", remedy)
    return values
