"""The code of the notebook's cells, but for the launches. Fields in braces are filled in by `notebook.py`."""

USES = {"train": "train on", "validation": "choose the model on", "test": "evaluate on"}

NAMES = '''\
import io
import re
import tarfile
import time
from datetime import UTC, datetime

import boto3
import numpy
import pandas
import plotly.express
import xgboost
from botocore.exceptions import ClientError
from sklearn import metrics

sagemaker = boto3.client("sagemaker", region_name={region})
runtime = boto3.client("sagemaker-runtime", region_name={region})
logs = boto3.client("logs", region_name={region})
s3 = boto3.client("s3", region_name={region})
name = {stem} + f"{{datetime.now(UTC):%y%m%d-%H%M%S}}"  # of everything this notebook creates


def ended(describe, kind, **job):
    """Wait until the job has ended, and return it."""
    while (found := describe(**job))[f"{{kind}}Status"] in ("InProgress", "Stopping"):
        time.sleep(5)
    assert found[f"{{kind}}Status"] != "Failed", found["FailureReason"]
    return found


name
'''

READING = """\
target = {target}
features = {features}
address = {address}


def read(address):
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


tables = {{
    split: pandas.read_csv(read(f"{{address}}/{{split}}/data.csv"), header=None, names=[target, *features])
    for split in ("train", "validation", "test")
}}
tables["train"].describe().T
"""

TRAINING = """
trainer.train(wait=False, logs=False)
trained = trainer.output_data.split("/")[-3]  # the name that the job was given: s3://.../JOB/output/output.tar.gz

job = ended(sagemaker.describe_training_job, "TrainingJob", TrainingJobName=trained)
print(trained, job["TrainingJobStatus"], "billed for", job["BillableTimeInSeconds"], "s")
{metric["MetricName"]: round(metric["Value"], 5) for metric in job.get("FinalMetricDataList", [])}
"""

LEARNING_CURVE = """\
pages = logs.get_paginator("filter_log_events").paginate(
    logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{trained}/"
)
learned = [
    {"round": int(number), "split": split, "metric": metric, "value": float(value)}
    for page in pages
    for event in page["events"]
    for number, rest in re.findall(r"\\[(\\d+)\\](?:#011|\\t)(.+)", event["message"])
    for split, metric, value in re.findall(r"(train|validation)-([^:\\s#]+):([^\\s#]+)", rest)
]
curve = pandas.DataFrame(learned, columns=["round", "split", "metric", "value"])
figure = plotly.express.line(curve, x="round", y="value", color="split", facet_col="metric")
figure.update_yaxes(matches=None, showticklabels=True)
"""

TUNING = """
search = ended(
    sagemaker.describe_hyper_parameter_tuning_job, "HyperParameterTuningJob", HyperParameterTuningJobName=name
)
best = search["BestTrainingJob"]["TrainingJobName"]
print(search["HyperParameterTuningJobStatus"], "best:", best)
search["BestTrainingJob"]["TunedHyperParameters"]
"""

TRIALS = """\
objective = {objective}
pages = sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
    HyperParameterTuningJobName=name
)
trials = pandas.DataFrame(
    {{
        "trial": trial["TrainingJobName"],
        "started": trial["TrainingStartTime"],
        objective: trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
        **trial["TunedHyperParameters"],
    }}
    for page in pages
    for trial in page["TrainingJobSummaries"]
    if "FinalHyperParameterTuningJobObjectiveMetric" in trial  # not those that failed or were stopped early
)
plotly.express.scatter(trials, x="started", y=objective, hover_data=list(trials.columns)).show()
trials.sort_values(objective, ascending={ascending}).drop(columns="started").reset_index(drop=True)
"""

DEPLOYING = """\
job = sagemaker.describe_training_job(TrainingJobName=jobs[chosen])
image, model_uri = job["AlgorithmSpecification"]["TrainingImage"], job["ModelArtifacts"]["S3ModelArtifacts"]
"""

PREDICTION = """\
answers, rows = [], tables["test"][features]
for start in range(0, len(rows), {at_once}):
    body = rows[start : start + {at_once}].to_csv(header=False, index=False)
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)
    answers += map(float, answer["Body"].read().decode().translate(str.maketrans("[],", "   ")).split())
answers = numpy.reshape(answers, scores[chosen].shape)
assert numpy.allclose(answers, scores[chosen], atol=1e-4), "The endpoint serves a different model"
{shown}
"""

CLEAN_UP = """\
def end(operation, **what):
    try:
        getattr(sagemaker, operation)(**what)
        print(operation, *what.values())
    except ClientError as error:  # usually because it was never created
        print(operation, *what.values(), "refused:", error.response["Error"]["Message"])


def listed(operation, member, **filters):  # of all pages: one that is empty need not be the last
    pages = sagemaker.get_paginator(operation).paginate(NameContains=name, **filters)
    return [item for page in pages for item in page[member]]


for search in listed("list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries", StatusEquals="InProgress"):
    end("stop_hyper_parameter_tuning_job", HyperParameterTuningJobName=search["HyperParameterTuningJobName"])
for job in listed("list_training_jobs", "TrainingJobSummaries", StatusEquals="InProgress"):
    end("stop_training_job", TrainingJobName=job["TrainingJobName"])


def endpoint_status():
    found = listed("list_endpoints", "Endpoints")
    return next((each["EndpointStatus"] for each in found if each["EndpointName"] == name), None)


deadline, told, refusal = time.monotonic() + 3600, None, "deleting takes longer than an hour"
while (status := endpoint_status()) and time.monotonic() < deadline:
    if status != told:
        print("The endpoint is", status)
        told = status
    if status != "Deleting":
        try:
            sagemaker.delete_endpoint(EndpointName=name)
        except ClientError as error:  # it is still being created or changed: tried again until it can be deleted
            refusal = error.response["Error"]["Message"]
    time.sleep(5)
if status:
    raise RuntimeError(f"Endpoint {name} is {status} and still bills ({refusal}). Delete it in the SageMaker console.")
end("delete_endpoint_config", EndpointConfigName=name)
end("delete_model", ModelName=name)
print("Nothing that this notebook started bills any more.")
"""
