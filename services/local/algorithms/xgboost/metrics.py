"""The metrics the XGBoost container adds to XGBoost's own, as one function for `xgboost.train(custom_metric=...)`.

Definitions are scikit-learn's, computed from a confusion matrix: scikit-learn itself takes seconds to import.
Weights are left out, as in the container.
"""

from collections.abc import Callable

import numpy as np
import xgboost as xgb


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """0 where there is nothing to divide by, as scikit-learn has it."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _precision(confusion: np.ndarray) -> np.ndarray:
    return _ratio(confusion.diagonal(), confusion.sum(axis=0))


def _recall(confusion: np.ndarray) -> np.ndarray:
    return _ratio(confusion.diagonal(), confusion.sum(axis=1))


def _f1(confusion: np.ndarray) -> np.ndarray:
    return _ratio(2.0 * confusion.diagonal(), confusion.sum(axis=0) + confusion.sum(axis=1))


def _seen(confusion: np.ndarray) -> np.ndarray:
    """Classes that occur among labels or predictions: a macro average is over these."""
    return (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0


def _accuracy(confusion: np.ndarray) -> float:
    return float(confusion.trace() / confusion.sum())


def _macro(by_class: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], float]:
    return lambda confusion: float(by_class(confusion)[_seen(confusion)].mean())


def _positive(by_class: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], float]:
    return lambda confusion: float(by_class(confusion)[1])


# Rows of the confusion matrix are labels, columns predictions.
OF_CLASSES: dict[str, Callable[[np.ndarray], float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": lambda confusion: float(_recall(confusion)[confusion.sum(axis=1) > 0].mean()),
    "f1": _macro(_f1),
    "f1_binary": _positive(_f1),
    "f1_macro": _macro(_f1),
    "precision": _positive(_precision),
    "precision_macro": _macro(_precision),
    "precision_micro": _accuracy,
    "recall": _positive(_recall),
    "recall_macro": _macro(_recall),
    "recall_micro": _accuracy,
}

OF_TWO_CLASSES = ("f1_binary", "precision", "recall")


def _mse(labels: np.ndarray, predictions: np.ndarray) -> float:
    return float(np.mean((labels - predictions) ** 2))


def _r2(labels: np.ndarray, predictions: np.ndarray) -> float:
    spread = float(np.mean((labels - labels.mean()) ** 2))
    return 1.0 - _mse(labels, predictions) / spread if spread else 0.0


OF_NUMBERS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {"mse": _mse, "r2": _r2}
CUSTOM = OF_CLASSES.keys() | OF_NUMBERS.keys()


def custom_metric(
    names: list[str], objective: str
) -> Callable[[np.ndarray, "xgb.DMatrix"], list[tuple[str, float]]] | None:
    """The function that computes `names`, all in CUSTOM, in their order; None for no names."""
    if not names:
        return None

    def compute(predictions: np.ndarray, data: "xgb.DMatrix") -> list[tuple[str, float]]:
        labels = data.get_label()
        confusion = _confusion(labels, predictions, objective) if OF_CLASSES.keys() & names else None
        exact = labels.astype(np.float64)
        return [
            (
                name,
                OF_CLASSES[name](confusion)
                if confusion is not None and name in OF_CLASSES
                else OF_NUMBERS[name](exact, predictions.ravel()),
            )
            for name in names
        ]

    return compute


def _confusion(labels: np.ndarray, predictions: np.ndarray, objective: str) -> np.ndarray:
    if predictions.ndim == 2 and predictions.shape[1] > 1:
        classes, predicted = predictions.shape[1], predictions.argmax(axis=1)
    elif objective.startswith("multi:"):
        predicted = predictions.astype(np.int64)
        classes = int(max(predicted.max(), labels.max())) + 1
    else:  # a margin is positive where its probability passes one half
        classes, predicted = 2, predictions.ravel() > (0.0 if objective == "binary:logitraw" else 0.5)
    pairs = labels.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.float64)
