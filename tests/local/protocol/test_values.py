"""Values that no type of AWS's API has are refused in a sentence, before they come to the database."""

import datetime as dt
from typing import Any

import cbor2
import pytest

from services.local.protocol.wire import ServiceError, from_cbor, from_json, operation_model, validate

JOBS = operation_model("sagemaker", "ListTrainingJobs")
EVENTS = operation_model("logs", "GetLogEvents")
TAGS = operation_model("sagemaker", "AddTags")
CONFIG = operation_model("sagemaker", "CreateEndpointConfig")
STATISTICS = operation_model("cloudwatch", "GetMetricStatistics")


def refusal(model: Any, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refused:
        validate(model, request)
    return refused.value.code, refused.value.message


@pytest.mark.parametrize(
    ("model", "request_", "message"),
    [
        (JOBS, {"CreationTimeAfter": 2**63}, "creationTimeAfter is not a timestamp."),
        (JOBS, {"CreationTimeAfter": "2026-01-31"}, "creationTimeAfter is not a timestamp."),
        (JOBS, {"MaxResults": 2**63}, "maxResults is not a integer."),
        (JOBS, {"MaxResults": True}, "maxResults is not a integer."),
        (EVENTS, {"startTime": 10**400}, "startTime is not a long."),
        (JOBS, from_json(rb'{"NameContains": "\ud83d"}'), "nameContains is not a string."),
        (
            CONFIG,
            {"ProductionVariants": [{"InitialVariantWeight": 1e39}]},
            "productionVariants.1.member.initialVariantWeight is not a float.",
        ),
        (TAGS, from_json(rb'{"Tags": [{"Value": "\udc4d"}]}'), "tags.1.member.value is not a string."),
        (STATISTICS, from_cbor(cbor2.dumps({"StartTime": float("nan")})), "startTime is not a timestamp."),
    ],
)
def test_what_no_type_has_is_refused_by_name(model: Any, request_: dict[str, Any], message: str) -> None:
    assert refusal(model, request_) == ("SerializationException", message)


def test_a_whole_character_that_json_escapes_is_text() -> None:
    request = from_json(rb'{"NameContains": "\ud83d\udc4d"}')
    code, message = refusal(JOBS, request)  # of letters, digits and hyphens only, says the model
    assert (code, "\N{THUMBS UP SIGN}" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    "request_",
    [
        from_json(b'{"NameContains": null, "SortBy": "Name", "Tags": [{"Value": null}]}'),
        from_cbor(cbor2.dumps({"NameContains": None, "SortBy": "Name", "Tags": [{"Value": None}]})),
    ],
    ids=["JSON", "CBOR"],
)
def test_null_says_what_leaving_out_says(request_: dict[str, Any]) -> None:
    assert request_ == {"SortBy": "Name", "Tags": [{}]}


@pytest.mark.parametrize("moment", [0, -1.5, dt.datetime(2026, 1, 31, tzinfo=dt.UTC).timestamp()])
def test_a_time_is_seconds_since_1970(moment: float) -> None:
    assert validate(JOBS, {"CreationTimeAfter": moment}) == {"CreationTimeAfter": moment}
