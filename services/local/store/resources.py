"""SageMaker's resources as documents: kept whole as Describe answers them, listed by page.

Knows nothing of what a resource does; which statuses follow which is the business of the module that runs it.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from services.local.protocol import paging
from services.local.protocol.identity import ACCOUNT, REGION
from services.local.protocol.wire import ServiceError, validation_error
from services.local.store import tags as tag_store
from services.local.store.database import Database
from services.local.store.numbers import to_json
from services.local.store.search_filters import Sql

Document = dict[str, Any]


class ResourceType(StrEnum):
    """A kind of resource; its value is also the stem of its members: TrainingJobName, TrainingJobArn, ..."""

    TRAINING_JOB = "TrainingJob"
    TUNING_JOB = "HyperParameterTuningJob"
    MODEL = "Model"
    ENDPOINT_CONFIG = "EndpointConfig"
    ENDPOINT = "Endpoint"
    TRANSFORM_JOB = "TransformJob"
    PROCESSING_JOB = "ProcessingJob"
    NOTEBOOK_INSTANCE = "NotebookInstance"
    DOMAIN = "Domain"
    USER_PROFILE = "UserProfile"
    SPACE = "Space"
    APP = "App"
    MODEL_PACKAGE_GROUP = "ModelPackageGroup"
    MODEL_PACKAGE = "ModelPackage"
    EXPERIMENT = "Experiment"
    TRIAL = "Trial"
    TRIAL_COMPONENT = "TrialComponent"
    ARTIFACT = "Artifact"
    ASSOCIATION = "Association"


ARN_PARTS = {
    ResourceType.TRAINING_JOB: "training-job",
    ResourceType.TUNING_JOB: "hyper-parameter-tuning-job",
    ResourceType.MODEL: "model",
    ResourceType.ENDPOINT_CONFIG: "endpoint-config",
    ResourceType.ENDPOINT: "endpoint",
    ResourceType.TRANSFORM_JOB: "transform-job",
    ResourceType.PROCESSING_JOB: "processing-job",
    ResourceType.NOTEBOOK_INSTANCE: "notebook-instance",
    ResourceType.DOMAIN: "domain",
    ResourceType.USER_PROFILE: "user-profile",
    ResourceType.SPACE: "space",
    ResourceType.APP: "app",
    ResourceType.MODEL_PACKAGE_GROUP: "model-package-group",
    ResourceType.MODEL_PACKAGE: "model-package",
    ResourceType.EXPERIMENT: "experiment",
    ResourceType.TRIAL: "experiment-trial",
    ResourceType.TRIAL_COMPONENT: "experiment-trial-component",
    ResourceType.ARTIFACT: "artifact",
    ResourceType.ASSOCIATION: "association",
}
# What SageMaker calls them when it cannot find one; jobs are never named in that message.
DISPLAY_NAMES = {
    ResourceType.MODEL: "model",
    ResourceType.ENDPOINT_CONFIG: "endpoint configuration",
    ResourceType.ENDPOINT: "endpoint",
}
EXPERIMENTAL = (ResourceType.EXPERIMENT, ResourceType.TRIAL, ResourceType.TRIAL_COMPONENT)
REGISTERED = {ResourceType.MODEL_PACKAGE_GROUP: "Model Package Group", ResourceType.MODEL_PACKAGE: "ModelPackage"}
LINEAGE = {ResourceType.ARTIFACT: "Artifact", ResourceType.ASSOCIATION: "Association"}
SORT_COLUMNS = {"Name": "name", "CreationTime": "created", "LastModifiedTime": "modified", "Status": "status"}


def arn(kind: ResourceType, name: str) -> str:
    """The ARN of a resource, which exists or not."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{ARN_PARTS[kind]}/{name.lower()}"


