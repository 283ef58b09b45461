"""What SAGEMAKER_INFERENCE_OUTPUT makes a model answer: of every record the values it names, in place of the score.

A value that the objective does not have is nan. Source: aws/sagemaker-xgboost-container, June 2026, for every image.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from services.local.algorithms import recordio
from services.local.algorithms.answers import PayloadError
from services.local.algorithms.recordio_files import RECORDIO
from services.local.algorithms.xgboost.inference_answers import BATCH, CSV, JSON, JSON_LINES, Form, choice

OUTPUT = "SAGEMAKER_INFERENCE_OUTPUT"
_WITHOUT_PROBABILITY = ("predicted_label", "labels", "raw_score", "raw_scores")
_CLASSIFIED = (*_WITHOUT_PROBABILITY, "probability", "probabilities")
# What each objective has; others can select nothing.
_OF_OBJECTIVE: dict[str, tuple[str, ...]] = {
    "binary:logistic": _CLASSIFIED,
    "multi:softprob": _CLASSIFIED,
    **dict.fromkeys(("binary:logitraw", "binary:hinge", "multi:softmax"), _WITHOUT_PROBABILITY),
    **dict.fromkeys(
        ("reg:squarederror", "reg:logistic", "reg:gamma", "reg:absoluteerror", "reg:tweedie"), ("predicted_score",)
    ),
}
Record = dict[str, Any]


def answer_form(environment: Mapping[str, str], objective: str, classes: int) -> Callable[[str], Form]:
    """How a model of `objective`, of so many classes if it is a multi one, answers what is accepted."""
    keys = environment[OUTPUT].replace(" ", "").lower().split(",")
    end = b"\n" if BATCH in environment else b""

    def records(predictions: np.ndarray) -> list[Record]:
        if objective not in _OF_OBJECTIVE:
            raise PayloadError(
                500,
                f"Objective `{objective}` unsupported for selectable inference predictions. Take {OUTPUT} out of the "
                "model's environment.",
            )
        return [_record(keys, objective, classes, value) for value in predictions.astype(np.float64).tolist()]

    writers = {
        CSV: lambda predictions: _as_csv(keys, records(predictions)) + end,
        JSON: lambda predictions: json.dumps({"predictions": records(predictions)}).encode(),
        JSON_LINES: lambda predictions: "".join(f"{json.dumps(row)}\n" for row in records(predictions)).encode(),
        RECORDIO: lambda predictions: recordio.write(records(predictions)),
    }
    return choice(writers, environment)


def _record(keys: list[str], objective: str, classes: int, value: float | list[float]) -> Record:
    """`value` is a score, or those of all classes."""
    scores = value if isinstance(value, list) else [1.0 - value, value]
    score = max(value) if isinstance(value, list) else value
    known = {
        "predicted_label": _label(objective, value),
        "labels": list(range(classes if objective.startswith("multi:") else 2)),
        "probability": score,
        "probabilities": scores,
        "raw_score": score,
        "raw_scores": scores,
        "predicted_score": score,
    }
    selected = {key: known[key] for key in known if key in keys and key in _OF_OBJECTIVE[objective]}
    return selected | {key: math.nan for key in keys if key not in selected}


def _label(objective: str, value: float | list[float]) -> float:
    """The class that scores most; a whole number unless the score itself is the class."""
    if isinstance(value, list):
        return value.index(max(value))
    if objective in ("binary:hinge", "multi:softmax"):
        return value
    return int(value > (0.0 if objective == "binary:logitraw" else 0.5))


def _as_csv(keys: list[str], records: list[Record]) -> bytes:
    """A line a record, lists in quotes; the last line has no end."""
    return "\n".join(",".join(_cell(record[key]) for key in keys) for record in records).encode()


def _cell(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)
