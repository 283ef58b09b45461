"""Endpoints: what their variants run on, what that costs, and when they were last invoked.

Reference: SageMaker developer guide, endpoint invocation metrics (Invocations by endpoint and variant).
"""

from collections.abc import Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory.collect import CollectContext, arn
from services.inventory.resources import BillableKind, BillableResource, Failure, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates
from services.pricing.price_book import Component, PriceBook

Description = Mapping[str, Any]

WINDOW = timedelta(days=14)  # how far back invocations are looked for
PERIOD = timedelta(hours=1)
QUERIES = 500  # the most that one GetMetricData takes


def endpoints(context: CollectContext) -> Iterator[BillableResource | Failure | AwsError]:
    """Every endpoint but those on their way out. One that failed is among them: it should be deleted."""
    names = [{"EndpointName": summary["EndpointName"]} for summary in context.summaries("list_endpoints", "Endpoints")]
    alive: list[Description] = []
    for answer in context.descriptions("endpoint", names):
        if isinstance(answer, AwsError):
            yield answer
        elif answer["EndpointStatus"] != "Deleting":
            alive.append(answer)
    last: dict[str, datetime] | None = None
    try:
        last = _last_invocations(context.account, alive, context.now)
    except AwsError as error:
        yield Failure("Endpoint invocations", str(error))
    configs = yield from _configs(context, alive)
    for endpoint in alive:
        yield endpoint_resource(endpoint, configs.get(endpoint.get("EndpointConfigName", ""), {}), last, context)


def _configs(
    context: CollectContext, endpoints: list[Description]
) -> Generator[Failure | AwsError, None, dict[str, Description]]:
    """Configurations by name. An endpoint outlives its own; then only its instance types cannot be read any more."""
    names = dict.fromkeys(endpoint["EndpointConfigName"] for endpoint in endpoints if "EndpointConfigName" in endpoint)
    configs: dict[str, Description] = {}
    for config in context.descriptions("endpoint_config", [{"EndpointConfigName": name} for name in names]):
        if isinstance(config, AwsError):
            yield Failure("Endpoint configuration", str(config), resources=1)
        else:
            configs[config["EndpointConfigName"]] = config
    return configs


def endpoint_resource(
    endpoint: Description, config: Description, last: Mapping[str, datetime] | None, context: CollectContext
) -> BillableResource:
    """An endpoint from DescribeEndpoint and DescribeEndpointConfig ({} when it has been deleted).

    last: beginning of the last hour with an invocation, by endpoint name; None when it could not be read.
    """
    now = context.now
    rate, machines = rate_and_machines(endpoint, config, context.book)
    if endpoint["EndpointStatus"] == "Failed":  # whether it bills at all, only AWS's bill says
        rate = None
    use, idle = _last_use(endpoint, config, last, now)
    identity = tuple((key, endpoint[key]) for key in ("EndpointName", "EndpointConfigName") if key in endpoint)
    return BillableResource(
        kind=ResourceKind.ENDPOINT,
        name=endpoint["EndpointName"],
        status=endpoint["EndpointStatus"],
        instance_type=pricing_rates.types(machines),
        instance_count=sum(count for _, count in machines),
        usd_per_hour=rate,
        since=endpoint["CreationTime"],
        cost_so_far=pricing_rates.spent(rate, endpoint["CreationTime"], now),
        identity=identity,
        last_use=use,
        idle_hours=idle,
        detail=endpoint.get("FailureReason", ""),
        bills_after="only the storage of its model file in S3",
        arn=arn(endpoint, identity),
    )


def rate_and_machines(
    endpoint: Description, config: Description, book: PriceBook
) -> tuple[float | None, pricing_rates.Machines]:
    """Shadow variants bill like others; those DescribeEndpoint leaves out (a failed endpoint's) have no price."""
    use: Component = "AsyncInf" if "AsyncInferenceConfig" in endpoint else "Hosting"
    configured = {variant["VariantName"]: variant for variant in _variants(config)}
    now = {variant["VariantName"]: variant for variant in _variants(endpoint)}
    if not now and endpoint["EndpointStatus"] == "Creating":
        now = configured
    rates: list[float | None] = []
    machines: pricing_rates.Machines = []
    for name, variant in now.items():
        setup = configured.get(name, {})
        serverless = variant.get("CurrentServerlessConfig") or setup.get("ServerlessConfig")
        if serverless is None:
            machine = (setup.get("InstanceType", ""), _instances(variant))
            rates.append(pricing_rates.rate([machine], use, book))
        else:  # bills by the call; what is kept warm bills by the hour, at a price that no book has
            machine = ("serverless", 0)
            rates.append(None if serverless.get("ProvisionedConcurrency") else 0.0)
        machines.append(machine)
    return pricing_rates.total(rates) if rates else None, machines


def _instances(variant: Description) -> int:
    """Those that are up or on their way, while the variant is being scaled either way."""
    counts = ("CurrentInstanceCount", "DesiredInstanceCount", "InitialInstanceCount")
    return max(variant.get(count) or 0 for count in counts)


def _variants(document: Description) -> Iterator[dict[str, Any]]:
    yield from document.get("ProductionVariants") or []
    yield from document.get("ShadowProductionVariants") or []


def _last_use(
    endpoint: Description, config: Description, last: Mapping[str, datetime] | None, now: datetime
) -> tuple[LastUse, float | None]:
    name, created = endpoint["EndpointName"], endpoint["CreationTime"]
    # Asynchronous endpoints and inference components count their calls in other metrics.
    counted_elsewhere = "AsyncInferenceConfig" in endpoint or any(
        "ModelName" not in variant for variant in _variants(config)
    )
    if last is not None and name in last:
        return LastUse.SEEN, max(0.0, pricing_rates.hours(last[name] + PERIOD, now))
    if last is None or counted_elsewhere:
        return LastUse.UNKNOWN, None
    if now - created <= WINDOW:
        return LastUse.NEVER, pricing_rates.hours(created, now)
    return LastUse.NOT_LATELY, pricing_rates.hours(now - WINDOW, now)


def _last_invocations(account: Account, described: list[Description], now: datetime) -> dict[str, datetime]:
    """Beginning of the last hour in WINDOW with an invocation, over all variants, by endpoint."""
    variants = [
        (endpoint["EndpointName"], variant["VariantName"])
        for endpoint in described
        for variant in endpoint.get("ProductionVariants") or []
    ]
    hour = now.replace(minute=0, second=0, microsecond=0)
    last: dict[str, datetime] = {}
    for start in range(0, len(variants), QUERIES):
        variants_by_id = {f"v{index}": variant for index, variant in enumerate(variants[start : start + QUERIES])}
        results = account.pages(
            "cloudwatch",
            "get_metric_data",
            "MetricDataResults",
            MetricDataQueries=[_invocations(key, *variant) for key, variant in variants_by_id.items()],
            StartTime=hour - WINDOW,
            EndTime=hour + PERIOD,
        )
        for result in results:
            name, _ = variants_by_id[result["Id"]]
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                if value > 0:
                    last[name] = max(moment, last.get(name, moment))
    return last


def _invocations(key: str, endpoint: str, variant: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": int(PERIOD.total_seconds()), "Stat": "Sum"}}


KINDS = {
    ResourceKind.ENDPOINT: BillableKind(
        endpoints,
        Shutdown(
            "delete_endpoint",
            "The endpoint and its address. Its model stays.",
            "describe_endpoint",
            "EndpointStatus",
            refusing_statuses=("Updating", "SystemUpdating", "RollingBack"),
        ),
    ),
}
