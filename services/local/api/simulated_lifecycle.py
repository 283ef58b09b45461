"""States that pass by themselves: notebook instances, processing jobs and Studio's resources do nothing here, and
still come and go.

On AWS that takes minutes. Here it takes a moment, long enough to be seen, and a state that a crash cut short passes
at the next start.
"""

import threading
from typing import TYPE_CHECKING, Any

from services.local.store.resources import Document, ResourceType

if TYPE_CHECKING:
    from services.local.service import Service

SECONDS = 0.4
KINDS = (
    ResourceType.NOTEBOOK_INSTANCE,
    ResourceType.PROCESSING_JOB,
    ResourceType.DOMAIN,
    ResourceType.USER_PROFILE,
    ResourceType.SPACE,
    ResourceType.APP,
)
GONE_APP = "Deleted"
# What comes after; what is deleted is gone, but for an app, which stays listed for a day.
_AFTER = {"Pending": "InService", "Updating": "Stopped", "Stopping": "Stopped", "Deleting": GONE_APP}


def create(
    service: "Service", kind: ResourceType, name: str, document: Document, parent: str | None = None
) -> Document:
    """Store a new resource, Pending, that will be in service. Raises as `Resources.create`."""
    created = service.resources.create(kind, name, {**document, _member(kind): "Pending"}, parent)
    _leave_status_later(service, kind, name)
    return created


def enter(service: "Service", kind: ResourceType, name: str, status: str, **changes: Any) -> None:
    """Put a resource, changed in passing, into a state that will pass. Raises as `Resources.get`."""
    with service.resources.changing(kind, name) as document:
        document |= {_member(kind): status, **changes}
    _leave_status_later(service, kind, name)


def restore(service: "Service") -> None:
    """After a restart: what was on its way gets there."""
    for kind in KINDS:
        for name in service.resources.names_with_status(kind, *_AFTER):
            _leave_status_later(service, kind, name)


def _leave_status_later(service: "Service", kind: ResourceType, name: str) -> None:
    service.workers.start(f"{kind}/{name}", _reach_status, service, kind, name)


def _reach_status(service: "Service", kind: ResourceType, name: str, stop: threading.Event) -> None:
    stop.wait(SECONDS)
    if service.resources.get(kind, name)[_member(kind)] == "Deleting" and kind is not ResourceType.APP:
        service.resources.delete(kind, name)
        return
    with service.resources.changing(kind, name) as document:
        document[_member(kind)] = _AFTER.get(document[_member(kind)], document[_member(kind)])
        if kind is ResourceType.PROCESSING_JOB:
            document["ProcessingEndTime"] = service.clock()


def _member(kind: ResourceType) -> str:
    return f"{kind}Status" if kind in (ResourceType.NOTEBOOK_INSTANCE, ResourceType.PROCESSING_JOB) else "Status"
