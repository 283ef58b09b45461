"""The datapoints that jobs and endpoints really measured, as rows."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.local.store.database import Database

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
ENDPOINT_NAMESPACE = "AWS/SageMaker"


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
        values: dict[float, list[float]] = {}
        for row in rows:
            values.setdefault(row["timestamp"] // period * period, []).append(row["value"])
        return values

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


def _key(dimensions: Mapping[str, str]) -> str:
    return json.dumps(dict(dimensions), sort_keys=True)
