"""CloudWatch metrics, answered from what jobs and endpoints really measured.

Values are kept as single datapoints and gathered into periods when they are asked for.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from services.local.database import Database
from services.local.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
ENDPOINT_NAMESPACE = "AWS/SageMaker"
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}


class Metrics:
    """The table of datapoints. `clock` gives epoch seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock

    def write(self, namespace: str, dimensions: Mapping[str, str], values: Iterable[tuple[str, float]]) -> None:
        """Keep (metric name, value) pairs at the present time, in one transaction."""
        now, key = self._clock(), _key(dimensions)
        with self._database.writing(journaled=False) as connection:
            connection.executemany(
                "INSERT INTO datapoints VALUES (?, ?, ?, ?, ?)",
                [(namespace, name, key, now, value) for name, value in values],
            )

    def periods(
        self, namespace: str, name: str, dimensions: Mapping[str, str], start: float, end: float, period: int
    ) -> dict[float, list[float]]:
        """Values with start <= time < end, by the beginning of their period, in order of time."""
        rows = self._database.reading.execute(
            "SELECT timestamp, value FROM datapoints WHERE namespace = ? AND name = ? AND dimensions = ? "
            "AND timestamp >= ? AND timestamp < ? ORDER BY timestamp",
            (namespace, name, _key(dimensions), start, end),
        )
        found: dict[float, list[float]] = {}
        for row in rows:
            found.setdefault(row["timestamp"] // period * period, []).append(row["value"])
        return found

    def series(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> list[float]:
        """Every value of a metric, in the order in which they came, whatever the clock said."""
        rows = self._database.reading.execute(
            "SELECT value FROM datapoints WHERE namespace = ? AND name = ? AND dimensions = ? ORDER BY rowid",
            (namespace, name, _key(dimensions)),
        )
        return [row["value"] for row in rows]

    def names(self, namespace: str | None, name: str | None, dimensions: Mapping[str, str]) -> list[dict[str, Any]]:
        """Every metric that has a datapoint, as ListMetrics has them; `dimensions` must all match."""
        rows = self._database.reading.execute(
            "SELECT DISTINCT namespace, name, dimensions FROM datapoints "
            "WHERE namespace = coalesce(?, namespace) AND name = coalesce(?, name) ORDER BY 1, 2, 3",
            (namespace, name),
        )
        return [
            {
                "Namespace": row["namespace"],
                "MetricName": row["name"],
                "Dimensions": [{"Name": key, "Value": value} for key, value in json.loads(row["dimensions"]).items()],
            }
            for row in rows
            if dimensions.items() <= json.loads(row["dimensions"]).items()
        ]


def get_metric_data(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricData of plain metrics. Raises for metric math, which nothing here needs."""
    results = []
    for query in request["MetricDataQueries"]:
        if "MetricStat" not in query:
            raise ServiceError("ValidationError", f"Query {query['Id']}: expressions are not supported here.")
        wanted, metric = query["MetricStat"], query["MetricStat"]["Metric"]
        found = service.metrics.periods(
            metric["Namespace"],
            metric["MetricName"],
            _plain(metric.get("Dimensions", [])),
            request["StartTime"],
            request["EndTime"],
            wanted["Period"],
        )
        times = sorted(found, reverse=request.get("ScanBy", "TimestampDescending") == "TimestampDescending")
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label", metric["MetricName"]),
                "Timestamps": times,
                "Values": [_statistic(wanted["Stat"])(found[time]) for time in times],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


def get_metric_statistics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetMetricStatistics."""
    found = service.metrics.periods(
        request["Namespace"],
        request["MetricName"],
        _plain(request.get("Dimensions", [])),
        request["StartTime"],
        request["EndTime"],
        request["Period"],
    )
    wanted = request.get("Statistics", [])
    points = [
        {"Timestamp": time, **{name: _statistic(name)(values) for name in wanted}} for time, values in found.items()
    ]
    return {"Label": request["MetricName"], "Datapoints": points}


def list_metrics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListMetrics; all in one page."""
    dimensions = _plain(request.get("Dimensions", []))
    return {"Metrics": service.metrics.names(request.get("Namespace"), request.get("MetricName"), dimensions)}


def _statistic(name: str) -> Callable[[list[float]], float]:
    if name not in STATISTICS:
        raise ServiceError("InvalidParameterValue", f"The statistic {name} is not supported.")
    return STATISTICS[name]


def _plain(dimensions: list[dict[str, str]]) -> dict[str, str]:
    return {dimension["Name"]: dimension.get("Value", "") for dimension in dimensions}


def _key(dimensions: Mapping[str, str]) -> str:
    return json.dumps(dict(dimensions), sort_keys=True)


OPERATIONS = {
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}
