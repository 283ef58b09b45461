"""InvokeEndpoint: which variant answers, what it answers, and the metrics that tell of it."""

import random
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.local.api import endpoint_variants
from services.local.api.loaded_models import TargetModelMissingError, model_server, slot
from services.local.protocol.identity import ACCOUNT
from services.local.protocol.wire import ServiceError
from services.local.runtime.model_servers import ModelLoadError, Reply
from services.local.s3.errors import S3Error
from services.local.store import full_disk
from services.local.store.logs import endpoint_group
from services.local.store.metrics import ENDPOINT_NAMESPACE
from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from services.local.service import Service

BODY_LIMIT = 6_291_456  # bytes, real-time endpoints
SERVERLESS_LIMIT = 4 * 1024 * 1024
TRIES = 2  # at a server: one that was killed since the last request is not the request's fault
KILLED_TWICE = (
    b"The model server was killed twice while it answered; memory may be too small for the request. Send less."
)
MICROSECONDS = 1e6  # the unit of both latencies


@dataclass(frozen=True)
class Invocation:
    """A request to a model; `target` is the model of a multi-model endpoint, by its path under the model's prefix."""

    endpoint: str
    body: bytes
    content_type: str
    accept: str
    variant: str | None
    target: str | None = None


class ModelError(ServiceError):
    """The model itself refused; carries its own status and words."""

    def __init__(self, variant: str, reply: Reply) -> None:
        model_message = reply.body.decode(errors="replace")
        side = "client" if reply.status < 500 else "server"
        message = f'Received {side} error ({reply.status}) from {variant} with message "{model_message}".'
        super().__init__("ModelError", message, 424)
        self.original_status, self.original_message = reply.status, model_message


def invoke(service: "Service", invocation: Invocation) -> tuple[str, Reply]:
    """The variant that answered, and its answer. Raises ServiceError, ModelError."""
    began = time.perf_counter()
    while True:
        endpoint = _in_service(service, invocation.endpoint)
        variant = _choose(endpoint, invocation.variant)
        _check_target(variant, invocation)
        serverless = variant.get("CurrentServerlessConfig", {})
        if serverless and len(invocation.body) > SERVERLESS_LIMIT:
            raise too_long(SERVERLESS_LIMIT)
        target = endpoint["EndpointName"], variant["VariantName"]
        with service.model_servers.room(*target, serverless.get("MaxConcurrency")) as free:
            if not free:
                raise ServiceError("ThrottlingException", "Rate exceeded")
            answered = _answer(service, endpoint, variant["VariantName"], invocation)
        if answered:  # else an update has swapped the model meanwhile, or the endpoint was deleted
            break
    reply, seconds = answered
    overhead = time.perf_counter() - began - seconds
    with suppress(full_disk.DiskFull):  # the answer is there, whether or not it can be counted
        _count(service, endpoint["EndpointName"], variant, reply.status, seconds, overhead)
    if reply.status >= 400:
        refused = ModelError(variant["VariantName"], reply)
        group, stream = endpoint_group(endpoint["EndpointName"]), f"{variant['VariantName']}/i-local"
        with suppress(full_disk.DiskFull):
            service.logs.write(group, stream, [f"{reply.status} {refused.original_message}"])
        raise refused
    return variant["VariantName"], reply


def too_long(limit: int) -> ServiceError:
    """SageMaker's answer to a body beyond `limit` bytes; its code is no more than the HTTP status."""
    return ServiceError("413", f"HTTP content length exceeded {limit} bytes.", 413)


def _in_service(service: "Service", name: str) -> Document:
    try:
        endpoint = service.resources.get(ResourceType.ENDPOINT, name)
    except ServiceError:
        endpoint = {"EndpointStatus": None}
    if endpoint["EndpointStatus"] not in ("InService", "Updating"):
        raise ServiceError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
    return endpoint


def _choose(endpoint: Document, wanted: str | None) -> Document:
    listed: list[Document] = endpoint["ProductionVariants"]
    if wanted:
        return endpoint_variants.find_variant(listed, wanted, endpoint["EndpointName"])
    weights = [variant["CurrentWeight"] for variant in listed]
    return random.choices(listed, weights if any(weights) else None)[0]


def _check_target(variant: Document, invocation: Invocation) -> None:
    """Refuse a request without a target model where there are many, and with one elsewhere. The words are AWS's."""
    multi_model = endpoint_variants.is_multi_model(variant)
    if multi_model and not invocation.target:
        raise ServiceError("ValidationError", f"Request {uuid.uuid4()} is missing a target model header")
    if invocation.target and not multi_model:
        raise ServiceError(
            "ValidationError",
            f"Endpoint {invocation.endpoint} is not a multi-model endpoint and does not support target model header.",
        )


def _answer(service: "Service", endpoint: Document, variant: str, invocation: Invocation) -> tuple[Reply, float] | None:
    """The model's answer and the seconds it took; None when the model has been swapped or withdrawn meanwhile."""
    name, config = endpoint["EndpointName"], endpoint["EndpointConfigName"]
    for _ in range(TRIES):
        try:
            server = model_server(service, endpoint, variant, invocation.target)
        except TargetModelMissingError:
            raise
        except (ModelLoadError, ServiceError, S3Error, OSError) as fault:
            return Reply(
                500, "text/plain", (full_disk.SENTENCE if full_disk.is_full(fault) else str(fault)).encode()
            ), 0.0
        if server is None:
            return None
        began = time.perf_counter()
        try:
            reply = server.invoke(invocation.body, invocation.content_type, invocation.accept)
        except EOFError:
            if not service.model_servers.discard(name, config, slot(variant, invocation.target), server):
                return None
        else:
            return reply, time.perf_counter() - began
    return Reply(500, "text/plain", KILLED_TWICE), 0.0


def _count(service: "Service", endpoint: str, variant: Document, status: int, seconds: float, overhead: float) -> None:
    service.metrics.write(
        ENDPOINT_NAMESPACE,
        {"EndpointName": endpoint, "VariantName": variant["VariantName"]},
        [
            ("Invocations", 1.0),
            ("InvocationsPerInstance", 1.0 / max(variant["CurrentInstanceCount"], 1)),
            ("Invocation4XXErrors", float(400 <= status < 500)),
            ("Invocation5XXErrors", float(status >= 500)),
            ("InvocationModelErrors", float(status >= 400)),
            ("ModelLatency", seconds * MICROSECONDS),
            ("OverheadLatency", overhead * MICROSECONDS),
        ],
    )
