"""What failures mean: AWS's words where only AWS can fail so, this computer's own where it can be provoked."""

from typing import Any

import pytest

from services.training.failures import QUOTAS, Cause, explain
from tests.local.algorithms import linear_learner_jobs
from tests.local.factories import BUCKET, as_csv, channels, ended, rows, training_request, unique
from tests.local_service import LocalService


@pytest.mark.parametrize(
    ("said", "cause", "words"),
    [
        (
            "No objective metrics found after running 5 training jobs. Please ensure that the custom algorithm is "
            "emitting the objective metric as defined by the regular expression provided.",
            Cause.LABEL,
            "No trial measured the objective as a number",
        ),
        (
            "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current "
            "utilization of 0 Instances and a request delta of 1 Instances.",
            Cause.QUOTA,
            "This account's quota for ml.p3.2xlarge for training job usage is 0",
        ),
        (
            "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sagemaker:CreateTrainingJob on "
            "resource: cards because no identity-based policy allows it",
            Cause.ROLE,
            "A permission is missing: sagemaker:CreateTrainingJob.",
        ),
        (
            "Could not assume role arn:aws:iam::123456789012:role/x. Please ensure that the role exists.",
            Cause.ROLE,
            "SageMaker is not allowed to assume the execution role.",
        ),
        (
            "ClientError: Data download failed: AccessDenied (403): Access Denied",
            Cause.ROLE,
            "The execution role lacks access to something the job needs",
        ),
        (
            "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML "
            "instance type.",
            Cause.CAPACITY,
            "AWS has no free instance of this type in this region at the moment.",
        ),
        ("MaxWaitTimeExceeded", Cause.SPOT, "Spot capacity was interrupted or not available within the wait time."),
        ("MaxRuntimeExceeded", Cause.TIMEOUT, "The job reached its time limit and was stopped"),
        (
            "ClientError: Please use an instance type with more memory, or reduce the size of job data processed on an "
            "instance.",
            Cause.MEMORY,
            "The instance ran out of memory.",
        ),
        (
            "ClientError: No training data processed. Either the training channel is empty or the mini-batch size is "
            "too high. Verify that training data contains non-empty files and the mini-batch size is less than the "
            "number of records per training host.",
            Cause.HYPERPARAMETER,
            "Each instance had fewer rows than a mini-batch, so nothing was learned.",
        ),
        ("AlgorithmError: MemoryError: std::bad_alloc", Cause.MEMORY, "The instance ran out of memory."),
        (
            "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
            "incorrect.",
            Cause.IMAGE,
            "The container image does not exist in this region, or access to it is denied.",
        ),
        (
            "ClientError: Hyperparameter eta: 7.5 is not in [0, 1]",
            Cause.HYPERPARAMETER,
            "The algorithm refuses a setting: Hyperparameter eta: 7.5 is not in [0, 1].",
        ),
        ("Cannot create already existing training-job arn:x.", Cause.NAME, "A job of this name exists"),
        (
            "1 validation error detected: Value 'ml.x' at 'resourceConfig.instanceType' failed to satisfy constraint: "
            "Member must satisfy enum value set: […]",
            Cause.OFFERED,
            "The region does not offer that instance type.",
        ),
        ("ThrottlingException: Rate exceeded", Cause.THROTTLED, "Too many requests to AWS."),
        (
            "InternalServerError: The service on this computer stopped while the job was running.",
            Cause.INTERRUPTED,
            "The job was interrupted by the service that ran it",
        ),
    ],
)
def test_what_aws_says_is_explained_with_its_cause(said: str, cause: Cause, words: str) -> None:
    found = explain(said)
    assert found
    assert (found.cause, found.link) == (cause, QUOTAS if cause is Cause.QUOTA else None)
    assert found.sentence.startswith(words)
    assert found.fix.endswith(".")


def test_words_that_nobody_knows_are_not_explained() -> None:
    assert explain("AlgorithmError: the moon was full") is None


def put(local: LocalService, text: str) -> str:
    """Both splits of a prefix in S3, each with `text`; its address."""
    s3, prefix = local.client("s3"), unique("broken")
    s3.create_bucket(Bucket=BUCKET)
    for split in ("train", "validation"):
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{split}/data.csv", Body=text)
    return f"s3://{BUCKET}/{prefix}"


