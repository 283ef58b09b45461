"""Predicting: the test split through the endpoint as the pages do it, over the guide's loop of 500-row requests."""

import numpy as np

from services.data.prepared_data import PreparedData
from services.evaluation import scoring
from tests.local import factories
from tests.local_service import LocalService

ROWS = 500  # a request of the guide's loop


class PredictionTime:
    """Both sides, over one endpoint."""

    def __init__(self, local: LocalService, data: PreparedData, job: str) -> None:
        self._account, self._runtime = local.account, local.client("sagemaker-runtime")
        described = local.client("sagemaker").describe_training_job(TrainingJobName=job)
        self._endpoint = factories.deploy(local, described)
        self._features = scoring.read_split(local.account, data, "test").features
        self._rows = self._features.to_pandas().to_numpy()
        self.ours()

    def ours(self) -> None:
        """Few large requests."""
        scores = scoring.through_endpoint(self._account, self._endpoint, self._features)
        assert len(scores) == len(self._rows)

    def plain(self) -> None:
        """The guide's `predict`: many small requests, their answers joined by commas."""
        predictions = ""
        for rows in np.array_split(self._rows, int(len(self._rows) / ROWS) + 1):
            body = "\n".join(",".join(map(str, row)) for row in rows)
            answer = self._runtime.invoke_endpoint(EndpointName=self._endpoint, ContentType="text/csv", Body=body)
            text = answer["Body"].read().decode().strip().replace("\n", ",")
            predictions = f"{predictions},{text}" if predictions else text
        assert len(np.fromstring(predictions, sep=",")) == len(self._rows)
