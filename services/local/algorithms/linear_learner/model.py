"""A linear model in the units of the data it learned from, and the file that holds it.

Differs from AWS, whose archive holds the parameters of an MXNet network: here it is one JSON file with a weight a
feature, the bias and the threshold, which anything can read and nothing can hide in.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "linear-learner.json"
FORMAT = "linear-learner-1"


@dataclass(frozen=True)
class LinearModel:
    """score = weights . features + bias, as a probability after a logistic loss.

    weights: (features,) float64. threshold: the score from which on a label is 1; None for a regressor.
    """

    weights: np.ndarray
    bias: float
    logistic: bool
    threshold: float | None

    def margins(self, features: np.ndarray) -> np.ndarray:
        """(rows,) float64 of (rows, features)."""
        return features @ self.weights + self.bias

    def scores(self, margins: np.ndarray) -> np.ndarray:
        """What the model answers: probabilities after a logistic loss, otherwise the margins themselves."""
        return probabilities(margins) if self.logistic else margins

    def save(self, path: Path) -> None:
        """Write it to a file."""
        fields = {**self.__dict__, "weights": self.weights.tolist()}
        path.write_text(json.dumps({"format": FORMAT, **fields}))


def load(path: Path) -> LinearModel:
    """The model in a file. Raises ValueError for a file that holds none."""
    try:
        fields = json.loads(path.read_text())
        if fields["format"] != FORMAT:
            raise ValueError
        weights, threshold = np.array(fields["weights"], np.float64), fields["threshold"]
        bias, logistic = float(fields["bias"]), bool(fields["logistic"])
        model = LinearModel(weights, bias, logistic, None if threshold is None else float(threshold))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{path.name} is not a model that Linear Learner has learned on this computer. Train again here: models of "
            "AWS hold the parameters of an MXNet network, which cannot be loaded."
        ) from None
    if model.weights.ndim != 1 or not np.isfinite(model.weights).all():
        raise ValueError(f"{path.name} does not have one number a feature as its weights. Train again.")
    return model


def probabilities(margins: np.ndarray) -> np.ndarray:
    """The logistic function, for any number without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * margins))
