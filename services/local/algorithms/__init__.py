"""The algorithms that run here, by their image: where their code is, and how their metrics are read from the log.

Nothing here may import an algorithm's libraries: they take seconds, and only jobs and model servers need them.
"""

import re
from dataclasses import dataclass

from services.algorithms.hyperparameters import tuning_metrics
from services.local.wire import invalid

_IMAGE = re.compile(r"[^/]+/(?P<repository>[^:@]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?")


@dataclass(frozen=True)
class Container:
    """What an image does, as "module:function" of this package.

    train: Path -> int; the path plays /opt/ml, the number is the exit code.
    serve: Path -> model with `invoke(body, content_type, accept)`; the path is the unpacked model archive.
    share: reads a job's data ahead of `train`, for processes forked from its own that train on the same; never raises.
    """

    train: str
    serve: str
    share: str

    def metric_definitions(self) -> list[dict[str, str]]:
        """The MetricDefinitions a job gets from its image: every metric, on both channels.

        A value ends where the next "#011" begins, which the container's own expressions leave to who applies them.
        """
        return [
            {
                "Name": metric.name.replace("validation:", f"{channel}:", 1),
                "Regex": metric.regex.replace("validation-", f"{channel}-", 1).replace(r"(\S+)", r"([^\s#]+)"),
            }
            for channel in ("train", "validation")
            for metric in tuning_metrics()
        ]


_XGBOOST = Container(
    train="services.local.algorithms.xgboost.train:train",
    serve="services.local.algorithms.xgboost.serve:load",
    share="services.local.algorithms.xgboost.train:share",
)
_BY_REPOSITORY = {"sagemaker-xgboost": _XGBOOST, "xgboost": _XGBOOST}


def container(image_uri: str) -> Container:
    """The algorithm of e.g. "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0".

    Every version runs the XGBoost installed here. Raises ServiceError for an image that cannot run here.
    """
    match = _IMAGE.fullmatch(image_uri)
    algorithm = _BY_REPOSITORY.get(match["repository"]) if match else None
    if algorithm is None:
        raise invalid(
            f"Image {image_uri} cannot run on this computer. Use the built-in XGBoost, for example "
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0."
        )
    return algorithm
