"""Models, endpoint configs and endpoints as the API knows them."""

import threading
from typing import TYPE_CHECKING, Any

from services.local import disk
from services.local.algorithms import container
from services.local.model_servers import ModelLoadError, ModelServer
from services.local.resources import Document, Kind, arn
from services.local.s3.objects import S3Error
from services.local.staging import split_uri
from services.local.wire import ServiceError, invalid

if TYPE_CHECKING:
    from services.local.service import Service

BUSY = ("Creating", "Updating", "Deleting")


def create_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateModel. The archive is not opened before an endpoint is made of it, as on AWS."""
    primary = _primary(request)
    if not primary.get("Image"):
        raise invalid("PrimaryContainer.Image is needed: model packages cannot be served here.")
    container(primary["Image"])
    service.resources.create(Kind.MODEL, request["ModelName"], request)
    return {"ModelArn": arn(Kind.MODEL, request["ModelName"])}


def create_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig; its models must exist."""
    for variant in request["ProductionVariants"]:
        if not variant.get("ModelName"):
            raise invalid("ProductionVariants.ModelName is needed: inference components cannot be served here.")
        service.resources.get(Kind.MODEL, variant["ModelName"])
    name = request["EndpointConfigName"]
    service.resources.create(Kind.ENDPOINT_CONFIG, name, request)
    return {"EndpointConfigArn": arn(Kind.ENDPOINT_CONFIG, name)}


def create_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpoint: Creating now, InService or Failed once the models are loaded."""
    name, config = request["EndpointName"], _config(service, request["EndpointConfigName"])
    document = {**request, "EndpointStatus": "Creating", "ProductionVariants": _variants(config)}
    service.resources.create(Kind.ENDPOINT, name, document)
    _start(service, name, config["EndpointConfigName"])
    return {"EndpointArn": arn(Kind.ENDPOINT, name)}


def update_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: the old models answer until the new ones are loaded."""
    name, config = request["EndpointName"], _config(service, request["EndpointConfigName"])
    with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
        _refuse_busy(endpoint)
        endpoint["EndpointStatus"] = "Updating"
        endpoint["PendingDeploymentSummary"] = {
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": _variants(config),
            "StartTime": service.clock(),
        }
    _start(service, name, config["EndpointConfigName"])
    return {"EndpointArn": arn(Kind.ENDPOINT, name)}


