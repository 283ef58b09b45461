#!/bin/sh
# SageMaker Python SDK 3.27.0 (sagemaker-train 1.27.0): HyperparameterTuner(autotune=True) loses hyperparameters.
#
# Seen: with autotune, every hyperparameter that is not named in hyperparameters_to_keep_static is taken out of the
# static ones and put into the tuner's auto_parameters. CreateHyperParameterTuningJob then carries Autotune "Enabled" and
# no ParameterRanges.AutoParameters: the value that was given for alpha is in neither place, and the search runs with the
# algorithm's default for it, or one that the service chooses without the hint. Nothing is logged.
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


def request(**options):
    trainer = ModelTrainer(
        training_image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        role="arn:aws:iam::000000000000:role/Execution",
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path="s3://bucket/models"),
        hyperparameters={"num_round": "10", "objective": "binary:logistic", "alpha": "0.5"},
        sagemaker_session=session,
    )
    tuner = HyperparameterTuner(
        trainer, "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=2, **options
    )
    try:
        tuner.tune([InputData(channel_name="train", data_source="s3://bucket/train")], wait=False)
    except Read as found:
        return str(found)
    raise SystemExit("no request was made")


plain = request()
automatic = request(autotune=True, hyperparameters_to_keep_static=["num_round", "objective"])
assert '"alpha": "0.5"' in plain, "a static hyperparameter is sent no longer"
assert '"Autotune": {"Mode": "Enabled"}' in automatic, "autotune is asked for no longer"
assert "alpha" not in automatic and "AutoParameters" not in automatic, "alpha is sent now"
print("autotune=True: Autotune is Enabled, AutoParameters is missing, and alpha is in no part of the request")
PYTHON
