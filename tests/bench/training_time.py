"""Training: CreateTrainingJob to Completed, over pandas reading the same CSV and `xgboost.train` in a warm process."""

import io
import time
from typing import Any

import pandas as pd
import xgboost

from services.aws import s3
from services.data.prepared_data import PreparedData
from services.training.plan import TUTORIAL_SETTINGS
from tests.local import factories
from tests.local_service import LocalService

POLL = 0.05  # seconds


class TrainingTime:
    """Both sides; `job` is the name of the last job."""

    def __init__(self, local: LocalService, data: PreparedData) -> None:
        self._sagemaker, self._data, self.job = local.client("sagemaker"), data, ""
        self._files = {split: s3.read_bytes(local.account, data.file(split)) for split in ("train", "validation")}
        self.ours()
        self.plain()

    def ours(self) -> None:
        """Through the API, polled until it has ended."""
        self.job = factories.unique("bench")
        request = factories.training_request(self.job, str(self._data.address), **TUTORIAL_SETTINGS)
        self._sagemaker.create_training_job(**request)
        while self._status() == "InProgress":
            time.sleep(POLL)
        assert self._status() == "Completed"

    def _status(self) -> str:
        status: str = self._sagemaker.describe_training_job(TrainingJobName=self.job)["TrainingJobStatus"]
        return status

    def plain(self) -> None:
        """As one does in a notebook."""
        train, validation = (self._matrix(split) for split in ("train", "validation"))
        settings: dict[str, Any] = {name: value for name, value in TUTORIAL_SETTINGS.items() if name != "num_round"}
        watched = [(train, "train"), (validation, "validation")]
        xgboost.train(settings, train, int(TUTORIAL_SETTINGS["num_round"]), evals=watched, verbose_eval=False)

    def _matrix(self, split: str) -> xgboost.DMatrix:
        table = pd.read_csv(io.BytesIO(self._files[split]), header=None)
        return xgboost.DMatrix(table.iloc[:, 1:], table.iloc[:, 0])
