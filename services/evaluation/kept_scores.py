"""Scores that stay in S3, found again by a hash of what made them: model file, rows, and scoring method.

    s3://BUCKET/sagedeck/scores/kept/DATA/ROWS/HASH.parquet

One column a class, or one; a file with fewer rows than its metadata says is the beginning of a scoring that broke off,
which goes on from there. Another version of the model, the rows or the endpoint has another hash. The file carries the
digest of its content, so that a damaged one is known, removed, and scored again.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation.evaluated_model import EvaluatedModel

FOLDER = "sagedeck/scores/kept/"
ROWS, AT, SECONDS, DIGEST = b"sagedeck:rows", b"sagedeck:scored-at", b"sagedeck:seconds", b"sagedeck:sha256"


class DamagedScoresError(Problem):
    """Kept scores that cannot be read any more; they have been removed."""


@dataclass(frozen=True)
class KeptScores:
    """Scores of the first rows of a part, see `scoring.py`; of all `rows` unless scoring broke off.

    seconds: that it took to make them.
    """

    scores: NDArray[np.float64]
    rows: int
    at: datetime
    seconds: float

    @property
    def complete(self) -> bool:
        return len(self.scores) == self.rows


def folder(account: Account, data: str, part: str = "") -> Address:
    """Where the scores of a set lie, or of one of its parts. Raises AwsError."""
    return Address(account.default_bucket(), f"{FOLDER}{data}/{part}{'/' if part else ''}")


def address(account: Account, model: EvaluatedModel, data: PreparedData, part: str, way: str) -> Address | None:
    """Where such scores are kept; None where the model's file or the rows are gone. Raises AwsError.

    way: what scores beside the model's file: "model file", or an endpoint and which edition of it.
    """
    try:
        etags = [s3.head(account, place)["ETag"] for place in (Address.parse(model.uri), data.file(part))]
    except AwsError as error:
        if error.is_missing:
            return None
        raise
    identity = repr((model.uri, str(data.file(part)), *etags, way))
    return folder(account, data.name, part) / f"{hashlib.sha256(identity.encode()).hexdigest()}.parquet"


def find(account: Account, place: Address) -> KeptScores | None:
    """The scores that are kept there; None where there are none. Raises DamagedScoresError, AwsError."""
    try:
        body = s3.read_bytes(account, place)
    except AwsError as error:
        if error.is_missing:
            return None
        raise
    try:
        return _read(body)
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        account.call("s3", "delete_object", Bucket=place.bucket, Key=place.key)
        said = "their file was damaged and has been removed"
        raise DamagedScoresError("Kept scores", said, "Score the rows again") from error


def keep(account: Account, place: Address, kept: KeptScores) -> None:
    """Keep scores, in place of a part of them. Raises AwsError."""
    columns = kept.scores.reshape(len(kept.scores), -1).T
    names = ["score"] if kept.scores.ndim == 1 else [f"class {number}" for number in range(len(columns))]
    facts = {ROWS: str(kept.rows), AT: kept.at.isoformat(), SECONDS: repr(kept.seconds), DIGEST: _digest(kept)}
    table = pa.table(list(columns), names=names).replace_schema_metadata(facts)
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    s3.ensure_bucket(account, place.bucket)
    account.call("s3", "put_object", Bucket=place.bucket, Key=place.key, Body=sink.getvalue())


def scored_on(account: Account, data: PreparedData) -> list[tuple[Address, int]]:
    """(address, bytes) of all kept scores of the set's rows. Raises AwsError."""
    home = folder(account, data.name)
    try:
        return [(Address(home.bucket, key), size) for key, size in s3.keys(account, home)]
    except AwsError as error:
        if error.is_missing:
            return []
        raise


def _read(body: bytes) -> KeptScores:
    table = parquet.read_table(io.BytesIO(body))
    facts = table.schema.metadata or {}
    cells = [column.to_numpy() for column in table.columns]
    if not cells or any(column.dtype != np.float64 for column in cells):
        raise ValueError("it holds no scores")
    scores = cells[0] if table.column_names == ["score"] else np.column_stack(cells)
    at = datetime.fromisoformat(facts[AT].decode())
    kept = KeptScores(scores, int(facts[ROWS]), at, float(facts[SECONDS]))
    if _digest(kept) != facts[DIGEST].decode():
        raise ValueError("its digest is another one")
    return kept


def _digest(kept: KeptScores) -> str:
    """Of all that is read back from a file."""
    facts = repr((kept.scores.shape, kept.rows, kept.at.isoformat(), kept.seconds))
    return hashlib.sha256(facts.encode() + np.ascontiguousarray(kept.scores).tobytes()).hexdigest()
