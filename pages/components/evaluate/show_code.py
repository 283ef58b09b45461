"""The Evaluate page's step as a short script that runs as it stands."""

import re
from pprint import pformat
from typing import Any

from pages.components.queries.evaluation.evaluations import BATCH, FILE, Choice
from services.algorithms.algorithm import Answers
from services.aws.s3 import Address
from services.codegen.credentials import CREDENTIALS
from services.codegen.python_source import literal
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation import batch_scoring
from services.evaluation.decision.saved_decision import AppliedThreshold
from services.evaluation.evaluated_model import EvaluatedModel

SCRIPT = """\
import io
import json
import tarfile

import boto3
import numpy
import pandas
import xgboost
from sklearn import metrics

s3 = boto3.client("s3", region_name={region!r})
body = s3.get_object(Bucket={rows.bucket!r}, Key={rows.key!r})["Body"].read()
rows = pandas.read_csv(io.BytesIO(body), header=None)
labels, features = rows[0], rows.drop(columns=0)

{scores}
{measured}"""

TWO_CLASSES = """\
scores = scores.reshape(len(labels), -1)[:, -1]  # of probabilities of both classes those of class 1
# The model and its endpoint return scores. {origin} is applied here.
decision = {decision}
flagged = scores >= decision["threshold"]
matrix = metrics.confusion_matrix(labels, flagged, labels=[0, 1])
print(matrix)  # rows: actual 0, actual 1; columns: not flagged, flagged
{cost}print("average precision", metrics.average_precision_score(labels, scores))
print("ROC AUC", metrics.roc_auc_score(labels, scores))
"""

COST = """\
(_, false_alarms), (misses, hits) = matrix.tolist()
costs = {costs}  # dollars a row
print("cost", costs["miss"] * misses + costs["false_alarm"] * false_alarms - costs["hit_gain"] * hits)
"""

SEVERAL_CLASSES = """\
classes = {classes}
if scores.ndim == 2:
    shares = scores / scores.sum(axis=1, keepdims=True)  # they are rounded to 32 bits
    print("log loss", metrics.log_loss(labels, shares, labels=range(len(classes))))
    scores = scores.argmax(axis=1)
print(metrics.classification_report(labels, scores, labels=range(len(classes)), target_names=classes, zero_division=0))
matrix = metrics.confusion_matrix(labels, scores, labels=range(len(classes)))
print(pandas.DataFrame(matrix, classes, classes))  # rows: actual, columns: predicted
print("accuracy", metrics.accuracy_score(labels, scores))
print("share of the most frequent class", labels.value_counts(normalize=True).max())
"""

NUMBER = """\
body = s3.get_object(Bucket={train.bucket!r}, Key={train.key!r})["Body"].read()
mean = numpy.full(len(labels), pandas.read_csv(io.BytesIO(body), header=None, usecols=[0])[0].mean())
for name, predicted in (("model", scores), ("always the mean of the training rows", mean)):
    print(name)
    print("  RMSE", metrics.mean_squared_error(labels, predicted) ** 0.5)
    print("  mean absolute error", metrics.mean_absolute_error(labels, predicted))
    print("  median absolute error", metrics.median_absolute_error(labels, predicted))
    print("  R2", metrics.r2_score(labels, predicted))
"""
MEASURED = {TargetKind.TWO_CLASSES: TWO_CLASSES, TargetKind.CLASSES: SEVERAL_CLASSES, TargetKind.NUMBER: NUMBER}

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
OPTIONAL = ("json", "tarfile", "numpy", "xgboost")  # modules that not every script needs
SCORING = {FILE: FROM_FILE, BATCH: BY_BATCH}


def script(
    choice: Choice,
    data: PreparedData,
    model: EvaluatedModel,
    answers: Answers,
    instance_type: str,
    applied: AppliedThreshold,
) -> str:
    """A script that evaluates the same model on the same rows with the same scoring method and decision."""
    account, job = choice.account, model.job
    request: dict[str, Any] = {"TransformOutput": {"S3OutputPath": str(data.address)}}  # of a model without a job
    if job:
        request = batch_scoring.request(account, job, data, choice.split, instance_type)
    scores = SCORING.get(choice.method, THROUGH_ENDPOINT).format(
        endpoint=choice.method,
        model=Address.parse(model.uri),
        region=account.region,
        role=account.role,
        accept=answers.accept,
        code=answers.code,
        job=job,
        request=pformat(request, width=100, sort_dicts=False),
        output=batch_scoring.scores_address(request["TransformOutput"]["S3OutputPath"]),
    )
    measured = MEASURED[data.kind].format(
        classes=literal(list(data.classes)), train=data.file("train"), **_decision(applied)
    )
    text = SCRIPT.format(region=account.region, rows=data.file(choice.split), scores=scores, measured=measured)
    unused = {f"import {name}\n" for name in OPTIONAL if not re.search(rf"\b{name}\.", scores + measured)}
    return CREDENTIALS + "".join(line for line in text.splitlines(keepends=True) if line not in unused)


def _decision(applied: AppliedThreshold) -> dict[str, str]:
    """The fields of TWO_CLASSES: where the threshold comes from, the decision as a literal, and its cost if known."""
    saved = applied.decision
    if saved is None:
        return {
            "origin": "No decision is saved: the usual threshold",
            "decision": literal({"threshold": applied.threshold}),
            "cost": "",
        }
    told = {
        "threshold": saved.threshold,
        "positive": saved.positive,
        "reason": saved.reason,
        "decided_by": saved.decided_by,
        "decided_at": saved.decided_at.isoformat(),
    }
    costs = saved.costs.model_dump(exclude={"version"}) if saved.costs else {}
    return {
        "origin": "The saved decision",
        "decision": literal(told),
        "cost": COST.format(costs=literal(costs)) if costs else "",
    }
