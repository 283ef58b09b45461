"""Notebook instances, by boto3: what they may do when, and that they come and go."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.factories import unique
from tests.local_service import ROLE, LocalService, eventually

pytestmark = pytest.mark.slow

SOON = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


def status(sagemaker: Any, name: str) -> str:
    current_status: str = sagemaker.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"]
    return current_status


@pytest.fixture
def notebook(sagemaker: Any) -> str:
    """A notebook instance in service; its name."""
    name = unique("notebook")
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    sagemaker.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName=name, WaiterConfig=SOON)
    return name


def test_a_new_one_is_pending_first(sagemaker: Any) -> None:
    name = unique("notebook")
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    assert status(sagemaker, name) == "Pending"


def test_it_is_described_as_it_was_asked_for(sagemaker: Any, notebook: str) -> None:
    document = sagemaker.describe_notebook_instance(NotebookInstanceName=notebook)
    assert (document["InstanceType"], document["VolumeSizeInGB"], document["RoleArn"]) == ("ml.t3.medium", 5, ROLE)


def test_it_stops_and_starts_again(sagemaker: Any, notebook: str) -> None:
    sagemaker.stop_notebook_instance(NotebookInstanceName=notebook)
    assert status(sagemaker, notebook) == "Stopping"
    sagemaker.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName=notebook, WaiterConfig=SOON)
    sagemaker.start_notebook_instance(NotebookInstanceName=notebook)
    eventually(lambda: status(sagemaker, notebook) == "InService")


def test_it_is_deleted_once_it_is_stopped(sagemaker: Any, notebook: str) -> None:
    sagemaker.stop_notebook_instance(NotebookInstanceName=notebook)
    sagemaker.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName=notebook, WaiterConfig=SOON)
    sagemaker.delete_notebook_instance(NotebookInstanceName=notebook)
    sagemaker.get_waiter("notebook_instance_deleted").wait(NotebookInstanceName=notebook, WaiterConfig=SOON)


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("delete_notebook_instance", r"Status \(InService\) not in \(\[Stopped, Failed\]\)"),
        ("start_notebook_instance", r"Unable to transition to \(Pending\)"),
    ],
)
def test_what_it_may_not_while_it_is_in_service(sagemaker: Any, notebook: str, operation: str, sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        getattr(sagemaker, operation)(NotebookInstanceName=notebook)


def test_one_that_is_not_there_is_not_found(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(NotebookInstanceName="never")


def test_lists_are_filtered_by_status_and_name(sagemaker: Any, notebook: str) -> None:
    instances = sagemaker.list_notebook_instances(StatusEquals="InService", NameContains=notebook)["NotebookInstances"]
    assert [item["NotebookInstanceName"] for item in instances] == [notebook]


def test_a_crash_on_the_way_up_does_not_leave_it_there(own_local: LocalService) -> None:
    name = unique("notebook")
    own_local.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE
    )
    own_local.kill()
    own_local.start()
    eventually(lambda: status(own_local.client("sagemaker"), name) == "InService")
