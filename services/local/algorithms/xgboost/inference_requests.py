"""The records in a request: rows of 32-bit numbers, NaN where one is missing; or a refusal in the container's words.

Source: aws/sagemaker-xgboost-container, June 2026, run with such requests.
"""

import numpy as np

from services.local.algorithms import data_files, recordio
from services.local.algorithms.answers import PayloadError
from services.local.algorithms.vectors import dense
from services.local.algorithms.xgboost import delimiters
from services.local.algorithms.xgboost.channels import data_format


def features(body: bytes, content_type: str, columns: int) -> np.ndarray:
    """Rows x `columns`, float32; what a short row lacks is missing. Raises PayloadError."""
    kind = _kind(content_type)
    try:
        values = _READERS[kind](body, columns)
        if np.isinf(values).any():
            raise ValueError("it holds `inf` or a value too large")
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        raise PayloadError(
            415, f"Loading {kind} data failed with Exception, please ensure data is in {kind} format: {reason}"
        ) from None
    _check_width(values.shape[1], columns)
    if values.shape[1] == columns:
        return values
    whole = np.full((len(values), columns), np.nan, np.float32)
    whole[:, : values.shape[1]] = values
    return whole


def _kind(content_type: str) -> str:
    """The format of a request's ContentType; none means libsvm, as for a channel."""
    try:
        kind = data_format(content_type or None)
    except data_files.UserError as error:
        raise PayloadError(415, str(error)) from None
    if kind not in _READERS:
        raise PayloadError(415, f"Content-type {content_type} is not supported. Use one of: {', '.join(_READERS)}.")
    return kind


def _check_width(width: int, columns: int) -> None:
    if width > columns:
        raise PayloadError(
            400,
            f"Unable to evaluate payload provided: Number of columns ({width}) does not match number of features in "
            f"booster ({columns}). Send at most {columns} a row.",
        )


def _from_csv(body: bytes, columns: int) -> np.ndarray:
    text = body if _is_trimmed(body) else body.strip()
    return data_files.read_strict_csv(text, delimiters.of_request(data_files.first_line_of(text).decode()))


def _is_trimmed(body: bytes) -> bool:
    """Whether stripping it would only copy it: one newline at the end does no harm."""
    return not (body[:1].isspace() or body[-2:].removesuffix(b"\n")[-1:].isspace())


def _from_libsvm(body: bytes, columns: int) -> np.ndarray:
    """Rows of index:value pairs; other words, such as a label, are passed over.

    Indices that begin at 1 are moved by one, which training does not do: a model of a file whose indices begin at 1
    answers one column off.
    """
    lines = body.decode().strip().split("\n")
    words = [(row, word.split(":")) for row, line in enumerate(lines) for word in line.split(" ") if ":" in word]
    if not words:
        raise ValueError("there is no index:value in it")
    rows = np.array([row for row, _ in words])
    indices = np.array([int(word[0]) for _, word in words])
    numbers = np.array([float(word[1]) for _, word in words])
    if indices.min() < 0:
        raise ValueError(f"the index {indices.min()} is negative")
    if indices.min() >= 1:
        indices -= 1
    _check_width(int(indices.max()) + 1, columns)
    values = np.full((len(lines), int(indices.max()) + 1), np.nan, np.float32)
    with np.errstate(over="ignore"):
        values[rows, indices] = numbers
    return values


def _from_recordio(body: bytes, columns: int) -> np.ndarray:
    """What a sparse record leaves out is missing."""
    vectors = [record.features.get("values") for record in recordio.read(body, recordio.NUMBERS)]
    present = [vector for vector in vectors if vector is not None]
    if len(present) < len(vectors):
        raise ValueError(f"record {vectors.index(None) + 1} has no features named 'values'")
    width = max(vector.columns for vector in present)
    _check_width(width, columns)
    return dense(present, width, unset=np.nan)


_READERS = {"csv": _from_csv, "libsvm": _from_libsvm, "recordio-protobuf": _from_recordio}