class Resources:
    """The table of all resources. `clock` gives epoch seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock

    def create(self, kind: ResourceType, name: str, document: Document, parent: str | None = None) -> Document:
        """Store a new resource with its name, ARN, times and tags. Raises `already_exists_error` if it exists.

        What `document` has of these goes before; `name` is what it is found by, which for some kinds is no member.
        """
        now = self._clock()
        document = {
            f"{kind}Name": name,
            f"{kind}Arn": arn(kind, name),
            "CreationTime": now,
            "LastModifiedTime": now,
            **document,
        }
        given = document.pop("Tags", None) or []
        own = document[f"{kind}Arn"]
        row = (kind, name, _status(kind, document), now, now, parent, to_json(document), own)
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM resources WHERE arn = ?", (own,)).fetchone():
                raise already_exists_error(kind, name)
            connection.execute("INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            tag_store.put(connection, own, given)
        return document

    def get(self, kind: ResourceType, name: str) -> Document:
        """One resource. Raises ValidationException in SageMaker's words when there is none."""
        row = self._database.reading.execute(
            "SELECT document FROM resources WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        if row is None:
            raise not_found_error(kind, name)
        document: Document = json.loads(row["document"])
        return document

    def has(self, kind: ResourceType, name: str) -> bool:
        """Whether there is such a resource."""
        row = self._database.reading.execute("SELECT 1 FROM resources WHERE kind = ? AND name = ?", (kind, name))
        return row.fetchone() is not None

    def with_arn(self, arn: str) -> tuple[ResourceType, Document]:
        """One resource of whichever kind. Raises ResourceNotFound."""
        row = self._database.reading.execute("SELECT kind, document FROM resources WHERE arn = ?", (arn,)).fetchone()
        if row is None:
            raise ServiceError("ResourceNotFound", f"The resource {arn} does not exist.")
        return ResourceType(row["kind"]), json.loads(row["document"])

    def named(self, kind: ResourceType, given: str) -> tuple[str, Document]:
        """A resource by its name or its ARN, with the name it is kept under. Raises as `get` does."""
        own = given if given.startswith("arn:") else arn(kind, given)
        row = self._database.reading.execute(
            "SELECT name, document FROM resources WHERE arn = ? AND kind = ?", (own, kind)
        ).fetchone()
        if row is None:
            raise not_found_error(kind, own.partition("/")[2])
        return row["name"], json.loads(row["document"])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make what is read and changed in the block one transaction."""
        with self._database.writing():
            yield

    @contextmanager
    def changing(self, kind: ResourceType, name: str) -> Iterator[Document]:
        """Read, change and write one resource in one transaction. Raises as `get` does."""
        with self._database.writing() as connection:
            document = self.get(kind, name)
            yield document
            now = max(self._clock(), document["LastModifiedTime"])  # clocks are set back now and then
            document["LastModifiedTime"] = now
            connection.execute(
                "UPDATE resources SET status = ?, modified = ?, document = ? WHERE kind = ? AND name = ?",
                (_status(kind, document), now, to_json(document), kind, name),
            )

    def delete(self, kind: ResourceType, name: str, check: Callable[[Document], None] = lambda document: None) -> None:
        """Remove one resource, unless `check` raises. Raises as `get` does."""
        with self._database.writing() as connection:
            document = self.get(kind, name)
            check(document)
            connection.execute("DELETE FROM resources WHERE kind = ? AND name = ?", (kind, name))
            connection.execute("DELETE FROM tags WHERE arn = ?", (document[f"{kind}Arn"],))

    def tags(self, arn: str, after: str = "", limit: int = -1) -> list[dict[str, str]]:
        """Tags of a resource by key, those behind the key `after`; -1 means all."""
        return tag_store.read(self._database.reading, arn, after, limit)

    def tag(self, arn: str, given: list[dict[str, str]]) -> None:
        """Set tags of a resource. Raises as `with_arn` does, and what tags may not be."""
        with self._database.writing() as connection:
            self.with_arn(arn)
            tag_store.put(connection, arn, given)

    def untag(self, arn: str, keys: list[str]) -> None:
        """Take tags away; keys that are not there are no error. Raises as `with_arn` does."""
        with self._database.writing() as connection:
            self.with_arn(arn)
            tag_store.remove(connection, arn, keys)

    def children(self, kind: ResourceType, parent: str) -> list[Document]:
        """Every resource that belongs to `parent`, oldest first."""
        rows = self._database.reading.execute(
            "SELECT document FROM resources WHERE kind = ? AND parent = ? ORDER BY created, name", (kind, parent)
        )
        return [json.loads(row["document"]) for row in rows]

    def with_status(self, kind: ResourceType, *statuses: str) -> list[Document]:
        """Every resource in one of `statuses`."""
        marks = ", ".join("?" * len(statuses))
        rows = self._database.reading.execute(
            f"SELECT document FROM resources WHERE kind = ? AND status IN ({marks})", (kind, *statuses)
        )
        return [json.loads(row["document"]) for row in rows]

    def names_with_status(self, kind: ResourceType, *statuses: str, before: float = math.inf) -> list[str]:
        """The names of resources in one of `statuses`, last modified before that moment."""
        marks = ", ".join("?" * len(statuses))
        rows = self._database.reading.execute(
            f"SELECT name FROM resources WHERE kind = ? AND modified < ? AND status IN ({marks})",
            (kind, before, *statuses),
        )
        return [row["name"] for row in rows]

    def page(
        self, kind: ResourceType, request: Mapping[str, Any], descending: bool
    ) -> tuple[list[Document], str | None]:
        """One page of a List call and the token of the next; `descending` is that call's default order."""
        column = SORT_COLUMNS.get(request.get("SortBy", "CreationTime"), "created")
        order = request.get("SortOrder", "Descending" if descending else "Ascending")
        backwards = order.startswith("Desc")
        conditions, values = _filters(kind, request)
        if request.get("NextToken"):
            after = paging.position(request["NextToken"], 2)
            conditions.append(f"({column}, name) {'<' if backwards else '>'} (?, ?)")
            values += after
        limit = request.get("MaxResults", 10)
        direction = "DESC" if backwards else "ASC"
        rows = self._database.reading.execute(
            f"SELECT name, {column} AS position, document FROM resources WHERE {' AND '.join(conditions)} "
            f"ORDER BY {column} {direction}, name {direction} LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        return _cut(rows, limit)

    def search(
        self, kind: ResourceType, condition: Sql, order: Sql, request: Mapping[str, Any]
    ) -> tuple[list[Document], str | None, int]:
        """One page of what satisfies `condition`, the token of the next, and how many there are in all.

        Newest or greatest first unless `request` says otherwise; what `order` says nothing of comes last.
        """
        direction, beyond = ("ASC", ">") if request.get("SortOrder") == "Ascending" else ("DESC", "<")
        behind = "1"
        at = paging.position(request["NextToken"], 2) if request.get("NextToken") else []
        if at and at[0] is None:
            behind, at = f"position IS NULL AND name {beyond} ?", at[1:]
        elif at:
            behind = f"((position, name) {beyond} (?, ?) OR position IS NULL)"
        limit = request.get("MaxResults", 10)
        rows = self._database.reading.execute(
            "SELECT *, (SELECT document FROM resources WHERE kind = ? AND name = page.name) AS document FROM ("
            f"SELECT * FROM (SELECT name, {order.text} AS position, count(*) OVER () AS total FROM resources "
            f"WHERE kind = ? AND {condition.text}) WHERE {behind} "
            f"ORDER BY position IS NULL, position {direction}, name {direction} LIMIT ?) AS page",
            (kind, *order.values, kind, *condition.values, *at, limit + 1),
        ).fetchall()
        return *_cut(rows, limit), rows[0]["total"] if rows else 0


def _cut(rows: list[sqlite3.Row], limit: int) -> tuple[list[Document], str | None]:
    """Documents of a page of which one more was read than it holds, and the token of the next."""
    token = paging.token(rows[limit - 1]["position"], rows[limit - 1]["name"]) if len(rows) > limit else None
    return [json.loads(row["document"]) for row in rows[:limit]], token


def not_found_error(kind: ResourceType, name: str) -> ServiceError:
    """SageMaker's answer to a name it does not know."""
    if kind is ResourceType.NOTEBOOK_INSTANCE:
        return validation_error("RecordNotFound")
    if kind in DISPLAY_NAMES:
        return validation_error(f'Could not find {DISPLAY_NAMES[kind]} "{arn(kind, name)}".')
    if kind in REGISTERED:
        return validation_error(f"{kind} {arn(kind, name)} does not exist.")
    if kind in EXPERIMENTAL or kind in LINEAGE:
        return ServiceError("ResourceNotFound", f"{kind} '{arn(kind, name)}' does not exist.")
    return validation_error("Requested resource not found.")


def already_exists_error(kind: ResourceType, name: str) -> ServiceError:
    """SageMaker's answer to a new resource whose name another has. The SDK loads that one when it reads these words.

    ResourceInUse is only of those whose Create has it among its errors in botocore's model.
    """
    if spoken := (REGISTERED | LINEAGE).get(kind):
        return validation_error(f"{spoken} already exists: {arn(kind, name)}")
    if kind in EXPERIMENTAL:
        return validation_error(
            f"{kind} names must be unique within an AWS account and region. {kind} with name ({name}) already exists."
        )
    if kind is ResourceType.NOTEBOOK_INSTANCE:
        return validation_error(f"Cannot create a duplicate Notebook Instance ({arn(kind, name)})")
    if kind in DISPLAY_NAMES:
        return validation_error(f'Cannot create already existing {DISPLAY_NAMES[kind]} "{arn(kind, name)}".')
    phrase = ARN_PARTS[kind].replace("-", " ")
    return ServiceError("ResourceInUse", f"Cannot create already existing {phrase} {arn(kind, name)}.")


def _status(kind: ResourceType, document: Document) -> str | None:
    """Jobs, endpoints and notebooks say "<kind>Status", Studio's resources just "Status", trial components more."""
    status_member = document.get(f"{kind}Status") or document.get("Status")
    status: str | None = status_member.get("PrimaryStatus") if isinstance(status_member, dict) else status_member
    return status


# Trial components keep the trials they belong to, and those trials' experiments, in Parents.
_PARENT = "SELECT json_extract(value, '$.{}') FROM json_each(document, '$.Parents')"
_COMPARISONS = {
    "StatusEquals": "status = ?",
    "NameContains": "instr(lower(name), lower(?)) > 0",
    "DomainIdEquals": "parent = ?",
    "UserProfileNameEquals": "json_extract(document, '$.UserProfileName') = ?",
    "SpaceNameEquals": "json_extract(document, '$.SpaceName') = ?",
    "UserProfileNameContains": "instr(lower(json_extract(document, '$.UserProfileName')), lower(?)) > 0",
    "SpaceNameContains": "instr(lower(json_extract(document, '$.SpaceName')), lower(?)) > 0",
    "ModelPackageGroupName": "parent = ?",
    "HyperParameterTuningJobName": "parent = ?",
    "TrialComponentName": """name IN (SELECT json_extract(value, '$.TrialName')
        FROM resources AS component, json_each(component.document, '$.Parents')
        WHERE component.kind = 'TrialComponent' AND component.name = ?)""",
    "SourceArn": "coalesce(json_extract(document, '$.SourceArn'), json_extract(document, '$.Source.SourceArn')) = ?",
    "SourceUri": "json_extract(document, '$.Source.SourceUri') = ?",
    "ArtifactType": "json_extract(document, '$.ArtifactType') = ?",
    "DestinationArn": "json_extract(document, '$.DestinationArn') = ?",
    "SourceType": "json_extract(document, '$.SourceType') = ?",
    "DestinationType": "json_extract(document, '$.DestinationType') = ?",
    "AssociationType": "json_extract(document, '$.AssociationType') = ?",
    "ExperimentName": f"? IN (SELECT parent UNION ALL {_PARENT.format('ExperimentName')})",
    "TrialName": f"? IN ({_PARENT.format('TrialName')})",
    "ModelPackageType": "iif(parent IS NULL, 'Unversioned', 'Versioned') = ?",
    "ModelApprovalStatus": "json_extract(document, '$.ModelApprovalStatus') = ?",
    "CreatedAfter": "created > ?",
    "CreatedBefore": "created < ?",
    "TrainingPlanArnEquals": "json_extract(document, '$.TrainingPlanArn') = ?",
    "NotebookInstanceLifecycleConfigNameContains": (
        "instr(lower(json_extract(document, '$.NotebookInstanceLifecycleConfigName')), lower(?)) > 0"
    ),
    "DefaultCodeRepositoryContains": "instr(lower(json_extract(document, '$.DefaultCodeRepository')), lower(?)) > 0",
    "AdditionalCodeRepositoryEquals": (
        "EXISTS (SELECT 1 FROM json_each(document, '$.AdditionalCodeRepositories') WHERE value = ?)"
    ),
    "CreationTimeAfter": "created > ?",
    "CreationTimeBefore": "created < ?",
    "LastModifiedTimeAfter": "modified > ?",
    "LastModifiedTimeBefore": "modified < ?",
}


def _filters(kind: ResourceType, request: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    given = [name for name in _COMPARISONS if request.get(name) is not None]
    return ["kind = ?", *(_COMPARISONS[name] for name in given)], [kind, *(request[name] for name in given)]
