"""Calls that are denied, throttled or dropped at random: whatever is not in the list is told to be missing."""

import random
import threading
from datetime import UTC, datetime

import pytest

from services.aws.regions import DEFAULT_REGIONS
from services.inventory import all_kinds
from services.inventory.resources import Inventory, ResourceKind
from tests.services.inventory.standin import NAMES, StandIn, StandInAccount, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REGIONS = list(DEFAULT_REGIONS[:3])
EACH = 4
KINDS = {
    "endpoint": ResourceKind.ENDPOINT,
    "training_job": ResourceKind.TRAINING_JOB,
    "notebook_instance": ResourceKind.NOTEBOOK_INSTANCE,
    "app": ResourceKind.STUDIO_APP,
}
FAULTS = ("AccessDeniedException", "ThrottlingException", "ExpiredTokenException", "drop")


def asked(stand_in: StandIn) -> Inventory:
    found = all_kinds.start_scan([StandInAccount(region=region, stand_in=stand_in) for region in REGIONS], NOW)
    found.wait(60)
    return found.partial_result()


def chaotic(seed: int) -> StandIn:
    """A world in which every fourth call goes wrong."""
    chance, lock = random.Random(seed), threading.Lock()

    def fault(region: str, operation: str) -> str | None:
        with lock:
            return chance.choice(FAULTS) if chance.random() < 0.25 else None

    stand_in = world(REGIONS, EACH, NOW)
    stand_in.fault = fault
    return stand_in


def test_when_all_goes_well_everything_is_listed() -> None:
    inventory = asked(world(REGIONS, EACH, NOW))

    assert (len(inventory.resources), inventory.failures) == (len(REGIONS) * len(NAMES) * EACH, ())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_row_is_lost_without_a_word(seed: int) -> None:
    inventory = asked(chaotic(seed))

    for region in REGIONS:
        for kind in KINDS.values():
            found = sum((resource.region, resource.kind) == (region, kind) for resource in inventory.resources)
            told = [each for each in inventory.failures if each.region == region and each.kind in (kind, region)]
            list_refused = any(each.resources == 0 for each in told)
            assert list_refused or found + sum(each.resources for each in told) == EACH


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_what_is_listed_is_never_made_up(seed: int) -> None:
    names = {f"{what.replace('_', '-')}-{index}" for what in NAMES for index in range(EACH)}

    listed = {resource.name.partition(" / ")[2] or resource.name for resource in asked(chaotic(seed)).resources}

    assert listed <= names


@pytest.mark.slow
def test_calls_grow_with_what_runs_and_no_faster() -> None:
    def calls(each: int) -> int:
        stand_in = world(REGIONS, each, NOW)
        asked(stand_in)
        return len(stand_in.asked)

    few, more, most = calls(2), calls(4), calls(8)

    assert most - more == 2 * (more - few)
