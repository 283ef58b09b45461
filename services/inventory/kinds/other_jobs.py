"""Jobs and schedules read from their list alone: their price is unknown, or they are billed as another resource.

Source: SageMaker API reference, the List, Describe and Stop operations of each kind; SageMaker pricing page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.inventory.collect import CollectContext, arn
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates

ENDED_STATUSES = ("Stopped", "Completed", "Failed")
UPPERCASE_ENDED_STATUSES = ("STOPPED", "COMPLETED", "FAILED")
# The categories of customization jobs; each is listed on its own.
CATEGORIES = (
    "AgentRFT",
    "AgentRFTEvaluation",
    "SyntheticDataGeneration",
    "DataQualityEvaluation",
    "DataTransformation",
)


@dataclass(frozen=True)
class _ListedKind:
    """A kind as its List operation shows it: where the items are, what names one, and what its `active` statuses are.

    rate: dollars an hour of one; None where no table has it, 0 where it bills as something else that is listed.
    """

    operation: str
    key: str
    identity: tuple[str, ...]
    status: str
    active: tuple[str, ...]
    detail: str
    rate: float | None = None
    filters: bool = True  # whether the operation can filter by StatusEquals
    list_parameters: tuple[Mapping[str, str], ...] = ({},)  # parameters of each listing
    last_use: LastUse = LastUse.WORKING

    def summaries(self, context: CollectContext) -> Iterator[dict[str, Any]]:
        """The active ones."""
        for parameters in self.list_parameters:
            statuses = [{"StatusEquals": status} for status in self.active] if self.filters else [{}]
            for status in statuses:
                for summary in context.summaries(self.operation, self.key, **parameters, **status):
                    if summary[self.status] in self.active:
                        yield summary

    def resource(self, kind: ResourceKind, summary: Mapping[str, Any], now: datetime) -> BillableResource:
        """One of them."""
        identity = tuple((name, summary[name]) for name in self.identity)
        since = summary.get("CompilationStartTime") or summary.get("OptimizationStartTime") or summary["CreationTime"]
        return BillableResource(
            kind=kind,
            name=summary[self.identity[0]],
            status=summary[self.status],
            instance_type="",
            instance_count=0,
            usd_per_hour=self.rate,
            since=since,
            cost_so_far=pricing_rates.spent(self.rate, since, now),
            identity=identity,
            detail=self.detail,
            last_use=self.last_use,
            arn=arn(summary, identity),
            parent=(ResourceKind.ENDPOINT, summary["EndpointName"]) if summary.get("EndpointName") else (),
        )


def _kind(
    kind: ResourceKind, listed: _ListedKind, shutdown: Shutdown, removal: Shutdown | None = None
) -> dict[ResourceKind, BillableKind]:
    def collect(context: CollectContext) -> Iterator[BillableResource]:
        for summary in listed.summaries(context):
            yield listed.resource(kind, summary, context.now)

    return {kind: BillableKind(collect, shutdown, removal)}


KINDS: dict[ResourceKind, BillableKind] = {
    **_kind(
        ResourceKind.AUTOML_JOB,
        _ListedKind(
            "list_auto_ml_jobs",
            "AutoMLJobSummaries",
            ("AutoMLJobName",),
            "AutoMLJobStatus",
            ("InProgress", "Stopping"),
            "Billed through the instances of its jobs",
        ),
        Shutdown(
            "stop_auto_ml_job",
            "The remaining candidates. Complete models stay.",
            "describe_auto_ml_job_v2",
            "AutoMLJobStatus",
            ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.LABELING_JOB,
        _ListedKind(
            "list_labeling_jobs",
            "LabelingJobSummaryList",
            ("LabelingJobName",),
            "LabelingJobStatus",
            ("Initializing", "InProgress", "Stopping"),
            "Billed per object and for the workforce",
        ),
        Shutdown(
            "stop_labeling_job",
            "The remaining labels; existing ones are kept. It cannot be restarted.",
            "describe_labeling_job",
            "LabelingJobStatus",
            ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.COMPILATION_JOB,
        _ListedKind(
            "list_compilation_jobs",
            "CompilationJobSummaries",
            ("CompilationJobName",),
            "CompilationJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Billed while it runs",
        ),
        Shutdown(
            "stop_compilation_job",
            "The compiled model.",
            "describe_compilation_job",
            "CompilationJobStatus",
            UPPERCASE_ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.OPTIMIZATION_JOB,
        _ListedKind(
            "list_optimization_jobs",
            "OptimizationJobSummaries",
            ("OptimizationJobName",),
            "OptimizationJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Billed while it runs",
        ),
        Shutdown(
            "stop_optimization_job",
            "The optimized model.",
            "describe_optimization_job",
            "OptimizationJobStatus",
            UPPERCASE_ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.EDGE_PACKAGING_JOB,
        _ListedKind(
            "list_edge_packaging_jobs",
            "EdgePackagingJobSummaries",
            ("EdgePackagingJobName",),
            "EdgePackagingJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Billed per job",
        ),
        Shutdown(
            "stop_edge_packaging_job",
            "The package.",
            "describe_edge_packaging_job",
            "EdgePackagingJobStatus",
            UPPERCASE_ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.RECOMMENDER_JOB,
        _ListedKind(
            "list_inference_recommendations_jobs",
            "InferenceRecommendationsJobs",
            ("JobName",),
            "Status",
            ("PENDING", "IN_PROGRESS", "STOPPING"),
            "Billed through its load-test endpoints",
        ),
        Shutdown(
            "stop_inference_recommendations_job",
            "The remaining recommendations.",
            "describe_inference_recommendations_job",
            "Status",
            UPPERCASE_ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.BENCHMARK_JOB,
        _ListedKind(
            "list_ai_benchmark_jobs",
            "AIBenchmarkJobs",
            ("AIBenchmarkJobName",),
            "AIBenchmarkJobStatus",
            ("InProgress", "Stopping"),
            "Billed through its instances",
        ),
        Shutdown(
            "stop_ai_benchmark_job",
            "The remaining measurements.",
            "describe_ai_benchmark_job",
            "AIBenchmarkJobStatus",
            ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.AI_RECOMMENDATION_JOB,
        _ListedKind(
            "list_ai_recommendation_jobs",
            "AIRecommendationJobs",
            ("AIRecommendationJobName",),
            "AIRecommendationJobStatus",
            ("InProgress", "Stopping"),
            "Billed through its instances",
        ),
        Shutdown(
            "stop_ai_recommendation_job",
            "The remaining recommendations.",
            "describe_ai_recommendation_job",
            "AIRecommendationJobStatus",
            ENDED_STATUSES,
        ),
    ),
    **_kind(
        ResourceKind.CUSTOMIZATION_JOB,
        _ListedKind(
            "list_jobs",
            "JobSummaries",
            ("JobName", "JobCategory"),
            "JobStatus",
            ("InProgress", "Stopping"),
            "Billed per token",
            list_parameters=tuple({"JobCategory": category} for category in CATEGORIES),
        ),
        Shutdown("stop_job", "Output that is not yet written.", "describe_job", "JobStatus", ENDED_STATUSES),
    ),
    **_kind(
        ResourceKind.MONITORING_SCHEDULE,
        _ListedKind(
            "list_monitoring_schedules",
            "MonitoringScheduleSummaries",
            ("MonitoringScheduleName",),
            "MonitoringScheduleStatus",
            ("Pending", "Scheduled"),
            "Each run is billed as a processing job",
            rate=0.0,
        ),
        Shutdown(
            "stop_monitoring_schedule",
            "The remaining runs. It can be started again.",
            "describe_monitoring_schedule",
            "MonitoringScheduleStatus",
            ("Stopped", "Failed"),
        ),
        removal=Shutdown(
            "delete_monitoring_schedule",
            "The schedule and its remaining runs. Reports of past runs stay in S3.",
            "describe_monitoring_schedule",
            "MonitoringScheduleStatus",
        ),
    ),
    **_kind(
        ResourceKind.INFERENCE_COMPONENT,
        _ListedKind(
            "list_inference_components",
            "InferenceComponents",
            ("InferenceComponentName",),
            "InferenceComponentStatus",
            ("InService", "Creating", "Updating", "Failed"),
            "Billed through the instances of its endpoint",
            rate=0.0,
            last_use=LastUse.UNKNOWN,
        ),
        Shutdown(
            "delete_inference_component",
            "Its model stops answering requests; the endpoint and its instances stay.",
            "describe_inference_component",
            "InferenceComponentStatus",
        ),
    ),
}
