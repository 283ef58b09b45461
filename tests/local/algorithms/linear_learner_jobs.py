"""Jobs of Linear Learner: folders that play /opt/ml run by its container, and requests over data in S3."""

from pathlib import Path
from typing import Any

import numpy as np

from services.local.algorithms.linear_learner import train as container
from services.local.algorithms.linear_learner.model import FILE, LinearModel, load
from tests.local import factories
from tests.local_service import LocalService

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
BINARY, REGRESSOR = {"predictor_type": "binary_classifier"}, {"predictor_type": "regressor"}
RECORDIO = "application/x-recordio-protobuf"


def request(name: str, data: str, **hyperparameters: str) -> dict[str, Any]:
    """A CreateTrainingJob request of a classifier."""
    job_request = factories.training_request(name, data)
    job_request["AlgorithmSpecification"]["TrainingImage"] = IMAGE
    job_request["HyperParameters"] = {"predictor_type": "binary_classifier", **hyperparameters}
    return job_request


def train(local: LocalService, data: str | None = None, **hyperparameters: str) -> dict[str, Any]:
    """A training job that has ended, as DescribeTrainingJob answers it."""
    name = factories.unique("linear")
    local.client("sagemaker").create_training_job(**request(name, data or factories.put_data(local), **hyperparameters))
    return factories.ended(local, name)


def learned(root: Path) -> LinearModel:
    """The model that the container leaves of a job's folder."""
    assert container.train(root) == 0
    return load(root / "model" / FILE)


def scores(model: LinearModel, values: np.ndarray) -> np.ndarray:
    return model.scores(model.margins(values))


def failure(root: Path) -> str:
    """Why the container refuses a job's folder."""
    assert container.train(root) == 1
    return (root / "output/failure").read_text()
