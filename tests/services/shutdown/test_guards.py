"""What a shutdown refuses, whatever the screen did; the order in which things go; and a dry run."""

from typing import Any

import pytest

from services.aws.errors import AwsError
from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown.execute import execute, rehearse
from services.shutdown.plan import Step, check_confirmation, plan
from services.shutdown.protection import NOT_CONFIRMED, Confirmation
from tests.services.shutdown.test_plan import FakeAccount, make_running, only_step, refused

PROTECTED = [{"Key": "sagedeck:protected", "Value": "true"}]
PRODUCTION = [{"Key": "env", "Value": "prod"}]
DENIED = refused("not authorized", "AccessDeniedException")


def names(steps: list[Step]) -> list[str]:
    return [step.resource.name for step in steps]


def make_component(name: str = "llm", **more: Any) -> BillableResource:
    identity, parent = (("InferenceComponentName", name),), (ResourceKind.ENDPOINT, "fraud")
    return make_running(ResourceKind.INFERENCE_COMPONENT, name, identity=identity, parent=parent, **more)


def make_schedule() -> BillableResource:
    identity, parent = (("MonitoringScheduleName", "drift"),), (ResourceKind.ENDPOINT, "fraud")
    return make_running(ResourceKind.MONITORING_SCHEDULE, "drift", "Scheduled", identity=identity, parent=parent)


def make_app() -> BillableResource:
    return make_running(
        ResourceKind.STUDIO_APP,
        "s / default",
        bills_after="the storage of its space",
        parent=(ResourceKind.SPACE_VOLUME, "d-1", "s"),
    )


def make_space() -> BillableResource:
    return make_running(ResourceKind.SPACE_VOLUME, "s", identity=(("DomainId", "d-1"), ("SpaceName", "s")))


def test_what_was_protected_meanwhile_is_not_touched() -> None:
    account = FakeAccount(tags={"arn:fraud": PROTECTED})

    outcome = execute(account, only_step(make_running()))

    said = "Protected by its tag sagedeck:protected. Unprotect it first."
    assert (outcome.ok, outcome.sentence) == (False, f"Endpoint fraud: {said}")
    assert account.asked == []


def test_a_typed_name_does_not_end_what_is_protected() -> None:
    resource, account = make_running(), FakeAccount(tags={"arn:fraud": PROTECTED})

    assert not execute(account, only_step(resource), Confirmation({resource.key: resource.name})).ok
    assert account.asked == []


def test_what_was_tagged_as_production_meanwhile_needs_its_name() -> None:
    resource, account = make_running(), FakeAccount(tags={"arn:fraud": PRODUCTION})

    outcome = execute(account, only_step(resource))

    said = "The name was not typed, but it is tagged as production. Type it to shut the resource down."
    assert outcome.sentence == f"Endpoint fraud: {said}"
    assert account.asked == []
    assert execute(account, only_step(resource), Confirmation({resource.key: "fraud"})).ok


def test_a_typed_name_does_not_end_production_while_that_is_locked() -> None:
    resource = make_running()
    account = FakeAccount(tags={"arn:fraud": PRODUCTION}, precautions={"production_lock": True})

    outcome = execute(account, only_step(resource), Confirmation({resource.key: "fraud"}))

    said = "Tagged as production, and production is locked. Unlock it in Settings first."
    assert (outcome.ok, outcome.sentence) == (False, f"Endpoint fraud: {said}")
    assert account.asked == []


def test_what_is_not_production_is_ended_while_that_is_locked() -> None:
    assert execute(FakeAccount(precautions={"production_lock": True}), only_step(make_running())).ok


def test_production_stays_where_the_lock_cannot_be_read() -> None:
    resource = make_running()
    account = FakeAccount(tags={"arn:fraud": PRODUCTION}, refusals={"get_object": DENIED})

    outcome = execute(account, only_step(resource), Confirmation({resource.key: "fraud"}))

    assert (
        outcome.sentence
        == f"Endpoint fraud: Tagged as production, and it is unknown whether production is locked. {DENIED}"
    )
    assert [operation for operation, _ in account.asked] == ["get_object"]


def test_the_plan_says_that_locked_production_stays_and_what_belongs_to_it_with_it() -> None:
    endpoint = make_running(tags=(("env", "prod"),))

    (step,) = plan([endpoint], [endpoint, make_component()], locked=True)

    assert step.refused.startswith("Tagged as production, and production is locked.")
    plain, production = make_running(), make_component(tags=(("env", "prod"),))
    (step,) = plan([plain], [plain, production], locked=True)
    assert step.refused.startswith("Inference component llm must be deleted first. Tagged as production")


@pytest.mark.parametrize("arn", ["", "arn:fraud"])
def test_what_has_unknown_tags_needs_its_name(arn: str) -> None:
    resource = make_running(arn=arn, tags=None)
    account = FakeAccount(refusals={"list_tags": DENIED, "get_resources": DENIED})

    assert not execute(account, only_step(resource)).ok
    assert execute(account, only_step(resource), Confirmation({resource.key: "fraud"})).ok


