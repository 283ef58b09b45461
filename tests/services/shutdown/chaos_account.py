"""An account in which calls are refused, lost, answered late or arrive twice, and processes die in the midst of them.

One `Random` decides everything, so a seed is one history. What must never happen is checked the moment it does.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from services.aws.errors import AwsError
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown.grace import STOP_AT
from services.shutdown.protection import PROTECTED
from tests.services.fake_s3 import FakeS3
from tests.services.shutdown.shutdown_account import PulledPlug
from tests.services.shutdown.test_plan import make_running

START = datetime(2026, 11, 28, 9, tzinfo=UTC)
SILENT = timedelta(seconds=60)  # after which a run may be taken over
GRACE = timedelta(minutes=10)
FAULTS = ("denied", "throttled", "lost", "late", "twice", "killed before", "killed after")
CHANGES = ("delete_", "stop_", "create_", "put_", "add_")
SHUTS_DOWN = {
    "delete_endpoint": ResourceKind.ENDPOINT,
    "stop_notebook_instance": ResourceKind.NOTEBOOK_INSTANCE,
    "delete_app": ResourceKind.STUDIO_APP,
    "delete_space": ResourceKind.SPACE_VOLUME,
}
DESCRIBES = {f"describe_{operation.partition('_')[2]}": kind for operation, kind in SHUTS_DOWN.items()}
VARIANTS = [{"VariantName": "v", "InstanceType": "ml.m5.xlarge", "CurrentInstanceCount": 1}]
STATUS = {
    ResourceKind.ENDPOINT: "EndpointStatus",
    ResourceKind.NOTEBOOK_INSTANCE: "NotebookInstanceStatus",
    ResourceKind.STUDIO_APP: "Status",
    ResourceKind.SPACE_VOLUME: "Status",
}
EMPTY = {
    "list_inference_components": "InferenceComponents",
    "list_training_jobs": "TrainingJobSummaries",
    "list_hyper_parameter_tuning_jobs": "HyperParameterTuningJobSummaries",
    "list_transform_jobs": "TransformJobSummaries",
    "describe_scalable_targets": "ScalableTargets",
    "describe_scaling_policies": "ScalingPolicies",
}


def refused(code: str, said: str) -> AwsError:
    return AwsError("Chaos on AWS", said, "Try again", code)


MISSING = refused("ValidationException", "Could not find it")
TIMEOUT = AwsError("Chaos on AWS", "read timed out", "Try again", "ReadTimeoutError", unsure=True)


@lru_cache(maxsize=1024)
def content(body: bytes) -> Any:
    """A document, to read only."""
    return json.loads(body)


@dataclass
class Resource:
    """One resource, from its creation to its end. `since` of a tag: the number of the deed that set it."""

    kind: ResourceKind
    name: str
    identity: dict[str, str]
    status: str = "InService"
    created: datetime = START
    parent: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    marked: datetime | None = None  # when a rule told of its shutdown
    kept: int | None = None  # the number of the deed by which a person keeps it
    changes_at: datetime | None = None  # when it is gone, stopped, or in service
    by_us: bool = False  # whether a call of a run shut it down
    pausing: bool = False  # whether that run was to pause it
    unseen: bool = False  # whether its name was used again before that run had verified it

    @property
    def arn(self) -> str:
        return f"arn:{self.kind}:{self.name}"

    @property
    def over(self) -> bool:
        return self.status in ("gone", "Stopped")

    @property
    def leaving(self) -> bool:
        return self.status in ("Deleting", "Stopping")

    def listed(self) -> BillableResource:
        listed = make_running(
            self.kind,
            self.name,
            self.status,
            tuple(self.identity.items()),
            arn=self.arn,
            tags=tuple(self.tags.items()),
            region="us-east-1",
            parent=self.parent,
            idle_hours=9.0,
        )
        return replace(listed, since=self.created)


@dataclass
class Caller:
    """A process: what it does now began after so many deeds of people; `run`: the document of the run it drives.

    only_reads: whether it applies rules, and was in read-only mode when it began.
    """

    name: str
    began: int = 0
    run: str = ""
    only_reads: bool = False


@dataclass
class World:
    """What there is, what people have done to it, and what goes wrong next."""

    chance: Random
    trouble: float = 0.06  # of a call that changes something; a third of that for one that reads
    now: datetime = START
    objects: dict[str, bytes] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)  # the newest of a name last
    configs: set[str] = field(default_factory=set)
    deeds: int = 0
    locked_since: int | None = None
    read_only_since: int | None = None
    per_launch_began: set[float | None] = field(default_factory=lambda: {None})  # the limits when a resume began
    meanwhile: Callable[[Caller], None] = lambda caller: None  # what others do while a call is under way
    violations: list[str] = field(default_factory=list)

    def present(self, kind: ResourceKind, name: str) -> Resource | None:
        found = [one for one in self.resources if (one.kind, one.name) == (kind, name)]
        return found[-1] if found and found[-1].status != "gone" else None

    def resources_named(self, name: str) -> list[Resource]:
        return [one for one in self.resources if one.name == name]

    def newest(self) -> list[Resource]:
        """The last of each name, whether it is gone or not."""
        return list({(one.kind, one.name): one for one in self.resources}.values())

    def alive(self) -> list[Resource]:
        return [one for one in self.resources if not one.over]

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for one in self.resources:
            if one.changes_at and one.changes_at <= self.now:
                one.status = {"Deleting": "gone", "Stopping": "Stopped", "Creating": "InService"}[one.status]
                one.changes_at = None

    def tag(self, one: Resource, key: str, value: str) -> None:
        """Set a tag; "" takes it away."""
        if value == one.tags.get(key, ""):
            return
        self.deeds += 1
        one.since.pop(key, None)
        one.tags.pop(key, None)
        if value:
            one.tags[key], one.since[key] = value, self.deeds

    def check(self, holds: bool, promise: str) -> None:
        if not holds:
            self.violations.append(f"{self.now:%H:%M:%S} {promise}")

    def check_mode(self, began: int, what: str) -> None:
        """Read-only mode that was on when a process began what it does now keeps it from `what`."""
        on = self.read_only_since is not None and self.read_only_since <= began
        self.check(not on, f"{what} in read-only mode")

    def runs(self) -> Iterator[dict[str, Any]]:
        for address, body in self.objects.items():
            if "/shutdowns/" in address:
                yield content(body)

    def stored(self, name: str) -> dict[str, Any] | None:
        """A document by the end of its address."""
        return next((content(body) for address, body in self.objects.items() if address.endswith(name)), None)

    def unfinished(self) -> bool:
        """Whether a run is open or an endpoint is being resumed."""
        return any(b'"ended": null' in body or b'"resuming": true' in body for body in self.objects.values())

    def paused(self, name: str) -> dict[str, Any] | None:
        return self.stored(f"/parked/{name}.json")

    def ledger(self) -> Counter[tuple[str, str]]:
        entries = [content(body) for address, body in self.objects.items() if "/ledger/" in address]
        return Counter((entry["kind"], entry["name"]) for entry in entries)

    def shut_down(self) -> Counter[tuple[str, str]]:
        """What runs have shut down."""
        return Counter((str(one.kind), one.name) for one in self.resources if one.over and one.by_us)


@dataclass(frozen=True)
class ChaosAccount(FakeS3):
    """The account as one process reaches it."""

    title: str = "AWS"
    region: str = "us-east-1"
    bucket: str = "bucket"
    world: World = field(default_factory=lambda: World(Random(0)), compare=False)
    caller: Caller = field(default_factory=lambda: Caller("a"), compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if service == "sts" or operation == "head_bucket":
            return super().call(service, operation, **parameters)
        changes = operation.startswith(CHANGES)
        fault = self._fault(changes)
        if changes:
            self.world.meanwhile(self.caller)
        if fault == "denied":
            raise refused("AccessDeniedException", f"not authorized: {operation}")
        if fault == "throttled":
            raise refused("ThrottlingException", "Rate exceeded")
        if fault == "lost":
            raise TIMEOUT
        if fault == "killed before":
            raise PulledPlug
        answer = self._take_effect(service, operation, parameters)
        if fault == "late":
            raise TIMEOUT
        if fault == "killed after":
            raise PulledPlug
        if fault == "twice":
            try:
                return self._take_effect(service, operation, parameters)
            except AwsError as error:
                raise AwsError(error.where, error.said, error.remedy, error.code, unsure=True) from error
        return answer

    def _fault(self, changes: bool) -> str:
        chance, trouble = self.world.chance, self.world.trouble
        if not changes:
            return chance.choice(("denied", "throttled", "lost")) if chance.random() < trouble / 3 else ""
        return chance.choice(FAULTS) if chance.random() < trouble else ""

    def _take_effect(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        world = self.world
        changes = operation.startswith(CHANGES)
        world.check(not (changes and self.caller.only_reads), f"{operation} by rules in read-only mode")
        if service == "s3":
            if operation == "put_object":
                before = self.objects.get(f"s3://{parameters['Bucket']}/{parameters['Key']}")
            answer = super().call(service, operation, **parameters)
            if operation == "put_object" and before and "/shutdowns/" in parameters["Key"]:
                self._check_owner(json.loads(before), json.loads(parameters["Body"]))
            if operation == "put_object" and parameters["Key"].endswith("graces.json"):
                self._note_graces(json.loads(parameters["Body"])["marks"])
            if operation == "put_object" and "/ledger/" in parameters["Key"]:
                more = world.ledger() - world.shut_down()
                world.check(not more, f"ledger holds {more}, which no run has shut down")
            return answer
        if operation in SHUTS_DOWN:
            self._check_call(operation, parameters)
            self._shut_down(SHUTS_DOWN[operation], parameters)
            return {}
        if operation in DESCRIBES:
            return self._describe(operation, parameters)
        if operation in EMPTY:
            return {EMPTY[operation]: []}
        answered: dict[str, Any] = getattr(self, f"_{operation}")(**parameters)
        return answered

    def _note_graces(self, marks: dict[str, dict[str, str]]) -> None:
        for one in self.world.newest():
            if marks.get("/".join(one.listed().key), {}).get("stop_at") and not one.marked:
                one.marked = self.world.now

    def _check_owner(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        silent = self.world.now - datetime.fromisoformat(before["heartbeat"])
        taken = before["owner"] != after["owner"] and not before["ended"]
        self.world.check(not taken or silent > SILENT, f"run taken over after {silent}")

    def _check_call(self, operation: str, parameters: dict[str, Any]) -> None:
        world, began = self.world, self.caller.began
        step = self._check_planned(operation, parameters)
        one = self._of(SHUTS_DOWN[operation], parameters)
        if not step or not one:
            return
        since, what = one.since, f"{operation} {one.name}"
        world.check_mode(began, what)
        world.check(since.get(PROTECTED, began + 1) > began, f"{what} though it is protected")
        production = since.get("env", began + 1) <= began
        locked = world.locked_since is not None and world.locked_since <= began
        world.check(not (production and locked), f"{what} though production is locked")
        world.check(not production or step["typed"] == one.name, f"{what}: production, and its name was not typed")
        if step["why"] and not step["step"]["required_by"] and not one.leaving:
            told = one.marked and world.now - one.marked >= GRACE
            world.check(bool(told), f"{what} by a rule, marked at {one.marked}")
            world.check(one.kept is None or one.kept > began, f"{what} by a rule, though somebody keeps it")
        if step["step"]["pauses"]:
            world.check(world.paused(one.name) is not None, f"{what}: not stored before")

    def _check_planned(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """The step of the stored run that the call belongs to."""
        run = self.world.stored(f"/shutdowns/{self.caller.run}.json") or {"steps": []}
        planned: list[dict[str, Any]] = [
            step
            for step in run["steps"]
            if step["state"] != "waiting"  # whoever has taken the run over since may have gone on
            for call in step["step"]["calls"]
            if call["operation"] == operation and dict(call["parameters"]) == parameters
        ]
        self.world.check(len(planned) == 1, f"{operation} {list(parameters.values())} is in no stored plan")
        return planned[0] if planned else None

    def _shut_down(self, kind: ResourceKind, parameters: dict[str, Any]) -> None:
        world, one = self.world, self._of(kind, parameters)
        if one is None:
            raise MISSING
        if one.leaving or one.over or one.status == "Creating":
            raise refused("ValidationException", f"Cannot shut it down while it is {one.status}")
        if kind is ResourceKind.SPACE_VOLUME and any(app.parent[2:] == (one.name,) for app in world.alive()):
            raise refused("ResourceInUse", "it has apps")
        run = world.stored(f"/shutdowns/{self.caller.run}.json") or {"steps": []}
        pausing = [step for step in run["steps"] if step["state"] == "calling" and step["step"]["pauses"]]
        one.status = "Stopping" if kind is ResourceKind.NOTEBOOK_INSTANCE else "Deleting"
        one.by_us, one.pausing = True, bool(pausing)
        one.changes_at = world.now + timedelta(seconds=world.chance.choice((0, 0, 5, 60, 200)))
        world.pass_time(0)

    def _of(self, kind: ResourceKind, parameters: dict[str, Any]) -> Resource | None:
        found = [one for one in self.world.resources if one.kind is kind and parameters.items() <= one.identity.items()]
        return found[-1] if found and found[-1].status != "gone" else None

    def _describe(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        one = self._of(DESCRIBES[operation], parameters)
        if one is None:
            raise MISSING
        names = {"EndpointArn": one.arn, "EndpointConfigName": one.identity.get("EndpointConfigName", "")}
        return {**names, STATUS[one.kind]: one.status, "CreationTime": one.created, "ProductionVariants": VARIANTS}

    def _delete_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:
        world = self.world
        self._check_planned("delete_endpoint_config", {"EndpointConfigName": EndpointConfigName})
        for one in world.newest():
            if one.identity.get("EndpointConfigName") == EndpointConfigName and one.pausing:
                world.check(not one.by_us, f"{EndpointConfigName} deleted, with which {one.name} is to be resumed")
        if EndpointConfigName not in world.configs:
            raise MISSING
        world.configs.remove(EndpointConfigName)
        return {}

    def _create_endpoint(self, EndpointName: str, EndpointConfigName: str, Tags: list[Any]) -> dict[str, Any]:
        world = self.world
        if world.present(ResourceKind.ENDPOINT, EndpointName):
            raise refused("ValidationException", "Cannot create already existing endpoint")
        if EndpointConfigName not in world.configs:
            raise MISSING
        world.check(world.per_launch_began != {0.01}, f"{EndpointName} launched above the limit per launch")
        world.check_mode(self.caller.began, f"{EndpointName} resumed")
        for run in world.runs():
            for step in run["steps"]:
                if step["step"]["resource"]["name"] == EndpointName and step["state"] in ("calling", "stopping"):
                    world.resources_named(EndpointName)[-1].unseen = True
        new = Resource(
            ResourceKind.ENDPOINT,
            EndpointName,
            {"EndpointName": EndpointName, "EndpointConfigName": EndpointConfigName},
            "Creating",
            world.now,
            changes_at=world.now + timedelta(seconds=world.chance.choice((0, 30, 200))),
        )
        world.resources.append(new)
        for tag in Tags:
            world.tag(new, tag["Key"], tag["Value"])
        return {}

    def _list_endpoints(self, **_: Any) -> dict[str, Any]:
        endpoints = [one for one in self.world.newest() if one.kind is ResourceKind.ENDPOINT and one.status != "gone"]
        return {
            "Endpoints": [
                {"EndpointName": one.name, "EndpointStatus": one.status, "CreationTime": one.created}
                for one in endpoints
            ]
        }

    def _describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:
        if EndpointConfigName not in self.world.configs:
            raise MISSING
        return {"EndpointConfigName": EndpointConfigName, "ProductionVariants": VARIANTS}

    def _tagged(self, arn: str) -> Resource:
        found = [one for one in self.world.newest() if one.arn == arn and one.status != "gone"]
        if not found:
            raise MISSING
        return found[0]

    def _list_tags(self, ResourceArn: str) -> dict[str, Any]:
        return {"Tags": _pairs(self._tagged(ResourceArn))}

    def _get_resources(self, ResourceARNList: list[str]) -> dict[str, Any]:
        found = [one for one in self.world.newest() if one.arn in ResourceARNList and one.status != "gone"]
        return {"ResourceTagMappingList": [{"ResourceARN": one.arn, "Tags": _pairs(one)} for one in found]}

    def _add_tags(self, ResourceArn: str, Tags: list[dict[str, str]]) -> dict[str, Any]:
        one = self._tagged(ResourceArn)
        for tag in Tags:
            if tag["Key"] == STOP_AT and tag["Value"] != one.tags.get(STOP_AT):
                one.marked = self.world.now
            self.world.tag(one, tag["Key"], tag["Value"])
        return {}

    def _delete_tags(self, ResourceArn: str, TagKeys: list[str]) -> dict[str, Any]:
        for key in TagKeys:
            self.world.tag(self._tagged(ResourceArn), key, "")
        return {}


def _pairs(one: Resource) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in one.tags.items()]
