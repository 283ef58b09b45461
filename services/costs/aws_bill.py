"""What AWS itself says about money: the bill so far, endpoints it finds idle, and what is left of the free tier.

Each function is a request that a person clicked for; Cost Explorer charges $0.01 for each of its own.

Reference: Cost Explorer GetCostAndUsage; Compute Optimizer GetIdleRecommendations; Free Tier API GetFreeTierUsage.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.aws.account import Account

HOME = "us-east-1"  # where Cost Explorer and the Free Tier API answer for all regions
SERVICE = "Amazon SageMaker"  # as the bill calls it
USD_A_REQUEST = 0.01


@dataclass(frozen=True)
class Charge:
    """A usage type of the bill: dollars, and how much of `unit` ("Hrs", "GB-Mo") was used."""

    usage_type: str
    usd: float
    quantity: float
    unit: str


@dataclass(frozen=True)
class Bill:
    """What SageMaker cost this account in all regions from the 1st of the month, dearest usage type first.

    since, until: the days it covers, the last one included.
    requests:     how many it took.
    """

    since: date
    until: date
    charges: tuple[Charge, ...]
    requests: int

    @property
    def usd(self) -> float:
        """The sum; credits are taken off."""
        return sum(charge.usd for charge in self.charges)


@dataclass(frozen=True)
class IdleEndpoint:
    """An endpoint that Compute Optimizer finds idle.

    days:        how far back it looked.
    usd_a_month: what deleting it would save; None where AWS does not report it.
    """

    name: str
    finding: str
    days: float
    usd_a_month: float | None


@dataclass(frozen=True)
class Allowance:
    """A free-tier offer of this month: what is used, forecast until its end, and allowed, in `unit`."""

    description: str
    region: str
    used: float
    forecast: float
    limit: float
    unit: str

    @property
    def share(self) -> float:
        """How much of it is used, of 1; more than 1 is billed."""
        return self.used / self.limit if self.limit else 1.0


def month_to_date(account: Account, now: datetime) -> Bill:
    """The bill of this month so far. Raises AwsError."""
    since, until = now.date().replace(day=1), now.date()
    wanted = {"SERVICE": SERVICE, "LINKED_ACCOUNT": account.identity().account}  # not a whole organization's
    results = account.at(HOME).pages(
        "ce",
        "get_cost_and_usage",
        "ResultsByTime",
        TimePeriod={"Start": since.isoformat(), "End": (until + timedelta(days=1)).isoformat()},
        Granularity="MONTHLY",
        Filter={"And": [{"Dimensions": {"Key": key, "Values": [value]}} for key, value in wanted.items()]},
        Metrics=["UnblendedCost", "UsageQuantity"],
        GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
    )
    months = list(results)  # the one month, once a page
    charges = [_charge(group) for month in months for group in month["Groups"]]
    return Bill(since, until, tuple(sorted(charges, key=lambda charge: -charge.usd)), max(1, len(months)))


def _charge(group: dict[str, Any]) -> Charge:
    cost, usage = group["Metrics"]["UnblendedCost"], group["Metrics"]["UsageQuantity"]
    return Charge(group["Keys"][0], float(cost["Amount"]), float(usage["Amount"]), usage["Unit"])


def idle_endpoints(account: Account) -> list[IdleEndpoint]:
    """Endpoints of the account's region that Compute Optimizer finds idle, most expensive first. Raises AwsError."""
    recommendations = account.pages(
        "compute-optimizer",
        "get_idle_recommendations",
        "idleRecommendations",
        filters=[{"name": "ResourceType", "values": ["SageMakerEndpoint"]}],
    )
    return sorted(map(_idle, recommendations), key=lambda idle: -(idle.usd_a_month or 0.0))


def _idle(recommendation: dict[str, Any]) -> IdleEndpoint:
    saved = recommendation.get("savingsOpportunity", {}).get("estimatedMonthlySavings", {}).get("value")
    name = recommendation["resourceArn"].rpartition("/")[2]
    return IdleEndpoint(
        name,
        recommendation.get("findingDescription") or recommendation["finding"],
        recommendation["lookBackPeriodInDays"],
        saved,
    )


def free_tier(account: Account) -> list[Allowance]:
    """What SageMaker's free-tier offers still hold, the most used first; none where none applies. Raises AwsError."""
    offers = account.at(HOME).pages(
        "freetier",
        "get_free_tier_usage",
        "freeTierUsages",
        filter={"Dimensions": {"Key": "SERVICE", "Values": ["SageMaker"], "MatchOptions": ["CONTAINS"]}},
    )
    return sorted(map(_allowance, offers), key=lambda allowance: -allowance.share)


def _allowance(offer: dict[str, Any]) -> Allowance:
    return Allowance(
        offer.get("description") or offer["usageType"],
        offer.get("region", ""),
        offer["actualUsageAmount"],
        offer["forecastedUsageAmount"],
        offer["limit"],
        offer["unit"],
    )
