"""The shortest journey that costs money: prepare, train, deploy, score, delete; below a cap, and cleaned up after.

Everything it makes is named `sagedeck-smoke-...` and deleted at its end, whatever happened on the way.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError, Document
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data import prepare as data_preparation
from services.data.prepared_data import PreparedData
from services.data.table_sources import sources
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import Endpoint, EndpointStatus
from services.errors import Problem
from services.evaluation import scoring
from services.pricing.price_book import PriceBook
from services.training import failures, learning_curves
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training import plan as training_plan
from services.training.failures import Cause
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from tests.aws_smoke.report import DifferentError, Observation, observe

INSTANCE = "ml.m5.large"
RUNTIME = 900  # seconds that a training job may take at most
SERVING = 1800  # seconds that the endpoint may exist at most
AGAIN = 5.0  # seconds between two looks
STEPS = {"Starting", "Pending", "Downloading", "Training", "Uploading", "Completed"}


class SmokeDocument(Document):
    """What is written to see how S3 takes conditions."""

    text: str


@dataclass
class Journey:
    """One run. `job` and `endpoint` are there once their step has passed."""

    account: Account
    name: str
    data: PreparedData | None = None
    job: TrainingJob | None = None
    again: float = AGAIN


def maximum(book: PriceBook) -> float | None:
    """Dollars that a run costs at most: two training jobs to their limit, and the endpoint; None when unknown."""
    training = book.maximum_of_launch(INSTANCE, 1, RUNTIME, jobs=2)
    hosting = book.usd_per_hour(INSTANCE, "Hosting")
    return None if training is None or hosting is None else training + hosting * SERVING / 3600


def check_cap(book: PriceBook, cap: float) -> float:
    """The maximum of a run. Raises Problem when it is above `cap`, or not known."""
    most = maximum(book)
    if most is None:
        raise Problem("Smoke test", f"the price of {INSTANCE} is not known there", "Choose another region")
    if most > cap:
        raise Problem("Smoke test", f"it may cost ${most:.2f}, and the cap is ${cap:.2f}", "Raise --cap")
    return most


def observations(account: Account, again: float = AGAIN) -> Iterator[Observation]:
    """The steps in order; those after one that failed are left out. All that was made is deleted."""
    journey = Journey(account, f"sagedeck-smoke-{datetime.now(UTC):%y%m%d%H%M%S}", again=again)
    steps: dict[str, Callable[[Journey], str]] = {
        "S3 refuses to write over a document that somebody else has changed": conditional_writes,
        "A table is split and uploaded, and its manifest read back": prepare,
        "A hyperparameter that only the algorithm refuses fails the job with a reason SageDeck explains": refused,
        "Built-in XGBoost trains, with the steps, metrics and log lines that SageDeck reads": train,
        "The model is deployed, and the endpoint gives the scores of the model file": serve,
    }
    with ExitStack() as cleaning:
        cleaning.callback(clean, journey)
        for assumption, step in steps.items():
            seen = observe(assumption, lambda step=step: step(journey))  # type: ignore[misc]
            yield seen
            if seen.result != "as assumed" and step in (prepare, train):
                break
    yield observe("Nothing of it is left", lambda: left_over(journey))


def conditional_writes(journey: Journey) -> str:
    """If-Match and If-None-Match, as every document of ours is written."""
    address = _home(journey.account) / f"{journey.name}.json"
    etag = documents.create(journey.account, address, SmokeDocument(text="first"))
    for what, write in {
        "a second creation": lambda: documents.create(journey.account, address, SmokeDocument(text="second")),
        "a write with an old ETag": lambda: documents.replace(
            journey.account, address, SmokeDocument(text="third"), '"00000000000000000000000000000000"'
        ),
    }.items():
        with suppress(ChangedMeanwhileError):
            write()
            raise DifferentError(f"{what} was accepted")
    documents.replace(journey.account, address, SmokeDocument(text="fourth"), etag)
    try:
        journey.account.call("s3", "delete_object", Bucket=address.bucket, Key=f"{address.key}-none", IfMatch=etag)
        absent = "accepted"
    except AwsError as error:
        absent = error.code
    return f"a conditional delete of a key that is not there: {absent}"


def prepare(journey: Journey) -> str:
    """The breast cancer table of scikit-learn."""
    journey.data = data_preparation.prepare(
        journey.account,
        sources.breast_cancer(),
        name=journey.name,
        source="smoke test",
        target="diagnosis",
        positive="malignant",
        now=datetime.now(UTC),
        progress=lambda done, total: None,
    )
    return f"{sum(journey.data.rows.values())} rows"


def refused(journey: Journey) -> str:
    """A metric that does not fit the objective: SageMaker takes it, the container does not."""
    job = _trained(journey, "refused", objective="reg:squarederror", eval_metric="accuracy")
    meant = failures.explain(job.failure or "")
    if job.status != "Failed" or not meant or meant.cause is not Cause.HYPERPARAMETER:
        raise DifferentError(f"{job.status}: {job.failure}")
    return job.failure or ""


def train(journey: Journey) -> str:
    """Ten rounds."""
    job = _trained(journey, "train", num_round="10")
    if job.status != "Completed":
        raise DifferentError(f"{job.status}: {job.failure}")
    journey.job = job
    curve = learning_curves.read(journey.account, [job.name], datetime.now(UTC))[job.name]
    steps = [step.status for step in job.transitions]
    if unknown := set(steps) - STEPS:
        raise DifferentError(f"unknown steps: {', '.join(sorted(unknown))}")
    if len(curve.rounds) != 10 or not job.metrics:
        raise DifferentError(f"{len(curve.rounds)} points for 10 rounds, metrics {dict(job.metrics)}")
    return f"{' → '.join(steps)}; billed {job.billable_seconds} s; {', '.join(job.metrics)}"


def serve(journey: Journey) -> str:
    """The endpoint's scores against those of the model file."""
    assert journey.data
    assert journey.job
    assert journey.job.model_uri
    endpoint_deployment.deploy(journey.account, journey.job, journey.name, INSTANCE, 1, datetime.now(UTC))
    began = time.monotonic()
    endpoint = _settled(journey)
    if endpoint.status is not EndpointStatus.IN_SERVICE:
        raise DifferentError(f"{endpoint.status}: {endpoint.failure}")
    started = time.monotonic() - began
    rows = scoring.read_split(journey.account, journey.data, "test").features
    by_endpoint = scoring.through_endpoint(journey.account, journey.name, rows)
    by_file = scoring.from_artifact(journey.account, journey.job.model_uri, rows)
    apart = float(np.abs(by_endpoint - by_file).max())
    if apart > 1e-5:
        raise DifferentError(f"scores are up to {apart:.2g} apart")
    return f"in service after {started:.0f} s; {len(by_file)} scores at most {apart:.1g} apart"


