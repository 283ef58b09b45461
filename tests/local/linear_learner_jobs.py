"""Factories of what the tests of Linear Learner need of the service: jobs over the data that `making` puts in S3."""

from typing import Any

from tests.local import making
from tests.running import LocalService

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"


def request(name: str, data: str, **hyperparameters: str) -> dict[str, Any]:
    """A CreateTrainingJob request of a classifier."""
    asked = making.training_request(name, data)
    asked["AlgorithmSpecification"]["TrainingImage"] = IMAGE
    asked["HyperParameters"] = {"predictor_type": "binary_classifier", **hyperparameters}
    return asked


def train(local: LocalService, data: str | None = None, **hyperparameters: str) -> dict[str, Any]:
    """A training job that has ended, as DescribeTrainingJob answers it."""
    name = making.unique("linear")
    local.client("sagemaker").create_training_job(**request(name, data or making.put_data(local), **hyperparameters))
    return making.ended(local, name)
