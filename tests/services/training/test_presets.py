"""The settings one may begin with."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.aws.s3 import Address
from services.data import prepare as data_preparation
from services.data.division.resampling import Resampling, ResamplingMethod
from services.data.prepared_data import PreparedData
from services.training.presets import presets, usual
from tests.services.fake_s3 import FakeS3


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


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
@pytest.mark.parametrize("rows", [3, 1000, 200_000])
def test_the_algorithm_takes_every_preset_on_data_of_any_size(algorithm: Algorithm, rows: int) -> None:
    found = presets(algorithm, make_data(rows, 1))
    for each in found:
        algorithm.fitting(algorithm.checked(each.hyperparameters), rows, 1)
    assert len(found) == 3


def test_balanced_classes_weigh_positives_by_the_datas_own_counts() -> None:
    balanced = presets(XGBOOST, make_data(1000, 8))[1]
    assert balanced.hyperparameters["scale_pos_weight"] == "124"
    assert "each of the 8 rows of class 1 counts 124 times" in balanced.description


def test_linear_learner_balances_classes_by_itself() -> None:
    balanced = presets(LINEAR_LEARNER, make_data(1000, 8))[1]
    assert balanced.hyperparameters["positive_example_weight_mult"] == "balanced"
    assert "The 8 rows of class 1 weigh as much as the 992 others" in balanced.description


def test_data_of_one_class_cannot_be_balanced() -> None:
    assert [each.name for each in presets(XGBOOST, make_data(1000, 0))] == ["AWS tutorial settings", "Quick look"]


@pytest.mark.parametrize(("ratio", "weight"), [(1.0, 1.0), (0.5, 2.0)])
def test_balanced_classes_weigh_the_resampled_train_file_as_it_was_written(ratio: float, weight: float) -> None:
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    data = data_preparation.prepare(
        account,
        pd.DataFrame({"size": range(400), "ill": [int(row % 10 == 0) for row in range(400)]}),
        name="cells",
        source="a test",
        target="ill",
        positive="1",
        now=datetime(2026, 11, 24, tzinfo=UTC),
        progress=lambda done, total: None,
        resampling=Resampling(method=ResamplingMethod.OVER, ratio=ratio),
    )
    labels = [line[:1] for line in account.objects[str(data.file("train"))].splitlines()]
    balanced = presets(XGBOOST, data)[1].hyperparameters
    assert float(balanced["scale_pos_weight"]) == pytest.approx(labels.count(b"0") / labels.count(b"1"), rel=1e-5)
    assert float(balanced["scale_pos_weight"]) == pytest.approx(weight, rel=0.01)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
def test_data_prepared_with_weighted_classes_begins_with_balanced_ones(algorithm: Algorithm) -> None:
    data = make_data(1000, 8)
    balanced = next(each for each in presets(algorithm, data) if each.name == "Balanced classes")
    assert usual(algorithm, replace(data, weighted=True)) == balanced.hyperparameters
    assert usual(algorithm, data) == presets(algorithm, data)[0].hyperparameters


def test_weighted_data_of_one_class_begins_as_any_other() -> None:
    data = make_data(1000, 0)
    assert usual(XGBOOST, replace(data, weighted=True)) == usual(XGBOOST, data)
