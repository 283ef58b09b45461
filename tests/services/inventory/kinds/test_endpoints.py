"""What endpoints cost, and when they were last invoked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from services.aws.account import Account
from services.inventory.collect import CollectContext
from services.inventory.kinds.endpoints import endpoint_resource
from services.inventory.resources import BillableResource, LastUse

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
ASKING = CollectContext(Account("AWS", "us-east-1"), NOW)
NEVER: Mapping[str, datetime] = MappingProxyType({})


def variant(name: str = "AllTraffic", instance_type: str = "ml.m5.xlarge", **more: Any) -> dict[str, Any]:
    return {"VariantName": name, "ModelName": "m", "InstanceType": instance_type, "InitialInstanceCount": 1, **more}


def at_size(name: str = "AllTraffic", current: int = 1, desired: int | None = None, **more: Any) -> dict[str, Any]:
    desired = current if desired is None else desired
    return {"VariantName": name, "CurrentInstanceCount": current, "DesiredInstanceCount": desired, **more}


def make_endpoint(
    setups: list[dict[str, Any]],
    variants: list[dict[str, Any]],
    *,
    status: str = "InService",
    age: timedelta = timedelta(hours=10),
    last: Mapping[str, datetime] | None = NEVER,
    **more: Any,
) -> BillableResource:
    endpoint = {
        "EndpointName": "fraud",
        "EndpointConfigName": "fraud-config",
        "EndpointStatus": status,
        "CreationTime": NOW - age,
        "ProductionVariants": variants,
        **more,
    }
    return endpoint_resource(endpoint, {"ProductionVariants": setups}, last, ASKING)


def test_a_bill_counts_every_variant_and_instance() -> None:
    running = make_endpoint(
        [variant("a", "ml.m5.xlarge"), variant("b", "ml.c5.large")], [at_size("a", 2), at_size("b", 1)]
    )

    assert running.usd_per_hour == pytest.approx(2 * 0.23 + 0.102)
    assert (running.instance_type, running.instance_count) == ("ml.m5.xlarge + ml.c5.large", 3)


def test_shadow_variants_bill_like_any_other() -> None:
    running = make_endpoint(
        [variant("live"), variant("shadow")], [at_size("live")], ShadowProductionVariants=[at_size("shadow")]
    )

    assert running.usd_per_hour == pytest.approx(0.46)


def test_cost_so_far_is_age_times_price() -> None:
    assert make_endpoint([variant()], [at_size()]).cost_so_far == pytest.approx(2.3)


def test_an_endpoint_that_scales_in_bills_what_is_still_up() -> None:
    assert make_endpoint([variant()], [at_size(current=4, desired=1)]).instance_count == 4


def test_an_endpoint_scaled_to_zero_costs_nothing() -> None:
    assert make_endpoint([variant()], [at_size(current=0)]).usd_per_hour == 0.0


def test_an_endpoint_on_its_way_is_priced_by_its_configuration() -> None:
    assert make_endpoint([variant(InitialInstanceCount=3)], [], status="Creating").usd_per_hour == pytest.approx(0.69)


def test_an_idle_serverless_endpoint_costs_nothing() -> None:
    serverless = {"VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048}}

    running = make_endpoint([serverless], [{"VariantName": "AllTraffic"}])

    assert (running.usd_per_hour, running.instance_type) == (0.0, "serverless")


def test_provisioned_concurrency_has_a_price_we_do_not_know() -> None:
    warm = {"VariantName": "AllTraffic", "CurrentServerlessConfig": {"ProvisionedConcurrency": 2}}

    assert make_endpoint([], [warm]).usd_per_hour is None


def test_an_endpoint_without_its_configuration_has_no_known_price() -> None:
    assert make_endpoint([], [at_size()]).usd_per_hour is None


def test_a_failed_endpoint_says_why_and_has_no_known_price() -> None:
    failed = make_endpoint([variant()], [], status="Failed", FailureReason="no model")

    assert (failed.detail, failed.usd_per_hour) == ("no model", None)


def test_a_failed_endpoint_has_no_price_though_its_instances_are_described() -> None:
    failed = make_endpoint([variant()], [at_size()], status="Failed")

    assert (failed.usd_per_hour, failed.cost_so_far, failed.never_ran) == (None, None, True)


def test_hours_since_the_last_invocation_count_from_the_end_of_its_hour() -> None:
    running = make_endpoint([variant()], [at_size()], last={"fraud": datetime(2026, 11, 24, 9, tzinfo=UTC)})

    assert running.last_invocation_hours == 2.5


def test_an_endpoint_invoked_this_hour_is_not_idle() -> None:
    running = make_endpoint([variant()], [at_size()], last={"fraud": datetime(2026, 11, 24, 12, tzinfo=UTC)})

    assert running.last_invocation_hours == 0.0


def test_an_endpoint_never_invoked_is_idle_since_it_was_created() -> None:
    running = make_endpoint([variant()], [at_size()])

    assert (running.last_use, running.idle_hours, running.last_invocation_hours) == (LastUse.NEVER, 10.0, None)


def test_an_endpoint_older_than_what_was_asked_may_have_been_invoked_before() -> None:
    running = make_endpoint([variant()], [at_size()], age=timedelta(days=90))

    assert (running.last_use, running.idle_hours) == (LastUse.NOT_LATELY, 14 * 24)


def test_use_is_unknown_when_cloudwatch_could_not_be_asked() -> None:
    assert make_endpoint([variant()], [at_size()], last=None).last_use is LastUse.UNKNOWN


def test_use_of_an_asynchronous_endpoint_is_not_told_by_invocations() -> None:
    running = make_endpoint([variant()], [at_size()], AsyncInferenceConfig={"OutputConfig": {}})

    assert running.last_use is LastUse.UNKNOWN
