"""The algorithms that run here, by their image: where their code is, and how their metrics are read from the log.

Nothing here may import an algorithm's libraries: they take seconds, and only jobs and model servers need them.
"""

import re
from dataclasses import dataclass, replace

from services.algorithms.algorithm import Algorithm
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.local.protocol.wire import validation_error

_IMAGE = re.compile(r"(?P<account>[^/.]+)[^/]*/(?P<repository>[^:@]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?")


@dataclass(frozen=True)
class Container:
    """What an image does; its code is named as "module:function" of this package.

    algorithm: the facts: hyperparameters, metrics.
    train: Path -> int; the path plays /opt/ml, the number is the exit code.
    serve: Path -> model with `invoke(body, content_type, accept)`; the path is the unpacked model archive.
    share: reads a job's data ahead of `train`, for processes forked from its own that train on the same; never raises.
    """

    algorithm: Algorithm
    train: str
    serve: str
    share: str

    def metric_definitions(self) -> list[dict[str, str]]:
        """The MetricDefinitions a job gets from its image.

        A value ends where the next "#011" begins, which the container's own expressions leave to who applies them.
        """
        return [
            {"Name": name, "Regex": regex.replace(r"(\S+)", r"([^\s#]+)")}
            for name, regex in self.algorithm.metric_definitions
        ]


def _container(algorithm: Algorithm, folder: str) -> Container:
    package = f"{__name__}.{folder}"
    return Container(algorithm, f"{package}.train:train", f"{package}.serve:load", f"{package}.train:share")


_BY_REPOSITORY = {
    repository: _container(algorithm, folder)
    for algorithm, folder in ((XGBOOST, "xgboost"), (LINEAR_LEARNER, "linear_learner"))
    for repository in algorithm.repositories
}


def container(image_uri: str) -> Container:
    """The algorithm of e.g. "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0".

    Every version runs the code installed here, and takes its own hyperparameters. Raises ServiceError for an image that
    cannot run here.
    """
    match = _IMAGE.fullmatch(image_uri)
    entry = _BY_REPOSITORY.get(match["repository"]) if match else None
    if entry is None or match is None or match["account"] not in entry.algorithm.registries:
        raise validation_error(
            f"Image {image_uri} cannot run on this computer, which has no containers. Use AWS's built-in XGBoost, "
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0, or the built-in Linear Learner, "
            "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1."
        )
    return replace(entry, algorithm=entry.algorithm.of_tag(tag_of(image_uri)))


def tag_of(image_uri: str) -> str:
    """The version that an image's tag says; "" for an image without a tag."""
    match = _IMAGE.fullmatch(image_uri)
    return (match["tag"] or "") if match else ""