def clean(journey: Journey) -> None:
    """Delete the endpoint with what belongs to it, the model, and everything under the run's addresses."""
    account, name = journey.account, journey.name
    requests: list[tuple[str, dict[str, Any]]] = []
    with suppress(AwsError):
        config = _settled(journey).config  # SageMaker deletes no endpoint that is still being created
        requests = [
            ("delete_endpoint", {"EndpointName": name}),
            ("delete_endpoint_config", {"EndpointConfigName": config}),
        ]
    if journey.job:
        requests.append(("delete_model", {"ModelName": journey.job.name}))
    for operation, parameters in requests:
        with suppress(AwsError):
            account.call("sagemaker", operation, **parameters)
    for address in _addresses(journey):
        with suppress(AwsError):
            for key in s3.folder_keys(account, address):
                account.call("s3", "delete_object", Bucket=address.bucket, Key=key)


def left_over(journey: Journey) -> str:
    """What can still be found of the run. An endpoint takes a while to go."""
    deadline = time.monotonic() + SERVING / 2
    while journey.name in {endpoint.name for endpoint in endpoint_details.summaries(journey.account)}:
        if time.monotonic() > deadline:
            raise DifferentError(f"endpoint {journey.name} still exists: delete it")
        time.sleep(journey.again)
    keys = [key for address in _addresses(journey) for key in s3.folder_keys(journey.account, address)]
    if keys:
        raise DifferentError(f"{len(keys)} objects are left, such as {keys[0]}")
    return "its training jobs stay in the list, as SageMaker deletes none"


def _trained(journey: Journey, which: str, **given: str) -> TrainingJob:
    assert journey.data
    settings = {**training_plan.TUTORIAL_SETTINGS, **given}
    plan = TrainingPlan(f"{journey.name}-{which}", journey.data, settings, INSTANCE, 1, RUNTIME)
    name = training_launch.launch(journey.account, plan)
    while (job := training_jobs.describe(journey.account, name)).status.active:
        time.sleep(journey.again)
    return job


def _settled(journey: Journey) -> Endpoint:
    """The endpoint once it no longer changes, or the time it may take is over."""
    deadline = time.monotonic() + SERVING / 2
    while (endpoint := endpoint_details.describe(journey.account, journey.name)).status.changing:
        if time.monotonic() > deadline:
            break
        time.sleep(journey.again)
    return endpoint


def _home(account: Account) -> Address:
    return Address(account.default_bucket(), "sagedeck/smoke")


def _addresses(journey: Journey) -> list[Address]:
    bucket = journey.account.default_bucket()
    data = [journey.data.address] if journey.data else []
    return [*data, _home(journey.account) / journey.name, Address(bucket, f"sagedeck/models/{journey.name}")]
