"""What the last run left behind, put in order before anyone is answered, and said in one sentence."""

from typing import TYPE_CHECKING

from services.local.jobs import training_run, transform_run, tuning_run
from services.local.store import numbers
from services.local.store.resources import ResourceType

if TYPE_CHECKING:
    from services.local.service import Service


def put_in_order(service: "Service") -> list[str]:
    """Fail what was cut off; what there was to find in the data folder, in phrases. Raises DiskFull."""
    repaired = _repair_numbers(service)
    jobs = training_run.interrupt(service) + tuning_run.interrupt(service) + transform_run.interrupt(service)
    cut_off = (
        [f"{jobs} job{'s' * (jobs > 1)} that {'were' if jobs > 1 else 'was'} cut off (now Failed)"] if jobs else []
    )
    return [*service.database.problems, *repaired, *cut_off, *service.objects.problems]


def _repair_numbers(service: "Service") -> list[str]:
    """Take nan and infinity out of the documents, and count anew the searches whose training jobs had some."""
    repaired = numbers.repair(service.database)
    searches = {name for kind, name, _ in repaired if kind == ResourceType.TUNING_JOB}
    parents = {parent for kind, _, parent in repaired if kind == ResourceType.TRAINING_JOB and parent}
    for name in searches | parents:
        tuning_run.update(service, name)
    count = len(repaired)
    return [f"{count} record{'s' * (count > 1)} with a metric that is no number (now without it)"] if count else []


def startup_message(problems: list[str]) -> str:
    """What is printed of it; nothing when there was nothing."""
    return f"Found after the last run: {'; '.join(problems)}." if problems else ""
