"""What shutting down will do, and what comes of it."""

import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem
from services.inventory.all_kinds import KINDS
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown.execute import State, execute, read_again
from services.shutdown.plan import KeptConfigs, Step, check_confirmation, pause_step, plan
from services.shutdown.protection import Confirmation

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDENTITIES: dict[ResourceKind, tuple[tuple[str, str], ...]] = {
    ResourceKind.ENDPOINT: (("EndpointName", "fraud"), ("EndpointConfigName", "fraud-config")),
    ResourceKind.TRAINING_JOB: (("TrainingJobName", "fraud"),),
    ResourceKind.TUNING_JOB: (("HyperParameterTuningJobName", "fraud"),),
    ResourceKind.PROCESSING_JOB: (("ProcessingJobName", "fraud"),),
    ResourceKind.TRANSFORM_JOB: (("TransformJobName", "fraud"),),
    ResourceKind.NOTEBOOK_INSTANCE: (("NotebookInstanceName", "fraud"),),
    ResourceKind.STUDIO_APP: (
        ("DomainId", "d-1"),
        ("SpaceName", "s"),
        ("AppType", "JupyterLab"),
        ("AppName", "default"),
    ),
}


@dataclass(frozen=True)
class FakeAccount(Account):
    """Keeps what it is asked, and refuses what it is told to refuse."""

    title: str = "AWS"
    region: str = "us-east-1"
    refusals: dict[str, AwsError] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # by ARN
    bucket: str = "kept"
    precautions: dict[str, Any] = field(default_factory=dict)  # in S3, but for the usual ones

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "list_tags" and operation not in self.refusals:
            return {"Tags": self.tags.get(parameters["ResourceArn"], [])}
        if operation == "get_object" and operation not in self.refusals:
            kept = {"version": 1, "idle": {}, "blast_limit": 5} | self.precautions
            return {"Body": io.BytesIO(json.dumps(kept).encode()), "ETag": '"kept"'}
        self.asked.append((operation, parameters))
        if operation in self.refusals:
            raise self.refusals[operation]
        return self.answers


def make_running(
    kind: ResourceKind = ResourceKind.ENDPOINT,
    name: str = "fraud",
    status: str = "InService",
    identity: tuple[tuple[str, str], ...] | None = None,
    bills_after: str = "",
    **more: Any,
) -> BillableResource:
    return BillableResource(
        kind=kind,
        name=name,
        status=status,
        instance_type="ml.m5.xlarge",
        instance_count=1,
        since=NOW,
        cost_so_far=0.0,
        identity=IDENTITIES[kind] if identity is None else identity,
        bills_after=bills_after,
        **{"arn": f"arn:{name}", "tags": (), "usd_per_hour": 0.23, **more},
    )


def only_step(item: BillableResource, *others: BillableResource) -> Step:
    (step,) = plan([item], [item, *others])
    return step


def only_refusal(item: BillableResource) -> str:
    """Why it is not shut down while production is locked."""
    (step,) = plan([item], locked=True)
    assert step.refused
    return step.refused


def refused(said: str, code: str) -> AwsError:
    return AwsError("Delete on AWS, us-east-1", said, "Ask for it", code)


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        (
            ResourceKind.ENDPOINT,
            ["DeleteEndpoint EndpointName=fraud", "DeleteEndpointConfig EndpointConfigName=fraud-config"],
        ),
        (ResourceKind.TRAINING_JOB, ["StopTrainingJob TrainingJobName=fraud"]),
        (ResourceKind.TUNING_JOB, ["StopHyperParameterTuningJob HyperParameterTuningJobName=fraud"]),
        (ResourceKind.PROCESSING_JOB, ["StopProcessingJob ProcessingJobName=fraud"]),
        (ResourceKind.TRANSFORM_JOB, ["StopTransformJob TransformJobName=fraud"]),
        (ResourceKind.NOTEBOOK_INSTANCE, ["StopNotebookInstance NotebookInstanceName=fraud"]),
        (ResourceKind.STUDIO_APP, ["DeleteApp DomainId=d-1 SpaceName=s AppType=JupyterLab AppName=default"]),
    ],
)
def test_the_plan_lists_exactly_what_will_be_called(kind: ResourceKind, calls: list[str]) -> None:
    assert [str(call) for call in only_step(make_running(kind)).calls] == calls


def test_a_configuration_that_another_endpoint_uses_stays() -> None:
    other = make_running(name="other", identity=(("EndpointName", "other"), ("EndpointConfigName", "fraud-config")))

    step = only_step(make_running(), other)

    assert [str(call) for call in step.calls] == ["DeleteEndpoint EndpointName=fraud"]
    assert step.consequence.endswith(" Its configuration stays: another endpoint uses it.")


