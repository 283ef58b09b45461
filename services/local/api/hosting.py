"""Models, endpoint configs and endpoints as the API knows them."""

import threading
from typing import TYPE_CHECKING, Any

from services.local.algorithms import container
from services.local.algorithms.own_code import refuse_in_model
from services.local.api import endpoint_variants, model_data, model_packages
from services.local.api.loaded_models import load, primary_container, write_log
from services.local.protocol.wire import ServiceError, validation_error
from services.local.runtime.model_servers import ModelLoadError, ModelServer
from services.local.s3.errors import S3Error
from services.local.store import full_disk
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

BUSY = ("Creating", "Updating", "Deleting")
PENDING, CAPTURE = "PendingDeploymentSummary", "DataCaptureConfig"
# What an endpoint tells of its config, and what an update replaces.
DESCRIBED_MEMBERS = (
    "EndpointConfigName",
    *endpoint_variants.MEMBERS,
    CAPTURE,
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "MetricsConfig",
    "CrossRegionTrafficConfig",
    "LastDeploymentConfig",
)


def create_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateModel. Its data is not opened before an endpoint is made of it, as on AWS."""
    if request.get("PrimaryContainer") and request.get("Containers"):
        raise validation_error("PrimaryContainer and Containers exclude each other. Give one of the two.")
    primary = primary_container(request)
    if primary.get("ModelPackageName"):
        if any(primary.get(member) for member in ("Image", "ModelDataUrl", "ModelDataSource")):
            raise validation_error(
                "Specify one of either Image and Model Data URL or ModelPackageName in container definition."
            )
        primary |= model_packages.container_of_package(service, primary["ModelPackageName"]) | primary
    if not primary.get("Image"):
        raise validation_error("PrimaryContainer.Image or PrimaryContainer.ModelPackageName is required.")
    container(primary["Image"])
    model_data.check(primary)
    if endpoint_variants.is_multi_model(primary) and not primary.get("ModelDataUrl"):
        raise validation_error("A container in mode MultiModel needs a ModelDataUrl: the S3 prefix of its models.")
    refuse_in_model([primary, *request.get("Containers", [])[1:]])
    service.resources.create(ResourceType.MODEL, request["ModelName"], {"EnableNetworkIsolation": False, **request})
    return {"ModelArn": arn(ResourceType.MODEL, request["ModelName"])}


def create_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig; its models must exist."""
    endpoint_variants.check(request)
    for variant in endpoint_variants.variants_of_config(request):
        model = service.resources.get(ResourceType.MODEL, variant["ModelName"])
        if variant.get("ServerlessConfig"):
            primary = primary_container(model)
            model_data.require_archive_url(primary, "a serverless variant")
            if endpoint_variants.is_multi_model(primary):
                raise validation_error(
                    f"Variant {variant['VariantName']}: a serverless variant cannot serve a multi-model. Give it an "
                    "InstanceType."
                )
    document = {"EnableNetworkIsolation": False, **request}
    for member in endpoint_variants.MEMBERS:
        if member in request:
            document[member] = [{"InitialVariantWeight": 1.0, **variant} for variant in request[member]]
    name = request["EndpointConfigName"]
    service.resources.create(ResourceType.ENDPOINT_CONFIG, name, document)
    return {"EndpointConfigArn": arn(ResourceType.ENDPOINT_CONFIG, name)}


