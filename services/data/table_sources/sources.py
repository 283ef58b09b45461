"""The data sets one can start from: where each comes from, what it is, and which column is its target.

Fetches and downloads into the data folder, always to a temporary name first, so that no half file is ever taken for
a whole one. Knows nothing of how files are read (`reading/`) or prepared (`prepare.py`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from services import settings
from services.aws import s3, transfers
from services.aws.account import Account
from services.aws.s3 import Address, Progress
from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

FOLDER = settings.DATA_FOLDER / "datasets"
CARD_FRAUD_URL = "https://s3-us-west-2.amazonaws.com/sagemaker-e2e-solutions/fraud-detection/creditcardfraud.zip"
CHUNK = 1 << 20
TIMEOUT = 20.0  # seconds without an answer or without a byte
OFFLINE_REMEDY = "Enter the path of a copy of creditcard.csv, or choose the generated data set, which needs no network"

# How far frauds stand out, by number of the component: signs and order of size as in the real data.
SHIFTS = {14: -7.0, 12: -6.0, 17: -6.5, 10: -5.5, 3: -6.5, 7: -5.0, 11: 4.0, 4: 4.5, 16: -4.0, 9: -2.5, 18: -2.0}
HIDDEN = 0.14  # share of the frauds that look like any payment


@dataclass(frozen=True)
class Dataset:
    """A data set of the catalogue; `target` is the column that is usually predicted."""

    key: str
    title: str
    description: str
    target: str
    licence: str


CARD_FRAUD = Dataset(
    "card-fraud",
    "Card fraud",
    "284,807 card payments of European cardholders in two days of September 2013, 492 of them fraud. V1 to V28 are "
    "principal components, Time is seconds since the first payment, Amount is in euros.",
    "Class",
    "Database Contents License 1.0; Worldline and the Machine Learning Group of ULB",
)
GENERATED = Dataset(
    "generated",
    "Generated",
    "A synthetic table with the columns, size and class balance of the card fraud data. Needs no network.",
    "Class",
    "Generated from a random seed; free to use",
)
BREAST_CANCER = Dataset(
    "breast-cancer",
    "Breast cancer",
    "569 tumours, 212 of them malignant, each described by 30 measurements of cell nuclei.",
    "diagnosis",
    "CC BY 4.0; W. Wolberg, O. Mangasarian, N. Street, W. Street: Breast Cancer Wisconsin (Diagnostic), UCI",
)
CUSTOMERS = Dataset(
    "sample-customers",
    "Sample customers",
    "3,000 customers of a subscription, 120 of whom cancel: numbers, text, a date, an identifier and missing cells. "
    "Built in; needs no network.",
    "cancelled",
    "Generated from a random seed; free to use",
)


def card_fraud_path() -> Path | None:
    """The card fraud file this computer has: SAGEDECK_CARD_FRAUD of the environment, or the one fetched before."""
    given = os.environ.get("SAGEDECK_CARD_FRAUD")
    if given:
        return Path(given)
    fetched = FOLDER / "creditcardfraud.zip"
    return fetched if fetched.exists() else None


def fetch_card_fraud(progress: Progress, url: str = CARD_FRAUD_URL) -> Path:
    """Download the AWS tutorial's zip file. `progress` gets bytes done and in all. Raises Problem when it fails."""
    where, path = "Download of the card fraud data", FOLDER / "creditcardfraud.zip"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, _draft(path) as file:
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while block := answer.read(CHUNK):
                file.write(block)
                done += len(block)
                progress(done, total)
            if done < total:
                said = f"the connection broke after {done / 1e6:.1f} of {total / 1e6:.1f} MB"
                raise Problem(where, said, "Download it again")
    except urllib.error.HTTPError as error:
        raise Problem(where, f"the server answered {error.code} {error.reason}", OFFLINE_REMEDY) from error
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Problem(where, f"the network cannot reach it ({reason})", OFFLINE_REMEDY) from error
    return path


def generated(rows: int = 284_807, frauds: int = 492, seed: int = 1729) -> pd.DataFrame:
    """A table like the card fraud data: Time, V1 to V28, Amount, Class; `rows` rows, `frauds` of them of class 1.

    As in the real data, payments follow the day, later components are narrower, most frauds stand far out in a few
    components, and some look like any payment.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    label = np.zeros(rows, dtype=np.int64)
    label[random.choice(rows, frauds, replace=False)] = 1
    fraud = np.flatnonzero(label)
    hour = np.array([3, 2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 7, 5], dtype=float)
    hours = random.choice(48, rows, p=np.tile(hour, 2) / hour.sum() / 2)
    time = np.sort(hours * 3600 + random.integers(0, 3600, rows)).astype(float)
    values = random.standard_normal((28, rows)) * np.linspace(1.9, 0.35, 28)[:, None]
    strength = np.where(random.random(frauds) < HIDDEN, 0.0, random.gamma(4, 0.3, frauds))
    for component, shift in SHIFTS.items():
        spread = random.standard_normal(frauds) * abs(shift) * 0.3
        values[component - 1, fraud] += strength * (shift + spread)
    amount = np.round(random.lognormal(3.1, 1.6, rows), 2)
    columns = {"Time": time} | {f"V{number}": values[number - 1] for number in range(1, 29)}
    return pd.DataFrame(columns | {"Amount": amount, "Class": label})


def breast_cancer() -> pd.DataFrame:
    """scikit-learn's breast cancer set: 30 measurements and `diagnosis`, "malignant" or "benign"."""
    from sklearn.datasets import load_breast_cancer

    loaded = load_breast_cancer(as_frame=True)
    frame: pd.DataFrame = loaded.data
    return frame.assign(diagnosis=[str(loaded.target_names[label]) for label in loaded.target])


def version(account: Account, address: Address) -> str:
    """What tells one content of an S3 object from the next (its ETag). Raises AwsError."""
    return str(s3.head(account, address)["ETag"]).strip('"')


def download(account: Account, address: Address, etag: str, progress: Progress) -> Path:
    """A copy of an S3 object in the data folder, downloaded when this version is not there. Raises AwsError."""
    path = copy_of(account, address, etag)
    if not path.exists():
        # boto3 itself writes to a temporary name and renames.
        transfers.run([lambda report: s3.download(account, address, path, report)], progress)
    return path


def copy_of(account: Account, address: Address, etag: str) -> Path:
    """Where this version of an S3 object lies in the data folder once it is downloaded."""
    identity = f"{account.profile} {account.region} {address} {etag}"
    folder = FOLDER / "s3" / hashlib.sha256(identity.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder / Path(address.key).name


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name only when the block has ended well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            yield file
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
