"""The HTTP front of the service: whom a request is for, which operation it asks, and the answer in that protocol.

The table OPERATIONS is the list of what is supported. Only this computer is served: another Host header is refused
(DNS rebinding), and so is a request that is not signed with this service's keys.
"""

import json
import logging
import re
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import cbor2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.local.api import (
    experiments,
    hosting,
    identity,
    lineage,
    model_packages,
    notebooks,
    search_api,
    simulated_lifecycle,
    studio,
    trial_components,
)
from services.local.api import logs as log_api
from services.local.api import metrics as metric_api
from services.local.api import tags as tag_api
from services.local.api.invocation import BODY_LIMIT, Invocation, ModelError, invoke, too_long
from services.local.jobs import processing_jobs, training_jobs, transform_jobs, tuning_jobs
from services.local.protocol import identity as local_identity
from services.local.protocol import s3_signatures, signatures
from services.local.protocol.identity import Keys
from services.local.protocol.wire import (
    ServiceError,
    from_cbor,
    from_json,
    operation_model,
    to_cbor,
    to_json,
    to_xml,
    validate,
)
from services.local.s3 import rest
from services.local.service import Service
from services.local.store import full_disk

log = logging.getLogger(__name__)
Operation = Callable[[Service, dict[str, Any]], dict[str, Any]]
JSON_LIMIT = 10_000_000  # bytes of a request document
# After a refusal that did not read the request's body: the client may never send it, or send it as the next request.
CLOSE = {"Connection": "close"}
DAMAGED = "The database in the data folder is damaged. Stop the service and start it again: that rebuilds it."
ANYWHERE = {"0.0.0.0", "::"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ENDPOINT_PATH = re.compile(r"/endpoints/([^/]+)/invocations")


def empty_list(member: str) -> Operation:
    """A list that is always empty, because this service has no way to make one of those."""
    return lambda service, request: {member: []}


# What bills on AWS and cannot be made here.
NEVER_HERE: dict[str, Operation] = {
    "ListAIBenchmarkJobs": empty_list("AIBenchmarkJobs"),
    "ListAIRecommendationJobs": empty_list("AIRecommendationJobs"),
    "ListAutoMLJobs": empty_list("AutoMLJobSummaries"),
    "ListClusters": empty_list("ClusterSummaries"),
    "ListCompilationJobs": empty_list("CompilationJobSummaries"),
    "ListEdgePackagingJobs": empty_list("EdgePackagingJobSummaries"),
    "ListFeatureGroups": empty_list("FeatureGroupSummaries"),
    "ListFlowDefinitions": empty_list("FlowDefinitionSummaries"),
    "ListInferenceComponents": empty_list("InferenceComponents"),
    "ListInferenceExperiments": empty_list("InferenceExperiments"),
    "ListInferenceRecommendationsJobs": empty_list("InferenceRecommendationsJobs"),
    "ListJobs": empty_list("JobSummaries"),
    "ListLabelingJobs": empty_list("LabelingJobSummaryList"),
    "ListMlflowApps": empty_list("Summaries"),
    "ListMlflowTrackingServers": empty_list("TrackingServerSummaries"),
    "ListMonitoringSchedules": empty_list("MonitoringScheduleSummaries"),
    "ListOptimizationJobs": empty_list("OptimizationJobSummaries"),
    "ListPartnerApps": empty_list("Summaries"),
    "ListPipelines": empty_list("PipelineSummaries"),
    "ListTrainingPlans": empty_list("TrainingPlanSummaries"),
}

# By the name in the credential scope: boto3's name of the service, and its operations.
OPERATIONS: dict[str, tuple[str, Mapping[str, Operation]]] = {
    "sagemaker": (
        "sagemaker",
        {
            **training_jobs.OPERATIONS,
            **tuning_jobs.OPERATIONS,
            **hosting.OPERATIONS,
            **notebooks.OPERATIONS,
            **studio.OPERATIONS,
            **tag_api.OPERATIONS,
            **transform_jobs.OPERATIONS,
            **model_packages.OPERATIONS,
            **processing_jobs.OPERATIONS,
            **experiments.OPERATIONS,
            **trial_components.OPERATIONS,
            **lineage.OPERATIONS,
            **search_api.OPERATIONS,
            **NEVER_HERE,
        },
    ),
    "application-autoscaling": (
        "application-autoscaling",
        {
            "DescribeScalableTargets": empty_list("ScalableTargets"),
            "DescribeScalingPolicies": empty_list("ScalingPolicies"),
        },
    ),
    "logs": ("logs", log_api.OPERATIONS),
    "monitoring": ("cloudwatch", metric_api.OPERATIONS),
    "tagging": ("resourcegroupstaggingapi", tag_api.TAGGING_OPERATIONS),
    "sts": ("sts", identity.STS_OPERATIONS),
    "iam": ("iam", identity.IAM_OPERATIONS),
}


def application(service: Service, opened_to: str | None = None) -> Starlette:
    """The ASGI application over `service`, whose data is in order.

    It is only for this computer, unless it is `opened_to` an address at which others reach it too.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        training_jobs.restore(service)
        hosting.restore(service)
        simulated_lifecycle.restore(service)
        service.processes.warm()
        yield
        service.model_servers.close()

    keys, identity_of_folder = local_identity.keys(service.folder), local_identity.of_folder(service.folder)

    async def answer(request: Request) -> Response:
        if not _is_for_us(request, opened_to):
            return PlainTextResponse("Only this computer is served.", 403, CLOSE)
        if request.url.path == "/_health":
            return PlainTextResponse(identity_of_folder)
        return await _dispatch(service, keys, request)

    async def failed(request: Request, fault: Exception) -> Response:
        log.error("%s %s", request.method, request.url.path, exc_info=fault)
        damaged = isinstance(fault, sqlite3.DatabaseError) and not isinstance(fault, sqlite3.OperationalError)
        message = DAMAGED if damaged else f"{type(fault).__name__} in the service on this computer"
        return _error_response(request, ServiceError("InternalFailure", message, 500))

    methods = ["GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS"]
    return Starlette(
        routes=[Route("/{path:path}", answer, methods=methods)],
        lifespan=lifespan,
        exception_handlers={Exception: failed},
    )


def _is_for_us(request: Request, opened_to: str | None) -> bool:
    """Whether the Host header names an address of ours, which an attacker's page cannot make a browser do."""
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return host in LOOPBACK or (opened_to is not None and host in {opened_to, request.scope["server"][0]} - ANYWHERE)


async def _dispatch(service: Service, keys: Keys, request: Request) -> Response:
    try:
        if request.method == "OPTIONS":  # a browser's question before a request from another origin; nobody signs it
            raise ServiceError("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", 403)
        if s3_signatures.is_presigned(request):
            s3_signatures.verify_presigned(request, keys, service.clock())
            return await rest.handle(request, service.objects)
        if rest.is_form(request):
            verify = partial(s3_signatures.verify_policy, keys=keys)
            return await rest.handle_form(request, service.objects, verify, service.clock())
        signed = signatures.read(request)
        if signed.service == "s3":
            signatures.verify(request, signed, keys, None, service.clock())
            return await rest.handle(request, service.objects)
        rest_call = signed.service == "sagemaker" and "x-amz-target" not in request.headers
        body = await _body(request, BODY_LIMIT if rest_call else JSON_LIMIT)
        signatures.verify(request, signed, keys, body, service.clock())
        if rest_call and request.url.path[1:] in trial_components.METRICS_OPERATIONS:
            return await _put_metrics(service, request.url.path[1:], body)
        if rest_call:
            return await _invoke(service, request, body)
        return await _call_operation(service, request, signed.service, body)
    except full_disk.DiskFull:
        return _error_response(request, ServiceError(full_disk.CODE, full_disk.SENTENCE, full_disk.STATUS))
    except ServiceError as error:
        refusal = _error_response(request, error)
        if error.status == 403:
            refusal.headers.update(CLOSE)
        return refusal


async def _call_operation(service: Service, request: Request, scope: str, body: bytes) -> Response:
    if scope not in OPERATIONS:
        raise ServiceError("UnknownOperationException", f"The service {scope} is not offered on this computer.")
    name, operations = OPERATIONS[scope]
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        operation, values = request.url.path.rpartition("/")[2], from_cbor(body)
    elif "x-amz-target" in request.headers:
        operation, values = request.headers["x-amz-target"].rpartition(".")[2], from_json(body)
    else:
        values = dict(parse_qsl(body.decode()))
        operation = values.pop("Action", "")
        values.pop("Version", None)
    model = operation_model(name, operation)
    if operation not in operations:
        log.warning("%s is not offered on this computer.", operation)
        raise ServiceError("UnknownOperationException", f"{operation} is not offered on this computer; AWS has it.")
    answer = await run_in_threadpool(operations[operation], service, validate(model, values))
    if request.headers.get("smithy-protocol"):
        return _cbor_response(to_cbor(model, answer))
    if "x-amz-target" in request.headers:
        return Response(to_json(model, answer), media_type="application/x-amz-json-1.1")
    return Response(to_xml(model, answer, str(uuid.uuid4())), media_type="text/xml")


async def _put_metrics(service: Service, operation: str, body: bytes) -> Response:
    model = operation_model("sagemaker-metrics", operation)
    values = validate(model, from_json(body))
    answer = await run_in_threadpool(trial_components.METRICS_OPERATIONS[operation], service, values)
    return Response(to_json(model, answer), media_type="application/json")


async def _invoke(service: Service, request: Request, body: bytes) -> Response:
    path = ENDPOINT_PATH.fullmatch(request.url.path)
    if not path or request.method != "POST":
        raise ServiceError("UnknownOperationException", f"{request.url.path} is not offered on this computer.")
    invocation = Invocation(
        endpoint=path[1],
        body=body,
        content_type=request.headers.get("content-type", ""),
        accept=request.headers.get("accept", "*/*"),
        variant=request.headers.get("x-amzn-sagemaker-target-variant"),
        target=request.headers.get("x-amzn-sagemaker-target-model"),
    )
    variant, reply = await run_in_threadpool(invoke, service, invocation)
    headers = {"x-Amzn-Invoked-Production-Variant": variant, "Content-Type": reply.content_type}
    return Response(reply.body, headers=headers)


async def _body(request: Request, limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise too_long(limit)
    return b"".join(chunks)  # a buffer that grows copies all of it, again and again


def _error_response(request: Request, error: ServiceError) -> Response:
    if request.headers.get("smithy-protocol"):
        return _cbor_response(cbor2.dumps({"__type": error.code, "message": error.message}), error.status)
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if signatures.is_for_s3(request):
        return rest.refuse(request, error.code, error.message, error.status)
    if form:
        inner = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        answer = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error></ErrorResponse>"
        return Response(answer, error.status, media_type="text/xml")
    document: dict[str, Any] = {"__type": error.code, "message": error.message}
    if isinstance(error, ModelError):
        document |= {"OriginalStatusCode": error.original_status, "OriginalMessage": error.original_message}
    headers = {"x-amzn-errortype": error.code}
    return Response(json.dumps(document), error.status, headers, media_type="application/x-amz-json-1.1")


def _cbor_response(body: bytes, status: int = 200) -> Response:
    return Response(body, status, {"smithy-protocol": "rpc-v2-cbor"}, media_type="application/cbor")
