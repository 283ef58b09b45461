"""What CloudWatch tells of endpoints: metrics by variant, statistics, pages, and logs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.service import Service, open_service
from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local_service import LocalService

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def endpoint(local: LocalService) -> str:
    """An endpoint of the variants a, on two instances, and b: a has answered 4 requests, b 1, and refused 2."""
    model = endpoint_factory.make_model(local, factories.train(local))
    config = endpoint_factory.make_config(
        local,
        endpoint_factory.variant(model, "a", InitialInstanceCount=2),
        endpoint_factory.variant(model, "b", InitialVariantWeight=0),
    )
    name = endpoint_factory.make_endpoint(local, config)
    endpoint_factory.answered_by(local, name, 4)
    endpoint_factory.answered_by(local, name, 1, TargetVariant="b")
    for _ in range(2):
        refuse(local, name)
    return name


def refuse(local: LocalService, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Number of columns"):
        local.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, TargetVariant="b", ContentType="text/csv", Body="1,2,3,4,5\n"
        )


def dimensions(endpoint: str, variant: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]


def query(endpoint: str, variant: str, metric: str, statistic: str, period: int = 60) -> dict[str, Any]:
    named = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions(endpoint, variant)}
    return {"Id": f"{variant}_{metric.lower()}", "MetricStat": {"Metric": named, "Period": period, "Stat": statistic}}


def total(local: LocalService, endpoint: str, variant: str, metric: str, statistic: str = "Sum") -> float:
    now = datetime.now(UTC)
    [result] = local.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query(endpoint, variant, metric, statistic, period=86_400)],
        StartTime=now - HOUR,
        EndTime=now + HOUR,
    )["MetricDataResults"]
    return float(sum(result["Values"]))


@pytest.mark.parametrize(
    ("variant", "metric", "value"),
    [
        ("a", "Invocations", 4),
        ("a", "InvocationsPerInstance", 2),
        ("a", "Invocation4XXErrors", 0),
        ("b", "Invocations", 3),
        ("b", "Invocation4XXErrors", 2),
        ("b", "Invocation5XXErrors", 0),
        ("b", "InvocationModelErrors", 2),
    ],
)
def test_invocations_are_counted_by_variant(
    local: LocalService, endpoint: str, variant: str, metric: str, value: float
) -> None:
    assert total(local, endpoint, variant, metric) == value


def test_latencies_are_microseconds_that_were_really_spent(local: LocalService, endpoint: str) -> None:
    least, most = (total(local, endpoint, "a", "ModelLatency", which) for which in ("Minimum", "Maximum"))
    assert 10 < least <= most < 60e6
    assert 0 < total(local, endpoint, "a", "OverheadLatency", "Average") < 60e6


def test_percentiles_lie_in_order_between_the_extremes(local: LocalService, endpoint: str) -> None:
    names = ("Minimum", "p0", "p50", "p90", "p99.9", "p100", "Maximum")
    values = [total(local, endpoint, "a", "ModelLatency", name) for name in names]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (values[1], values[-2])


def test_percentiles_come_as_extended_statistics_too(local: LocalService, endpoint: str) -> None:
    now = datetime.now(UTC)
    points = local.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=dimensions(endpoint, "a"),
        StartTime=now - HOUR,
        EndTime=now + HOUR,
        Period=86_400,
        Statistics=["Average"],
        ExtendedStatistics=["p50", "p99"],
    )["Datapoints"]
    assert [set(point["ExtendedStatistics"]) for point in points] == [{"p50", "p99"}] * len(points)
    assert points


def points(local: LocalService, endpoint: str, metric: str, **request: str) -> list[dict[str, Any]]:
    """The datapoints of a metric of the variant a."""
    now = datetime.now(UTC)
    found: list[dict[str, Any]] = local.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=dimensions(endpoint, "a"),
        StartTime=now - HOUR,
        EndTime=now + HOUR,
        Period=86_400,
        Statistics=["Sum"],
        **request,
    )["Datapoints"]
    return found


@pytest.mark.parametrize(("metric", "unit"), [("ModelLatency", "Microseconds"), ("Invocations", "None")])
def test_a_datapoint_tells_its_unit(local: LocalService, endpoint: str, metric: str, unit: str) -> None:
    assert {point["Unit"] for point in points(local, endpoint, metric)} == {unit}


@pytest.mark.parametrize(("unit", "finds"), [("Microseconds", True), ("Seconds", False)])
def test_only_values_of_the_unit_that_is_asked_for_are_found(
    local: LocalService, endpoint: str, unit: str, finds: bool
) -> None:
    latency, now = query(endpoint, "a", "ModelLatency", "Average"), datetime.now(UTC)
    latency["MetricStat"]["Unit"] = unit
    [result] = local.client("cloudwatch").get_metric_data(
        MetricDataQueries=[latency], StartTime=now - HOUR, EndTime=now + HOUR
    )["MetricDataResults"]
    assert (bool(result["Values"]), bool(points(local, endpoint, "ModelLatency", Unit=unit))) == (finds, finds)


@pytest.mark.parametrize("statistic", ["p101", "p", "tm90", "Median"])
def test_a_statistic_that_is_not_known_is_refused(local: LocalService, endpoint: str, statistic: str) -> None:
    with pytest.raises(ClientError, match=f"InvalidParameterValue.*The statistic {statistic} is not supported"):
        total(local, endpoint, "a", "ModelLatency", statistic)


def test_statistics_must_be_asked_for(local: LocalService) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=r"InvalidParameterCombination.*At least one of Statistics"):
        local.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker", MetricName="Invocations", StartTime=now - HOUR, EndTime=now, Period=60
        )


def test_metrics_outlive_a_restart(own_local: LocalService) -> None:
    model = endpoint_factory.make_model(own_local, factories.train(own_local))
    name = endpoint_factory.make_endpoint(
        own_local, endpoint_factory.make_config(own_local, endpoint_factory.variant(model, "a"))
    )
    endpoint_factory.answered_by(own_local, name, 3)
    own_local.kill()
    own_local.start()
    assert total(own_local, name, "a", "Invocations") == 3


@pytest.fixture
def measured(tmp_path: Any) -> Iterator[tuple[Service, LocalService]]:
    """A service over a folder with 1,200 metrics, of which "m0" has the values 0 to 9, one a minute."""
    moment = [1_800_000_000.0]
    service = open_service(tmp_path / "service", lambda: moment[0])
    service.metrics.write("Made", {}, [(f"m{number}", 1.0) for number in range(1, 1_200)])
    for value in range(10):
        service.metrics.write("Made", {}, [("m0", float(value))])
        moment[0] += 60
    running = LocalService(tmp_path / "service")
    yield service, running
    running.stop()


def test_metrics_are_listed_in_pages_of_500(measured: tuple[Service, LocalService]) -> None:
    pages = list(measured[1].client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="Made"))
    names = [metric["MetricName"] for page in pages for metric in page["Metrics"]]
    assert ([len(page["Metrics"]) for page in pages], len(set(names))) == ([500, 500, 200], 1_200)


def test_metric_data_comes_in_pages_that_join_to_the_whole(measured: tuple[Service, LocalService]) -> None:
    start = datetime.fromtimestamp(1_800_000_000, UTC)
    queries = [
        {"Id": name, "MetricStat": {"Metric": {"Namespace": "Made", "MetricName": name}, "Period": 60, "Stat": "Sum"}}
        for name in ("m1", "m0", "never")
    ]
    pages = list(
        measured[1]
        .client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries,
            StartTime=start,
            EndTime=start + HOUR,
            ScanBy="TimestampAscending",
            PaginationConfig={"PageSize": 4},
        )
    )
    results = [(item["Id"], item["Values"], item["StatusCode"]) for page in pages for item in page["MetricDataResults"]]
    assert results == [
        ("m1", [1.0], "Complete"),
        ("m0", [0.0, 1.0, 2.0], "PartialData"),
        ("never", [], "Complete"),
        ("m0", [3.0, 4.0, 5.0, 6.0], "PartialData"),
        ("m0", [7.0, 8.0, 9.0], "Complete"),
    ]


def test_a_percentile_between_two_values_lies_between_them(measured: tuple[Service, LocalService]) -> None:
    points = (
        measured[1]
        .client("cloudwatch")
        .get_metric_statistics(
            Namespace="Made",
            MetricName="m0",
            StartTime=datetime.fromtimestamp(1_800_000_000, UTC),
            EndTime=datetime.fromtimestamp(1_800_003_600, UTC),
            Period=3_600,
            ExtendedStatistics=["p50", "p90"],
        )["Datapoints"]
    )
    assert [point["ExtendedStatistics"] for point in points] == [{"p50": 4.5, "p90": pytest.approx(8.1)}]


@pytest.mark.parametrize("operation", ["list_metrics", "get_metric_data"])
@pytest.mark.parametrize("token", ["nonsense", "9" * 5000])
def test_a_token_that_is_none_is_refused(local: LocalService, endpoint: str, operation: str, token: str) -> None:
    request: dict[str, Any] = {"NextToken": token}
    if operation == "get_metric_data":
        queries, now = [query(endpoint, "a", "Invocations", "Sum")], datetime.now(UTC)
        request |= {"MetricDataQueries": queries, "StartTime": now - HOUR, "EndTime": now}
    with pytest.raises(ClientError, match="InvalidNextToken"):
        getattr(local.client("cloudwatch"), operation)(**request)


def test_an_endpoint_has_a_log_group_with_a_stream_a_variant(local: LocalService, endpoint: str) -> None:
    logs, group = local.client("logs"), f"/aws/sagemaker/Endpoints/{endpoint}"
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [group_entry["logGroupName"] for group_entry in groups if group_entry["logGroupName"] == group] == [group]
    streams = [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]]
    assert streams == ["a/i-local", "b/i-local"]


def test_what_a_model_refused_stands_in_its_log(local: LocalService, endpoint: str) -> None:
    events = local.client("logs").get_log_events(
        logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}", logStreamName="b/i-local", startFromHead=True
    )["events"]
    messages = [event["message"] for event in events]
    assert messages[0].startswith("Loaded the model")
    assert [line.startswith("400 Unable to evaluate payload provided: Number of columns") for line in messages[1:]] == [
        True,
        True,
    ]


def test_log_streams_come_in_pages(local: LocalService, endpoint: str) -> None:
    logs, group = local.client("logs"), f"/aws/sagemaker/Endpoints/{endpoint}"
    first = logs.describe_log_streams(logGroupName=group, limit=1)
    second = logs.describe_log_streams(logGroupName=group, limit=1, nextToken=first["nextToken"])
    names = [page["logStreams"][0]["logStreamName"] for page in (first, second)]
    assert (names, "nextToken" in second) == (["a/i-local", "b/i-local"], False)


def test_log_streams_are_ordered_by_their_last_line(local: LocalService, endpoint: str) -> None:
    refuse(local, endpoint)
    streams = local.client("logs").describe_log_streams(
        logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}", orderBy="LastEventTime", descending=True
    )["logStreams"]
    assert streams[0]["logStreamName"] == "b/i-local"


def test_a_log_token_that_is_none_is_refused(local: LocalService, endpoint: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*nextToken is invalid"):
        local.client("logs").describe_log_groups(nextToken="nonsense")


@pytest.mark.parametrize("member", ["Namespace", "MetricName"])
def test_a_query_names_its_metric(local: LocalService, member: str) -> None:
    now, asked = datetime.now(UTC), query("none", "a", "Invocations", "Sum")
    del asked["MetricStat"]["Metric"][member]
    with pytest.raises(ClientError, match=rf"\(ValidationError\).*MetricStat.Metric.{member} is required"):
        local.client("cloudwatch").get_metric_data(MetricDataQueries=[asked], StartTime=now - HOUR, EndTime=now)


def test_a_page_has_at_least_one_datapoint(local: LocalService) -> None:
    now, queries = datetime.now(UTC), [query("none", "a", "Invocations", "Sum")]
    with pytest.raises(ClientError, match=r"\(ValidationError\).*MaxDatapoints must be at least 1"):
        local.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=now - HOUR, EndTime=now, MaxDatapoints=0
        )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Plain"], r"The value Plain for parameter Id is not matching the expected pattern \^\[a-z\]"),
        (["a-b"], "The value a-b for parameter Id is not matching"),
        (["a", "a"], "The values for parameter Id in MetricDataQueries are not unique"),
    ],
)
def test_queries_have_names_that_an_expression_could_use(local: LocalService, names: list[str], message: str) -> None:
    now = datetime.now(UTC)
    queries = [query("none", "a", "Invocations", "Sum") | {"Id": name} for name in names]
    with pytest.raises(ClientError, match=rf"\(ValidationError\).*{message}"):
        local.client("cloudwatch").get_metric_data(MetricDataQueries=queries, StartTime=now - HOUR, EndTime=now)


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (-HOUR, "The parameter EndTime must be greater than StartTime"),
        (0 * HOUR, "The parameter StartTime must not equal parameter EndTime"),
    ],
)
def test_metric_data_is_of_an_interval(local: LocalService, length: timedelta, message: str) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=rf"\(ValidationError\).*{message}"):
        local.client("cloudwatch").get_metric_data(
            MetricDataQueries=[query("none", "a", "Invocations", "Sum")], StartTime=now, EndTime=now + length
        )


@pytest.mark.parametrize(
    ("length", "period", "message"),
    [
        (-HOUR, 60, r"\(InvalidParameterValue\).*The parameter StartTime must be less than the parameter EndTime"),
        (0 * HOUR, 60, r"\(InvalidParameterValue\).*The parameter StartTime must be less than the parameter EndTime"),
        (HOUR, 45, r"\(InvalidParameterValue\).*The parameter Period must be .* a multiple of 60"),
        (HOUR, 90, r"\(InvalidParameterValue\).*The parameter Period must be .* a multiple of 60"),
        (25 * HOUR, 60, r"\(InvalidParameterCombination\).*up to 1500 datapoints, which exceeds the limit of 1440"),
    ],
)
def test_statistics_that_cloudwatch_refuses_are_refused(
    local: LocalService, length: timedelta, period: int, message: str
) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=message):
        local.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            StartTime=now,
            EndTime=now + length,
            Period=period,
            Statistics=["Sum"],
        )


@pytest.mark.parametrize(("period", "first"), [(60, 2.0), (30, 3.0)])
def test_the_start_is_rounded_down_to_the_minute_or_a_shorter_period(
    measured: tuple[Service, LocalService], period: int, first: float
) -> None:
    start = datetime.fromtimestamp(1_800_000_000 + 2 * 60 + 59, UTC)
    points = (
        measured[1]
        .client("cloudwatch")
        .get_metric_statistics(
            Namespace="Made",
            MetricName="m0",
            StartTime=start,
            EndTime=start + HOUR,
            Period=period,
            Statistics=["Minimum"],
        )["Datapoints"]
    )
    assert min(point["Minimum"] for point in points) == first