GOOD = as_csv(rows(50))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "given", "cause", "words"),
    [
        (GOOD + "1,2,abc,3,4\n", {}, Cause.CELL, "Row 51, column 3 of the data contains 'abc', but only numbers"),
        (GOOD + "1,2,3\n", {}, Cause.CELL, "Row 51 of the data has 3 columns; the first row has 5."),
        (GOOD + ",2,3,4,5\n", {}, Cause.CELL, "Row 51 of the data has no label."),
        ("label,a,b\n1,2,3\n", {}, Cause.CELL, "Row 1 of the data is a header"),
        ("5,1,2\n1,2,3\n", {}, Cause.LABEL, "Row 1 of the data has the label 5; the objective needs 0 or 1."),
        (None, {}, Cause.PLACE, f"There is nothing at s3://{BUCKET}/nowhere/train/"),
        (GOOD, {"type": "text/libsvm"}, Cause.FORMAT, "The files of a channel do not match its content type"),
        (GOOD, {"channel": "validation"}, Cause.CHANNEL, "The channel train is missing or empty."),
        (GOOD, {"silent": "1"}, Cause.HYPERPARAMETER, "The algorithm refuses a setting: Extraneous hyperparameter"),
        (GOOD, {"objective": "multi:softmax"}, Cause.HYPERPARAMETER, "The algorithm refuses a setting: Require input"),
    ],
)
def test_a_job_that_fails_here_is_explained(
    local: LocalService, data: str | None, given: dict[str, str], cause: Cause, words: str
) -> None:
    address = put(local, data) if data else f"s3://{BUCKET}/nowhere"
    settings = {name: value for name, value in given.items() if name not in ("type", "channel")}
    request: dict[str, Any] = training_request(unique("fails"), address, **settings)
    of = channels(address, given.get("type", "text/csv"))
    request["InputDataConfig"] = [
        each for each in of if each["ChannelName"] == given.get("channel", each["ChannelName"])
    ]
    local.client("sagemaker").create_training_job(**request)
    found = explain(ended(local, request["TrainingJobName"])["FailureReason"])
    assert found
    assert found.cause is cause
    assert found.sentence.startswith(words)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "given", "cause", "words"),
    [
        (GOOD + "1,2,,3,4\n", {}, Cause.CELL, "The data has missing values, which Linear Learner cannot use."),
        ("5,1,2\n1,2,3\n", {}, Cause.LABEL, "Row 1 of the data has the label 5; a binary_classifier needs 0 or 1."),
        (
            GOOD,
            {"epochs": "0"},
            Cause.HYPERPARAMETER,
            "The algorithm refuses a setting: The value '0' is not valid for",
        ),
        (GOOD, {"silent": "1"}, Cause.HYPERPARAMETER, "The algorithm refuses a setting: Additional hyperparameters"),
        (GOOD, {"loss": "huber_loss"}, Cause.HYPERPARAMETER, "The algorithm refuses a setting: The loss 'huber_loss'"),
        (
            GOOD,
            {"predictor_type": "regressor", "loss": "quantile_loss"},
            Cause.HYPERPARAMETER,
            "The algorithm refuses a setting: loss quantile_loss cannot be learned on this computer",
        ),
        (
            GOOD,
            {"predictor_type": "regressor", "learning_rate": "1e100"},
            Cause.HYPERPARAMETER,
            "The learning rate is too high",
        ),
    ],
)
def test_a_linear_learner_job_that_fails_here_is_explained(
    local: LocalService, data: str, given: dict[str, str], cause: Cause, words: str
) -> None:
    job = linear_learner_jobs.train(local, put(local, data), **given)
    found = explain(job["FailureReason"])
    assert found
    assert found.cause is cause
    assert found.sentence.startswith(words)


@pytest.mark.slow
def test_a_job_out_of_time_is_explained(local: LocalService) -> None:
    request = training_request(unique("fails"), put(local, GOOD), num_round="100000")
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}
    local.client("sagemaker").create_training_job(**request)
    found = explain(ended(local, request["TrainingJobName"])["SecondaryStatus"])
    assert found
    assert found.cause is Cause.TIMEOUT


@pytest.mark.slow
def test_a_job_beyond_the_quota_is_refused_and_explained(local: LocalService) -> None:
    request = training_request(unique("fails"), put(local, GOOD))
    request["ResourceConfig"]["InstanceCount"] = 21
    sagemaker = local.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded) as refused:
        sagemaker.create_training_job(**request)
    found = explain(refused.value.response["Error"]["Message"])
    assert found
    assert (found.cause, found.link) == (Cause.QUOTA, QUOTAS)
    assert found.sentence.startswith("This account's quota for Number of instances across all training jobs")
