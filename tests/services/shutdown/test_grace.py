"""Between a rule that comes due and what it does there are ten minutes, and whoever keeps the resource has a day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.aws import tags
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import grace
from services.shutdown.grace import Mark
from services.shutdown.rules import Due
from tests.services.shutdown.shutdown_account import ShutdownAccount, make_endpoint
from tests.services.shutdown.test_plan import NOW

MINUTE = timedelta(minutes=1)


def decision(mark: Mark | None, due: bool = True) -> str:
    """What becomes of one resource with this mark."""
    resource = make_endpoint()
    found = grace.decide(
        [Due(resource, "idle", from_own_tag=True)] if due else [],
        [resource],
        {resource.key: mark} if mark else {},
        NOW,
    )
    return next((name for name, value in vars(found).items() if value), "nothing")


@pytest.mark.parametrize(
    ("mark", "becomes"),
    [
        (None, "begin"),
        (Mark(stop_at=NOW + 9 * MINUTE), "pending"),
        (Mark(stop_at=NOW), "act"),
        (Mark(stop_at=NOW - 60 * MINUTE), "act"),
        (Mark(stop_at=NOW - 180 * MINUTE), "begin"),  # nobody looked for so long, so nobody was told
        (Mark(keep_until=NOW + MINUTE), "pending"),
        (Mark(keep_until=NOW - MINUTE), "begin"),
    ],
)
def test_what_is_due_is_shut_down_once_its_grace_is_over_unless_it_is_kept(mark: Mark | None, becomes: str) -> None:
    assert decision(mark) == becomes


def test_what_is_no_longer_due_loses_its_mark() -> None:
    assert decision(Mark(stop_at=NOW + MINUTE), due=False) == "release"
    assert decision(Mark(keep_until=NOW + MINUTE), due=False) == "nothing"


def test_a_disk_with_the_tags_of_its_instance_takes_its_mark_not_away() -> None:
    machine = make_endpoint()
    disk = replace(machine, kind=ResourceKind.NOTEBOOK_VOLUME)
    marks = {one.key: Mark(stop_at=NOW) for one in (machine, disk)}

    found = grace.decide([Due(machine, "late", from_own_tag=True)], [machine, disk], marks, NOW)

    assert (len(found.act), found.release) == (1, ())


def marked(account: ShutdownAccount, resource: BillableResource) -> Mark | None:
    own = tuple(account.marks.get(resource.arn, {}).items())
    return grace.marks([replace(resource, tags=own)], grace.load(account)).get(resource.key)


@pytest.mark.parametrize("arn", ["arn:fraud", ""])
def test_a_grace_is_a_tag_of_the_resource_or_a_document_where_it_has_no_arn(arn: str) -> None:
    account, resource = ShutdownAccount(), replace(make_endpoint(), arn=arn)

    grace.begin(account, resource, NOW)
    assert marked(account, resource) == Mark(stop_at=NOW + timedelta(minutes=10))
    assert bool(grace.load(account).marks) is not bool(arn)

    tagged = replace(resource, tags=tuple(account.marks.get(arn, {}).items()))
    grace.keep(account, tagged, NOW)
    assert marked(account, resource) == Mark(keep_until=NOW + timedelta(hours=24))

    grace.release(account, replace(resource, tags=tuple(account.marks.get(arn, {}).items())))
    assert marked(account, resource) is None


def test_a_grace_is_kept_in_the_document_where_tagging_is_refused() -> None:
    account, resource = ShutdownAccount(refused={"add_tags"}), make_endpoint()
    grace.begin(account, resource, NOW)
    assert marked(account, resource) == Mark(stop_at=NOW + timedelta(minutes=10))


def test_a_moment_may_be_a_tag_and_a_tag_that_holds_none_is_no_mark() -> None:
    account, resource = ShutdownAccount(), make_endpoint()
    grace.begin(account, resource, NOW)
    tags.validate(account.marks[resource.arn])
    odd = replace(resource, tags=((grace.STOP_AT, "soon"),))
    assert grace.marks([odd], grace.NO_MARKS) == {}
