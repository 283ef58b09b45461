"""Everything the service holds while it runs, in one value that is handed to every operation."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.local.runtime.model_servers import ModelServers
from services.local.runtime.processes import Processes
from services.local.runtime.workers import Workers
from services.local.s3.objects import ObjectStore
from services.local.store.database import Database
from services.local.store.logs import Logs
from services.local.store.metrics import Metrics
from services.local.store.resources import Resources


@dataclass(frozen=True)
class Service:
    """The service over one data folder. `clock` gives epoch seconds."""

    folder: Path
    clock: Callable[[], float]
    database: Database
    objects: ObjectStore
    resources: Resources
    logs: Logs
    metrics: Metrics
    processes: Processes
    workers: Workers
    model_servers: ModelServers


def open_service(folder: Path, clock: Callable[[], float] = time.time) -> Service:
    """The service over `folder`, which is made when it is not there. Starts no process yet.

    Raises DatabaseLost, DiskFull.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database, processes = Database(folder / "service.sqlite"), Processes()
    return Service(
        folder=folder,
        clock=clock,
        database=database,
        objects=ObjectStore(database, folder),
        resources=Resources(database, clock),
        logs=Logs(database, clock),
        metrics=Metrics(database, clock),
        processes=processes,
        workers=Workers(),
        model_servers=ModelServers(processes, folder / "endpoints"),
    )
