"""One tuning job from its first training job to its last: keep as many running as allowed, learn from each.

The training jobs are ordinary ones; what is known of a tuning job is read off them, never counted on the side.
"""

import logging
import os
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any

from services.local import training
from services.local.resources import Document, Kind
from services.local.wire import ServiceError

if TYPE_CHECKING:
    from optuna.trial import Trial

    from services.local.search import Search
    from services.local.service import Service

log = logging.getLogger(__name__)
POLL = 0.2  # seconds until a stop is noticed
DEFAULT_JOBS = 100  # when a request names no MaxNumberOfTrainingJobs
ALL_FAILED = (
    "All training jobs failed. Please take a look at the training jobs failures to get more details."  # AWS's own words
)
INTERRUPTED = (
    "InternalServerError: The service on this computer stopped while the tuning job was running. Start it again."
)
# Training job status -> the counter of TrainingJobStatusCounters it is counted in.
COUNTERS = {
    "Completed": "Completed",
    "InProgress": "InProgress",
    "Stopping": "InProgress",
    "Stopped": "Stopped",
    "Failed": "NonRetryableError",
}


def run(service: "Service", name: str, search: "Search", stop: threading.Event) -> None:
    """Accompany the search to its end; the end is in the job's document."""
    try:
        _search(service, name, search, stop)
        children = service.resources.children(Kind.TRAINING_JOB, name)
        scored = any(objective(child) is not None for child in children)
        ending = "Stopped" if stop.is_set() else "Completed" if scored else "Failed"
        finish(service, name, ending, ALL_FAILED if ending == "Failed" else None)
    except Exception as fault:
        log.exception("Tuning job %s", name)
        finish(service, name, "Failed", f"InternalServerError: {type(fault).__name__}: {fault}")


def interrupt(service: "Service") -> None:
    """Fail every tuning job that a previous run of the service left unfinished."""
    for job in service.resources.with_status(Kind.TUNING_JOB, "InProgress", "Stopping"):
        finish(service, job["HyperParameterTuningJobName"], "Failed", INTERRUPTED)


def finish(service: "Service", name: str, status: str, reason: str | None) -> None:
    """End a tuning job."""
    _update(service, name)
    with service.resources.changing(Kind.TUNING_JOB, name) as job:
        job |= {"HyperParameterTuningJobStatus": status, "HyperParameterTuningEndTime": service.clock()}
        if reason:
            job["FailureReason"] = reason


def progress(children: list[Document], maximise: bool) -> dict[str, Any]:
    """The members of Describe that are read off the training jobs."""
    statuses = Counter(COUNTERS[child["TrainingJobStatus"]] for child in children)
    objectives = Counter(summary(child)["ObjectiveStatus"] for child in children)
    scored = [child for child in children if objective(child) is not None]
    best = (max if maximise else min)(scored, key=lambda child: objective(child) or 0.0, default=None)
    return {
        "TrainingJobStatusCounters": {"RetryableError": 0}
        | {counter: statuses[counter] for counter in COUNTERS.values()},
        "ObjectiveStatusCounters": {status: objectives[status] for status in ("Succeeded", "Pending", "Failed")},
        "ConsumedResources": {"RuntimeInSeconds": sum(child.get("TrainingTimeInSeconds", 0) for child in children)},
        **({"BestTrainingJob": summary(best), "OverallBestTrainingJob": summary(best)} if best else {}),
    }


def objective(child: Document) -> float | None:
    """The final value of the metric a training job was judged by; None when it ended without one."""
    if child["TrainingJobStatus"] != "Completed":
        return None
    wanted = child["HyperParameters"]["_tuning_objective_metric"]
    for metric in child.get("FinalMetricDataList", []):
        if metric["MetricName"] == wanted:
            value: float = metric["Value"]
            return value
    return None


def summary(child: Document) -> dict[str, Any]:
    """A training job as the tuning job's lists show it."""
    value, running = objective(child), child["TrainingJobStatus"] in ("InProgress", "Stopping")
    metric = child["HyperParameters"]["_tuning_objective_metric"]
    return {
        **child,
        "ObjectiveStatus": "Pending" if running else "Failed" if value is None else "Succeeded",
        **(
            {"FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": metric, "Value": value}}
            if value is not None
            else {}
        ),
    }


def _search(service: "Service", name: str, search: "Search", stop: threading.Event) -> None:
    job = service.resources.get(Kind.TUNING_JOB, name)
    limits = job["HyperParameterTuningJobConfig"]["ResourceLimits"]
    parallel, most = limits["MaxParallelTrainingJobs"], limits.get("MaxNumberOfTrainingJobs", DEFAULT_JOBS)
    deadline = time.monotonic() + limits.get("MaxRuntimeInSeconds", 2**31)
    cpus = max(1, (os.cpu_count() or 1) // min(parallel, most))
    running: dict[Future[None], tuple[Trial, str]] = {}
    launched = 0
    while running or (launched < most and not stop.is_set()):
        while len(running) < parallel and launched < most and not stop.is_set():
            launched += 1
            trial, values = search.ask()
            child = f"{name}-{launched:03d}-{secrets.token_hex(4)}"
            running[training.launch(service, child, _request(job, child, values), name, cpus)] = trial, child
            _update(service, name)
        done, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in done:
            trial, child = running.pop(future)
            search.tell(trial, objective(service.resources.get(Kind.TRAINING_JOB, child)))
            _update(service, name)
        if time.monotonic() > deadline:
            stop.set()
        if stop.is_set():
            _stop(service, [child for _, child in running.values()])


def _request(job: Document, child: str, values: dict[str, str]) -> dict[str, Any]:
    definition = job["TrainingJobDefinition"]
    copied = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "StoppingCondition")
    return {
        "TrainingJobName": child,
        **{member: definition[member] for member in copied if member in definition},
        "ResourceConfig": definition.get("HyperParameterTuningResourceConfig") or definition.get("ResourceConfig", {}),
        "HyperParameters": definition["StaticHyperParameters"] | values,
        "TunedHyperParameters": values,
        "TuningJobArn": job["HyperParameterTuningJobArn"],
    }


def _stop(service: "Service", children: list[str]) -> None:
    for child in children:
        if service.resources.get(Kind.TRAINING_JOB, child)["TrainingJobStatus"] == "InProgress":
            try:
                training.stop_training_job(service, {"TrainingJobName": child})
            except ServiceError as ended:
                log.info("%s had ended already: %s", child, ended)


def _update(service: "Service", name: str) -> None:
    children = service.resources.children(Kind.TRAINING_JOB, name)
    with service.resources.changing(Kind.TUNING_JOB, name) as job:
        goal = job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"]
        job |= progress(children, goal == "Maximize")
