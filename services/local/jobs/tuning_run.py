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
from contextlib import closing
from typing import TYPE_CHECKING, Any

from services.local.jobs import training_jobs
from services.local.jobs.tuning_completion import jobs_without_improvement, met_criterion
from services.local.protocol.wire import ServiceError
from services.local.runtime.prefork_server import PreforkServer
from services.local.store import full_disk
from services.local.store.metrics import TRAINING_NAMESPACE
from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from optuna.trial import Trial

    from services.local.jobs.hyperparameter_search import HyperparameterSearch
    from services.local.service import Service

log = logging.getLogger(__name__)
POLL = 0.2  # seconds until a stop is noticed
DEFAULT_JOBS = 100  # when a request names no MaxNumberOfTrainingJobs
NO_OBJECTIVE = (  # the first sentence in AWS's own words
    "No objective metrics found after running {completed} training jobs. None of them measured {metric} as a number; "
    "it is nan where the validation data holds one class only. Give it rows of both classes, or choose another metric."
)
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


def run(service: "Service", name: str, search: "HyperparameterSearch", stop: threading.Event) -> None:
    """Accompany the search to its end; the end is in the job's document."""
    try:
        _search(service, name, search, stop)
        children = service.resources.children(ResourceType.TRAINING_JOB, name)
        scored = any(final_objective_value(child) is not None for child in children)
        ending = "Stopped" if stop.is_set() else "Completed" if scored else "Failed"
        finish(service, name, ending, _without_objective(service, name, children) if ending == "Failed" else None)
    except Exception as fault:
        log.exception("Tuning job %s", name)
        finish(service, name, "Failed", full_disk.reason(fault))


def interrupt(service: "Service") -> int:
    """Fail every tuning job that a previous run of the service left unfinished; how many those were."""
    left = service.resources.names_with_status(ResourceType.TUNING_JOB, "InProgress", "Stopping")
    for name in left:
        _end(service, name, "Failed", INTERRUPTED)
    return len(left)


def finish(service: "Service", name: str, status: str, reason: str | None) -> None:
    """End a tuning job."""
    full_disk.retry_until_room(lambda: _end(service, name, status, reason))


def _end(service: "Service", name: str, status: str, reason: str | None) -> None:
    update(service, name)
    with service.resources.changing(ResourceType.TUNING_JOB, name) as job:
        ended = max(service.clock(), job["CreationTime"])
        job |= {"HyperParameterTuningJobStatus": status, "HyperParameterTuningEndTime": ended}
        if reason:
            job["FailureReason"] = reason


def _without_objective(service: "Service", name: str, children: list[Document]) -> str:
    """Why no training job of a search has an objective."""
    completed = [child for child in children if child["TrainingJobStatus"] == "Completed"]
    config = service.resources.get(ResourceType.TUNING_JOB, name)["HyperParameterTuningJobConfig"]
    metric = config["HyperParameterTuningJobObjective"]["MetricName"]
    return NO_OBJECTIVE.format(completed=len(completed), metric=metric) if completed else ALL_FAILED


def progress(children: list[Document], maximise: bool, inherited: Document | None) -> dict[str, Any]:
    """What Describe reads off the training jobs; `inherited` is the best of a warm start's parents."""
    statuses = Counter(COUNTERS[child["TrainingJobStatus"]] for child in children)
    objectives = Counter(summary(child)["ObjectiveStatus"] for child in children)
    own = best_job(children, maximise)
    overall = best_job([child for child in (own, inherited) if child], maximise)
    return {
        "TrainingJobStatusCounters": {"RetryableError": 0}
        | {counter: statuses[counter] for counter in COUNTERS.values()},
        "ObjectiveStatusCounters": {status: objectives[status] for status in ("Succeeded", "Pending", "Failed")},
        "ConsumedResources": {"RuntimeInSeconds": sum(child.get("TrainingTimeInSeconds", 0) for child in children)},
        **({"BestTrainingJob": summary(own)} if own else {}),
        **({"OverallBestTrainingJob": summary(overall)} if overall else {}),
    }


def best_job(children: list[Document], maximise: bool) -> Document | None:
    """The completed training job with the best objective; None when there is none."""
    scored = [child for child in children if final_objective_value(child) is not None]
    return (max if maximise else min)(scored, key=lambda child: final_objective_value(child) or 0.0, default=None)


def final_objective_value(child: Document) -> float | None:
    """The final value of the metric a training job is judged by; None for one that did not complete."""
    return last_objective_value(child) if child["TrainingJobStatus"] == "Completed" else None


def last_objective_value(child: Document) -> float | None:
    """The last value of the metric a training job is judged by, also of a stopped one."""
    wanted = child["HyperParameters"]["_tuning_objective_metric"]
    for metric in child.get("FinalMetricDataList", []):
        if metric["MetricName"] == wanted:
            value: float = metric["Value"]
            return value
    return None


def summary(child: Document) -> dict[str, Any]:
    """A training job as the tuning job's lists show it."""
    value = last_objective_value(child) if child["TrainingJobStatus"] in ("Completed", "Stopped") else None
    running = child["TrainingJobStatus"] in ("InProgress", "Stopping")
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


