"""Kinds whose operations are those of SageMaker's sister services: people's reviews (A2I) and geospatial jobs.

Their prices are in no table, so they are unknown. Source: API references of Amazon Augmented AI and of SageMaker
geospatial capabilities.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import Asking
from services.inventory.resources import Ending, Kind, LastUse, Running, RunningKind

MAPS_REGION = "us-west-2"  # the only one that has geospatial capabilities
REVIEWING = ("InProgress", "Stopping")
MAPPING = ("INITIALIZING", "IN_PROGRESS", "STOPPING")


def human_loops(asking: Asking) -> Iterator[Running | AwsError]:
    """Reviews that wait for people, of every flow definition."""
    for flow in asking.listed("list_flow_definitions", "FlowDefinitionSummaries"):
        found = asking.listed(
            "list_human_loops",
            "HumanLoopSummaries",
            "sagemaker-a2i-runtime",
            FlowDefinitionArn=flow["FlowDefinitionArn"],
        )
        names = [{"HumanLoopName": loop["HumanLoopName"]} for loop in found if loop["HumanLoopStatus"] in REVIEWING]
        yield from asking.each("human_loop", names, _human_loop, "sagemaker-a2i-runtime")


def _human_loop(loop: Mapping[str, Any]) -> Running:
    identity = (("HumanLoopName", loop["HumanLoopName"]),)
    return _thing(
        RunningKind.HUMAN_LOOP,
        {**loop, "Name": loop["HumanLoopName"], "Status": loop["HumanLoopStatus"], "Arn": loop["HumanLoopArn"]},
        identity,
        "Bills by the review, and by the workforce",
    )


def _jobs(kind: RunningKind, operation: str, key: str) -> Callable[[Asking], Iterator[Running]]:
    def ask(asking: Asking) -> Iterator[Running]:
        for job in asking.listed(operation, key, "sagemaker-geospatial"):
            if job["Status"] in MAPPING:
                yield _thing(kind, job, (("Arn", job["Arn"]),), "Bills by the hour of what it computes")

    return ask


def _thing(kind: RunningKind, item: Mapping[str, Any], identity: tuple[tuple[str, str], ...], detail: str) -> Running:
    return Running(
        kind=kind,
        name=item["Name"],
        status=item["Status"],
        instance_type="",
        instance_count=0,
        usd_per_hour=None,
        since=item["CreationTime"],
        cost_so_far=None,
        identity=identity,
        last_use=LastUse.UNKNOWN if kind is RunningKind.HUMAN_LOOP else LastUse.WORKING,
        detail=detail,
        arn=item["Arn"],
    )


MAPPED = ("COMPLETED", "STOPPED", "FAILED", "DELETED")
KINDS = {
    RunningKind.HUMAN_LOOP: Kind(
        human_loops,
        Ending(
            "stop_human_loop",
            "The review, which nobody gives any more.",
            "describe_human_loop",
            "HumanLoopStatus",
            ("Stopped", "Completed", "Failed"),
            client="sagemaker-a2i-runtime",
        ),
    ),
    RunningKind.EARTH_OBSERVATION_JOB: Kind(
        _jobs(RunningKind.EARTH_OBSERVATION_JOB, "list_earth_observation_jobs", "EarthObservationJobSummaries"),
        Ending(
            "stop_earth_observation_job",
            "The images still to come.",
            "get_earth_observation_job",
            "Status",
            MAPPED,
            client="sagemaker-geospatial",
        ),
        region=MAPS_REGION,
    ),
    RunningKind.VECTOR_ENRICHMENT_JOB: Kind(
        _jobs(RunningKind.VECTOR_ENRICHMENT_JOB, "list_vector_enrichment_jobs", "VectorEnrichmentJobSummaries"),
        Ending(
            "stop_vector_enrichment_job",
            "The places still to be matched.",
            "get_vector_enrichment_job",
            "Status",
            MAPPED,
            client="sagemaker-geospatial",
        ),
        region=MAPS_REGION,
    ),
}
