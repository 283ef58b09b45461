"""The inference side of the XGBoost container: loads what training left and answers requests, text to text.

Only XGBoost's own model format is read: a pickle can run any code. Answers: aws/sagemaker-xgboost-container, June 2026.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost as xgb

from services.local.algorithms.answers import InferenceAnswer, PayloadError
from services.local.algorithms.xgboost.channels import error_text
from services.local.algorithms.xgboost.request_bodies import features

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
JOINING = ("1", "latest", "0.90-1", "0.90-2", "1.0-1", "1.2-1")  # tags whose endpoints join scores by commas
_Form = tuple[str, Callable[[np.ndarray], bytes]]  # what an answer is, and how it is written
PICKLE = b"\x80"  # the first byte of every pickle since protocol 2


@dataclass(frozen=True)
class _Loaded:
    """A booster, and what every prediction asks of it. All its trees answer, whatever best_iteration it carries."""

    booster: "xgb.Booster"
    objective: str
    linear: bool

    def predict(self, values: np.ndarray) -> np.ndarray:
        if self.linear:  # knows no rounds, and no prediction in place
            predictions: np.ndarray = self.booster.predict(xgb.DMatrix(values))
        else:
            predictions = self.booster.inplace_predict(values, validate_features=False)
        return predictions


class XGBoostServer:
    """One or, after cross-validation, several boosters that answer together."""

    def __init__(self, loaded: list[_Loaded], form: Callable[[str], _Form]) -> None:
        self._loaded, self._form = loaded, form
        self._columns: int = loaded[0].booster.num_features()

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        """The predictions for the records in `body`, in the form that `accept` names; no content for no records."""
        if not body:
            return InferenceAnswer(204, CSV, b"")
        try:
            form, written = self._form(accept)
            predictions = self._predict(features(body, content_type, self._columns))
        except PayloadError as refusal:
            return InferenceAnswer(refusal.status, "text/plain", str(refusal).encode())
        except xgb.core.XGBoostError as error:
            return InferenceAnswer(
                400, "text/plain", f"Unable to evaluate payload provided: {error_text(error)}".encode()
            )
        return InferenceAnswer(200, form, written(predictions))

    def _predict(self, values: np.ndarray) -> np.ndarray:
        """Rows, or rows x classes."""
        predictions = np.stack([loaded.predict(values) for loaded in self._loaded])
        if len(predictions) == 1:
            return predictions[0]
        voting = self._loaded[0].objective == "multi:softmax"
        return _majority_class(predictions) if voting else predictions.mean(axis=0, dtype=np.float32)


def load(folder: Path) -> XGBoostServer:
    """The model in an unpacked archive. Raises ValueError when there is none that can be loaded here.

    The environment says how it is served, as in a container of AWS, and of which version the image is: IMAGE_TAG.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "_")))
    models = [path for path in paths if path.name.startswith("xgboost-model")] or paths
    if not models:
        raise ValueError("The model archive holds no file. It should hold xgboost-model, as training leaves it.")
    return XGBoostServer([_load_booster(path) for path in models], answer_form(os.environ))


def _load_booster(path: Path) -> _Loaded:
    content = path.read_bytes()
    if content.startswith(PICKLE):
        raise ValueError(
            f"{path.name} is a pickled model; only XGBoost's own format is loaded here, because a pickle can run any "
            "code. Save the model again with Booster.save_model and make a new archive."
        )
    if not content:  # which would end the process
        raise ValueError(f"{path.name} is empty. Train again.")
    booster = xgb.Booster()
    try:
        booster.load_model(bytearray(content))
    except xgb.core.XGBoostError as error:
        raise ValueError(
            f"{path.name} is not in XGBoost's own format ({error_text(error)}). Save the model with "
            "Booster.save_model, as UBJSON or JSON."
        ) from None
    learner = json.loads(booster.save_config())["learner"]
    return _Loaded(booster, learner["objective"]["name"], learner["gradient_booster"]["name"] == "gblinear")


def _majority_class(predictions: np.ndarray) -> np.ndarray:
    """The class most models chose, the lowest of equals; boosters x rows -> rows."""
    votes = np.stack([(predictions == label).sum(axis=0) for label in range(int(predictions.max()) + 1)])
    return votes.argmax(axis=0).astype(np.float32)


# ---- answers


def answer_form(environment: Mapping[str, str]) -> Callable[[str], _Form]:
    """How an image answers what is accepted: a transform job and an image up to 1.2-1 do in their one form."""
    if "SAGEMAKER_BATCH" in environment:
        return lambda accept: (CSV, _as_lines)
    if environment.get("IMAGE_TAG", "").removesuffix("-cpu-py3") in JOINING:
        return lambda accept: (CSV, _joined)
    if "SAGEMAKER_MULTI_MODEL" in environment:
        return lambda accept: (CSV, _joined) if _accepted(accept)[0] == CSV else _accepted(accept)
    return _accepted


def _accepted(accept: str) -> _Form:
    """The first form in `accept` that can be written, and how."""
    for media_type in (accept or CSV).split(","):
        form = media_type.partition(";")[0].strip().lower()
        form = CSV if form in ("*/*", "text/*") else form
        if form in _WRITERS:
            return form, _WRITERS[form]
    raise PayloadError(406, f"Accept type {accept} is not supported. Please use one of: {', '.join(_WRITERS)}.")


def _texts(predictions: np.ndarray) -> list[str]:
    """A text a record, as the container writes it: a number of 32 bits widened to 64, or a list of such in brackets."""
    return [str(row) for row in predictions.astype(np.float64).tolist()]


def _as_lines(predictions: np.ndarray) -> bytes:
    return "".join(f"{row}\n" for row in _texts(predictions)).encode()


def _joined(predictions: np.ndarray) -> bytes:
    return ",".join(_texts(predictions)).encode()


def _as_json(predictions: np.ndarray) -> bytes:
    scores = ", ".join(f'{{"score": {row}}}' for row in _texts(predictions))
    return f'{{"predictions": [{scores}]}}'.encode()


def _as_json_lines(predictions: np.ndarray) -> bytes:
    return "".join(f'{{"score": {row}}}\n' for row in _texts(predictions)).encode()


_WRITERS: dict[str, Callable[[np.ndarray], bytes]] = {CSV: _as_lines, JSON: _as_json, JSON_LINES: _as_json_lines}
