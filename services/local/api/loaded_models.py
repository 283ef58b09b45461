"""The models behind endpoints: loaded from their archives, and on demand where a variant serves many of them.

Source of multi-model endpoints: SageMaker developer guide, "Host Multiple Models with Multi-Model Endpoints" and
"Invoke a Multi-Model Endpoint".
"""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from services.local.algorithms import container, tag_of
from services.local.api import endpoint_variants, model_data
from services.local.protocol.addresses import split_uri
from services.local.protocol.wire import ServiceError
from services.local.runtime.model_servers import ModelLoadError, ModelServer
from services.local.s3.errors import S3Error
from services.local.store import full_disk
from services.local.store.logs import endpoint_group
from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from services.local.service import Service

# Of a model's environment, what the containers of built-in algorithms read.
READ_VARIABLES = (
    "SAGEMAKER_INFERENCE_OUTPUT",
    "SAGEMAKER_INFERENCE_ENSEMBLE",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
)
MOST_LOADED = 10  # models of a variant that serves many: each is a process; the least lately used makes room


class TargetModelMissingError(ServiceError):
    """A target model that is not in S3. AWS's own words."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(
            "ValidationError",
            f"Failed to download model data (bucket: {bucket}, key: {key}). Please ensure that there is an object "
            "located at the URL and that the role passed to CreateModel has permissions to download the model.",
        )


def primary_container(model: Document) -> dict[str, Any]:
    """The one container of a model."""
    primary: dict[str, Any] = model.get("PrimaryContainer") or next(iter(model.get("Containers", [])), {})
    return primary


def slot(variant: str, target: str | None) -> str:
    """What a model server is kept under: its variant, and the target model of one that serves many."""
    return f"{variant}/{target}" if target else variant


def load(service: "Service", model_name: str, batch: bool = False, target: str | None = None) -> ModelServer:
    """A new server of a model, to be closed; `batch` for a transform job, `target` of a model that stands for many.

    Raises ModelLoadError, ServiceError, S3Error, OSError; TargetModelMissingError.
    """
    primary = primary_container(service.resources.get(ResourceType.MODEL, model_name))
    if not (primary.get("ModelDataUrl") or primary.get("ModelDataSource")):
        raise ModelLoadError(f"Model {model_name} has neither ModelDataUrl nor ModelDataSource.")
    given = primary.get("Environment", {})
    environment = {name: given[name] for name in READ_VARIABLES if name in given}
    environment["IMAGE_TAG"] = tag_of(primary["Image"])
    environment |= {"SAGEMAKER_BATCH": "true"} if batch else {}
    if endpoint_variants.is_multi_model(primary):
        if not target:
            raise ModelLoadError(f"Model {model_name} is a multi-model: use the model of one archive, or an endpoint.")
        environment["SAGEMAKER_MULTI_MODEL"] = "true"
        primary |= {"ModelDataUrl": f"{primary['ModelDataUrl'].rstrip('/')}/{target.lstrip('/')}"}
    bring = partial(model_data.bring, service.objects, primary)
    try:
        return service.model_servers.load(container(primary["Image"]).serve, bring, environment)
    except S3Error:
        if not target:
            raise
        raise TargetModelMissingError(*split_uri(primary["ModelDataUrl"])) from None


def model_server(service: "Service", endpoint: Document, variant: str, target: str | None) -> ModelServer | None:
    """The server behind a variant, started again when it has gone; None when the endpoint is gone or changed.

    One that serves many models has one for each `target`, started at its first request.
    Raises as `load` does.
    """
    name, config, own = endpoint["EndpointName"], endpoint["EndpointConfigName"], slot(variant, target)
    running = service.model_servers.get(name, config, own)
    if running:
        return running
    evicted: list[ModelServer] = []
    with service.model_servers.starting(name):
        if not service.resources.has(ResourceType.ENDPOINT, name):
            return None
        if service.resources.get(ResourceType.ENDPOINT, name)["EndpointConfigName"] != config:
            return None
        running = service.model_servers.get(name, config, own)
        if not running:
            deployed = endpoint_variants.find_variant(endpoint["ProductionVariants"], variant, name)
            running = load(service, deployed["ModelName"], target=target)
            service.model_servers.put(name, config, {own: running})
            if target:
                write_log(service, name, variant, f"Loaded the model {target}")
                evicted = service.model_servers.evict(name, config, variant, MOST_LOADED)
    for server in evicted:
        server.retire()
    return running


def write_log(service: "Service", endpoint: str, variant: str, line: str) -> None:
    """A line in the log of a variant; lost when the disk is full."""
    with suppress(full_disk.DiskFull):
        service.logs.write(endpoint_group(endpoint), f"{variant}/i-local", [line])