def create_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpoint: Creating now, InService or Failed once the models are loaded."""
    name, config = request["EndpointName"], _config(service, request["EndpointConfigName"])
    document = {**request, "EndpointStatus": "Creating", **_describe_config(service, config)}
    if "DeploymentConfig" in request:
        document["LastDeploymentConfig"] = document.pop("DeploymentConfig")
    service.resources.create(ResourceType.ENDPOINT, name, document)
    _start(service, name)
    return {"EndpointArn": arn(ResourceType.ENDPOINT, name)}


def update_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: the old models answer until the new ones are loaded."""
    name, config = request["EndpointName"], _config(service, request["EndpointConfigName"])
    excluded = [item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])]
    with service.resources.changing(ResourceType.ENDPOINT, name) as endpoint:
        _refuse_update(endpoint)
        pending = _describe_config(service, config)
        if request.get("RetainAllVariantProperties"):
            for member in endpoint_variants.MEMBERS:
                if member in pending:
                    pending[member] = endpoint_variants.retain_properties(
                        pending[member], endpoint.get(member, []), excluded
                    )
            if CAPTURE in endpoint and CAPTURE not in excluded:
                pending[CAPTURE] = endpoint[CAPTURE]
        if "DeploymentConfig" in request:
            pending["LastDeploymentConfig"] = request["DeploymentConfig"]
        elif request.get("RetainDeploymentConfig") and "LastDeploymentConfig" in endpoint:
            pending["LastDeploymentConfig"] = endpoint["LastDeploymentConfig"]
        endpoint |= {"EndpointStatus": "Updating", PENDING: {**pending, "StartTime": service.clock()}}
    _start(service, name)
    return {"EndpointArn": arn(ResourceType.ENDPOINT, name)}


