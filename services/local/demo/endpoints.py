"""Models, endpoints of every kind, and the traffic they had: real invocations, at times gone by."""

import random
from typing import Any

from services.local.api.invocation import Invocation, ModelError, invoke
from services.local.demo.account import DemoAccount, Tags, tags
from services.local.demo.data import SEED, csv, requests, s3_uri
from services.local.demo.jobs import IMAGE
from services.local.jobs.tuning_run import best_job
from services.local.protocol.identity import ROLE
from services.local.store.resources import ResourceType

Variant = dict[str, Any]
PRODUCTION = {"environment": "production"}  # what others rely on
REFUSED = 0.02  # share of the requests that are short of a column


def models(account: DemoAccount) -> None:
    """A model of each job that is served, and one that nobody deployed."""
    children = account.service.resources.children(ResourceType.TRAINING_JOB, "fraud-tuning")
    tuned = best_job(children, maximise=True)
    assert tuned
    for name, owner, job, days in (
        ("fraud-first", "ada", "fraud-baseline", 19.5),
        ("fraud-champion", "katherine", "fraud-weighted", 12.8),
        ("fraud-challenger", "ada", tuned["TrainingJobName"], 11.5),
        ("churn-weekly", "grace", "churn-baseline", 11.2),
        ("credit-demo", "linus", "credit-baseline", 5.5),
    ):
        trained = account.service.resources.get(ResourceType.TRAINING_JOB, job)
        _model(account, name, owner, trained["ModelArtifacts"]["S3ModelArtifacts"], days)
    _model(account, "credit-torn", "linus", s3_uri("credit", "torn/model.tar.gz"), 2.1)


def _model(account: DemoAccount, name: str, owner: str, data: str, days: float) -> None:
    account.ago(days=days)
    container = {"Image": IMAGE, "ModelDataUrl": data}
    account.call(
        "CreateModel",
        ModelName=name,
        PrimaryContainer=container,
        ExecutionRoleArn=ROLE,
        Tags=tags(owner),
    )


def endpoints(account: DemoAccount) -> None:
    """One that earns its keep, one forgotten, one never used, one serverless, and one that failed."""
    scoring = [
        _variant("fraud-champion", "champion", 9.0, InstanceType="ml.m5.xlarge", InitialInstanceCount=2),
        _variant("fraud-challenger", "challenger", 1.0, InstanceType="ml.m5.large", InitialInstanceCount=1),
    ]
    _endpoint(account, "fraud-scoring", scoring, tags("katherine", **PRODUCTION), days=10)
    weekly = _variant("churn-weekly", "AllTraffic", InstanceType="ml.m5.large", InitialInstanceCount=1)
    _endpoint(account, "churn-weekly", [weekly], tags("grace"), days=11)
    demo = _variant("credit-demo", "AllTraffic", InstanceType="ml.c5.2xlarge", InitialInstanceCount=1)
    _endpoint(account, "credit-demo", [demo], tags("linus"), days=5)
    capacity = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    on_demand = _variant("churn-weekly", "AllTraffic", ServerlessConfig=capacity)
    _endpoint(account, "churn-on-demand", [on_demand], tags("grace", **PRODUCTION), days=4)
    torn = _variant("credit-torn", "AllTraffic", InstanceType="ml.m5.xlarge", InitialInstanceCount=1)
    _endpoint(account, "credit-torn", [torn], tags("linus"), days=2)


def _variant(model: str, name: str, weight: float = 1.0, **capacity: Any) -> Variant:
    return {"VariantName": name, "ModelName": model, "InitialVariantWeight": weight, **capacity}


def _endpoint(account: DemoAccount, name: str, variants: list[Variant], whose: Tags, days: float) -> None:
    account.ago(days=days)
    account.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants, Tags=whose)
    account.call("CreateEndpoint", EndpointName=name, EndpointConfigName=name, Tags=whose)


def traffic(account: DemoAccount) -> None:
    """What was asked of them, hour by hour: of one until now, of one until nine days ago, of one now and then."""
    random.seed(SEED)  # also decides which variant answers
    for hour in range(10 * 24 - 1, -1, -1):
        _send_request(account, "fraud-scoring", hour, random.randint(1, 5))
    for hour in range(11 * 24 - 1, 9 * 24, -1):
        _send_request(account, "churn-weekly", hour, random.randint(0, 4))
    for hour in range(4 * 24 - 1, 30, -6):
        _send_request(account, "churn-on-demand", hour, 2)


def _send_request(account: DemoAccount, endpoint: str, hours: int, times: int) -> None:
    rows = requests(endpoint.partition("-")[0], 20)
    for moment in sorted((hours + random.random() for _ in range(times)), reverse=True):
        account.ago(hours=moment)
        short = random.random() < REFUSED
        body = csv(rows[random.randrange(len(rows)), None, short:])
        try:
            invoke(account.service, Invocation(endpoint, body, "text/csv", "text/csv", None))
        except ModelError:
            if not short:
                raise
