"""Invoking: rows a second through InvokeEndpoint with bodies of 6 MB, over Arrow and XGBoost in this process.

Both read the same bytes with the same library and predict with the same model; what is between is the service.
"""

import io
import tarfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import xgboost
from pyarrow import csv

from services.aws import s3
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.evaluation import scoring
from tests.local import factories
from tests.local_service import LocalService

BODY = 6_291_456  # bytes a request may have
BODIES = 8
AT_ONCE = 4  # requests under way, as the dashboard has them


class InvocationRate:
    """Both sides, over one model."""

    def __init__(self, local: LocalService, data: PreparedData, job: str) -> None:
        self._runtime = local.client("sagemaker-runtime")
        described = local.client("sagemaker").describe_training_job(TrainingJobName=job)
        self._endpoint = factories.deploy(local, described)
        self._body, self._rows = _body(scoring.read_split(local.account, data, "train").features)
        address = Address.parse(described["ModelArtifacts"]["S3ModelArtifacts"])
        with tarfile.open(fileobj=io.BytesIO(s3.read_bytes(local.account, address))) as tar:
            member = tar.extractfile("xgboost-model")
            assert member
            self._booster = xgboost.Booster(model_file=bytearray(member.read()))
        self.ours()

    def ours(self) -> None:
        """Through the endpoint."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            counts = list(pool.map(lambda _: self._invoke(), range(BODIES)))
        assert counts == [self._rows] * BODIES

    def _invoke(self) -> int:
        answer = self._runtime.invoke_endpoint(EndpointName=self._endpoint, ContentType="text/csv", Body=self._body)
        return len(answer["Body"].read().splitlines())

    def plain(self) -> None:
        """In this process."""
        for _ in range(BODIES):
            table = csv.read_csv(pa.py_buffer(self._body), csv.ReadOptions(autogenerate_column_names=True))
            values = np.column_stack([column.to_numpy().astype(np.float32) for column in table.columns])
            assert len(self._booster.inplace_predict(values)) == self._rows


def _body(features: pa.Table) -> tuple[bytes, int]:
    """As many rows as a request may have, as CSV, and how many those are."""
    sink = io.BytesIO()
    csv.write_csv(features, sink, csv.WriteOptions(include_header=False))
    text = sink.getvalue()[:BODY]
    text = text[: text.rfind(b"\n") + 1]
    return text, text.count(b"\n")
