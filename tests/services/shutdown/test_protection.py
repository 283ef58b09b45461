"""What may be ended, and what has to be typed before."""

from datetime import UTC, datetime

import pytest

from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind, Tags
from services.shutdown.protection import NOT_CONFIRMED, Confirmation, Guard, check, guard, marks, refusal_for


def make_running(name: str = "x", tags: Tags | None = (), arn: str = "arn:x") -> BillableResource:
    return BillableResource(
        kind=ResourceKind.ENDPOINT,
        name=name,
        status="InService",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        usd_per_hour=0.23,
        since=datetime(2026, 11, 24, tzinfo=UTC),
        cost_so_far=0.0,
        identity=(("EndpointName", name),),
        tags=tags,
        arn=arn,
    )


@pytest.mark.parametrize("value", ["true", "yes", "1", "Ada said so", "TRUE"])
def test_the_protecting_tag_protects_with_any_value(value: str) -> None:
    assert guard((("sagedeck:protected", value),)) is Guard.PROTECTED


@pytest.mark.parametrize("value", ["false", "No", "0", ""])
def test_but_with_a_value_that_denies_it(value: str) -> None:
    assert guard((("sagedeck:protected", value),)) is Guard.FREE


@pytest.mark.parametrize(
    ("key", "value"), [("env", "prod"), ("Environment", "Production"), ("STAGE", "live"), ("stack", "PROD")]
)
def test_production_is_known_by_its_tags_however_they_are_spelled(key: str, value: str) -> None:
    assert guard((("team", "risk"), (key, value))) is Guard.PRODUCTION


def test_production_is_refused_while_it_is_locked_and_the_rest_is_not() -> None:
    locked = "Tagged as production, and production is locked. Unlock it in Settings first."
    assert refusal_for((("env", "prod"),), locked=True) == locked
    assert [
        refusal_for((("env", "prod"),), locked=False),
        refusal_for((), locked=True),
        refusal_for(None, locked=True),
    ] == [""] * 3


@pytest.mark.parametrize("tags", [(), (("env", "test"),), (("team", "production"),)])
def test_what_is_not_tagged_so_is_free(tags: Tags) -> None:
    assert guard(tags) is Guard.FREE


def test_tags_that_could_not_be_asked_are_unknown_and_not_none() -> None:
    assert guard(None) is Guard.UNKNOWN


def test_protection_outweighs_production() -> None:
    assert guard((("env", "prod"), ("sagedeck:protected", "true"))) is Guard.PROTECTED


def test_what_is_protected_and_production_keeps_both_marks() -> None:
    assert marks((("env", "prod"), ("sagedeck:protected", "true"))) == (Guard.PROTECTED, Guard.PRODUCTION)
    assert [marks(tags) for tags in ((), (("env", "prod"),), None)] == [(), (Guard.PRODUCTION,), (Guard.UNKNOWN,)]


@pytest.mark.parametrize(
    ("tags", "arn", "why"),
    [
        ((("env", "prod"),), "arn:x", "it is tagged as production"),
        (None, "arn:x", "its tags could not be read, so it may be production"),
        (None, "", "its ARN is unknown, so it may be tagged as production"),
    ],
)
def test_production_and_unknown_tags_need_the_name_typed_and_are_told_why(
    tags: Tags | None, arn: str, why: str
) -> None:
    resource = make_running("fraud", tags, arn)

    with pytest.raises(Problem) as raised:
        check([resource], Confirmation({resource.key: "frau"}), 5)

    assert str(raised.value) == f"Endpoint fraud: {why}. Type fraud to confirm."
    check([resource], Confirmation({resource.key: " fraud "}), 5)


def test_the_name_of_another_thing_is_no_confirmation() -> None:
    resource, other = make_running("fraud", None), make_running("churn", ())

    with pytest.raises(Problem):
        check([resource], Confirmation({other.key: "fraud"}), 5)


def test_more_things_than_the_blast_limit_need_their_number_typed() -> None:
    resources = [make_running(str(number)) for number in range(3)]

    with pytest.raises(Problem) as raised:
        check(resources, Confirmation(number="2"), 2)

    said = "3 resources are selected; more than 2 at once must be confirmed. Type 3, or select fewer."
    assert str(raised.value) == f"Shut down: {said}"
    check(resources, Confirmation(number="3"), 2)
    check(resources[:2], NOT_CONFIRMED, 2)
