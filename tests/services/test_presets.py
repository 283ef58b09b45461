"""The settings one may begin with."""

from datetime import UTC, datetime

from services.algorithms.xgboost import XGBOOST
from services.prepared import PreparedData
from services.presets import presets
from services.storage import Address


def make_data(rows: int, positives: int) -> PreparedData:
    return PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="Class",
        classes=("0", "1"),
        features=("V1",),
        rows={"train": rows, "validation": 10, "test": 10},
        positives={"train": positives, "validation": 1, "test": 1},
        seed=1,
        created=datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_the_algorithm_takes_every_preset() -> None:
    found = presets(make_data(1000, 10))
    assert [len(XGBOOST.checked(each.hyperparameters)) > 3 for each in found] == [True, True, True]


def test_balanced_classes_weigh_positives_by_the_datas_own_counts() -> None:
    balanced = presets(make_data(1000, 8))[1]
    assert balanced.hyperparameters["scale_pos_weight"] == "124"
    assert "each of the 8 rows of class 1 counts 124 times" in balanced.says


def test_data_of_one_class_cannot_be_balanced() -> None:
    assert [each.name for each in presets(make_data(1000, 0))] == ["The guide's", "Quick look"]
