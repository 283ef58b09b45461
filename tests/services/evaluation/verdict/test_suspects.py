"""Which columns are suspected of telling what is to be predicted."""

import numpy as np
import pyarrow as pa
import pytest
import xgboost

from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation.model_file import LoadedModel
from services.evaluation.scoring import Split
from services.evaluation.verdict import suspects
from tests.services.training_factory import WHEN

FEATURES = ("noise", "leak", "hint")


def make_rows(kind: TargetKind) -> tuple[Split, PreparedData]:
    """400 rows in which `leak` is the target and `hint` tells a little of it."""
    random = np.random.default_rng(8)
    labels = random.integers(0, 3 if kind is TargetKind.CLASSES else 2, 400).astype(float)
    if kind is TargetKind.NUMBER:
        labels = random.normal(size=400)
    columns = (random.normal(size=400), 7.0 - labels, labels + random.normal(size=400))
    data = PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="Class",
        classes=() if kind is TargetKind.NUMBER else ("a", "b", "c")[: int(labels.max()) + 1],
        kind=kind,
        features=FEATURES,
        rows={"test": 400},
        positives={},
        seed=1,
        created=WHEN,
    )
    return Split(labels, pa.table(dict(zip(FEATURES, columns, strict=True)))), data


@pytest.mark.parametrize("kind", TargetKind)
def test_the_column_that_is_the_target_comes_first(kind: TargetKind) -> None:
    rows, data = make_rows(kind)
    found = suspects.find(rows, data, None)
    assert [suspect.column for suspect in found][:2] == ["leak", "hint"]
    assert found[0].alone > 0.99
    assert found[1].alone < 0.98


def trained(rows: Split, booster: str) -> LoadedModel:
    matrix = np.column_stack([column.to_numpy() for column in rows.features.columns])
    settings = {"objective": "binary:logistic", "booster": booster, "nthread": 1}
    return LoadedModel("a test", (xgboost.train(settings, xgboost.DMatrix(matrix, rows.labels), 3),))


def test_the_gain_of_a_model_is_shared_among_the_columns_it_uses() -> None:
    rows, data = make_rows(TargetKind.TWO_CLASSES)
    found = suspects.find(rows, data, trained(rows, "gbtree"))
    assert {suspect.column: suspect.gain for suspect in found} == {"leak": pytest.approx(1.0), "hint": 0, "noise": 0}


def test_of_a_linear_model_the_columns_are_known_without_their_gain() -> None:
    rows, data = make_rows(TargetKind.TWO_CLASSES)
    found = suspects.find(rows, data, trained(rows, "gblinear"))
    assert (found[0].column, found[0].gain) == ("leak", None)
