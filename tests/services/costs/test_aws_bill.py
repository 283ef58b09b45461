"""What AWS says about money, over an account that lets pass only what botocore's models allow."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.aws.account import Account, Identity
from services.aws.errors import AwsError, translate
from services.costs import aws_bill
from services.costs.aws_bill import Charge
from tests.services.inventory.modelled import ModelledAccount

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Modelled(ModelledAccount):
    def identity(self) -> Identity:
        return Identity("123456789012", "arn:aws:iam::123456789012:user/ann")


def group(usage: str, usd: float, quantity: float, unit: str) -> dict[str, Any]:
    metrics = {
        "UnblendedCost": {"Amount": str(usd), "Unit": "USD"},
        "UsageQuantity": {"Amount": str(quantity), "Unit": unit},
    }
    return {"Keys": [usage], "Metrics": metrics}


def month(*groups: dict[str, Any], **more: str) -> dict[str, Any]:
    result = {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-25"}, "Groups": [*groups], "Estimated": True}
    return {"ResultsByTime": [result], **more}


def test_the_bill_of_the_month_is_told_by_usage_type_the_dearest_first() -> None:
    cheap, dear = group("USE1-Train:ml.m5.large", 0.5, 4.3, "Hrs"), group("USE1-Host:ml.m5.large", 12.25, 106.5, "Hrs")
    spend = aws_bill.month_to_date(Modelled(answers={"get_cost_and_usage": month(cheap, dear)}), NOW)
    assert spend.charges == (
        Charge("USE1-Host:ml.m5.large", 12.25, 106.5, "Hrs"),
        Charge("USE1-Train:ml.m5.large", 0.5, 4.3, "Hrs"),
    )
    assert (spend.usd, spend.since, spend.until) == (12.75, date(2026, 11, 1), date(2026, 11, 24))


def test_a_long_bill_is_read_to_its_end_and_every_request_is_counted() -> None:
    pages = {
        "get_cost_and_usage": month(group("USE1-Host:ml.m5.large", 2, 9, "Hrs"), NextPageToken="more"),
        "get_cost_and_usage more": month(group("USE1-Train:ml.m5.large", 1, 9, "Hrs")),
    }
    spend = aws_bill.month_to_date(Modelled(answers=pages), NOW)
    assert (spend.usd, spend.requests) == (3.0, 2)


def test_only_this_accounts_sagemaker_of_this_month_is_asked_for() -> None:
    asked: list[dict[str, Any]] = []

    class Listening(Modelled):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            asked.append({"region": self.region, **parameters})
            return super().call(service, operation, **parameters)

    aws_bill.month_to_date(Listening(region="eu-west-1", answers={"get_cost_and_usage": month()}), NOW)
    assert asked[0]["region"] == "us-east-1"
    assert asked[0]["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-25"}
    assert [each["Dimensions"] for each in asked[0]["Filter"]["And"]] == [
        {"Key": "SERVICE", "Values": ["Amazon SageMaker"]},
        {"Key": "LINKED_ACCOUNT", "Values": ["123456789012"]},
    ]


def advice(name: str, **given: Any) -> dict[str, Any]:
    return {
        "resourceArn": f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}",
        "resourceType": "SageMakerEndpoint",
        "finding": "Idle",
        "lookBackPeriodInDays": 14.0,
        **given,
    }


def savings(usd: float) -> dict[str, Any]:
    return {"savingsOpportunity": {"estimatedMonthlySavings": {"currency": "USD", "value": usd}}}


def test_idle_endpoints_are_told_with_what_they_cost_the_dearest_first() -> None:
    pages: dict[str, dict[str, Any]] = {
        "get_idle_recommendations": {"idleRecommendations": [advice("old", **savings(20.0))], "nextToken": "more"},
        "get_idle_recommendations more": {
            "idleRecommendations": [
                advice("fraud", findingDescription="No invocations.", **savings(165.6)),
                advice("untold"),
            ]
        },
    }
    found = aws_bill.idle_endpoints(Modelled(answers=pages))
    assert [(idle.name, idle.finding, idle.usd_a_month) for idle in found] == [
        ("fraud", "No invocations.", 165.6),
        ("old", "Idle", 20.0),
        ("untold", "Idle", None),
    ]


def test_an_account_that_never_opted_in_is_told_where_to() -> None:
    error = ClientError(
        {"Error": {"Code": "OptInRequiredException", "Message": "Not registered"}}, "GetIdleRecommendations"
    )
    told = str(translate(error, Account("AWS", "us-east-1"), "compute-optimizer", "get_idle_recommendations"))
    assert told.endswith("Not registered. Opt in in the Compute Optimizer console; it is free and starts within a day.")


def test_the_free_tier_is_told_with_what_is_used_up_first() -> None:
    def offer(description: str, used: float) -> dict[str, Any]:
        return {
            "service": "Amazon SageMaker",
            "usageType": "USE1-Notebk:ml.t3.medium",
            "region": "us-east-1",
            "actualUsageAmount": used,
            "forecastedUsageAmount": 2 * used,
            "limit": 250.0,
            "unit": "Hrs",
            "description": description,
        }

    answers = {"get_free_tier_usage": {"freeTierUsages": [offer("hosting", 20), offer("notebooks", 240)]}}
    found = aws_bill.free_tier(Modelled(answers=answers))
    assert [(each.description, each.share) for each in found] == [("notebooks", 0.96), ("hosting", 0.08)]


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("ce", "get_cost_and_usage", "ce:GetCostAndUsage"),
        ("compute-optimizer", "get_idle_recommendations", "compute-optimizer:GetIdleRecommendations"),
        ("freetier", "get_free_tier_usage", "freetier:GetFreeTierUsage"),
        ("pricing", "get_products", "pricing:GetProducts"),
    ],
)
def test_a_refusal_names_the_iam_action(service: str, operation: str, action: str) -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
    refusal: AwsError = translate(error, Account("AWS", "us-east-1"), service, operation)
    assert refusal.remedy == f"Ask your administrator for the IAM action {action}"