class _Children:
    """The training jobs of one search: which run, and what came of the others."""

    def __init__(self, service: "Service", name: str, search: "HyperparameterSearch") -> None:
        self._service, self._name, self._search = service, name, search
        self._job = service.resources.get(ResourceType.TUNING_JOB, name)
        self._limits = self._job["HyperParameterTuningJobConfig"]["ResourceLimits"]
        self.most = self._limits.get("MaxNumberOfTrainingJobs", search.combinations or DEFAULT_JOBS)
        self.launched = 0
        self.running: dict[Future[None], tuple[Trial, str]] = {}
        self._given_up: set[str] = set()
        self._nursery = PreforkServer(service.processes)
        self._cpus = max(1, (os.cpu_count() or 1) // min(self._limits["MaxParallelTrainingJobs"], self.most))

    def launch(self) -> None:
        """Start as many more as may run at once."""
        while len(self.running) < self._limits["MaxParallelTrainingJobs"] and self.launched < self.most:
            self.launched += 1
            trial, values = self._search.ask()
            child = f"{self._name}-{self.launched:03d}-{secrets.token_hex(4)}"
            request = _request(self._service, self._job, child, values)
            future = training_jobs.launch(self._service, child, request, self._name, self._cpus, self._nursery)
            self.running[future] = trial, child
            update(self._service, self._name)

    def gather(self) -> bool:
        """Wait a moment, take in what ended, stop what is hopeless; whether any ended."""
        done, _ = wait(self.running, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in done:
            trial, child = self.running.pop(future)
            value = final_objective_value(self._service.resources.get(ResourceType.TRAINING_JOB, child))
            self._search.tell(trial, value, child in self._given_up)
            update(self._service, self._name)
        if self._search.stops_early:
            metric = self._job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
            for trial, child in self.running.values():
                values = self._service.metrics.series(TRAINING_NAMESPACE, metric, {"TrainingJobName": child})
                if child not in self._given_up and self._search.hopeless(trial, values):
                    self._given_up.add(child)
                    _stop(self._service, [child])
        return bool(done)

    def stop(self) -> None:
        """Stop what runs."""
        _stop(self._service, [child for _, child in self.running.values()])

    def close(self) -> None:
        """Let go of the data that they read."""
        self._nursery.close()


def _search(service: "Service", name: str, search: "HyperparameterSearch", stop: threading.Event) -> None:
    job = service.resources.get(ResourceType.TUNING_JOB, name)
    limits = job["HyperParameterTuningJobConfig"]["ResourceLimits"]
    deadline = time.monotonic() + limits.get("MaxRuntimeInSeconds", 2**31)
    enough = False
    with closing(_Children(service, name, search)) as children:
        while children.running or (children.launched < children.most and not stop.is_set() and not enough):
            if not stop.is_set() and not enough:
                children.launch()
            if children.gather():
                enough = enough or _criterion_met(service, name)
            if time.monotonic() > deadline:
                stop.set()
            if stop.is_set() or enough:
                children.stop()


def _criterion_met(service: "Service", name: str) -> bool:
    """Whether a completion criterion is met; keeps how far the search is in TuningJobCompletionDetails."""
    job = service.resources.get(ResourceType.TUNING_JOB, name)
    config = job["HyperParameterTuningJobConfig"]
    maximise = config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
    ended = sorted(
        (
            child
            for child in service.resources.children(ResourceType.TRAINING_JOB, name)
            if final_objective_value(child) is not None
        ),
        key=lambda child: child["TrainingEndTime"],
    )
    values = [value for child in ended if (value := final_objective_value(child)) is not None]
    criterion = met_criterion(config.get("TuningJobCompletionCriteria", {}), values, maximise, job["Searched"])
    details: dict[str, float] = {
        "NumberOfTrainingJobsObjectiveNotImproving": jobs_without_improvement(values, maximise)
    }
    if criterion == "ConvergenceDetected":
        details["ConvergenceDetectedTime"] = service.clock()
    with service.resources.changing(ResourceType.TUNING_JOB, name) as changed:
        changed["TuningJobCompletionDetails"] = details
    return criterion is not None


def _request(service: "Service", job: Document, child: str, values: dict[str, str]) -> dict[str, Any]:
    definition = job["TrainingJobDefinition"]
    copied = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "StoppingCondition")
    return {
        "TrainingJobName": child,
        **{member: definition[member] for member in copied if member in definition},
        "ResourceConfig": definition.get("HyperParameterTuningResourceConfig") or definition.get("ResourceConfig", {}),
        "HyperParameters": definition["StaticHyperParameters"] | values,
        "TunedHyperParameters": values,
        "TuningJobArn": job["HyperParameterTuningJobArn"],
        "Tags": service.resources.tags(job["HyperParameterTuningJobArn"]),
    }


def _stop(service: "Service", children: list[str]) -> None:
    for child in children:
        if service.resources.get(ResourceType.TRAINING_JOB, child)["TrainingJobStatus"] == "InProgress":
            try:
                training_jobs.stop_training_job(service, {"TrainingJobName": child})
            except ServiceError as ended:
                log.info("%s had ended already: %s", child, ended)


def update(service: "Service", name: str) -> None:
    """Read anew off the training jobs of a search what its document tells of them."""
    children = service.resources.children(ResourceType.TRAINING_JOB, name)
    with service.resources.changing(ResourceType.TUNING_JOB, name) as job:
        goal = job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"]
        job.pop("BestTrainingJob", None)
        job.pop("OverallBestTrainingJob", None)
        job |= progress(children, goal == "Maximize", job.get("InheritedBest"))
