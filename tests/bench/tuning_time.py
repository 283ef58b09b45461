"""Tuning: nine jobs, three at a time, over the same nine `xgboost.train` calls back to back on data read once."""

import io
import time
from typing import Any

import pandas as pd
import xgboost

from services.aws import s3
from services.data.prepared_data import PreparedData
from services.training.plan import TUTORIAL_SETTINGS
from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService

POLL = 0.1  # seconds
JOBS = 9
RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0", "MaxValue": "1"},
        {"Name": "min_child_weight", "MinValue": "0", "MaxValue": "10"},
        {"Name": "alpha", "MinValue": "0", "MaxValue": "2"},
    ],
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "10"}],
}


class TuningTime:
    """Both sides; the plain one repeats what the last search tried."""

    def __init__(self, local: LocalService, data: PreparedData) -> None:
        self._sagemaker, self._data, self._tried = local.client("sagemaker"), data, list[dict[str, str]]()
        self._files = {split: s3.read_bytes(local.account, data.file(split)) for split in ("train", "validation")}
        fixed = {
            name: value
            for name, value in TUTORIAL_SETTINGS.items()
            if name not in ("eta", "min_child_weight", "max_depth")
        }
        self._fixed = {**fixed, "eval_metric": "auc"}

    def ours(self) -> None:
        """Through the API, polled until it has ended."""
        name = factories.unique("bench")
        self._sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "RandomSeed": 1,
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": JOBS, "MaxParallelTrainingJobs": 3},
                "ParameterRanges": RANGES,
            },
            TrainingJobDefinition={
                "StaticHyperParameters": self._fixed,
                "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                "RoleArn": ROLE,
                "InputDataConfig": factories.channels(str(self._data.address)),
                "OutputDataConfig": {"S3OutputPath": f"s3://{factories.BUCKET}/models"},
                "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
                "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            },
        )
        while (job := self._describe(name))["HyperParameterTuningJobStatus"] == "InProgress":
            time.sleep(POLL)
        assert job["TrainingJobStatusCounters"]["Completed"] == JOBS
        found = self._sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        self._tried = [trial["TunedHyperParameters"] for trial in found["TrainingJobSummaries"]]

    def _describe(self, name: str) -> dict[str, Any]:
        job: dict[str, Any] = self._sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return job

    def plain(self) -> None:
        """As one does in a notebook: read once, then one training after another."""
        train, validation = (self._matrix(split) for split in ("train", "validation"))
        settings = {name: value for name, value in self._fixed.items() if name != "num_round"}
        watched = [(train, "train"), (validation, "validation")]
        for tried in self._tried:
            xgboost.train(
                settings | tried, train, int(TUTORIAL_SETTINGS["num_round"]), evals=watched, verbose_eval=False
            )

    def _matrix(self, split: str) -> xgboost.DMatrix:
        table = pd.read_csv(io.BytesIO(self._files[split]), header=None)
        return xgboost.DMatrix(table.iloc[:, 1:], table.iloc[:, 0])
