"""What could not be asked, in words."""

from pages.components.costs.failures import by_kind, label, message
from services.aws.account import Account
from services.inventory.resources import Failure

HOME = Account("AWS", "us-east-1")


def test_the_same_kind_in_many_regions_is_one_line() -> None:
    regions = ("us-east-1", "eu-west-1", "sa-east-1")
    (group,) = by_kind([Failure("Studio app", f"No, in {region}.", region) for region in regions])

    assert label(group, HOME) == "Studio app in 3 regions"
    assert message(group) == "No, in us-east-1. And in eu-west-1, sa-east-1."


def test_a_kind_of_the_region_one_looks_at_needs_no_place() -> None:
    assert label([Failure("Studio app", "No.", "us-east-1")], HOME) == "Studio app"


def test_things_that_were_listed_and_not_described_are_counted() -> None:
    assert label([Failure("Endpoint", "No.", "eu-west-1", resources=3)], HOME) == "3 of Endpoint in eu-west-1"


def test_a_region_that_said_nothing_is_named_once() -> None:
    assert label([Failure("eu-west-1", "It did not answer.", "eu-west-1")], HOME) == "eu-west-1"
