"""The inference side of the XGBoost container: loads what training left and answers requests, text to text.

Only XGBoost's own model format is read: a pickle can run any code. Answers: aws/sagemaker-xgboost-container, June 2026.
"""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost as xgb

from services.local.algorithms.answers import InferenceAnswer, PayloadError
from services.local.algorithms.xgboost import inference_answers, selectable_inference
from services.local.algorithms.xgboost.channels import error_text
from services.local.algorithms.xgboost.inference_answers import CSV, Form
from services.local.algorithms.xgboost.inference_requests import features

ENSEMBLE = "SAGEMAKER_INFERENCE_ENSEMBLE"  # other than "true", the first model answers alone
CLASSES_ONLY = ("multi:softmax", "binary:hinge")  # objectives whose scores cannot be averaged
_ONE_AT_A_TIME = threading.Lock()  # only trees answer several threads: XGBoost's documentation, "Thread Safety"
PICKLE = b"\x80"  # the first byte of every pickle since protocol 2


@dataclass(frozen=True)
class _Loaded:
    """A booster, and what every prediction asks of it. All its trees answer, whatever best_iteration it carries."""

    booster: "xgb.Booster"
    objective: str
    classes: int
    linear: bool

    def predict(self, values: np.ndarray) -> np.ndarray:
        if self.linear:  # knows no rounds, and no prediction in place
            with _ONE_AT_A_TIME:
                predictions: np.ndarray = self.booster.predict(xgb.DMatrix(values))
        else:
            predictions = self.booster.inplace_predict(values, validate_features=False)
        return predictions


class XGBoostServer:
    """One or, after cross-validation, several boosters that answer together."""

    def __init__(self, loaded: list[_Loaded], form: Callable[[str], Form]) -> None:
        self._loaded, self._form = loaded, form
        self._columns: int = loaded[0].booster.num_features()

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        """The predictions for the records in `body`, in the form that `accept` names; no content for no records."""
        if not body:
            return InferenceAnswer(204, CSV, b"")
        try:
            form, written = self._form(accept)
            answer = written(self._predict(features(body, content_type, self._columns)))
        except PayloadError as refusal:
            return InferenceAnswer(refusal.status, "text/plain", str(refusal).encode())
        except xgb.core.XGBoostError as error:
            return InferenceAnswer(
                400, "text/plain", f"Unable to evaluate payload provided: {error_text(error)}".encode()
            )
        return InferenceAnswer(200, form, answer)

    def _predict(self, values: np.ndarray) -> np.ndarray:
        """Rows, or rows x classes."""
        if len(self._loaded) == 1:
            return self._loaded[0].predict(values)
        if self._loaded[0].objective in CLASSES_ONLY:
            raise PayloadError(
                500,
                f"An ensemble of models of {self._loaded[0].objective} cannot answer, neither here nor on AWS. Set "
                f"{ENSEMBLE} to false in the model's environment, or train without _kfold.",
            )
        predictions = np.stack([loaded.predict(values) for loaded in self._loaded])
        averaged: np.ndarray = predictions.mean(axis=0, dtype=np.float32)
        return averaged


def load(folder: Path) -> XGBoostServer:
    """The model in an unpacked archive. Raises ValueError when there is none that can be loaded here.

    The environment says how it is served, as in a container of AWS, and of which version the image is: IMAGE_TAG.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "_")))
    models = [path for path in paths if path.name.startswith("xgboost-model")] or paths
    if not models:
        raise ValueError("The model archive holds no file. It should hold xgboost-model, as training leaves it.")
    together = os.environ.get(ENSEMBLE, "true") == "true"
    loaded = [_load_booster(path) for path in (models if together else models[:1])]
    if inference_answers.MULTI_MODEL in os.environ:  # whose server knows no selected answers
        return XGBoostServer(loaded, inference_answers.answer_form(os.environ))
    if selectable_inference.OUTPUT in os.environ:
        form = selectable_inference.answer_form(os.environ, loaded[0].objective, loaded[0].classes)
    else:
        form = inference_answers.answer_form(os.environ)
    return XGBoostServer(loaded, inference_answers.with_charset(form))


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
    booster.set_param("nthread", 1)  # requests run side by side; to wake a thread takes longer than to score some rows
    learner = json.loads(booster.save_config())["learner"]
    return _Loaded(
        booster,
        learner["objective"]["name"],
        int(learner["learner_model_param"]["num_class"]),
        learner["gradient_booster"]["name"] == "gblinear",
    )
