"""Looking again and again at what runs: the old answer stands until the new one is whole."""

import threading
from datetime import datetime

import pytest

from services.aws.errors import AwsError
from services.inventory import all_kinds
from services.inventory.cached_scan import CachedScan
from services.inventory.scan import Scan
from tests.local_service import eventually
from tests.services.inventory.test_scan import DENIED, RegionalAccount, World


def looking(world: World, fresh_for: float = 60.0) -> CachedScan:
    def begin(now: datetime) -> Scan:
        return all_kinds.start_scan([RegionalAccount(world=world)], now)

    return CachedScan(begin, fresh_for)


def names(found: CachedScan, wait: float = 10.0) -> list[str]:
    return [resource.name for resource in found.look(wait).resources]


def test_a_fresh_answer_is_not_asked_for_again() -> None:
    world = World({"us-east-1": ["a"]})
    found = looking(world)
    assert names(found) == ["a"]

    world.notebooks["us-east-1"] = ["b"]

    assert names(found) == ["a"]


def test_an_old_answer_stands_until_the_new_one_is_whole() -> None:
    world = World({"us-east-1": ["a"]})
    found = looking(world, fresh_for=0.0)
    assert names(found) == ["a"]

    world.notebooks["us-east-1"], silence = ["b"], threading.Event()
    world.silent["us-east-1"] = silence
    assert names(found, wait=0.1) == ["a"]

    silence.set()
    del world.silent["us-east-1"]
    assert eventually(lambda: names(found) == ["b"])


def test_a_first_answer_comes_in_piece_by_piece() -> None:
    silence = threading.Event()
    world = World({"us-east-1": ["a"]}, silent={"us-east-1": silence})

    assert looking(world).look(0.1).waiting == ("us-east-1",)

    silence.set()


def test_a_refusal_is_asked_again_the_next_time() -> None:
    world = World({"us-east-1": ["a"]}, refused={"us-east-1": DENIED})
    found = looking(world)
    with pytest.raises(AwsError):
        found.look(10)

    world.refused.clear()

    assert names(found) == ["a"]
