"""What batch transform does to records before and after the model: split, filter, gather, join, filter again.

Source: SageMaker developer guide, "Associate Prediction Results with Input Records"; API reference, TransformInput and
DataProcessing.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.local.jobs.json_path import JsonPath

WHOLE = "$"
CSV, JSONS = "text/csv", ("application/json", "application/jsonlines")
_CELL = rb'(?:[^",]*|"(?:[^"]|"")*")'  # a quote stands round a cell, or twice in one that is quoted
_CSV_LINE = re.compile(rb"%b(?:,%b)*" % (_CELL, _CELL))


@dataclass(frozen=True)
class DataProcessing:
    """InputFilter, OutputFilter and JoinSource of a transform job, over records of CSV or of JSON lines."""

    before: JsonPath
    after: JsonPath
    joins: bool
    plain: bool  # nothing to do: bytes pass as they are
    as_answered: bool  # the model's answer passes as it is, whatever its form
    tabular: bool  # CSV; otherwise JSON

    def model_input(self, record: bytes) -> bytes:
        """What the model is sent of `record`. Raises ValueError."""
        return record if self.plain else self._written(self.before(self._read(record)))

    def output(self, record: bytes, answer: bytes) -> bytes:
        """What is written of `answer`, the model's to `record`. Raises ValueError."""
        if self.as_answered:
            return answer
        result = self._read(answer)
        if self.joins:
            result = self._joined(self._read(record), result)
        return self._written(self.after(result))

    def _joined(self, record: Any, answer: Any) -> Any:
        if self.tabular:
            return [*record, *answer]
        if isinstance(record, dict):
            return {**record, "SageMakerOutput": answer}
        return {"SageMakerInput": record, "SageMakerOutput": answer}

    def _read(self, text: bytes) -> Any:
        if not self.tabular:
            return json.loads(text)
        if not _CSV_LINE.fullmatch(text):
            raise ValueError(f"it has a quote inside a cell that is not quoted: {text[:80].decode(errors='replace')}")
        return next(csv.reader([text.decode()]), [])

    def _written(self, value: Any) -> bytes:
        if not self.tabular:
            return json.dumps(value).encode()
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return out.getvalue().encode()


def data_processing(given: dict[str, str], content_type: str) -> DataProcessing:
    """A job's DataProcessing. Raises ValueError for what cannot be done."""
    before, after = given.get("InputFilter", WHOLE), given.get("OutputFilter", WHOLE)
    joins = given.get("JoinSource", "None") == "Input"
    as_answered = not joins and after == WHOLE
    plain = as_answered and before == WHOLE
    kind = content_type.partition(";")[0].strip().lower()
    if not plain and kind not in (CSV, *JSONS):
        raise ValueError(
            f"DataProcessing needs the ContentType text/csv, application/json or application/jsonlines, not {kind}"
        )
    return DataProcessing(JsonPath(before), JsonPath(after), joins, plain, as_answered, kind == CSV)


def split(path: Path, gzipped: bool, by_line: bool) -> Iterator[bytes]:
    """The records of a file: its lines, without their ends and empty ones, or the file itself. Raises ValueError."""
    try:
        yield from _split(path, gzipped, by_line)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it cannot be read: {error}") from None


def _split(path: Path, gzipped: bool, by_line: bool) -> Iterator[bytes]:
    with gzip.open(path) if gzipped else path.open("rb") as file:
        if by_line:
            yield from (line for line in (raw.rstrip(b"\r\n") for raw in file) if line)
        elif content := file.read():
            yield content


def batches(records: Iterator[tuple[bytes, bytes]], most: int | None, size: int) -> Iterator[list[tuple[bytes, bytes]]]:
    """(record, what is sent of it) gathered into requests of at most `size` bytes and `most` records (None: any).

    Raises ValueError for a record that is longer alone.
    """
    batch: list[tuple[bytes, bytes]] = []
    length = 0
    for record, sent in records:
        if len(sent) > size:
            raise ValueError(f"a record of {len(sent)} bytes exceeds MaxPayloadInMB, {size} bytes")
        if batch and (length + len(sent) + 1 > size or len(batch) == most):
            yield batch
            batch, length = [], 0
        batch.append((record, sent))
        length += len(sent) + 1
    if batch:
        yield batch