def test_where_tags_cannot_be_listed_the_tagging_api_is_asked() -> None:
    class Tagging(FakeAccount):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            if operation == "get_resources":
                return {"ResourceTagMappingList": [{"ResourceARN": "arn:fraud", "Tags": PROTECTED}]}
            return super().call(service, operation, **parameters)

    assert (
        "Protected by its tag" in execute(Tagging(refusals={"list_tags": DENIED}), only_step(make_running())).sentence
    )


def test_a_protected_thing_has_a_step_that_says_so_and_does_nothing() -> None:
    step = only_step(make_running(tags=(("sagedeck:protected", "true"),)))

    assert (step.acts, step.refused.split(".")[0]) == (False, "Protected by its tag sagedeck:protected")


def test_an_endpoint_that_is_updated_cannot_be_deleted_and_says_what_to_do() -> None:
    step = only_step(make_running(status="Updating"))

    assert step.refused == "SageMaker refuses DeleteEndpoint while it is Updating. Try again later."


def test_more_things_than_the_blast_limit_are_refused_until_their_number_is_typed() -> None:
    steps = plan([make_running(name=name, identity=(("EndpointName", name),)) for name in "abc"])

    with pytest.raises(Problem, match="3 resources are selected; more than 2 at once"):
        check_confirmation(steps, NOT_CONFIRMED, 2)
    check_confirmation(steps, Confirmation(number="3"), 2)


def test_inference_components_go_before_their_endpoint_though_only_that_was_chosen() -> None:
    endpoint, component = make_running(), make_component()

    steps = plan([endpoint], [endpoint, component, make_running(name="other", identity=(("EndpointName", "other"),))])

    assert names(steps) == ["llm", "fraud"]
    assert (steps[0].required_by, steps[1].after) == (endpoint, (component.key,))


def test_apps_go_before_their_space_whose_storage_then_bills_no_more() -> None:
    app, space = plan([make_space(), make_app()])

    assert names([app, space]) == ["s / default", "s"]
    assert (app.required_by, space.required_by) == (None, None)
    assert (app.after, space.after) == ((), (app.resource.key,))
    assert (only_step(make_app()).still_bills, app.still_bills) == ("the storage of its space", "")


def test_a_monitoring_schedule_is_stopped_alone_and_deleted_before_its_endpoint() -> None:
    alone = plan([make_schedule()])
    together = plan([make_running(), make_schedule()])

    assert [str(step.calls[0]) for step in alone] == ["StopMonitoringSchedule MonitoringScheduleName=drift"]
    assert [str(step.calls[0]) for step in together] == [
        "DeleteMonitoringSchedule MonitoringScheduleName=drift",
        "DeleteEndpoint EndpointName=fraud",
    ]


def test_an_endpoint_with_a_protected_component_stays_and_nothing_goes_for_its_sake() -> None:
    resources = [make_running(), make_component("a"), make_component("b", tags=(("sagedeck:protected", "yes"),))]

    (step,) = plan(resources[:1], resources)

    assert step.refused.startswith("Inference component b must be deleted first. Protected by")


def test_nothing_goes_for_the_sake_of_what_is_protected_meanwhile() -> None:
    endpoint = make_running()
    first, _ = plan([endpoint], [endpoint, make_component()])
    account = FakeAccount(tags={"arn:fraud": PROTECTED})

    outcome = execute(account, first)

    assert "Endpoint fraud is not shut down, so this is not either. Protected" in outcome.sentence
    assert account.asked == []


def test_a_dry_run_says_what_would_be_called_and_calls_nothing() -> None:
    account = FakeAccount(answers={"EndpointStatus": "InService"})

    outcome = rehearse(account, only_step(make_running()), NOT_CONFIRMED)

    said = "DeleteEndpoint and DeleteEndpointConfig would be called. Status: InService."
    assert (outcome.ok, outcome.sentence) == (True, f"Endpoint fraud: {said}")
    assert [operation for operation, _ in account.asked] == ["describe_endpoint"]


def test_a_dry_run_says_what_would_be_refused() -> None:
    account = FakeAccount(tags={"arn:fraud": PROTECTED})

    outcome = rehearse(account, only_step(make_running()), NOT_CONFIRMED)

    assert not outcome.ok
    assert outcome.sentence.startswith("Endpoint fraud would not be shut down: Protected by its tag")


def test_a_dry_run_of_what_is_gone_says_so() -> None:
    gone = AwsError("Describe", 'Could not find endpoint "fraud".', "Refresh", "ValidationException")

    outcome = rehearse(FakeAccount(refusals={"describe_endpoint": gone}), only_step(make_running()), NOT_CONFIRMED)

    assert outcome.sentence == "Endpoint fraud: no call needed. Status: deleted."
