"""What the last run left behind, put in order before anyone is answered, and said in one sentence."""

from typing import TYPE_CHECKING

from services.local.jobs import training_run, transform_run, tuning_run

if TYPE_CHECKING:
    from services.local.service import Service


def put_in_order(service: "Service") -> list[str]:
    """Fail what was cut off; what there was to find in the data folder, in phrases. Raises DiskFull."""
    jobs = training_run.interrupt(service) + tuning_run.interrupt(service) + transform_run.interrupt(service)
    cut_off = (
        [f"{jobs} job{'s' * (jobs > 1)} that {'were' if jobs > 1 else 'was'} cut off (now Failed)"] if jobs else []
    )
    return [*service.database.problems, *cut_off, *service.objects.problems]


def startup_message(problems: list[str]) -> str:
    """What is printed of it; nothing when there was nothing."""
    return f"Found after the last run: {'; '.join(problems)}." if problems else ""