def delete_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpoint; config and models stay."""
    name = request["EndpointName"]
    _refuse_busy(service.resources.get(Kind.ENDPOINT, name))
    with service.model_servers.changing(name):
        service.resources.delete(Kind.ENDPOINT, name, _refuse_busy)
        service.model_servers.put(name, {})
    return {}


def _start(service: "Service", name: str, config: str) -> None:
    service.workers.start(f"{Kind.ENDPOINT}/{name}", deploy, service, name, config)


def deploy(service: "Service", name: str, config_name: str, stop: threading.Event) -> None:
    """Load every variant of a config, then put them behind the endpoint at once; on a failure keep the old."""
    try:
        config = _config(service, config_name)
        servers = _load_all(service, config)
    except (ModelLoadError, ServiceError, S3Error, OSError) as fault:
        reason = disk.SENTENCE if disk.is_full(fault) else str(fault)
        disk.once_there_is_room(lambda: _keep_old(service, name, reason))
        return
    with service.model_servers.changing(name):
        service.model_servers.put(name, servers)
        disk.once_there_is_room(lambda: _swap(service, name, config))


def _keep_old(service: "Service", name: str, reason: str) -> None:
    with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
        serving = endpoint["EndpointStatus"] == "Updating"  # with the old config
        endpoint |= {"EndpointStatus": "InService" if serving else "Failed", "FailureReason": reason}
        endpoint.pop("PendingDeploymentSummary", None)


def _swap(service: "Service", name: str, config: Document) -> None:
    with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
        endpoint |= {
            "EndpointStatus": "InService",
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": _variants(config),
        }
        for member in ("FailureReason", "PendingDeploymentSummary"):
            endpoint.pop(member, None)


def model_server(service: "Service", name: str, variant: str) -> ModelServer:
    """The server behind a variant, started again when it has gone. Raises ModelLoadError, S3Error, ServiceError."""
    running = service.model_servers.get(name, variant)
    if running:
        return running
    with service.model_servers.changing(name):
        running = service.model_servers.get(name, variant)  # others may have waited for the same
        if running:
            return running
        config = _config(service, service.resources.get(Kind.ENDPOINT, name)["EndpointConfigName"])
        if variant not in (item["VariantName"] for item in config["ProductionVariants"]):
            raise ModelLoadError(f"The endpoint was updated and has no variant {variant} any more.")
        servers = _load_all(service, config)
        service.model_servers.put(name, servers)
        return servers[variant]


def restore(service: "Service") -> None:
    """After a restart: endpoints that were on their way get there; those in service load on first use."""
    for endpoint in service.resources.with_status(Kind.ENDPOINT, "Creating", "Updating"):
        pending = endpoint.get("PendingDeploymentSummary", endpoint)
        _start(service, endpoint["EndpointName"], pending["EndpointConfigName"])


def _load_all(service: "Service", config: Document) -> dict[str, ModelServer]:
    """A server a variant, or none. Raises as `load` does."""
    servers: dict[str, ModelServer] = {}
    try:
        for variant in config["ProductionVariants"]:
            servers[variant["VariantName"]] = load(service, variant["ModelName"])
    except BaseException:
        for server in servers.values():
            server.close()
        raise
    return servers


def load(service: "Service", model_name: str) -> ModelServer:
    """A new server of a model, to be closed. Raises ModelLoadError, ServiceError, S3Error, OSError."""
    primary = _primary(service.resources.get(Kind.MODEL, model_name))
    if not primary.get("ModelDataUrl"):
        raise ModelLoadError(f"Model {model_name} has no ModelDataUrl.")
    _, archive = service.objects.open(*split_uri(primary["ModelDataUrl"]))
    with archive:
        return service.model_servers.load(container(primary["Image"]).serve, archive)


def _primary(model: Document) -> dict[str, Any]:
    primary: dict[str, Any] = model.get("PrimaryContainer") or next(iter(model.get("Containers", [])), {})
    return primary


def _config(service: "Service", name: str) -> Document:
    return service.resources.get(Kind.ENDPOINT_CONFIG, name)


def _variants(config: Document) -> list[dict[str, Any]]:
    return [
        {
            "VariantName": variant["VariantName"],
            "CurrentWeight": variant.get("InitialVariantWeight", 1.0),
            "DesiredWeight": variant.get("InitialVariantWeight", 1.0),
            "CurrentInstanceCount": variant.get("InitialInstanceCount", 1),
            "DesiredInstanceCount": variant.get("InitialInstanceCount", 1),
            **({"CurrentServerlessConfig": variant["ServerlessConfig"]} if variant.get("ServerlessConfig") else {}),
        }
        for variant in config["ProductionVariants"]
    ]


def _refuse_busy(endpoint: Document) -> None:
    if endpoint["EndpointStatus"] in BUSY:
        raise invalid(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')


def describe_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModel."""
    return service.resources.get(Kind.MODEL, request["ModelName"])


def describe_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpointConfig."""
    return service.resources.get(Kind.ENDPOINT_CONFIG, request["EndpointConfigName"])


def describe_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpoint."""
    return service.resources.get(Kind.ENDPOINT, request["EndpointName"])


def delete_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModel."""
    service.resources.delete(Kind.MODEL, request["ModelName"])
    return {}


def delete_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpointConfig."""
    service.resources.delete(Kind.ENDPOINT_CONFIG, request["EndpointConfigName"])
    return {}


def list_models(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListModels."""
    documents, token = service.resources.page(Kind.MODEL, request, descending=True)
    return {"Models": documents, "NextToken": token}


def list_endpoint_configs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpointConfigs."""
    documents, token = service.resources.page(Kind.ENDPOINT_CONFIG, request, descending=True)
    return {"EndpointConfigs": documents, "NextToken": token}


def list_endpoints(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpoints."""
    documents, token = service.resources.page(Kind.ENDPOINT, request, descending=True)
    return {"Endpoints": documents, "NextToken": token}


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": describe_model,
    "ListModels": list_models,
    "DeleteModel": delete_model,
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": describe_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
    "DeleteEndpointConfig": delete_endpoint_config,
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": list_endpoints,
    "UpdateEndpoint": update_endpoint,
    "DeleteEndpoint": delete_endpoint,
}
