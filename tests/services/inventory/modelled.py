"""An account that answers what a test tells it, and lets pass only what botocore's models of AWS allow.

Both ways: parameters that AWS would refuse fail the test, and so do answers that it would never give. A list that
the test does not mention is empty.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import validate_parameters

from services.aws.account import Account
from services.aws.errors import AwsError

LOADING = threading.Lock()
ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/test"


SERVICES = (
    *("pricing", "ce", "compute-optimizer", "freetier"),
    *("sagemaker-geospatial", "sagemaker-a2i-runtime", "sagemaker"),
)


def operations() -> dict[str, OperationModel]:
    """The operations of these services by boto3's spelling; read once, however many threads ask."""
    with LOADING:
        return _operations()


@cache
def _operations() -> dict[str, OperationModel]:
    models = [botocore.session.get_session().get_service_model(name) for name in SERVICES]
    return {xform_name(name): model.operation_model(name) for model in models for name in model.operation_names}


def empty(operation: str) -> dict[str, Any]:
    """The answer of a List operation that finds nothing."""
    members = operations()[operation].output_shape.members
    return {name: [] for name, shape in members.items() if shape.type_name == "list"}


@dataclass(frozen=True)
class ModelledAccount(Account):
    """`answers` by operation, or by operation and one of its parameters ("list_jobs AgentRFT"); an AwsError is raised.

    `asked` keeps the operations in their order.
    """

    title: str = "AWS"
    region: str = "us-east-1"
    answers: Mapping[str, dict[str, Any] | AwsError] = field(default_factory=dict, compare=False)
    asked: list[str] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if service not in SERVICES:
            return {"MetricDataResults": [], "ResourceTagMappingList": [], "Account": ACCOUNT, "Arn": USER}
        model = operations()[operation]
        tokens = dict.fromkeys(model.idempotent_members, "0" * 36)  # boto3 makes them up
        validate_parameters({**tokens, **parameters}, model.input_shape)
        self.asked.append(operation)
        named = [f"{operation} {value}" for value in parameters.values() if isinstance(value, str)]
        key = next((key for key in named if key in self.answers), operation)
        answer = self.answers.get(key)
        if isinstance(answer, AwsError):
            raise answer
        if answer is None:
            return empty(operation) if operation.startswith("list_") else {}
        assert_known(model.output_shape, answer, operation)
        return answer


def assert_known(shape: Shape, value: Any, where: str) -> None:
    """Fails for a member that the model does not have."""
    if shape.type_name == "structure":
        for name, member in value.items():
            assert name in shape.members, f"{where} has no {name}"
            assert_known(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "map":
        for name, item in value.items():
            assert_known(shape.value, item, f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            assert_known(shape.member, item, where)
