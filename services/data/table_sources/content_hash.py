"""SHA-256 of a table's content, by which two prepared sets are known to come of the same table.

Where a table was read from one file, the hash is that of the file's bytes as they lie there, packed or not: what
`sha256sum` says of it. A table without a file is hashed as an Arrow stream in one batch, without metadata: equal column
names, types and cells have equal hashes on every computer with the same version of Arrow.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd


def of_path(path: Path) -> str:
    """Hex SHA-256 of a file's bytes. Raises Problem where it is gone."""
    try:
        with path.open("rb") as file:
            return of_file(file)
    except OSError as error:
        raise Problem(f"File {path}", "it can no longer be read", "Choose the table again") from error


def of_file(file: BinaryIO) -> str:
    """Hex SHA-256 of an open file from its beginning; left where it ends."""
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def of_table(frame: pd.DataFrame) -> str:
    """Hex SHA-256 of a table's names, types and cells in their order; the index is no part of it."""
    table = pa.Table.from_pandas(frame, preserve_index=False).combine_chunks().replace_schema_metadata(None)
    sink = _Sink()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        writer.write_table(table)
    return sink.digest.hexdigest()


class _Sink:
    """A file that is hashed instead of written."""

    closed = False

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self._written = 0

    def write(self, block: Any) -> int:
        self.digest.update(block)
        self._written += len(block)
        return len(block)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing waits."""
