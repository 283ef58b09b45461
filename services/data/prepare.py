"""From a table to prepared data, as the AWS tutorial does it: target first, rows in three parts, CSV without header.

Splitting is pure; only `prepare` writes, and it writes the manifest last (see `prepared_data.py`).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from services.aws import s3, transfers
from services.aws.account import Account
from services.aws.s3 import Address, Progress
from services.data import prepared_data
from services.data.division.partition import AS_TUTORIAL, SplitPlan
from services.data.division.resampling import Resampling
from services.data.prepared_data import SPLITS, PreparedData
from services.data.recipe.recipe import AnyRowStep, AnyStep
from services.data.sets import raw_rows
from services.data.split import Splits, split
from services.data.target_kind import TargetKind
from services.errors import Problem


def checked_name(name: str) -> str:
    """A name for prepared data as typed. Raises Problem when S3 or a job's name could not carry it."""
    name = name.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", name):
        remedy = "Use up to 40 letters, digits and hyphens, a letter or digit first"
        raise Problem(f"Name {name!r}", "it is not a valid data set name", remedy)
    return name


def write(splits: Splits, folder: Path) -> dict[str, Path]:
    """The CSV files of the splits; floats are written so that they read back equal."""

    def one(name: str) -> Path:
        path = folder / f"{name}.csv"
        table = pa.Table.from_pandas(splits.tables[name], preserve_index=False)
        plain = [field.with_type(pa.int8()) if pa.types.is_boolean(field.type) else field for field in table.schema]
        csv.write_csv(table.cast(pa.schema(plain)), path, csv.WriteOptions(include_header=False, quoting_style="none"))
        return path

    with ThreadPoolExecutor(max_workers=len(SPLITS)) as pool:
        return dict(zip(SPLITS, pool.map(one, SPLITS), strict=True))


def prepare(
    account: Account,
    frame: pd.DataFrame,
    *,
    name: str,
    source: str,
    target: str | None,
    positive: str | None,
    now: datetime,
    progress: Progress,
    kind: TargetKind | None = None,
    parts: SplitPlan = AS_TUTORIAL,
    exclude: Sequence[str] = (),
    drop_missing_target: bool = False,
    row_steps: Sequence[AnyRowStep] = (),
    steps: Sequence[AnyStep] = (),
    resampling: Resampling | None = None,
    source_sha256: str = "",
    weighted: bool = False,
) -> PreparedData:
    """Split what `row_steps` leave of `frame`, turn raw columns into features by `steps`, and upload three CSV files.

    The raw rows of validation and test are uploaded beside them, and the manifest is written last.

    resampling:    of the train rows only.
    source_sha256: of the table it is made of, see `content_hash.py`.
    weighted:      changes no row: it has training begin with settings by which both classes count alike.

    `progress` is called in this thread with bytes uploaded and bytes in all. Raises Problem, also when `name` is
    taken: models may have been trained on it.
    """
    name = checked_name(name)
    splits = split(
        frame,
        target,
        positive,
        kind=kind,
        parts=parts,
        exclude=exclude,
        drop_missing_target=drop_missing_target,
        row_steps=row_steps,
        steps=steps,
        resampling=resampling,
    )
    home = prepared_data.home(account)
    data = PreparedData(
        name=name,
        address=Address(home.bucket, f"{home.key}{name}"),
        source=source,
        target=splits.target,
        classes=splits.classes,
        features=splits.features,
        rows=splits.rows,
        positives={name: rows[1] for name, rows in splits.class_rows.items() if splits.kind is TargetKind.TWO_CLASSES},
        seed=parts.seed,
        created=now,
        kind=splits.kind,
        class_rows=splits.class_rows,
        has_recipe=splits.recipe is not None,
        divided=parts.sentence,
        resampled=splits.resampled.sentence(resampling, splits.classes) if resampling and splits.resampled else "",
        class_rows_before=splits.resampled.before if splits.resampled else (),
        missing_cells=splits.missing_cells,
        source_sha256=source_sha256,
        weighted=weighted and splits.kind is TargetKind.TWO_CLASSES,
        raw_rows=raw_rows.KEPT,
    )
    _upload(account, data, splits, frame, progress)
    return data


def _upload(account: Account, data: PreparedData, splits: Splits, frame: pd.DataFrame, progress: Progress) -> None:
    if s3.exists(account, data.address / "manifest.json"):
        raise Problem(f"Data set {data.name}", "it exists already", "Choose another name")
    if s3.exists(account, prepared_data.deleted_mark(data.address)):
        raise Problem(f"Data set {data.name}", "jobs learned from a deleted one of that name", "Choose another name")
    if data.name.casefold() in map(str.casefold, prepared_data.display_names(account).values()):
        raise Problem(f"Data set {data.name}", "another one is called that", "Choose another name")
    s3.ensure_bucket(account, data.address.bucket)
    with tempfile.TemporaryDirectory(prefix="sagedeck-") as folder:
        files = write(splits, Path(folder))
        uploads = [partial(s3.upload, account, path, data.file(split)) for split, path in files.items()]
        for split in data.raw_rows:
            path = Path(folder) / f"{split}.parquet"
            raw_rows.write(frame, splits.tables[split].index, path)
            uploads.append(partial(s3.upload, account, path, data.raw_file(split)))
        transfers.run(uploads, progress)
    if splits.recipe:
        prepared_data.save_recipe(account, data.address, splits.recipe)
    prepared_data.save_manifest(account, data)
