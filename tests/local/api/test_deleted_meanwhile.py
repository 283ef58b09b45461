"""An endpoint that is deleted while a request waits for its model."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.local.api.invocation import Invocation, invoke
from services.local.protocol.wire import ServiceError
from services.local.runtime.model_servers import ModelServer, ModelServers
from services.local.runtime.processes import Processes
from services.local.service import open_service
from services.local.store.resources import Resources, ResourceType

NAME = "short-lived"
VARIANT = {"VariantName": "only", "ModelName": "model", "CurrentWeight": 1.0, "CurrentInstanceCount": 1}


class _LastLook(ModelServers):
    """Model servers, none of which runs; the endpoint is deleted while somebody looks for one."""

    def __init__(self, resources: Resources, folder: Path) -> None:
        super().__init__(Processes(), folder)
        self._resources = resources

    def get(self, endpoint: str, config: str, slot: str) -> ModelServer | None:
        if self._resources.has(ResourceType.ENDPOINT, endpoint):
            self._resources.delete(ResourceType.ENDPOINT, endpoint)
        return None


def test_a_request_to_an_endpoint_that_is_deleted_meanwhile_does_not_find_it(tmp_path: Path) -> None:
    service = open_service(tmp_path)
    service.resources.create(
        ResourceType.ENDPOINT,
        NAME,
        {"EndpointStatus": "InService", "EndpointConfigName": "config", "ProductionVariants": [VARIANT]},
    )
    racing = replace(service, model_servers=_LastLook(service.resources, tmp_path / "endpoints"))
    with pytest.raises(ServiceError) as refused:
        invoke(racing, Invocation(NAME, b"1,2,3", "text/csv", "*/*", None))
    assert (refused.value.code, refused.value.message) == (
        "ValidationError",
        f"Endpoint {NAME} of account 000000000000 not found.",
    )
