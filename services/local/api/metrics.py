"""CloudWatch metrics, answered from what jobs and endpoints really measured.

Values are kept as single datapoints and gathered into periods when they are asked for. Units: SageMaker developer
guide, "Monitor Amazon SageMaker with Amazon CloudWatch".
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
UNITS = {  # every other metric has none
    "ModelLatency": "Microseconds",
    "OverheadLatency": "Microseconds",
    "CPUUtilization": "Percent",
    "MemoryUtilization": "Percent",
}
MOST_POINTS = 100_800  # datapoints of a page of GetMetricData
MOST_STATISTICS = 1_440  # datapoints that GetMetricStatistics may be asked for
METRICS_PAGE = 500
SHORT_PERIODS = (1, 5, 10, 20, 30)  # seconds; all others are whole minutes
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_OFFSET = re.compile(r"\d{1,9}", re.ASCII)


def get_metric_data(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricData of plain metrics, by page. Raises for metric math, which nothing here needs."""
    _check_queries(request)
    descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    series = [
        (query, _points(service, query, request["StartTime"], request["EndTime"], descending))
        for query in request["MetricDataQueries"]
    ]
    start, most = _offset(request), request.get("MaxDatapoints", MOST_POINTS)
    results, before = [], 0
    for query, points in series:
        page = points[max(start - before, 0) : max(start + most - before, 0)]
        before += len(points)
        # A query without data is told of once, on the first page.
        if query.get("ReturnData", True) and (page or not (start or points)):
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", query["MetricStat"]["Metric"]["MetricName"]),
                    "Timestamps": [time for time, _ in page],
                    "Values": [value for _, value in page],
                    "StatusCode": "PartialData" if points and before > start + most else "Complete",
                }
            )
    more = {"NextToken": str(start + most)} if before > start + most else {}
    return {"MetricDataResults": results, "Messages": [], **more}


def _check_queries(request: Mapping[str, Any]) -> None:
    """Refuse times that are no interval, and identifiers that could not stand in an expression."""
    start, end = request["StartTime"], request["EndTime"]
    if start > end:
        raise ServiceError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    if start == end:
        raise ServiceError("ValidationError", "The parameter StartTime must not equal parameter EndTime.")
    names = [query["Id"] for query in request["MetricDataQueries"]]
    for name in names:
        if not _ID.fullmatch(name):
            message = f"The value {name} for parameter Id is not matching the expected pattern ^{_ID.pattern}$."
            raise ServiceError("ValidationError", message)
    if len(set(names)) < len(names):
        raise ServiceError("ValidationError", "The values for parameter Id in MetricDataQueries are not unique.")
    for query in request["MetricDataQueries"]:
        for member in ("Namespace", "MetricName"):
            if "MetricStat" in query and not query["MetricStat"]["Metric"].get(member):
                raise ServiceError("ValidationError", f"Query {query['Id']}: MetricStat.Metric.{member} is required.")
    if request.get("MaxDatapoints", 1) < 1:
        raise ServiceError("ValidationError", "The parameter MaxDatapoints must be at least 1.")


def _points(
    service: "Service", query: dict[str, Any], start: float, end: float, descending: bool
) -> list[tuple[float, float]]:
    """(beginning of the period, statistic) of a query, in order."""
    if "MetricStat" not in query:
        raise ServiceError("ValidationError", f"Query {query['Id']}: expressions are not supported here.")
    wanted, metric = query["MetricStat"], query["MetricStat"]["Metric"]
    name, dimensions = metric["MetricName"], _plain(metric.get("Dimensions", []))
    if wanted.get("Unit", _unit(name)) != _unit(name):
        return []
    values = _periods(service, metric["Namespace"], name, dimensions, start, end, wanted["Period"])
    statistic = _statistic(wanted["Stat"])
    return [(time, statistic(values[time])) for time in sorted(values, reverse=descending)]


def get_metric_statistics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricStatistics. A unit that the metric does not have finds nothing, as on AWS."""
    _check_statistics(request)
    unit = _unit(request["MetricName"])
    values = _periods(
        service,
        request["Namespace"],
        request["MetricName"],
        _plain(request.get("Dimensions", [])),
        request["StartTime"],
        request["EndTime"],
        request["Period"],
    )
    wanted = {name: _statistic(name) for name in request.get("Statistics", [])}
    percentiles = {name: _statistic(name) for name in request.get("ExtendedStatistics", [])}
    if not wanted and not percentiles:
        raise ServiceError(
            "InvalidParameterCombination", "At least one of Statistics and ExtendedStatistics is required."
        )
    points = [
        {
            "Timestamp": time,
            "Unit": unit,
            **{name: statistic(values) for name, statistic in wanted.items()},
            "ExtendedStatistics": {name: statistic(values) for name, statistic in percentiles.items()} or None,
        }
        for time, values in values.items()
    ]
    return {"Label": request["MetricName"], "Datapoints": points if request.get("Unit", unit) == unit else []}


def _check_statistics(request: Mapping[str, Any]) -> None:
    start, end, period = request["StartTime"], request["EndTime"], request["Period"]
    if start >= end:
        message = "The parameter StartTime must be less than the parameter EndTime."
        raise ServiceError("InvalidParameterValue", message)
    points = math.ceil((end - start) / period)
    if points > MOST_STATISTICS:
        message = (
            f"You have requested up to {points} datapoints, which exceeds the limit of {MOST_STATISTICS}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        raise ServiceError("InvalidParameterCombination", message)


def _periods(
    service: "Service", namespace: str, name: str, dimensions: dict[str, str], start: float, end: float, period: int
) -> dict[float, list[float]]:
    """Values by the beginning of their period. The start is rounded down to a whole minute, or to a shorter period."""
    if period not in SHORT_PERIODS and period % 60:
        message = "The parameter Period must be a value in the set [1, 5, 10, 20, 30] or a multiple of 60."
        raise ServiceError("InvalidParameterValue", message)
    step = min(period, 60)
    return service.metrics.periods(namespace, name, dimensions, start // step * step, end, period)


def _unit(metric: str) -> str:
    return UNITS.get(metric, "None")


def list_metrics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListMetrics, 500 a page."""
    dimensions = _plain(request.get("Dimensions", []))
    names = service.metrics.names(request.get("Namespace"), request.get("MetricName"), dimensions)
    start = _offset(request)
    end = start + METRICS_PAGE
    return {"Metrics": names[start:end], **({"NextToken": str(end)} if len(names) > end else {})}


def _offset(request: Mapping[str, Any]) -> int:
    token: str = request.get("NextToken") or "0"
    if not _OFFSET.fullmatch(token):
        raise ServiceError("InvalidNextToken", "The NextToken is not valid. Request the first page again.")
    return int(token)


def _statistic(name: str) -> Callable[[list[float]], float]:
    percentile = _PERCENTILE.fullmatch(name)
    if percentile:
        share = float(percentile[1]) / 100
        return lambda values: _percentile(values, share)
    if name not in STATISTICS:
        raise ServiceError("InvalidParameterValue", f"The statistic {name} is not supported.")
    return STATISTICS[name]


def _percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` are, between neighbours as far as its rank is between theirs."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = ordered[math.floor(rank)]
    return below + (ordered[math.ceil(rank)] - below) * (rank % 1)


def _plain(dimensions: list[dict[str, str]]) -> dict[str, str]:
    return {dimension["Name"]: dimension.get("Value", "") for dimension in dimensions}


OPERATIONS = {
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}
