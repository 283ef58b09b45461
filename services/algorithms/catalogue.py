"""The built-in algorithms there are, and which of them an image or a hyperparameter belongs to."""

import re

from services.algorithms.algorithm import Algorithm, Hyperparameter
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST

ALGORITHMS = (XGBOOST, LINEAR_LEARNER)  # the usual one first
# Of "error@0.7" the name says the threshold.
_AT_A_THRESHOLD = re.compile(
    r"(balanced_|binary_classification_)?accuracy|error|f\d.*|binary_f_.*|(precision|recall)(_m[ai]cro)?|specificity|"
    r"(true|false)_(positive|negative)_rate"
)
_REPOSITORY = re.compile(r"[^/]+/([^:@]+)")


def of_image(uri: str) -> Algorithm | None:
    """The algorithm of e.g. "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"; None for others."""
    match = _REPOSITORY.match(uri)
    return next((each for each in ALGORITHMS if match and match[1] in each.repositories), None)


def needs_threshold(metric: str) -> bool:
    """Whether a metric, e.g. "validation:f1", counts flagged rows, at a threshold that its name does not say."""
    return _AT_A_THRESHOLD.fullmatch(metric.rpartition(":")[2]) is not None


def titled(title: str) -> Algorithm:
    """The algorithm that people call so."""
    return next(each for each in ALGORITHMS if each.title == title)


def hyperparameter(name: str) -> Hyperparameter | None:
    """The hyperparameter of that name; no two algorithms have one in common that a person may set."""
    return next((each.hyperparameters[name] for each in ALGORITHMS if name in each.hyperparameters), None)
