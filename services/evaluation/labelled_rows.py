"""Files with labels that a model is evaluated on: through the recipe of its set, and kept as one more part of it.

    s3://BUCKET/sagedeck/data/NAME/file-HASH/data.csv     as train, validation and test are
    s3://BUCKET/sagedeck/data/NAME/raw/file-HASH.parquet  its raw rows
    s3://BUCKET/sagedeck/data/NAME/file-HASH.json         the file's name, its rows, and what was left out

The hash is that of the file's content, so that a file is prepared once. Deleting the set deletes its parts, too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.data import class_names
from services.data import target as targets
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.data.sets import raw_rows
from services.data.target_kind import TargetKind
from services.endpoints import predict
from services.errors import Problem, some

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PREFIX = "file-"
DOCUMENT = re.compile(rf"/{PREFIX}[0-9a-f]{{12}}\.json$")
REMEDY = "Choose a file with the columns of the table that the model learned from, and its labels"


class LabelledRowsDocument(Document):
    """What a labelled file holds. class_rows: rows of each class, in the order of the set's; empty for a number.

    notes: what was left out or read otherwise, each a sentence.
    has_raw: whether its raw rows are kept; not those of before.
    """

    file: str
    sha256: str
    rows: int
    class_rows: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    has_raw: bool = False
    prepared: datetime

    @property
    def part(self) -> str:
        """The name of the rows among the parts of the set."""
        return part_of(self.sha256)


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Rows as the model takes them: `labels` as `scoring.Split` has them, `features` an Arrow table, and the notes.

    raw: the same rows as the file has them.
    """

    labels: NDArray[Any]
    features: Any
    notes: tuple[str, ...]
    raw: pd.DataFrame


def part_of(sha256: str) -> str:
    """The name of the part that a file of this content is."""
    return f"{PREFIX}{sha256[:12]}"


def read(frame: pd.DataFrame, data: PreparedData, recipe: Recipe | None, where: str) -> LabelledRows:
    """The rows of a table that have a label of the model, as features. The columns may stand in any order.

    Raises Problem where columns are missing or no numbers, the target among them, or no row has a known label.
    """
    if data.target not in frame.columns:
        said = f"it has no column {data.target}, which holds the labels"
        raise Problem(where, said, "Choose a file with labels; without them, predict its rows on the Endpoints page")
    labels, notes = _labels(frame[data.target], data, where)
    known = np.isfinite(labels)
    features = predict.features_of(frame[known], data, recipe, where)
    whole = labels[known]
    if data.kind is not TargetKind.NUMBER:
        whole = whole.astype(np.int8 if len(data.classes) == 2 else np.int64)
    return LabelledRows(whole, features, notes, frame[known])


def keep(
    account: Account, data: PreparedData, rows: LabelledRows, file: str, sha256: str, now: datetime
) -> LabelledRowsDocument:
    """Keep the rows as a part of the set. Raises AwsError."""
    part = part_of(sha256)
    table = rows.features.add_column(0, data.target, pa.array(rows.labels))
    sink = io.BytesIO()
    csv.write_csv(table, sink, csv.WriteOptions(include_header=False, quoting_style="none"))
    s3.ensure_bucket(account, data.address.bucket)
    place = data.file(part)
    account.call("s3", "put_object", Bucket=place.bucket, Key=place.key, Body=sink.getvalue())
    raw, place = io.BytesIO(), data.raw_file(part)
    raw_rows.write(rows.raw, rows.raw.index, raw)
    account.call("s3", "put_object", Bucket=place.bucket, Key=place.key, Body=raw.getvalue())
    counts = () if data.kind is TargetKind.NUMBER else np.bincount(rows.labels, minlength=len(data.classes))
    made = LabelledRowsDocument(
        file=file,
        sha256=sha256,
        rows=len(rows.labels),
        class_rows=tuple(int(count) for count in counts),
        notes=rows.notes,
        has_raw=True,
        prepared=now,
    )
    return documents.update(account, _document(data, part), LabelledRowsDocument, lambda before: made)


def listed(account: Account, data: PreparedData) -> list[LabelledRowsDocument]:
    """The labelled files of a set, the newest first; unreadable ones are left out. Raises AwsError."""
    places = stored(account, Address(data.address.bucket, f"{data.address.key}/{PREFIX}"))
    found = documents.read_all(account, places, LabelledRowsDocument).documents.values()
    return sorted(found, key=lambda one: one.prepared, reverse=True)


def stored(account: Account, folder: Address) -> list[Address]:
    """Where the documents of labelled files lie under a prefix. Raises AwsError."""
    keys = s3.folder_keys(account, folder)
    return [Address(folder.bucket, key) for key in keys if DOCUMENT.search(key)]


def with_parts(data: PreparedData, files: Collection[LabelledRowsDocument]) -> PreparedData:
    """The set with its labelled files among its parts."""
    rows, positives, class_rows = dict(data.rows), dict(data.positives), dict(data.class_rows)
    for file in files:
        rows[file.part], class_rows[file.part] = file.rows, file.class_rows
        if data.kind is TargetKind.TWO_CLASSES:
            positives[file.part] = file.class_rows[1]
    raw = (*data.raw_rows, *(file.part for file in files if file.has_raw))
    return replace(data, rows=rows, positives=positives, class_rows=class_rows, raw_rows=raw)


def _document(data: PreparedData, part: str) -> Address:
    return data.address / f"{part}.json"


def _labels(cells: pd.Series, data: PreparedData, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """(rows,) labels, NaN for a row without a known one, and what to say of those."""
    empty = int(cells.isna().sum())
    if empty == len(cells):
        raise Problem(where, f"column {data.target}, which holds the labels, is empty", REMEDY)
    notes = [f"{_rows(empty)} without a label {_were(empty)} left out."] if empty else []
    if data.kind is TargetKind.NUMBER:
        numbers = targets.as_numbers(cells)
        if numbers is None or not np.isfinite(numbers.dropna().to_numpy(float)).all():
            raise Problem(where, f"column {data.target} does not hold numbers only", REMEDY)
        return np.asarray(numbers, np.float64), tuple(notes)
    names = class_names.class_names(cells)
    places = {name: float(place) for place, name in enumerate(data.classes)}
    present = [*names.dropna().unique()]
    codes = {str(place): float(place) for place in range(len(data.classes))}
    are_words = not any(name.isdigit() for name in data.classes)
    if are_words and not {*places} & {*present} and {*present} <= {*codes}:
        places = codes
        notes.append(f"{data.target} holds the codes of the classes: {_coded(data.classes)}.")
    rest = len(data.classes) == 2 and data.classes[0] == class_names.all_but(data.classes[1])
    unseen = {} if rest else {name: int((names == name).sum()) for name in present if name not in places}
    if len(unseen) == len(present):
        said = f"no label of column {data.target} was seen in training, such as {some(sorted(unseen))}"
        raise Problem(where, said, f"Choose a file whose labels are {some(data.classes)}")
    if unseen:
        count, shown = sum(unseen.values()), some([f"{name} ({rows:,})" for name, rows in unseen.items()])
        notes.append(f"{_rows(count)} with labels not seen in training {_were(count)} left out: {shown}.")
    labels = names.map(places).astype(float)
    if rest:
        labels[names.notna() & labels.isna()] = 0.0
    return np.asarray(labels, np.float64), tuple(notes)


def _coded(classes: tuple[str, ...]) -> str:
    return some([f"{place} is {name}" for place, name in enumerate(classes)])


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