def test_a_configuration_that_a_paused_endpoint_is_resumed_with_stays() -> None:
    kept = KeptConfigs({("", "fraud-config"): "nightly"})

    (step,) = plan([make_running()], kept=kept)

    assert [str(call) for call in step.calls] == ["DeleteEndpoint EndpointName=fraud"]
    assert step.consequence.endswith("Its configuration stays: paused endpoint nightly is resumed with it.")


def test_a_configuration_stays_while_a_paused_endpoint_cannot_be_read() -> None:
    (step,) = plan([make_running()], kept=KeptConfigs(complete=False))

    assert [str(call) for call in step.calls] == ["DeleteEndpoint EndpointName=fraud"]
    unread = "which paused endpoints are resumed with it could not be read"
    assert step.consequence.endswith(f" Its configuration stays: {unread}.")


def test_a_configuration_that_is_unknown_is_said_to_be_and_not_to_be_shared() -> None:
    notebook = make_running(ResourceKind.NOTEBOOK_INSTANCE)

    step = only_step(make_running(identity=(("EndpointName", "fraud"),)), notebook)

    assert step.consequence.endswith("Its configuration is unknown, so it is not deleted.")


@pytest.mark.parametrize(
    ("kind", "status"), [(ResourceKind.TRAINING_JOB, "Stopping"), (ResourceKind.COMPILATION_JOB, "STOPPING")]
)
def test_what_is_stopping_already_is_not_stopped_again(kind: ResourceKind, status: str) -> None:
    identity = (("CompilationJobName", "fraud"),)
    assert only_step(make_running(kind, status=status, identity=identity)).calls == ()


@pytest.mark.parametrize("kind", [ResourceKind.NOTEBOOK_INSTANCE, ResourceKind.ENDPOINT])
def test_the_plan_says_what_is_lost_and_what_still_bills(kind: ResourceKind) -> None:
    step = only_step(make_running(kind, bills_after="its 5 GB volume"))

    shutdown = KINDS[kind].shutdown
    assert shutdown
    assert (step.consequence, step.still_bills) == (shutdown.consequence, "its 5 GB volume")
    (kept,) = plan([step.resource], kept=KeptConfigs(complete=False))
    assert kept.consequence.startswith(shutdown.consequence)


PROTECTED = (("sagedeck:protected", "yes"),)


def test_what_is_stopping_already_is_told_with_what_still_bills_and_how_it_is_read_again() -> None:
    kind = ResourceKind.NOTEBOOK_INSTANCE
    notebook = make_running(kind, status="Stopping", bills_after="its 5 GB volume")

    said = "Nothing more; it is already stopping."
    assert only_step(notebook) == Step(notebook, (), said, "its 5 GB volume", KINDS[kind].shutdown)
    assert only_step(replace(notebook, tags=PROTECTED)).refused.startswith("Protected by its tag")


def test_what_cannot_be_shut_down_says_why_and_what_bills() -> None:
    kind = ResourceKind.TRAINING_PLAN
    reserved = make_running(kind, status="Active", identity=(("TrainingPlanName", "h100"),), bills_after="all of it")

    why = KINDS[kind].why_not_stopped
    assert only_step(reserved) == Step(reserved, (), "Nothing.", "all of it", None, why)
    assert only_step(replace(reserved, tags=PROTECTED)).refused.startswith("Protected by its tag")


def test_a_paused_endpoint_is_deleted_and_its_configuration_stays() -> None:
    step = pause_step(make_running())

    assert [str(call) for call in step.calls] == ["DeleteEndpoint EndpointName=fraud"]
    assert step.consequence == "It answers no requests until it is resumed under its name."
    assert (step.pauses, step.acts, step.refused) == (True, True, "")


def test_an_endpoint_with_inference_components_is_not_paused() -> None:
    parent = ("Endpoint", "fraud")
    components = [
        make_running(ResourceKind.INFERENCE_COMPONENT, name, identity=(("N", name),), parent=parent) for name in "ab"
    ]

    step = pause_step(make_running(), components[:1])

    assert (step.refused, step.acts) == ("It cannot be paused while it has Inference component a.", False)
    assert pause_step(make_running(), components).refused == step.refused


@pytest.mark.parametrize("status", ["Creating", "Updating", "Failed"])
def test_only_an_endpoint_in_service_is_paused(status: str) -> None:
    assert status in pause_step(make_running(status=status)).refused
    assert not pause_step(make_running(status=status)).acts


def test_a_failed_endpoint_is_told_why_it_is_not_paused() -> None:
    refused = pause_step(make_running(status="Failed")).refused
    assert refused == "It is Failed: only an endpoint in service can be paused."


def test_protected_endpoints_and_locked_production_are_not_paused() -> None:
    production = make_running(tags=(("env", "prod"),))
    assert pause_step(production).acts
    assert pause_step(production, locked=True).refused == only_refusal(production)
    protected = make_running(tags=(("sagedeck:protected", "true"),), status="Updating")
    assert pause_step(protected).refused == only_refusal(protected)


