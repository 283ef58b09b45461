"""Filling a data folder with the demonstration, once, while no service serves it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from services.local.demo import data, endpoints, evaluation, jobs, studio
from services.local.demo.account import Calendar, DemoAccount
from services.local.service import open_service
from services.local.store.resources import ResourceType

# What is made, in the order in which one needs another.
STEPS: tuple[tuple[str, Callable[[DemoAccount], None]], ...] = (
    ("data", data.upload_all),
    ("prepared data sets", evaluation.prepared_sets),
    ("training jobs", jobs.training_jobs),
    ("a tuning job", jobs.tuning_job),
    ("data of the models", evaluation.attachments),
    ("models", endpoints.models),
    ("endpoints", endpoints.endpoints),
    ("transform jobs", jobs.transform_jobs),
    ("processing jobs", jobs.processing_jobs),
    ("notebook instances", studio.notebook_instances),
    ("a Studio domain", studio.domain),
    ("invocations", endpoints.traffic),
)


class SeededError(Exception):
    """The demonstration is in the folder already."""


def seed(folder: Path) -> Iterator[str]:
    """Make the demonstration in `folder`, naming each part before it is made. Raises SeededError."""
    calendar = Calendar()
    service = open_service(folder, calendar)
    account = DemoAccount(service, calendar, time.time())
    if service.resources.has(ResourceType.TRAINING_JOB, jobs.TRAINED[0][0]):
        raise SeededError
    service.processes.warm()  # or the first job would seem to take the minutes that its libraries take
    try:
        for what, make in STEPS:
            yield what
            make(account)
    finally:
        service.model_servers.close()
    service.database.close()
