"""The values of the inventory: kinds, billable resources, and what could not be listed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext

Tags = tuple[tuple[str, str], ...]


class ResourceKind(StrEnum):
    """What can run and bill."""

    ENDPOINT = "Endpoint"
    TRAINING_JOB = "Training job"
    TUNING_JOB = "Tuning job"
    PROCESSING_JOB = "Processing job"
    TRANSFORM_JOB = "Transform job"
    NOTEBOOK_INSTANCE = "Notebook instance"
    STUDIO_APP = "Studio app"
    WARM_POOL = "Warm pool"
    NOTEBOOK_VOLUME = "Notebook volume"
    SPACE_VOLUME = "Space volume"
    INFERENCE_COMPONENT = "Inference component"
    MONITORING_SCHEDULE = "Monitoring schedule"
    PIPELINE_EXECUTION = "Pipeline execution"
    AUTOML_JOB = "AutoML job"
    LABELING_JOB = "Labeling job"
    COMPILATION_JOB = "Compilation job"
    OPTIMIZATION_JOB = "Optimization job"
    EDGE_PACKAGING_JOB = "Edge packaging job"
    RECOMMENDER_JOB = "Inference recommender job"
    BENCHMARK_JOB = "AI benchmark job"
    AI_RECOMMENDATION_JOB = "AI recommendation job"
    CUSTOMIZATION_JOB = "Customization job"
    MLFLOW_SERVER = "MLflow server"
    MLFLOW_APP = "MLflow app"
    PARTNER_APP = "Partner app"
    CLUSTER = "HyperPod cluster"
    ONLINE_STORE = "Online feature store"
    TRAINING_PLAN = "Training plan"
    INFERENCE_EXPERIMENT = "Inference experiment"
    HUMAN_LOOP = "Human review"
    EARTH_OBSERVATION_JOB = "Earth observation job"
    VECTOR_ENRICHMENT_JOB = "Vector enrichment job"
    DOMAIN_FILES = "Domain file system"


class LastUse(StrEnum):
    """What is known about when something was last used."""

    SEEN = "seen"  # used `idle_hours` ago
    NEVER = "never since created"
    NOT_LATELY = "not in the last 14 days"
    UNKNOWN = "unknown"  # AWS does not report it, or it could not be read
    WORKING = "working"  # a job is in use for as long as it runs


@dataclass(frozen=True)
class BillableResource:
    """A running resource that bills.

    status:         in SageMaker's words.
    instance_type:  "" where it has none or cannot be read; two types are joined by " + ".
    instance_count: instances that run now; a tuning job's are those of its running training jobs.
    usd_per_hour:   on-demand price of all its instances there; None when that is not known, which is never 0.
    since:          when billing began, or when it was created (UTC).
    cost_so_far:    dollars from `since` until now, as if it had always had the size it has now.
    identity:       parameters of the API that name it, e.g. (("EndpointName", "fraud"),).
    last_use, idle_hours: for how many hours, at least, nobody has used it; None where that is not known.
    max_hours:      hours from `since` on after which AWS ends it; None where it may run for ever.
    detail:         what else matters to a decision, in words.
    bills_after:    what goes on billing once it is shut down; "" for nothing.
    arn:            "" where AWS does not report it.
    owner:          a user profile, by the API; "" when only tags name the owner.
    tags:           (key, value) pairs; None when they could not be read, which does not mean that there are none.
    region:         where it runs; set by the scan.
    parent:         kind and name of what cannot be deleted before it, e.g. ("Endpoint", "fraud"); () for nothing.
    shutdown_parameters:    parameters of the shutdown request beside those that name it.
    """

    kind: ResourceKind
    name: str
    status: str
    instance_type: str
    instance_count: int
    usd_per_hour: float | None
    since: datetime
    cost_so_far: float | None
    identity: tuple[tuple[str, str], ...]
    last_use: LastUse = LastUse.WORKING
    idle_hours: float | None = None
    max_hours: float | None = None
    detail: str = ""
    bills_after: str = ""
    arn: str = ""
    owner: str = ""
    tags: Tags | None = None
    region: str = ""
    parent: tuple[str, ...] = ()
    shutdown_parameters: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Unique over all resources and regions."""
        return (self.region, self.kind, *(value for _, value in self.identity))

    @property
    def never_ran(self) -> bool:
        """Whether it is an endpoint that failed at creation: whether it bills at all, only AWS's bill says."""
        return self.kind is ResourceKind.ENDPOINT and self.status == "Failed" and self.usd_per_hour is None

    @property
    def last_invocation_hours(self) -> float | None:
        """Hours since an endpoint's last invocation; None when none was seen, and for all that is no endpoint."""
        return self.idle_hours if self.kind is ResourceKind.ENDPOINT and self.last_use is LastUse.SEEN else None


@dataclass(frozen=True)
class Shutdown:
    """How a kind is shut down, in boto3's spelling, and how that is verified.

    operation: the request that shuts it down.
    consequence:      what is gone afterwards, one sentence.
    describe_operation:   the request that describes it; `status_member` of the answer ("A.B": B of A) is its status.
    terminal_statuses:      final statuses; none where it is over once it is not found any more.
    extra_parameters:      parameters of `operation` beside those that name the resource.
    refusing_statuses:   the statuses in which SageMaker refuses it.
    client:    boto3's name of the service.
    """

    operation: str
    consequence: str
    describe_operation: str
    status_member: str
    terminal_statuses: tuple[str, ...] = ()
    extra_parameters: tuple[tuple[str, Any], ...] = ()
    refusing_statuses: tuple[str, ...] = ()
    client: str = "sagemaker"


@dataclass(frozen=True)
class BillableKind:
    """How resources of a kind are found and shut down; `shutdown` None: they cannot be, for `why_not_stopped`.

    collect: yields an AwsError for each resource that could not be described; raises AwsError when the list is refused.
    removal: how one is deleted before its parent is, where that takes more than `shutdown`.
    region:  the only region that offers the kind; "" for all.
    """

    collect: "Callable[[CollectContext], Iterator[BillableResource | Failure | AwsError]]"
    shutdown: Shutdown | None
    removal: Shutdown | None = None
    why_not_stopped: str = ""
    region: str = ""


@dataclass(frozen=True)
class Failure:
    """A kind, a fact about one, or a whole region that could not be read, and the error as a sentence.

    resources: how many were listed and could not be described for that reason; 0 when it is not known what there is.
    """

    kind: str
    sentence: str
    region: str = ""
    resources: int = 0


@dataclass(frozen=True)
class Inventory:
    """Everything that ran at the time `at` (UTC), the most expensive first, and what could not be listed.

    waiting: regions whose answers are still coming in.
    """

    at: datetime
    resources: tuple[BillableResource, ...]
    failures: tuple[Failure, ...]
    waiting: tuple[str, ...] = ()

    @property
    def usd_per_hour(self) -> float:
        """Sum of the known prices; `unpriced` resources come on top of it."""
        return sum(resource.usd_per_hour or 0.0 for resource in self.resources)

    @property
    def unpriced(self) -> int:
        """How many resources have no known price."""
        return sum(resource.usd_per_hour is None for resource in self.resources)