def update_weights_and_capacities(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities: the models stay, their shares of the traffic change."""
    name = request["EndpointName"]
    with service.resources.changing(ResourceType.ENDPOINT, name) as endpoint:
        _refuse_update(endpoint)
        wanted = endpoint_variants.with_desired_capacity(
            endpoint["ProductionVariants"], request["DesiredWeightsAndCapacities"]
        )
        endpoint |= {"EndpointStatus": "Updating", "ProductionVariants": wanted}
    _start(service, name)
    return {"EndpointArn": arn(ResourceType.ENDPOINT, name)}


def delete_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpoint; config and models stay."""
    name = request["EndpointName"]
    _refuse_busy(service.resources.get(ResourceType.ENDPOINT, name))
    with service.model_servers.starting(name):
        service.resources.delete(ResourceType.ENDPOINT, name, _refuse_busy)
        old = service.model_servers.withdraw(name, None)
    for server in old:
        server.retire()
    return {}


def _start(service: "Service", name: str) -> None:
    service.workers.start(f"{ResourceType.ENDPOINT}/{name}", _finish_deployment, service, name)


def _finish_deployment(service: "Service", name: str, stop: threading.Event) -> None:
    """Bring an endpoint that is Creating or Updating to where it is asked to be; on a failure keep the old."""
    endpoint = service.resources.get(ResourceType.ENDPOINT, name)
    if endpoint["EndpointStatus"] == "Updating" and PENDING not in endpoint:
        full_disk.retry_until_room(lambda: _finish_weights(service, name))
        return
    config = endpoint.get(PENDING, endpoint)
    try:
        _load_all(service, name, config)
    except (ModelLoadError, ServiceError, S3Error, OSError) as fault:
        reason = full_disk.SENTENCE if full_disk.is_full(fault) else str(fault)
        full_disk.retry_until_room(lambda: _keep_old_models(service, name, reason))
        return
    with service.model_servers.starting(name):
        full_disk.retry_until_room(lambda: _replace_servers(service, name))
        old = service.model_servers.withdraw(name, but=config["EndpointConfigName"])
    for server in old:
        server.retire()


def _finish_weights(service: "Service", name: str) -> None:
    with service.resources.changing(ResourceType.ENDPOINT, name) as changed:
        changed |= {
            "EndpointStatus": "InService",
            "ProductionVariants": endpoint_variants.with_current_as_desired(_production(changed)),
        }
        changed.pop("FailureReason", None)


def _keep_old_models(service: "Service", name: str, reason: str) -> None:
    with service.resources.changing(ResourceType.ENDPOINT, name) as changed:
        serving = changed["EndpointStatus"] == "Updating"
        changed |= {"EndpointStatus": "InService" if serving else "Failed", "FailureReason": reason}
        changed.pop(PENDING, None)


def _replace_servers(service: "Service", name: str) -> None:
    with service.resources.changing(ResourceType.ENDPOINT, name) as changed:
        pending = changed.pop(PENDING, {})
        if pending:
            for member in DESCRIBED_MEMBERS:
                changed.pop(member, None)
            changed |= {member: value for member, value in pending.items() if member != "StartTime"}
        changed["EndpointStatus"] = "InService"
        changed.pop("FailureReason", None)


def _load_all(service: "Service", name: str, config: Document) -> None:
    """Load a model for each variant of what an endpoint tells, beside those that run. Raises as `load` does."""
    servers: dict[str, ModelServer] = {}
    try:
        for variant in _production(config):
            if endpoint_variants.is_multi_model(variant):
                write_log(service, name, variant["VariantName"], "Models are loaded when they are requested")
                continue
            servers[variant["VariantName"]] = load(service, variant["ModelName"])
            write_log(service, name, variant["VariantName"], f"Loaded the model {variant['ModelName']}")
    except (ModelLoadError, ServiceError, S3Error, OSError) as error:
        write_log(service, name, variant["VariantName"], str(error))
        for server in servers.values():
            server.close()
        raise
    service.model_servers.put(name, config["EndpointConfigName"], servers)


def restore(service: "Service") -> None:
    """After a restart: endpoints that were on their way get there; those in service load on first use."""
    for endpoint in service.resources.with_status(ResourceType.ENDPOINT, "Creating", "Updating"):
        _start(service, endpoint["EndpointName"])


def _config(service: "Service", name: str) -> Document:
    return service.resources.get(ResourceType.ENDPOINT_CONFIG, name)


def _describe_config(service: "Service", config: Document) -> Document:
    """What an endpoint tells of the config it is made of. Raises ServiceError when a model is gone."""
    models = {variant["ModelName"] for variant in endpoint_variants.variants_of_config(config)}
    containers = {name: primary_container(service.resources.get(ResourceType.MODEL, name)) for name in models}
    description = {member: config[member] for member in DESCRIBED_MEMBERS if member in config}
    for member in endpoint_variants.MEMBERS:
        if member in config:
            description[member] = endpoint_variants.describe_deployed(config[member], containers, service.clock())
    if CAPTURE in config:
        capture = config[CAPTURE]
        description[CAPTURE] = {
            "EnableCapture": capture.get("EnableCapture", False),
            "CaptureStatus": "Stopped",  # nothing is captured here
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return description


def _production(endpoint: Document) -> list[endpoint_variants.Variant]:
    listed: list[endpoint_variants.Variant] = endpoint["ProductionVariants"]
    return listed


def _refuse_busy(endpoint: Document) -> None:
    if endpoint["EndpointStatus"] in BUSY:
        raise validation_error(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')


def _refuse_update(endpoint: Document) -> None:
    """Of an endpoint that changes already, or failed. Source: SageMaker API reference, EndpointSummary (Failed)."""
    _refuse_busy(endpoint)
    if endpoint["EndpointStatus"] == "Failed":
        raise validation_error(f'Cannot update failed endpoint "{endpoint["EndpointArn"]}". Delete it, then create it.')


def describe_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModel."""
    return service.resources.get(ResourceType.MODEL, request["ModelName"])


def describe_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpointConfig."""
    return service.resources.get(ResourceType.ENDPOINT_CONFIG, request["EndpointConfigName"])


def describe_endpoint(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpoint."""
    return service.resources.get(ResourceType.ENDPOINT, request["EndpointName"])


def delete_model(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModel."""
    service.resources.delete(ResourceType.MODEL, request["ModelName"])
    return {}


def delete_endpoint_config(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpointConfig."""
    service.resources.delete(ResourceType.ENDPOINT_CONFIG, request["EndpointConfigName"])
    return {}


def list_models(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListModels."""
    documents, token = service.resources.page(ResourceType.MODEL, request, descending=True)
    return {"Models": documents, "NextToken": token}


def list_endpoint_configs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpointConfigs."""
    documents, token = service.resources.page(ResourceType.ENDPOINT_CONFIG, request, descending=True)
    return {"EndpointConfigs": documents, "NextToken": token}


def list_endpoints(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpoints."""
    documents, token = service.resources.page(ResourceType.ENDPOINT, request, descending=True)
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
    "UpdateEndpointWeightsAndCapacities": update_weights_and_capacities,
    "DeleteEndpoint": delete_endpoint,
}
