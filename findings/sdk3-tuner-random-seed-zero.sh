#!/bin/sh
# SageMaker Python SDK 3.27.0 (sagemaker-train 1.27.0): HyperparameterTuner(random_seed=0) launches an unseeded search.
#
# Seen: CreateHyperParameterTuningJob carries RandomSeed 1 for random_seed=1, and no RandomSeed at all for
# random_seed=0, without a warning. The service takes 0 (its range is 0 to 4294967295), so a search that was meant to be
# repeatable is not. The cause is a test for truth where one for None was meant.
#
# Nothing is sent: the request is read from botocore's before-call event. Fails when the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sagemaker-train==1.27.0 sagemaker-core==2.27.0
AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret \
    "$folder/venv/bin/python" - <<'PYTHON'
import boto3
from botocore.awsrequest import AWSResponse
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner


class Read(Exception):
    """The request, before it is sent."""


def read(params, **_):
    raise Read(params["body"].decode())


def denied(**_):
    return AWSResponse("", 403, {}, None), {"Error": {"Code": "AccessDenied", "Message": "not asked"}}


boto = boto3.Session()
boto.events.register("before-call.iam", denied)  # the SDK looks at the role's policies first
boto.events.register("before-call.sagemaker.CreateHyperParameterTuningJob", read)
session = Session(boto_session=boto, default_bucket="bucket")


def request(seed):
    trainer = ModelTrainer(
        training_image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        role="arn:aws:iam::000000000000:role/Execution",
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path="s3://bucket/models"),
        hyperparameters={"num_round": "10", "objective": "binary:logistic"},
        sagemaker_session=session,
    )
    tuner = HyperparameterTuner(
        trainer, "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=2, random_seed=seed
    )
    try:
        tuner.tune([InputData(channel_name="train", data_source="s3://bucket/train")], wait=False)
    except Read as found:
        return str(found)
    raise SystemExit("no request was made")


assert '"RandomSeed": 1' in request(1), "a seed of 1 is sent no longer"
assert "RandomSeed" not in request(0), "a seed of 0 is sent now"
print("random_seed=1 is sent as RandomSeed 1; random_seed=0 is not sent")
PYTHON