def test_what_needs_a_name_typed_is_refused_until_it_is() -> None:
    production = make_running(tags=(("env", "prod"),))
    steps = plan([production])
    with pytest.raises(Problem):
        check_confirmation(steps, Confirmation(), 5)
    check_confirmation(steps, Confirmation({production.key: "fraud"}), 5)
    with pytest.raises(Problem):
        check_confirmation(steps * 2, Confirmation({production.key: "fraud"}), 1)
    check_confirmation([replace(step, refused="It stays.") for step in steps], Confirmation(), 0)


def test_an_endpoint_is_deleted_before_its_configuration() -> None:
    account = FakeAccount()

    execute(account, only_step(make_running()))

    assert account.asked == [
        ("delete_endpoint", {"EndpointName": "fraud"}),
        ("delete_endpoint_config", {"EndpointConfigName": "fraud-config"}),
    ]


def test_a_configuration_stays_when_its_endpoint_does() -> None:
    account = FakeAccount(refusals={"delete_endpoint": refused("not authorized", "AccessDeniedException")})

    execute(account, only_step(make_running()))

    assert [operation for operation, _ in account.asked] == ["delete_endpoint"]


def test_a_refusal_is_told_in_the_words_of_whoever_refused() -> None:
    account = FakeAccount(refusals={"delete_endpoint": refused("not authorized", "AccessDeniedException")})

    outcome = execute(account, only_step(make_running()))

    assert (outcome.ok, outcome.sentence) == (
        False,
        "Endpoint fraud: Delete on AWS, us-east-1: not authorized. Ask for it.",
    )


def test_a_refusal_halfway_says_what_was_done() -> None:
    account = FakeAccount(refusals={"delete_endpoint_config": refused("not authorized", "AccessDeniedException")})

    outcome = execute(account, only_step(make_running()))

    assert outcome.sentence.startswith("Endpoint fraud: SageMaker accepted DeleteEndpoint, but: ")


def test_what_somebody_else_deleted_meanwhile_counts_as_done() -> None:
    gone = refused('Could not find endpoint "fraud".', "ValidationException")

    outcome = execute(FakeAccount(refusals={"delete_endpoint": gone}), only_step(make_running()))

    assert (outcome.ok, [str(call).split()[0] for call in outcome.made.accepted]) == (True, ["DeleteEndpointConfig"])


@pytest.mark.parametrize(
    ("kind", "member", "status", "over"),
    [
        (ResourceKind.ENDPOINT, "EndpointStatus", "Deleting", False),
        (ResourceKind.TRAINING_JOB, "TrainingJobStatus", "Stopping", False),
        (ResourceKind.TRAINING_JOB, "TrainingJobStatus", "Stopped", True),
        (ResourceKind.TUNING_JOB, "HyperParameterTuningJobStatus", "Completed", True),
        (ResourceKind.PROCESSING_JOB, "ProcessingJobStatus", "Stopped", True),
        (ResourceKind.TRANSFORM_JOB, "TransformJobStatus", "Failed", True),
        (ResourceKind.NOTEBOOK_INSTANCE, "NotebookInstanceStatus", "Stopping", False),
        (ResourceKind.NOTEBOOK_INSTANCE, "NotebookInstanceStatus", "Stopped", True),
        (ResourceKind.STUDIO_APP, "Status", "Deleted", True),
    ],
)
def test_reading_again_tells_what_is_over_from_what_is_not(
    kind: ResourceKind, member: str, status: str, over: bool
) -> None:
    account = FakeAccount(answers={member: status})

    assert read_again(account, only_step(make_running(kind))) == State(over, status)


def test_an_endpoint_is_read_again_by_its_name_alone() -> None:
    account = FakeAccount(answers={"EndpointStatus": "Deleting"})

    read_again(account, only_step(make_running()))

    assert account.asked == [("describe_endpoint", {"EndpointName": "fraud"})]


def test_what_is_not_found_any_more_is_gone() -> None:
    gone = refused('Could not find endpoint "fraud".', "ValidationException")

    assert read_again(FakeAccount(refusals={"describe_endpoint": gone}), only_step(make_running())) == State(
        True, "deleted"
    )


def test_what_cannot_be_read_again_is_not_called_over() -> None:
    denied = refused("not authorized", "AccessDeniedException")

    account = FakeAccount(refusals={"describe_endpoint": denied})
    assert read_again(account, only_step(make_running())) == State(False, str(denied), known=False)


def test_what_failed_to_go_says_why() -> None:
    account = FakeAccount(answers={"NotebookInstanceStatus": "Deleting", "FailureReason": "old"})
    failed = FakeAccount(answers={"EndpointStatus": "Failed", "FailureReason": "its network interface is in use"})

    assert read_again(account, only_step(make_running(ResourceKind.NOTEBOOK_INSTANCE))).status == "Deleting"
    assert read_again(failed, only_step(make_running())) == State(False, "Failed: its network interface is in use")
