"""What was made from a prepared data set: jobs by the address of their channels, and what was made of these jobs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.evaluation import batch_scoring
from services.registry import versions as model_versions
from services.shutdown import job_artifacts
from services.shutdown.job_artifacts import File
from services.training import jobs as training_jobs
from services.training.jobs import JobStatus, TrainingJob
from services.tuning import jobs as tuning_jobs

ACTIVE = (JobStatus.IN_PROGRESS, JobStatus.STOPPING)


@dataclass(frozen=True)
class Dependents:
    """What was made from a prepared set, each by name.

    running:       jobs that still read it, in words.
    training_jobs: those of their own; `trials`: those of tuning jobs.
    models:        SageMaker models of the jobs' model files.
    versions:      of the registry, in words.
    evaluations:   scores of its rows that lie in S3, in words.
    """

    running: tuple[str, ...] = ()
    training_jobs: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    tuning_jobs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    evaluations: tuple[str, ...] = ()

    @property
    def has_jobs(self) -> bool:
        """Whether a job learned from it."""
        return bool(self.training_jobs or self.trials or self.tuning_jobs)


def find(account: Account, data: PreparedData) -> Dependents:
    """What was made from `data`, whatever the size of the account. Raises AwsError."""
    jobs = training_jobs.reading(account, str(data.address))
    names = {job.name for job in jobs}
    active = dict(_active_searches(account, data))
    searches = {*active, *(job.tuning_job for job in jobs if job.tuning_job)}
    own = [job for job in jobs if not job.tuning_job]
    with ThreadPoolExecutor(4) as pool:
        models = pool.submit(lambda: tuple(sorted(_models(account, jobs))))
        versions = pool.submit(model_versions.learned_from, account, data.name, names)
        evaluations = pool.submit(batch_scoring.scored_on, account, data)
        scoring = pool.submit(lambda: tuple(_running_transforms(account, data)))
    running = [f"training job {job.name}" for job in own if job.status.active]
    running += [f"tuning job {name}" for name in sorted(searches) if name in active or _runs(name, jobs)]
    return Dependents(
        running=(*sorted(running), *scoring.result()),
        training_jobs=tuple(sorted(job.name for job in own)),
        trials=tuple(sorted(names - {job.name for job in own})),
        tuning_jobs=tuple(sorted(searches)),
        models=models.result(),
        versions=tuple(sorted(f"{version} of {version.group}" for version in versions.result())),
        evaluations=tuple(f"{split} rows scored with {job}" for job, split in evaluations.result()),
    )


def _runs(search: str, jobs: list[TrainingJob]) -> bool:
    return any(job.tuning_job == search and job.status.active for job in jobs)


def _active_searches(account: Account, data: PreparedData) -> Iterator[tuple[str, JobStatus]]:
    """The tuning jobs that run and learn from `data`, which may not have a trial yet."""
    for status in ACTIVE:
        for item in account.pages(
            "sagemaker",
            "list_hyper_parameter_tuning_jobs",
            "HyperParameterTuningJobSummaries",
            StatusEquals=status.value,
        ):
            job = tuning_jobs.describe(account, item["HyperParameterTuningJobName"])
            if job.train_channel.startswith(f"{data.address}/"):
                yield job.name, job.status


def _running_transforms(account: Account, data: PreparedData) -> Iterator[str]:
    """The batch transform jobs that read rows of `data` now, in words."""
    for status in ACTIVE:
        for item in account.pages(
            "sagemaker", "list_transform_jobs", "TransformJobSummaries", StatusEquals=status.value
        ):
            name = item["TransformJobName"]
            job = account.call("sagemaker", "describe_transform_job", TransformJobName=name)
            if job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].startswith(f"{data.address}/"):
                yield f"batch transform job {name}"


def _models(account: Account, jobs: list[TrainingJob]) -> Iterator[str]:
    files = [File(Address.parse(job.model_uri), 0) for job in jobs if job.model_uri]
    yield from job_artifacts.models_reading(account, files) if files else ()
