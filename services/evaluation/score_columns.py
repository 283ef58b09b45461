"""What a model says of rows, as columns that a person reads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation import class_metrics


def score_columns(scores: NDArray[np.float64], data: PreparedData) -> dict[str, NDArray[Any]]:
    """Columns of (rows,) cells by name, from scores as the kind of target has them.

    Of two classes "score"; of a number "predicted"; of several classes "predicted", a name, and the probability of each
    where the model answers some.
    """
    if data.kind is TargetKind.TWO_CLASSES:
        return {"score": scores}
    if data.kind is TargetKind.NUMBER:
        return {"predicted": scores}
    names = np.array(data.classes, dtype=object)
    shares = zip(data.classes, scores.T, strict=True) if scores.ndim == 2 else ()
    return {
        "predicted": names[class_metrics.predicted_class(scores)],
        **{f"probability of {name}": share for name, share in shares},
    }


def decided_columns(scores: NDArray[np.float64], data: PreparedData, threshold: float) -> dict[str, NDArray[Any]]:
    """What a threshold makes of (rows,) scores of two classes: "predicted", a class name, and "flagged", 1 or 0."""
    flagged = scores >= threshold
    return {"predicted": np.array(data.classes, dtype=object)[flagged.astype(int)], "flagged": flagged.astype(np.int8)}
