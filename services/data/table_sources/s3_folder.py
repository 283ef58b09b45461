"""Several files of one S3 folder as one table, joined by the names of their columns.

Files that programs leave beside their data are no rows of it: hidden ones, `_SUCCESS`, checksums and empty ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from services.aws import s3, transfers
from services.aws.account import Account
from services.aws.s3 import Address, Progress
from services.data.profiling import profile
from services.data.reading import file_reader
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.file_reader import FileTable
from services.data.reading.reading_code import ReadingCode
from services.data.table_sources import sources
from services.errors import Problem, some

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 2_000_000_000  # bytes of all files together
MOST = 1000  # files
AT_ONCE = 8  # downloads
NOTES = 5  # of the files that are told
REMEDY = "Correct the file, or move it out of the folder"


@dataclass(frozen=True)
class FolderFile:
    """A file with rows in an S3 folder; `size` in bytes."""

    address: Address
    size: int
    etag: str


def folder_of(address: Address) -> Address:
    """The prefix of everything in the folder that an address names."""
    return Address(address.bucket, f"{address.key.rstrip('/')}/" if address.key else "")


def files(account: Account, address: Address) -> tuple[FolderFile, ...]:
    """The files with rows in a folder, in key order; none where it does not exist. Raises Problem for too many."""
    folder = folder_of(address)
    found = tuple(
        FolderFile(Address(folder.bucket, key), size, etag)
        for key, size, etag in s3.versions(account, folder)
        if size and not _is_hidden(key.removeprefix(folder.key))
    )
    total = sum(file.size for file in found)
    if len(found) > MOST or total > LIMIT:
        said = f"the folder holds {len(found):,} files of {total / 1e9:,.1f} GB"
        remedy = f"Name a folder with at most {MOST:,} files of {LIMIT / 1e9:.0f} GB together"
        raise Problem(str(folder), said, remedy)
    return found


def _is_hidden(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return path.endswith(("/", ".crc")) or any(part.startswith(("_", ".")) for part in parts)


def download(account: Account, found: Sequence[FolderFile], progress: Progress) -> list[Path]:
    """A copy of each file in the data folder, in the same order. Raises AwsError."""
    paths = [sources.copy_of(account, file.address, file.etag) for file in found]
    absent = [(file, path) for file, path in zip(found, paths, strict=True) if not path.exists()]
    total = sum(file.size for file, _ in absent)
    for start in range(0, len(absent), AT_ONCE):
        before = sum(file.size for file, _ in absent[:start])
        group = absent[start : start + AT_ONCE]
        work = [partial(s3.download, account, file.address, path) for file, path in group]
        transfers.run(work, lambda done, _, before=before: progress(before + done, total))  # type: ignore[misc]
    return paths


def read(paths: Sequence[Path], keys: Sequence[str], corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    """One table of the files at `paths`, called by their `keys`; columns in the order of the first file.

    Raises Problem naming the file that cannot be read, or whose columns differ in name or kind.
    """
    import pandas as pd

    tables = [file_reader.read(path, key, corrections) for path, key in zip(paths, keys, strict=True)]
    first = tables[0]
    for table in tables[1:]:
        _check_names(first, table)
    frames = _of_one_kind(tables)
    notes = list(dict.fromkeys(note for table in tables for note in table.notes))
    shown = notes[:NOTES] + [f"{len(notes) - NOTES:,} more notes on other files."] * (len(notes) > NOTES)
    partitions = [part for part in PurePosixPath(keys[0]).parts[:-1] if "=" in part]
    if partitions:
        shown.append(f"Values in the names of folders, such as {partitions[-1]}, are not read.")
    return FileTable(
        pd.concat(frames, ignore_index=True),
        first.source,
        tuple(shown),
        ReadingCode(parts=tuple((key, table.code) for key, table in zip(keys, tables, strict=True))),
        replace(first.format, files=len(tables)) if first.format else None,
    )


def _check_names(first: FileTable, table: FileTable) -> None:
    expected, present = list(first.frame.columns), set(table.frame.columns)
    if absent := [name for name in expected if name not in present]:
        columns = "column" if len(absent) == 1 else "columns"
        raise Problem(table.source, f"it lacks the {columns} {some(absent)} of {first.source}", REMEDY)
    if more := [name for name in table.frame.columns if name not in set(expected)]:
        columns = "column" if len(more) == 1 else "columns"
        raise Problem(table.source, f"it has the {columns} {some(more)}, which {first.source} lacks", REMEDY)


def _of_one_kind(tables: Sequence[FileTable]) -> list[pd.DataFrame]:
    """The frames with columns of the same kinds: one that is empty throughout a file is of the kind of the others."""
    names = list(tables[0].frame.columns)
    frames = [table.frame[names] for table in tables]
    for name in names:
        kinds = [profile.kind(frame[name]) for frame in frames]
        known = next((place for place, kind in enumerate(kinds) if kind != "empty"), None)
        if known is None:
            continue
        for place, kind in enumerate(kinds):
            if kind == "empty" and kinds[known] != "number":
                frames[place] = frames[place].assign(**{name: frames[place][name].astype(frames[known][name].dtype)})
            elif kind not in ("empty", kinds[known]):
                said = f"its column {name} holds {kind}, and {kinds[known]} in {tables[known].source}"
                raise Problem(tables[place].source, said, REMEDY)
    return frames
