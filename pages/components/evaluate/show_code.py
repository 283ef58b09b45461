"""The Evaluate page's step as a short script that runs as it stands."""

import re
from pprint import pformat

from pages.components.queries.evaluations import BATCH, FILE, Choice
from services.algorithms.algorithm import Answers
from services.aws.s3 import Address
from services.codegen.credentials import CREDENTIALS
from services.data.prepared_data import PreparedData
from services.evaluation import batch_scoring
from services.training.jobs import TrainingJob

SCRIPT = """\
import io
import json
import re
import tarfile

import boto3
import numpy
import pandas
import xgboost
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

s3 = boto3.client("s3", region_name={region!r})
body = s3.get_object(Bucket={rows.bucket!r}, Key={rows.key!r})["Body"].read()
rows = pandas.read_csv(io.BytesIO(body), header=None)
labels, features = rows[0], rows.drop(columns=0)

{scores}
print(confusion_matrix(labels, scores >= 0.5))  # rows: actual 0, actual 1; columns: not flagged, flagged
print("average precision", average_precision_score(labels, scores))
print("ROC AUC", roc_auc_score(labels, scores))
"""

FROM_FILE = """\
archive = s3.get_object(Bucket={model.bucket!r}, Key={model.key!r})["Body"].read()
with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
    model = xgboost.Booster(model_file=bytearray(tar.extractfile("xgboost-model").read()))
scores = model.predict(xgboost.DMatrix(features.to_numpy()))
"""

THROUGH_ENDPOINT = """\
runtime = boto3.client("sagemaker-runtime", region_name={region!r})
answers = []
for start in range(0, len(features), 5000):
    batch = features[start : start + 5000].to_csv(header=False, index=False)
    answer = runtime.invoke_endpoint(EndpointName={endpoint!r}, ContentType="text/csv", Accept={accept!r}, Body=batch)
    text = answer["Body"].read().decode()
    answers += {code}
scores = numpy.array(answers, dtype=float)
"""

BY_BATCH = """\
sagemaker = boto3.client("sagemaker", region_name={region!r})
if not sagemaker.list_models(NameContains={job.name!r})["Models"]:
    sagemaker.create_model(
        ModelName={job.name!r},
        PrimaryContainer={{"Image": {job.image!r}, "ModelDataUrl": {job.model_uri!r}}},
        ExecutionRoleArn={role!r},
    )
request = {request}
name = {job.name!r}[:40] + pandas.Timestamp.now().strftime("-%y%m%d%H%M%S")
sagemaker.create_transform_job(TransformJobName=name, **request)
sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name)
answer = s3.get_object(Bucket={output.bucket!r}, Key={output.key!r})
text = answer["Body"].read().decode()
scores = numpy.array({code}, dtype=float)
"""
OPTIONAL = ("json", "re", "tarfile", "numpy", "xgboost")  # modules that not every script needs
SCORING = {FILE: FROM_FILE, BATCH: BY_BATCH}


def script(choice: Choice, data: PreparedData, job: TrainingJob, answers: Answers, instance_type: str) -> str:
    """A script that evaluates the same model on the same rows with the same scoring method."""
    account = choice.account
    request = batch_scoring.request(account, job, data, choice.split, instance_type)
    scores = SCORING.get(choice.method, THROUGH_ENDPOINT).format(
        endpoint=choice.method,
        model=Address.parse(job.model_uri or ""),
        region=account.region,
        role=account.role,
        accept=answers.accept,
        code=answers.code,
        job=job,
        request=pformat(request, width=100, sort_dicts=False),
        output=batch_scoring.scores_address(request["TransformOutput"]["S3OutputPath"]),
    )
    text = SCRIPT.format(region=account.region, rows=data.file(choice.split), scores=scores)
    unused = {f"import {name}\n" for name in OPTIONAL if not re.search(rf"\b{name}\.", scores)}
    return CREDENTIALS + "".join(line for line in text.splitlines(keepends=True) if line not in unused)
