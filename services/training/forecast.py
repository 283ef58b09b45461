"""What a job will take with all rows, told from the same job on a sample of them. Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from services import instance_types
from services.pricing.price_book import PriceBook
from services.training.plan import TrainingPlan

PROGRAM = 0.16  # GiB that the container holds before it has read a row, as jobs of a few rows measure


@dataclass(frozen=True)
class RehearsalForecast:
    """An estimate in proportion to rows; None is unknown.

    rows:    of one instance.
    seconds: of training, if the instance is as fast as what ran the sample.
    memory:  GiB that one instance will hold, of the `room` GiB that it has.
    cost:    dollars of all instances for that time, at most for the time that is allowed.
    """

    rows: float
    seconds: float
    memory: float | None
    room: float | None
    cost: float | None

    @property
    def too_large(self) -> bool:
        """Whether it will probably not fit into memory."""
        return self.memory is not None and self.room is not None and self.memory > self.room


def forecast(
    plan: TrainingPlan, sampled: Mapping[str, int], seconds: float, peak: float | None, book: PriceBook
) -> RehearsalForecast:
    """The forecast for `plan`, whose job on `sampled` rows a split took `seconds` and held `peak` GiB.

    Time and what is held beyond the program itself grow as the rows do. Small samples take more of both for a row than
    large ones, so it is rather too much. Rows that the instances share are divided among them.
    """
    train, validation = plan.data.rows["train"], plan.data.rows["validation"]
    rows = train / (plan.instance_count if plan.sharded else 1) + validation
    growth = rows / sum(sampled.values())
    expected = seconds * growth
    rate = book.usd_per_hour(plan.instance_type, "Training")
    return RehearsalForecast(
        rows=rows,
        seconds=expected,
        memory=None if peak is None else min(peak, PROGRAM) + max(0.0, peak - PROGRAM) * growth,
        room=instance_types.memory(plan.instance_type),
        cost=None if rate is None else rate * plan.instance_count * min(expected, plan.max_runtime) / 3600,
    )
