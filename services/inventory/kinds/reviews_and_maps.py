"""Kinds whose operations are those of SageMaker's sister services: people's reviews (A2I) and geospatial jobs.

Their prices are in no table, so they are unknown. Source: API references of Amazon Augmented AI and of SageMaker
geospatial capabilities.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown

MAPS_REGION = "us-west-2"  # the only one that has geospatial capabilities
REVIEWING = ("InProgress", "Stopping")
MAPPING = ("INITIALIZING", "IN_PROGRESS", "STOPPING")


def human_loops(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Reviews that wait for people, of every flow definition."""
    for flow in context.summaries("list_flow_definitions", "FlowDefinitionSummaries"):
        loops = context.summaries(
            "list_human_loops",
            "HumanLoopSummaries",
            "sagemaker-a2i-runtime",
            FlowDefinitionArn=flow["FlowDefinitionArn"],
        )
        names = [{"HumanLoopName": loop["HumanLoopName"]} for loop in loops if loop["HumanLoopStatus"] in REVIEWING]
        yield from context.describe_each("human_loop", names, _human_loop, "sagemaker-a2i-runtime")


def _human_loop(loop: Mapping[str, Any]) -> BillableResource:
    identity = (("HumanLoopName", loop["HumanLoopName"]),)
    return _resource(
        ResourceKind.HUMAN_LOOP,
        {**loop, "Name": loop["HumanLoopName"], "Status": loop["HumanLoopStatus"], "Arn": loop["HumanLoopArn"]},
        identity,
        "Billed per review and for the workforce",
    )


def _jobs(kind: ResourceKind, operation: str, key: str) -> Callable[[CollectContext], Iterator[BillableResource]]:
    def ask(context: CollectContext) -> Iterator[BillableResource]:
        for job in context.summaries(operation, key, "sagemaker-geospatial"):
            if job["Status"] in MAPPING:
                yield _resource(kind, job, (("Arn", job["Arn"]),), "Billed per hour of computing")

    return ask


def _resource(
    kind: ResourceKind, summary: Mapping[str, Any], identity: tuple[tuple[str, str], ...], detail: str
) -> BillableResource:
    return BillableResource(
        kind=kind,
        name=summary["Name"],
        status=summary["Status"],
        instance_type="",
        instance_count=0,
        usd_per_hour=None,
        since=summary["CreationTime"],
        cost_so_far=None,
        identity=identity,
        last_use=LastUse.UNKNOWN if kind is ResourceKind.HUMAN_LOOP else LastUse.WORKING,
        detail=detail,
        arn=summary["Arn"],
    )


MAPPED = ("COMPLETED", "STOPPED", "FAILED", "DELETED")
KINDS = {
    ResourceKind.HUMAN_LOOP: BillableKind(
        human_loops,
        Shutdown(
            "stop_human_loop",
            "The open review.",
            "describe_human_loop",
            "HumanLoopStatus",
            ("Stopped", "Completed", "Failed"),
            client="sagemaker-a2i-runtime",
        ),
    ),
    ResourceKind.EARTH_OBSERVATION_JOB: BillableKind(
        _jobs(ResourceKind.EARTH_OBSERVATION_JOB, "list_earth_observation_jobs", "EarthObservationJobSummaries"),
        Shutdown(
            "stop_earth_observation_job",
            "The remaining images.",
            "get_earth_observation_job",
            "Status",
            MAPPED,
            client="sagemaker-geospatial",
        ),
        region=MAPS_REGION,
    ),
    ResourceKind.VECTOR_ENRICHMENT_JOB: BillableKind(
        _jobs(ResourceKind.VECTOR_ENRICHMENT_JOB, "list_vector_enrichment_jobs", "VectorEnrichmentJobSummaries"),
        Shutdown(
            "stop_vector_enrichment_job",
            "The remaining places.",
            "get_vector_enrichment_job",
            "Status",
            MAPPED,
            client="sagemaker-geospatial",
        ),
        region=MAPS_REGION,
    ),
}
