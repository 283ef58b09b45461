"""The AWS wire protocols, written once and driven by botocore's own service model.

Requests become plain dicts and answers come from plain dicts, both in the JSON shape of the API, with times as epoch
seconds: so a stored document is an answer already. What the model knows (required members, types, lengths, patterns,
enumerations) is checked here, in AWS's words; what it does not know is the operations' business.
"""

import json
import math
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
import cbor2
from botocore.model import OperationModel, ServiceModel, Shape

from services.local.protocol import addresses

_SURROGATES = re.compile("[\ud800-\udfff]")  # halves of a character, which JSON can escape one by one
_session = botocore.session.Session()


class ServiceError(Exception):
    """A refusal as AWS would send it: `code`, `message` and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def validation_error(message: str) -> ServiceError:
    """The error SageMaker answers to nearly everything it does not like."""
    return ServiceError("ValidationException", message)


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, by boto3's name for it ("sagemaker", "cloudwatch")."""
    return _session.get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """The model of one operation. Raises ServiceError for a name AWS does not have either."""
    model = service_model(service)
    if operation not in model.operation_names:
        raise ServiceError("UnknownOperationException", f"The operation {operation} is not known.")
    return model.operation_model(operation)


# ---- requests


def from_json(body: bytes) -> dict[str, Any]:
    """The request of the JSON protocols. Raises ServiceError when it is not a JSON object."""
    try:
        request = json.loads(body or b"{}", parse_constant=_refuse, parse_float=_finite, object_hook=_given)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "The request body is not a JSON object.")
    return request


def _given(members: dict[str, Any]) -> dict[str, Any]:
    """The members that have a value: null says what leaving out says."""
    return {name: value for name, value in members.items() if value is not None}


def _refuse(constant: str) -> float:
    raise ValueError(f"JSON has no {constant}")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def from_cbor(body: bytes) -> dict[str, Any]:
    """The request of Smithy's RPC v2 CBOR protocol, its times turned into epoch seconds."""
    try:
        request = cbor2.loads(body) if body else {}
    except cbor2.CBORDecodeError:
        raise ServiceError("SerializationException", "The request body is not CBOR.") from None
    plain: dict[str, Any] = _as_json(request)
    return plain


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return _given({key: _as_json(item) for key, item in value.items()})
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


# ---- checks

_TYPES: dict[str, Any] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "blob": (str, bytes),
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
_BEYOND_FLOAT = 2.0**128  # what no number of 32 bits reaches


def validate(model: OperationModel, request: dict[str, Any]) -> dict[str, Any]:
    """`request` if the model allows it. Raises ServiceError naming every member it does not allow."""
    if model.input_shape is None:
        return {}
    faults = list(_violations(model.input_shape, request, ""))
    if faults:
        plural = "" if len(faults) == 1 else "s"
        raise validation_error(f"{len(faults)} validation error{plural} detected: {'; '.join(faults)}")
    return request


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    expected = _TYPES[shape.type_name]
    fits = isinstance(value, expected) and is_storable(value)
    if fits and shape.type_name == "float":
        fits = abs(value) < _BEYOND_FLOAT
    if not fits or (isinstance(value, bool) and shape.type_name != "boolean"):
        raise ServiceError("SerializationException", f"{path or 'The request'} is not a {shape.type_name}.")
    constraint = _broken_constraint(shape, value)
    if constraint:
        yield f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}"
    elif shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                at = _step(path, name)
                yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _violations(member, value[name], _step(path, name))
    elif shape.type_name == "list":
        for number, item in enumerate(value, start=1):
            yield from _violations(shape.member, item, f"{path}.{number}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _violations(shape.key, key, f"{path}.key")
            yield from _violations(shape.value, item, f"{path}.{key}.member")


def is_storable(value: Any) -> bool:
    """Whether a value that came as JSON or CBOR is one that the database takes: numbers of 64 bits, text of UTF-8."""
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or not _SURROGATES.search(value)


def _step(path: str, name: str) -> str:
    return f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")


def _broken_constraint(shape: Shape, value: Any) -> str | None:
    limits = shape.metadata
    if isinstance(value, int | float) and not isinstance(value, bool) and shape.type_name != "timestamp":
        size, measure = float(value), "have value"
    elif isinstance(value, str | list | dict) and shape.type_name != "structure":
        size, measure = float(len(value)), "have length"
    else:
        return None
    if limits.get("max") is not None and size > limits["max"]:
        return f"{measure} less than or equal to {limits['max']}"
    if limits.get("min") is not None and size < limits["min"]:
        return f"{measure} greater than or equal to {limits['min']}"
    if shape.type_name == "string":
        if limits.get("enum") and value not in limits["enum"]:
            return f"satisfy enum value set: [{', '.join(limits['enum'])}]"
        pattern = _pattern(limits.get("pattern"))
        if pattern and not pattern.fullmatch(value):
            return f"satisfy regular expression pattern: {limits['pattern']}"
        if limits.get("pattern", "").startswith(addresses.PATTERN) and not addresses.is_address(value):
            return addresses.FORMS
    return None


@cache
def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error:
        return None  # Java's Unicode classes (\p{L}), which stand only in patterns of tags and descriptions


# ---- answers


def to_output_shape(shape: Shape | None, value: Any) -> Any:
    """`value` cut down to the members the model has; members that are None are left out."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {
            name: to_output_shape(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list":
        return [to_output_shape(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: to_output_shape(shape.value, item) for key, item in value.items()}
    return value


def to_json(model: OperationModel, answer: dict[str, Any]) -> bytes:
    """The body of an answer in the JSON protocols."""
    return json.dumps(to_output_shape(model.output_shape, answer)).encode()


def to_cbor(model: OperationModel, answer: dict[str, Any]) -> bytes:
    """The body of an answer in Smithy's RPC v2 CBOR protocol; times are tag 1."""
    return cbor2.dumps(_tag_timestamps(model.output_shape, to_output_shape(model.output_shape, answer)))


def _tag_timestamps(shape: Shape | None, value: Any) -> Any:
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {name: _tag_timestamps(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [_tag_timestamps(shape.member, item) for item in value]
    return cbor2.CBORTag(1, value) if shape.type_name == "timestamp" else value


def to_xml(model: OperationModel, answer: dict[str, Any], request_id: str) -> bytes:
    """The body of an answer in the query protocol (STS, IAM)."""
    inner = _xml(model.output_shape, to_output_shape(model.output_shape, answer)) if model.output_shape else ""
    result = f"<{model.name}Result>{inner}</{model.name}Result>"
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    namespace = model.service_model.metadata.get("xmlNamespace", "")
    return f'<{model.name}Response xmlns="{namespace}">{result}{metadata}</{model.name}Response>'.encode()


def _xml(shape: Shape, value: Any) -> str:
    if shape.type_name == "structure":
        return "".join(f"<{name}>{_xml(shape.members[name], item)}</{name}>" for name, item in value.items())
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(shape.member, item)}</member>" for item in value)
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    if shape.type_name == "blob":
        return b64encode(value).decode()
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
