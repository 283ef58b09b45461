"""InvokeEndpoint: which variant answers, what it answers, and the metrics that tell of it."""

import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.local import disk
from services.local.hosting import model_server
from services.local.metrics import ENDPOINT_NAMESPACE
from services.local.model_servers import ModelLoadError, Reply
from services.local.resources import ACCOUNT, Document, Kind
from services.local.s3.objects import S3Error
from services.local.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service

BODY_LIMIT = 6_291_456  # bytes, real-time endpoints
TRIES = 2  # at a server: one that was killed since the last request is not the request's fault
SERVERLESS_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Invocation:
    """A request to a model."""

    endpoint: str
    body: bytes
    content_type: str
    accept: str
    variant: str | None


class ModelError(ServiceError):
    """The model itself refused; carries its own status and words."""

    def __init__(self, variant: str, reply: Reply) -> None:
        said = reply.body.decode(errors="replace")
        side = "client" if reply.status < 500 else "server"
        message = f'Received {side} error ({reply.status}) from {variant} with message "{said}".'
        super().__init__("ModelError", message, 424)
        self.original_status, self.original_message = reply.status, said


def invoke(service: "Service", invocation: Invocation) -> tuple[str, Reply]:
    """The variant that answered, and its answer. Raises ServiceError, ModelError."""
    endpoint = _in_service(service, invocation.endpoint)
    variant = _choose(endpoint, invocation.variant)
    if variant.get("CurrentServerlessConfig") and len(invocation.body) > SERVERLESS_LIMIT:
        raise ServiceError("ValidationError", f"The request body is longer than {SERVERLESS_LIMIT} bytes.", 413)
    began = time.perf_counter()
    reply = _answer(service, endpoint["EndpointName"], variant["VariantName"], invocation)
    _count(service, endpoint["EndpointName"], variant["VariantName"], reply.status, time.perf_counter() - began)
    if reply.status >= 400:
        raise ModelError(variant["VariantName"], reply)
    return variant["VariantName"], reply


def _in_service(service: "Service", name: str) -> Document:
    try:
        endpoint = service.resources.get(Kind.ENDPOINT, name)
    except ServiceError:
        endpoint = {"EndpointStatus": None}
    if endpoint["EndpointStatus"] not in ("InService", "Updating"):
        raise ServiceError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
    return endpoint


def _choose(endpoint: Document, wanted: str | None) -> Document:
    variants: list[Document] = endpoint["ProductionVariants"]
    if wanted:
        named = [variant for variant in variants if variant["VariantName"] == wanted]
        if not named:
            raise ServiceError("ValidationError", f"Variant {wanted} of endpoint {endpoint['EndpointName']} not found.")
        return named[0]
    weights = [variant["CurrentWeight"] for variant in variants]
    return random.choices(variants, weights if any(weights) else None)[0]


def _answer(service: "Service", endpoint: str, variant: str, invocation: Invocation) -> Reply:
    """The model's answer, from a new server when the one there was had died or was replaced meanwhile."""
    try:
        for _ in range(TRIES):
            server = model_server(service, endpoint, variant)
            try:
                return server.invoke(invocation.body, invocation.content_type, invocation.accept)
            except EOFError:
                service.model_servers.discard(endpoint, variant, server)
    except (ModelLoadError, S3Error, OSError) as fault:
        return Reply(500, "text/plain", (disk.SENTENCE if disk.is_full(fault) else str(fault)).encode())
    return Reply(
        500,
        "text/plain",
        b"The model server was killed twice while it answered; memory may be too small for the request. Send less.",
    )


def _count(service: "Service", endpoint: str, variant: str, status: int, seconds: float) -> None:
    with suppress(disk.DiskFull):  # the answer is there, whether or not it can be counted
        service.metrics.write(
            ENDPOINT_NAMESPACE,
            {"EndpointName": endpoint, "VariantName": variant},
            [
                ("Invocations", 1.0),
                ("Invocation4XXErrors", float(400 <= status < 500)),
                ("Invocation5XXErrors", float(status >= 500)),
                ("ModelLatency", seconds * 1e6),
                ("OverheadLatency", 0.0),
            ],
        )
