"""What an analyst's notebook does with the SageMaker SDK 3; run by a test with the data's address."""

import os
import sys
import time

from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

data, session = sys.argv[1], Session()
trainer = ModelTrainer(
    training_image=image_uris.retrieve("xgboost", "us-east-1", "3.2-0"),
    role=os.environ["SAGEMAKER_ROLE"],
    sagemaker_session=session,
    base_job_name="sdk",
    hyperparameters={"objective": "binary:logistic", "num_round": 3, "eval_metric": "auc"},
    input_data_config=[
        InputData(channel_name=split, data_source=f"{data}/{split}/", content_type="text/csv")
        for split in ("train", "validation")
    ],
    compute=Compute(instance_type="ml.m4.xlarge", instance_count=1),
)
trainer.train(wait=True)
status = trainer._latest_training_job.refresh().training_job_status
tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name="validation:auc",
    hyperparameter_ranges={"eta": ContinuousParameter(0.1, 0.9)},
    max_jobs=2,
    max_parallel_jobs=2,
)
tuner.tune(inputs=trainer.input_data_config, job_name=f"sdk-{time.time_ns() % 10**10}", wait=True)
client = session.sagemaker_client
job = client.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"][0]
print("trained", status)
print("tuned", job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["Completed"])
