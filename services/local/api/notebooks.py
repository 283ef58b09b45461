"""Notebook instances as the API knows them: they bill on AWS, and here they stand for what one forgets.

Nothing runs in them. Which status may follow which: SageMaker developer guide, "Notebook instance".
"""

from typing import TYPE_CHECKING, Any

from services.local.api import simulated_lifecycle
from services.local.protocol.identity import REGION
from services.local.protocol.wire import validation_error
from services.local.store.resources import ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

DEFAULTS = {"VolumeSizeInGB": 5, "DirectInternetAccess": "Enabled", "RootAccess": "Enabled"}


def create_notebook_instance(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateNotebookInstance."""
    name = request["NotebookInstanceName"]
    document = {**DEFAULTS, **request, "Url": f"{name}.notebook.{REGION}.sagemaker.aws"}
    document["NotebookInstanceLifecycleConfigName"] = document.pop("LifecycleConfigName", None)
    simulated_lifecycle.create(service, ResourceType.NOTEBOOK_INSTANCE, name, document)
    return {"NotebookInstanceArn": arn(ResourceType.NOTEBOOK_INSTANCE, name)}


def describe_notebook_instance(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeNotebookInstance."""
    return service.resources.get(ResourceType.NOTEBOOK_INSTANCE, request["NotebookInstanceName"])


def list_notebook_instances(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListNotebookInstances."""
    documents, token = service.resources.page(ResourceType.NOTEBOOK_INSTANCE, request, descending=True)
    return {"NotebookInstances": documents, "NextToken": token}


def start_notebook_instance(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StartNotebookInstance."""
    return _change_status(service, request["NotebookInstanceName"], "Pending", "Stopped")


def stop_notebook_instance(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StopNotebookInstance; its volume stays, and bills."""
    return _change_status(service, request["NotebookInstanceName"], "Stopping", "InService")


def delete_notebook_instance(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteNotebookInstance; it must be stopped."""
    return _change_status(service, request["NotebookInstanceName"], "Deleting", "Stopped", "Failed")


def _change_status(service: "Service", name: str, status: str, *allowed: str) -> dict[str, Any]:
    notebook = service.resources.get(ResourceType.NOTEBOOK_INSTANCE, name)
    now = notebook["NotebookInstanceStatus"]
    if now not in allowed:
        raise validation_error(
            f"Status ({now}) not in ([{', '.join(allowed)}]). Unable to transition to ({status}) for Notebook Instance "
            f"({notebook['NotebookInstanceArn']})."
        )
    simulated_lifecycle.enter(service, ResourceType.NOTEBOOK_INSTANCE, name, status)
    return {}


OPERATIONS = {
    "CreateNotebookInstance": create_notebook_instance,
    "DescribeNotebookInstance": describe_notebook_instance,
    "ListNotebookInstances": list_notebook_instances,
    "StartNotebookInstance": start_notebook_instance,
    "StopNotebookInstance": stop_notebook_instance,
    "DeleteNotebookInstance": delete_notebook_instance,
}
