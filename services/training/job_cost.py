"""What a training job has cost. Pure."""

from services.pricing.price_book import PriceBook
from services.training.jobs import TrainingJob


def cost(job: TrainingJob, book: PriceBook) -> float | None:
    """What an ended job has cost by the prices of `book`; None while it runs, and for an unknown price."""
    rate = book.usd_per_hour(job.instance_type, "Training")
    if rate is None or job.billable_seconds is None:
        return None
    return rate * job.instance_count * job.billable_seconds / 3600
