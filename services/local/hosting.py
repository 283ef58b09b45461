"""Models, endpoint configs and endpoints as the API knows them."""

import threading
from typing import TYPE_CHECKING, Any

from services.local import model_packages
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
    if primary.get("ModelPackageName"):
        if primary.get("Image") or primary.get("ModelDataUrl"):
            raise invalid("Specify one of either Image and Model Data URL or ModelPackageName in container definition.")
        primary |= model_packages.served(service, primary["ModelPackageName"]) | primary
    if not primary.get("Image"):
        raise invalid("PrimaryContainer.Image or PrimaryContainer.ModelPackageName is needed.")
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
    service.workers.start(f"{Kind.ENDPOINT}/{name}", deploy, service, name, config)
    return {"EndpointArn": arn(Kind.ENDPOINT, name)}


def update_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: the old models answer until the new ones are loaded."""
    name, config = request["EndpointName"], _config(service, request["EndpointConfigName"])
    with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
        _refuse_busy(endpoint)
        endpoint["EndpointStatus"] = "Updating"
    service.workers.start(f"{Kind.ENDPOINT}/{name}", deploy, service, name, config)
    return {"EndpointArn": arn(Kind.ENDPOINT, name)}


def delete_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpoint; config and models stay."""
    name = request["EndpointName"]
    _refuse_busy(service.resources.get(Kind.ENDPOINT, name))
    service.resources.delete(Kind.ENDPOINT, name)
    service.model_servers.put(name, {})
    return {}


def deploy(service: "Service", name: str, config: Document, stop: threading.Event) -> None:
    """Load every variant of `config`, then put them behind the endpoint at once; on a failure keep the old."""
    servers: dict[str, ModelServer] = {}
    try:
        for variant in config["ProductionVariants"]:
            servers[variant["VariantName"]] = load(service, variant["ModelName"])
    except (ModelLoadError, ServiceError, S3Error) as error:
        for server in servers.values():
            server.close()
        with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
            serving = endpoint["EndpointStatus"] == "Updating"  # with the old config
            endpoint |= {"EndpointStatus": "InService" if serving else "Failed", "FailureReason": str(error)}
        return
    service.model_servers.put(name, servers)
    with service.resources.changing(Kind.ENDPOINT, name) as endpoint:
        endpoint |= {
            "EndpointStatus": "InService",
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": _variants(config),
        }
        endpoint.pop("FailureReason", None)


def model_server(service: "Service", endpoint: Document, variant: str) -> ModelServer:
    """The server behind a variant, started again when it has gone. Raises ModelLoadError, S3Error."""
    name = endpoint["EndpointName"]
    running = service.model_servers.get(name, variant)
    if running:
        return running
    config = service.resources.get(Kind.ENDPOINT_CONFIG, endpoint["EndpointConfigName"])
    servers = {item["VariantName"]: load(service, item["ModelName"]) for item in config["ProductionVariants"]}
    service.model_servers.put(name, servers)
    return servers[variant]


def restore(service: "Service") -> None:
    """After a restart: endpoints that were on their way get there; those in service load on first use."""
    for endpoint in service.resources.with_status(Kind.ENDPOINT, "Creating", "Updating"):
        config = service.resources.get(Kind.ENDPOINT_CONFIG, endpoint["EndpointConfigName"])
        service.workers.start(
            f"{Kind.ENDPOINT}/{endpoint['EndpointName']}", deploy, service, endpoint["EndpointName"], config
        )


def load(service: "Service", model_name: str) -> ModelServer:
    """A new server of a model, to be closed. Raises ModelLoadError, ServiceError, S3Error."""
    primary = _primary(service.resources.get(Kind.MODEL, model_name))
    if not primary.get("ModelDataUrl"):
        raise ModelLoadError(f"Model {model_name} has no ModelDataUrl.")
    stored = service.objects.get(*split_uri(primary["ModelDataUrl"]))
    return service.model_servers.load(container(primary["Image"]).serve, stored.path)


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
