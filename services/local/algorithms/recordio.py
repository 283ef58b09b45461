"""RecordIO files of protobuf records, the format of SageMaker's own algorithms, read and written without a library.

Of protobuf this needs four wire types and one message, `Record`: two maps, features and label, from a name to a tensor.
Source: SageMaker developer guide, "Common data formats for
training"; the SDK's write_numpy_to_dense_tensor and write_spmatrix_to_sparse_tensor make such files.
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from services.local.algorithms.vectors import Vector, VectorError

MAGIC = 0xCED7230A
_HEADER = struct.Struct("<II")  # the magic number, the record's length
_FEATURES, _LABEL, _NAME, _TENSOR = 1, 2, 1, 2  # field numbers: of Record twice, of a map's entry twice
_FLOAT32, _TENSORS = 2, {2: "Float32", 3: "Float64", 7: "Int32", 9: "Bytes"}  # of Value
_VALUES, _KEYS, _SHAPE = 1, 2, 3  # of a tensor
_FIXED = {1: 8, 5: 4}  # wire type -> bytes
_NOT_ONE = "it holds something that is not a record"
_DELIMITED = 2  # the wire type of messages, texts and packed lists
_DTYPES = {"Float32": "<f4", "Float64": "<f8"}  # others are varints
NUMBERS = ("Float32", "Float64", "Int32")


class RecordError(ValueError):
    """Bytes that are not records, or records of another type of tensor."""


@dataclass(frozen=True)
class Record:
    """A record's features and labels by name; both are named "values" where there is nothing to tell apart."""

    features: Mapping[str, Vector]
    label: Mapping[str, Vector]


def read(content: bytes, tensors: Collection[str] = ("Float32",)) -> Iterator[Record]:
    """The records of a file or a request, in order; `tensors` of NUMBERS are read. Raises RecordError."""
    view, at = memoryview(content), 0
    while at < len(view):
        if len(view) - at < _HEADER.size:
            raise RecordError("it ends in the middle of a record")
        magic, length = _HEADER.unpack_from(view, at)
        at += _HEADER.size
        if magic != MAGIC:
            raise RecordError("it is not in RecordIO format")
        if at + length > len(view):
            raise RecordError("it ends in the middle of a record")
        yield _record(view[at : at + length], tensors)
        at += length + -length % 4  # records are padded to a multiple of four bytes


def write(records: Iterable[Mapping[str, float | list[float]]]) -> bytes:
    """A record each of labels by name, which is how a container answers."""
    entries = (b"".join(_entry(_LABEL, name, value) for name, value in record.items()) for record in records)
    return b"".join(map(_frame, entries))


# ---- reading


def _record(data: memoryview, tensors: Collection[str]) -> Record:
    maps: dict[int, dict[str, Vector]] = {_FEATURES: {}, _LABEL: {}}
    try:
        for field, content in _fields(data):
            if field in maps:
                entry = dict(_fields(_message(content)))
                maps[field][bytes(_message(entry[_NAME])).decode()] = _vector(_message(entry[_TENSOR]), tensors)
    except (IndexError, KeyError, OverflowError, UnicodeDecodeError, VectorError) as error:
        raise RecordError(f"{_NOT_ONE} ({type(error).__name__})") from None
    return Record(maps[_FEATURES], maps[_LABEL])


def _vector(data: memoryview, tensors: Collection[str]) -> Vector:
    for field, content in _fields(data):
        kind = _TENSORS.get(field, "")
        if kind in tensors:
            return _tensor(_message(content), _DTYPES.get(kind))
        if kind:
            raise RecordError(f"it holds {kind} tensors; only {', '.join(tensors)} tensors are supported")
    return Vector(np.empty(0, np.float32))


def _tensor(data: memoryview, dtype: str | None) -> Vector:
    values = [np.empty(0, dtype or np.int64)]
    numbers: dict[int, list[int]] = {_KEYS: [], _SHAPE: []}
    for field, content in _fields(data):
        if field == _VALUES:
            values.append(_numbers(content, dtype))
        elif field in numbers:
            numbers[field] += [content] if isinstance(content, int) else _varints(content)
    shape, keys = numbers[_SHAPE], numbers[_KEYS]
    return Vector(
        _narrowed(np.concatenate(values)),
        np.array(keys, np.int64) if keys or (shape and len(values) == 1) else None,  # a sparse one may be empty
        shape[-1] if shape else None,
    )


def _numbers(content: int | memoryview, dtype: str | None) -> np.ndarray:
    if dtype is None:
        whole = np.array([content] if isinstance(content, int) else _varints(content), np.uint64)
        return whole.view(np.int64)  # a negative one has all 64 bits
    if len(_message(content)) % np.dtype(dtype).itemsize:
        raise RecordError(f"{_NOT_ONE} (values)")
    return np.frombuffer(_message(content), dtype)


def _narrowed(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, content) of a message; a whole number for a varint, otherwise the bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            number, at = _varint(data, at)
            yield key >> 3, number
            continue
        if wire == _DELIMITED:
            length, at = _varint(data, at)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise RecordError(f"{_NOT_ONE} (wire type)")
        if at + length > len(data):
            raise RecordError(f"{_NOT_ONE} (length)")
        yield key >> 3, data[at : at + length]
        at += length


def _message(content: int | memoryview) -> memoryview:
    if isinstance(content, int):
        raise RecordError(f"{_NOT_ONE} (number)")
    return content


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends. Raises IndexError."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def _varints(data: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(data):
        number, at = _varint(data, at)
        numbers.append(number)
    return numbers


# ---- writing


def _frame(record: bytes) -> bytes:
    return _HEADER.pack(MAGIC, len(record)) + record + b"\0" * (-len(record) % 4)


def _entry(field: int, name: str, value: float | list[float]) -> bytes:
    tensor = _length_delimited(_VALUES, np.atleast_1d(np.array(value, "<f4")).tobytes())
    return _length_delimited(
        field, _length_delimited(_NAME, name.encode()) + _length_delimited(_TENSOR, _length_delimited(_FLOAT32, tensor))
    )


def _length_delimited(field: int, content: bytes) -> bytes:
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([field << 3 | _DELIMITED, *length, size]) + content
