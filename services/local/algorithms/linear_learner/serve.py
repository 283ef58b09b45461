"""The inference side of the Linear Learner container: loads what training left and answers requests.

Requests and answers: SageMaker developer guide, "Common data formats for inference" and "Linear learner response
formats". An answer in CSV, which the guide does not describe, is the score and then the label.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from services.local.algorithms import recordio
from services.local.algorithms.answers import InferenceAnswer, PayloadError
from services.local.algorithms.data_files import read_csv_body
from services.local.algorithms.linear_learner import model
from services.local.algorithms.linear_learner.model import LinearModel
from services.local.algorithms.recordio import RecordError
from services.local.algorithms.recordio_files import RECORDIO
from services.local.algorithms.vectors import Vector, VectorError

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
Predictions = list[dict[str, float]]  # of each record its score and, of a classifier, its label


class LinearLearnerServer:
    """A linear model that answers requests."""

    def __init__(self, learned: LinearModel) -> None:
        self._learned = learned

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        """The predictions for the records in `body`, in the form that `accept` names; no content for no records."""
        if not body or body.isspace():
            return InferenceAnswer(204, JSON, b"")
        try:
            form, written = _form(accept)
            margins = self._margins(body, (content_type or CSV).partition(";")[0].strip().lower())
        except PayloadError as refusal:
            return InferenceAnswer(refusal.status, "text/plain", str(refusal).encode())
        return InferenceAnswer(200, form, written(self._predictions(margins)))

    def _margins(self, body: bytes, kind: str) -> np.ndarray:
        if kind == CSV:
            return self._of_table(_from_csv(body))
        if kind not in _READERS:
            raise PayloadError(415, f"Content type {kind} is not supported. Use one of: {', '.join((CSV, *_READERS))}.")
        try:
            return self._of_vectors(_READERS[kind](body))
        except (VectorError, RecordError) as error:
            raise PayloadError(400, f"Unable to evaluate payload provided: {error}.") from None

    def _of_table(self, values: np.ndarray) -> np.ndarray:
        columns = len(self._learned.weights)
        if values.shape[1] != columns:
            raise PayloadError(
                400,
                f"Unable to evaluate payload provided: records have {values.shape[1]} features where {columns} are "
                "expected.",
            )
        if not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            raise PayloadError(
                400, f"Unable to evaluate payload provided: record {row + 1} has a missing or infinite value."
            )
        return self._learned.margins(values)

    def _of_vectors(self, vectors: Sequence[Vector]) -> np.ndarray:
        """One by one: a sparse one may be of millions of features."""
        weights = self._learned.weights
        margins = np.full(len(vectors), self._learned.bias)
        for row, vector in enumerate(vectors):
            try:
                vector.check(len(weights))
            except VectorError as error:
                raise VectorError(f"record {row + 1} has {error}") from None
            margins[row] += vector.values @ (weights if vector.keys is None else weights[vector.keys])
            if not np.isfinite(margins[row]):
                raise VectorError(f"record {row + 1} has a missing or infinite value")
        return margins

    def _predictions(self, margins: np.ndarray) -> Predictions:
        scores = self._learned.scores(margins)
        given = scores.astype(np.float32).tolist()
        if self._learned.threshold is None:
            return [{"score": score} for score in given]
        labels = (scores >= self._learned.threshold).astype(int).tolist()
        return [{"score": score, "predicted_label": label} for score, label in zip(given, labels, strict=True)]


def load(folder: Path) -> LinearLearnerServer:
    """The model in an unpacked archive. Raises ValueError when there is none that can be loaded here."""
    path = folder / model.FILE
    if not path.is_file():
        raise ValueError(
            f"The model archive does not hold {model.FILE}, as training leaves it. Train on this computer: models of "
            "AWS hold the parameters of an MXNet network, which cannot be loaded."
        )
    return LinearLearnerServer(model.load(path))


# ---- requests


def _from_csv(body: bytes) -> np.ndarray:
    try:
        return read_csv_body(body)
    except pa.ArrowInvalid as error:
        raise PayloadError(
            400, f"Unable to evaluate payload provided: it is not CSV of numbers ({str(error).splitlines()[0]})."
        ) from None


def _from_json(body: bytes) -> list[Vector]:
    document = _parse_json(body)
    if not isinstance(document, dict) or not isinstance(document.get("instances"), list):
        raise VectorError('the JSON has no list of "instances"')
    return [_instance(number, instance) for number, instance in enumerate(document["instances"])]


def _from_json_lines(body: bytes) -> list[Vector]:
    lines = [line for line in body.splitlines() if line.strip()]
    return [_instance(number, _parse_json(line)) for number, line in enumerate(lines)]


def _from_recordio(body: bytes) -> list[Vector]:
    vectors = [record.features.get("values") for record in recordio.read(body)]
    if None in vectors:
        raise VectorError(f"record {vectors.index(None) + 1} has no features named 'values'")
    return [vector for vector in vectors if vector is not None]


def _parse_json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise VectorError("it is not JSON") from None


def _instance(number: int, instance: Any) -> Vector:
    """A record as `{"features": [...]}` or `{"data": {"features": {"values": [...]}}}`, there also with keys."""
    try:
        features = instance["data"]["features"] if "data" in instance else instance["features"]
        fields = features if isinstance(features, dict) else {"values": features}
        keys, shape = fields.get("keys") or None, fields.get("shape") or None
        values = np.array(fields["values"], np.float32)
        indices = None if keys is None else np.array(keys)
        if values.ndim != 1 or (indices is not None and (indices.dtype.kind != "i" or indices.min() < 0)):
            raise ValueError
        return Vector(values, indices, int(shape[-1]) if shape else None)
    except VectorError as error:
        raise VectorError(f"record {number + 1} has {error}") from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise VectorError(f'record {number + 1} has no "features" that are a list of numbers') from None


_READERS: dict[str, Callable[[bytes], list[Vector]]] = {
    JSON: _from_json,
    JSON_LINES: _from_json_lines,
    RECORDIO: _from_recordio,
}


# ---- answers


def _form(accept: str) -> tuple[str, Callable[[Predictions], bytes]]:
    """The first form in `accept` that can be written, and how; JSON when any will do."""
    for media_type in (accept or JSON).split(","):
        form = media_type.partition(";")[0].strip().lower()
        form = JSON if form in ("*/*", "application/*") else form
        if form in _WRITERS:
            return form, _WRITERS[form]
    raise PayloadError(406, f"Accept type {accept} is not supported. Please use one of: {', '.join(_WRITERS)}.")


def _as_csv(predictions: Predictions) -> bytes:
    return "\n".join(",".join(map(str, prediction.values())) for prediction in predictions).encode()


def _as_json(predictions: Predictions) -> bytes:
    return json.dumps({"predictions": predictions}).encode()


def _as_json_lines(predictions: Predictions) -> bytes:
    return "".join(f"{json.dumps(prediction)}\n" for prediction in predictions).encode()


_WRITERS: dict[str, Callable[[Predictions], bytes]] = {
    JSON: _as_json,
    JSON_LINES: _as_json_lines,
    CSV: _as_csv,
    RECORDIO: recordio.write,
}
