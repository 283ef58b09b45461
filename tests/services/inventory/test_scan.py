"""What runs in many regions at once: as the answers come in, in time or not, and none lost without a word."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory import all_kinds
from services.inventory.resources import Failure, Inventory
from services.inventory.scan import Scan
from services.pricing.price_book import PriceBook
from tests.local_service import eventually
from tests.services.inventory.modelled import empty

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance"
DENIED = AwsError("List on AWS", "not authorized", "Ask for the IAM action", "AccessDeniedException")


@dataclass
class World:
    """Notebook instances by region, what is refused there ("REGION OPERATION"), and regions that are silent for now."""

    notebooks: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, AwsError] = field(default_factory=dict)
    silent: dict[str, threading.Event] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, region: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if region in self.silent:
            self.silent[region].wait()
        named = f"{operation} {parameters.get('NotebookInstanceName', '')}"
        for key in (f"{region} {operation}", f"{region} {named}", region):
            if key in self.refused:
                raise self.refused[key]
        if operation == "list_notebook_instances" and "StatusEquals" not in parameters:
            names = self.notebooks.get(region, [])
            return {
                "NotebookInstances": [{"NotebookInstanceName": n, "NotebookInstanceStatus": "InService"} for n in names]
            }
        if operation == "describe_notebook_instance":
            name = parameters["NotebookInstanceName"]
            return {
                "NotebookInstanceName": name,
                "NotebookInstanceArn": f"{ARN}/{name}",
                "NotebookInstanceStatus": "InService",
                "InstanceType": "ml.m5.xlarge",
                "LastModifiedTime": NOW - timedelta(hours=2),
                "VolumeSizeInGB": 5,
            }
        if operation == "get_resources":
            tagged = {arn: self.tags.get(arn.rpartition("/")[2]) for arn in parameters["ResourceARNList"]}
            return {
                "ResourceTagMappingList": [
                    {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
                    for arn, tags in tagged.items()
                    if tags
                ]
            }
        return empty(operation)


@dataclass(frozen=True)
class RegionalAccount(Account):
    """A region of a World."""

    title: str = "AWS"
    region: str = "us-east-1"
    world: World = field(default_factory=World, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.world.answer(self.region, operation, parameters)


def asked(world: World, *regions: str, limit: float = 30.0) -> Scan:
    return all_kinds.start_scan([RegionalAccount(region=region, world=world) for region in regions], NOW, limit=limit)


def answered(world: World, *regions: str) -> Inventory:
    found = asked(world, *regions)
    found.wait(60)
    return found.partial_result()


def told(found: Scan, **expected: tuple[Any, ...]) -> Inventory | None:
    """What a scan says once it says what is `expected`."""
    inventory = found.partial_result()
    return inventory if all(getattr(inventory, name) == each for name, each in expected.items()) else None


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """Ends when the test does."""
    event = threading.Event()
    yield event
    event.set()


def test_every_region_is_asked_and_each_thing_says_where_it_runs() -> None:
    world = World({"us-east-1": ["here"], "eu-west-1": ["there"]})

    inventory = answered(world, "us-east-1", "eu-west-1")

    assert {(resource.name, resource.region) for resource in inventory.resources} == {
        ("here", "us-east-1"),
        ("there", "eu-west-1"),
    }
    assert inventory.usd_per_hour == 0.46


def test_things_of_one_name_in_two_regions_are_two() -> None:
    inventory = answered(World({"us-east-1": ["same"], "eu-west-1": ["same"]}), "us-east-1", "eu-west-1")

    assert len({resource.key for resource in inventory.resources}) == 2


def test_what_has_answered_is_shown_while_another_region_is_silent(silence: threading.Event) -> None:
    world = World({"us-east-1": ["here"]}, silent={"eu-west-1": silence})

    found = asked(world, "us-east-1", "eu-west-1")
    inventory = eventually(lambda: told(found, waiting=("eu-west-1",)))

    assert [resource.name for resource in inventory.resources] == ["here"]


def test_silent_regions_in_the_background_do_not_delay_the_one_somebody_looks_at(silence: threading.Event) -> None:
    names = [f"region-{number}" for number in range(16)]
    world = World({"us-east-1": ["here"]}, silent=dict.fromkeys(names, silence))
    accounts = [RegionalAccount(region=name, world=world) for name in names]
    before = threading.active_count()
    others = all_kinds.start_scan(accounts, NOW, background=True)

    assert [resource.name for resource in answered(world, "us-east-1").resources] == ["here"]
    assert len(others.partial_result().waiting) == 16
    assert threading.active_count() - before <= 64


def test_a_price_book_that_fails_is_raised_and_not_lost_with_its_thread() -> None:
    def broken(account: Account) -> PriceBook:
        raise KeyError(account.region)

    found = all_kinds.start_scan([RegionalAccount()], NOW, broken)
    found.wait(60)

    with pytest.raises(KeyError):
        found.partial_result()


def test_a_region_that_never_answers_is_told_as_such(silence: threading.Event) -> None:
    world = World({"us-east-1": ["here"]}, silent={"eu-west-1": silence})

    found = asked(world, "us-east-1", "eu-west-1", limit=0.5)
    failed = (Failure("eu-west-1", "No answer within 0.5 s.", "eu-west-1"),)
    inventory = eventually(lambda: told(found, failures=failed))

    assert [resource.name for resource in inventory.resources] == ["here"]
    assert inventory.waiting == ()


def test_a_region_that_refuses_everything_is_one_sentence() -> None:
    world = World({"us-east-1": ["here"]}, refused={"eu-west-1": DENIED})

    inventory = answered(world, "us-east-1", "eu-west-1")

    assert [resource.name for resource in inventory.resources] == ["here"]
    assert inventory.failures == (Failure("eu-west-1", str(DENIED), "eu-west-1"),)


def test_when_every_region_refuses_everything_there_is_no_list() -> None:
    found = asked(World(refused={"us-east-1": DENIED, "eu-west-1": DENIED}), "us-east-1", "eu-west-1")
    found.wait(60)

    with pytest.raises(AwsError, match="not authorized"):
        found.partial_result()


def test_things_that_cannot_be_described_are_counted_and_the_others_are_shown() -> None:
    world = World(
        {"us-east-1": ["a", "b", "c"]},
        refused={f"us-east-1 describe_notebook_instance {name}": DENIED for name in ("a", "c")},
    )

    inventory = answered(world, "us-east-1")

    assert [resource.name for resource in inventory.resources] == ["b"]
    assert inventory.failures == (Failure("Notebook instance", str(DENIED), "us-east-1", resources=2),)


def test_owner_and_tags_come_with_each_thing() -> None:
    world = World({"us-east-1": ["mine", "untagged"]}, tags={"mine": {"Owner": "ada", "team": "fraud"}})

    mine, untagged = sorted(answered(world, "us-east-1").resources, key=lambda resource: resource.name)

    assert (mine.owner, mine.tags) == ("ada", (("Owner", "ada"), ("team", "fraud")))
    assert (untagged.owner, untagged.tags) == ("", ())


def test_whoever_made_it_in_studio_owns_it() -> None:
    profile = "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-1/ada"
    world = World({"us-east-1": ["x"]}, tags={"x": {"sagemaker:user-profile-arn": profile}})

    assert answered(world, "us-east-1").resources[0].owner == "ada"


def test_tags_that_may_not_be_read_are_unknown_and_not_none() -> None:
    world = World({"us-east-1": ["x"]}, refused={"us-east-1 get_resources": DENIED})

    inventory = answered(world, "us-east-1")

    assert inventory.resources[0].tags is None
    assert inventory.failures == (Failure("Tags", str(DENIED), "us-east-1", resources=1),)


def test_an_answer_without_what_is_read_of_it_hides_its_kind_only_and_is_told() -> None:
    class Changed(World):
        def answer(self, region: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            if operation == "list_training_jobs":
                return {"TrainingJobSummaries": [{"TrainingJobName": "x"}]}
            if operation == "describe_training_job":
                return {}
            return super().answer(region, operation, parameters)

    inventory = answered(Changed({"us-east-1": ["here"]}), "us-east-1")

    assert [resource.name for resource in inventory.resources] == ["here"]
    assert "Training job" in {failure.kind for failure in inventory.failures}
    assert all("the answer is not as SageDeck reads it (KeyError" in each.sentence for each in inventory.failures)
