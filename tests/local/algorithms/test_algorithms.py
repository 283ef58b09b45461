"""Which images run on this computer, and how their metrics are read."""

import re

import pytest

from services.algorithms.xgboost import XGBOOST
from services.local.algorithms import container
from services.local.protocol.wire import ServiceError

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1",
        f"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost@sha256:{'0' * 64}",
    ],
)
def test_every_version_of_the_built_in_xgboost_runs(image: str) -> None:
    assert container(image).train == container(IMAGE).train


@pytest.mark.parametrize(
    ("tag", "silent", "kfold"),
    [("1", True, False), ("latest", True, False), ("1.0-1-cpu-py3", True, False), ("1.2-1", False, True)],
)
def test_an_old_image_takes_the_hyperparameters_of_its_version(tag: str, silent: bool, kfold: bool) -> None:
    known = container(f"811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:{tag}").algorithm.hyperparameters
    assert ("silent" in known, "_kfold" in known) == (silent, kfold)


@pytest.mark.parametrize(
    "image", ["382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1", "sagemaker-xgboost:3.2-0", ""]
)
def test_another_image_is_refused(image: str) -> None:
    with pytest.raises(ServiceError, match="cannot run on this computer") as refused:
        container(image)
    assert refused.value.code == "ValidationException"


def test_every_metric_is_defined_on_both_channels() -> None:
    names = [definition["Name"] for definition in container(IMAGE).metric_definitions()]
    validation = [metric.name for metric in XGBOOST.tuning_metrics]
    assert names == [name.replace("validation:", "train:") for name in validation] + validation


def test_a_definition_reads_its_own_metric_from_a_line_of_many() -> None:
    line = "[12]#011train-auc:0.99000#011validation-auc:0.95000#011validation-aucpr:0.80000"
    read = {
        definition["Name"]: float(match[1])
        for definition in container(IMAGE).metric_definitions()
        if (match := re.match(definition["Regex"], line))
    }
    assert read == {"train:auc": 0.99, "validation:auc": 0.95, "validation:aucpr": 0.8}
