"""Two prepared sets compared: features by feature, the target by the names of its classes."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from services.data import prepare
from services.data.prepared_data import PreparedData
from services.data.sets import set_comparison
from services.data.sets.drift import DriftLevel
from tests.services.fake_s3 import FakeS3


@pytest.fixture
def account() -> FakeS3:
    return FakeS3("Fake", "us-east-1", bucket="bucket")


def table(frauds: int, rows: int = 20_000) -> pd.DataFrame:
    random = np.random.default_rng(frauds)
    return pd.DataFrame(
        {
            "amount": random.lognormal(size=rows),
            "hour": random.integers(0, 24, rows),
            "class": random.permutation(np.where(np.arange(rows) < frauds, "fraud", "fine")),
        }
    )


def prepared(account: FakeS3, name: str, rows: pd.DataFrame, positive: str = "fraud") -> PreparedData:
    return prepare.prepare(
        account,
        rows,
        name=name,
        source="a test",
        target="class",
        positive=positive,
        now=datetime(2026, 11, 24, tzinfo=UTC),
        progress=lambda done, total: None,
    )


def test_tenfold_fraud_and_a_feature_that_lost_its_cells_are_seen_and_nothing_else(account: FakeS3) -> None:
    later = table(400)
    later["amount"] = later["amount"].mask(np.random.default_rng(1).random(len(later)) < 0.8)
    seen = set_comparison.compare(account, prepared(account, "may", table(40)), prepared(account, "june", later))
    assert [(drift.column, drift.level) for drift in seen.features.columns] == [
        ("amount", DriftLevel.LARGE),
        ("hour", DriftLevel.NONE),
    ]
    assert seen.features.columns[0].verdict == "Share of missing cells rose from 0 % to 80 %."
    assert seen.target is not None
    assert seen.target.level is DriftLevel.LARGE


def test_the_balance_is_that_of_the_training_rows(account: FakeS3) -> None:
    may, june = prepared(account, "may", table(40)), prepared(account, "june", table(400))
    seen = set_comparison.compare(account, may, june)
    shares = tuple(data.positives["train"] / data.rows["train"] for data in (may, june))
    assert seen.balance["fraud"] == pytest.approx(shares)
    assert sum(seen.balance.values(), start=()) == pytest.approx((1 - shares[0], 1 - shares[1], *shares))


def test_which_class_is_positive_makes_no_drift(account: FakeS3) -> None:
    rows = table(5000)
    seen = set_comparison.compare(
        account, prepared(account, "one", rows), prepared(account, "other", rows, positive="fine")
    )
    assert seen.target is not None
    assert (seen.target.level, seen.target.psi) == (DriftLevel.NONE, 0.0)


def test_features_of_only_one_set_are_named(account: FakeS3) -> None:
    without = table(50).drop(columns="hour").assign(place=1)
    seen = set_comparison.compare(account, prepared(account, "may", table(40)), prepared(account, "june", without))
    assert (seen.features.only_before, seen.features.only_after) == (("hour",), ("place",))
