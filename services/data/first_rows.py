"""The first rows of a channel, and what AWS's image of XGBoost would silently make of them where others wrote them.

`read` asks S3; the rest is pure. Facts: aws/sagemaker-xgboost-container (June 2026), read and run: it finds the
delimiter in the first line and leaves the rest to XGBoost's text reader, which takes any text for a number.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData

BYTES = 64 * 1024  # of a channel's first file
LISTED = 100  # files of a channel that are looked at
DELIMITERS = ",;\t| "  # with which AWS's image trains
TITLES = {"train": "Training data", "validation": "Validation data"}
AGAIN = "Prepare the table on the Data page"
Cells = list[list[str]]  # of lines, in their order
_LIBSVM = re.compile(r"\S+( \d+:\S+)+\s*(#.*)?")
_DECIMAL = re.compile(r"-?(\d+)\.(\d{1,15})")


@dataclass(frozen=True)
class FirstRows:
    """Whole lines from the beginning of a channel's first data file; `complete` if these are all of it.

    hidden: names of files that a listing for people leaves out, such as .DS_Store.
    """

    split: str
    lines: tuple[str, ...]
    complete: bool
    hidden: tuple[str, ...] = ()

    def cells(self, columns: int) -> Cells:
        """The cells of each line; the delimiter is the one that cuts the first line into `columns`, or else a comma."""
        delimiter = next((each for each in DELIMITERS if self.lines[0].count(each) == columns - 1), ",")
        return [line.split(delimiter) for line in self.lines]


def read(account: Account, data: PreparedData, split: str) -> FirstRows:
    """The first rows of a split; no lines where it has no file. Raises AwsError."""
    folder = Address.parse(data.channel(split))
    found = account.call("s3", "list_objects_v2", Bucket=folder.bucket, Prefix=folder.key, MaxKeys=LISTED)
    files = {item["Key"]: item["Size"] for item in found.get("Contents", []) if not item["Key"].endswith("/")}
    hidden = {key: key.rpartition("/")[2] for key in files if key.rpartition("/")[2].startswith((".", "_"))}
    filled = [key for key, size in files.items() if size and key not in hidden]
    if not filled:
        return FirstRows(split, (), True, tuple(hidden.values()))
    text = s3.read_beginning(account, Address(folder.bucket, filled[0]), BYTES).decode(errors="replace")
    complete = files[filled[0]] <= BYTES
    lines = text.splitlines() if complete else text.splitlines()[:-1]
    return FirstRows(split, tuple(lines), complete, tuple(hidden.values()))


def faults(channels: Iterable[FirstRows], features: Sequence[str]) -> tuple[str, ...]:
    """What makes a model of these rows worthless, or its job fail, on AWS: a sentence each, with its remedy."""
    where = defaultdict[str, list[str]](list)
    for rows in channels:
        for fault in _faults(rows, features):
            where[fault].append(TITLES[rows.split])
    return tuple(f"{' and '.join(splits).capitalize()}: {fault}" for fault, splits in where.items())


def _faults(rows: FirstRows, features: Sequence[str]) -> Iterable[str]:
    if rows.hidden:
        yield f"the file {rows.hidden[0]} in its folder is read as data on AWS, so the job fails. Delete it."
    if not rows.lines:
        return
    cells = rows.cells(1 + len(features))
    if said := next((said for rule in _RULES if (said := rule(rows, cells, features))), None):
        yield f"{said}. {AGAIN}."


def _libsvm(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    if not _LIBSVM.fullmatch(rows.lines[0]):
        return None
    return "its lines are libsvm, and the job reads them as CSV"


def _decimal_commas(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    if ";" not in rows.lines[0] or not re.search(r"\d,\d", rows.lines[0]):
        return None
    return "it has decimal commas, and AWS takes the comma for the delimiter: every number is cut in two"


def _quotes(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    row = next((number for number, line in enumerate(rows.lines, 1) if '"' in line), None)
    return f"row {row:,} has quotation marks, and AWS reads a quoted number as 0 or missing" if row else None


def _header(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    first, *others = cells
    if not any(first) or any(map(_is_number, first)) or not any(map(_is_number, chain(*others))):
        return None
    return f"its first line is a header ({', '.join(first)[:40]}), and AWS reads it as a row of label 0"


def _lengths(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    expected = 1 + len(features)
    for number, row in enumerate(cells, 1):
        if len(row) != expected:
            return (
                f"row {number:,} has {len(row):,} cells instead of {expected:,} (label and features), and AWS moves "
                "or fills them silently"
            )
    return None


def _words(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    for number, row in enumerate(cells, 1):
        if word := next((cell for cell in row if cell and not _is_number(cell)), None):
            return (
                f"row {number:,} has the cell {word[:40]}, and AWS silently reads words and dates as 0, as missing or "
                "as a year"
            )
    return None


def _last_column(rows: FirstRows, cells: Cells, features: Sequence[str]) -> str | None:
    if any(row[-1] for row in cells):
        return None
    looked = "every row" if rows.complete else f"the first {len(rows.lines):,} rows"
    return (
        f"the last column, {features[-1]}, is empty in {looked}: on AWS the model has one feature less and refuses "
        "whole rows. Exclude it"
    )


_RULES: tuple[Callable[[FirstRows, Cells, Sequence[str]], str | None], ...] = (
    _libsvm,
    _decimal_commas,
    _quotes,
    _header,
    _lengths,
    _words,
    _last_column,
)


def rounding(channels: Iterable[FirstRows], features: Sequence[str]) -> str | None:
    """Why rows like those of a model's training may get another score than there; None where no number is at risk.

    XGBoost's text reader adds up the digits before and after the point as 32-bit numbers (dmlc/strtonum.h): of 1.18 it
    makes 1.1800001, and the request parser 1.18. That matters for numbers that come back, such as prices: a split is
    put at a number of the training rows.
    """
    for rows in channels:
        cells = rows.cells(1 + len(features)) if rows.lines else []
        for column, name in enumerate(features, 1):
            counted = Counter(row[column] for row in cells if len(row) > column)
            for cell, times in counted.items():
                if times > 1 and _read_otherwise(cell):
                    return (
                        f"{name} has repeated decimals such as {cell}: in training, AWS reads some of them a little "
                        "higher or lower than in requests, so a row at a split may get another score. Whole numbers, "
                        "such as cents, are safe."
                    )
    return None


def _read_otherwise(cell: str) -> bool:
    match = _DECIMAL.fullmatch(cell)
    if not match:
        return False
    whole, fraction = match.groups()
    added = np.float32(int(whole)) + np.float32(int(fraction) / 10 ** len(fraction))
    return bool(added != np.float32(abs(float(cell))))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
