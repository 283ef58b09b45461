"""Jobs and schedules whose list tells all there is to know: their hourly price is in no table, or they bill elsewhere.

Source: SageMaker API reference, the List, Describe and Stop operations of each kind; SageMaker pricing page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.inventory.collect import Asking, arn
from services.inventory.resources import Ending, Kind, LastUse, Running, RunningKind
from services.pricing import rates as pricing_rates

OVER = ("Stopped", "Completed", "Failed")
LOUD_OVER = ("STOPPED", "COMPLETED", "FAILED")
# The categories of customization jobs; each is listed on its own.
CATEGORIES = (
    "AgentRFT",
    "AgentRFTEvaluation",
    "SyntheticDataGeneration",
    "DataQualityEvaluation",
    "DataTransformation",
)


@dataclass(frozen=True)
class _Listed:
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
    asked: tuple[Mapping[str, str], ...] = ({},)  # parameters of each listing
    last_use: LastUse = LastUse.WORKING

    def items(self, asking: Asking) -> Iterator[dict[str, Any]]:
        """The active ones."""
        for parameters in self.asked:
            statuses = [{"StatusEquals": status} for status in self.active] if self.filters else [{}]
            for status in statuses:
                for item in asking.listed(self.operation, self.key, **parameters, **status):
                    if item[self.status] in self.active:
                        yield item

    def running(self, kind: RunningKind, item: Mapping[str, Any], now: datetime) -> Running:
        """One of them."""
        identity = tuple((name, item[name]) for name in self.identity)
        since = item.get("CompilationStartTime") or item.get("OptimizationStartTime") or item["CreationTime"]
        return Running(
            kind=kind,
            name=item[self.identity[0]],
            status=item[self.status],
            instance_type="",
            instance_count=0,
            usd_per_hour=self.rate,
            since=since,
            cost_so_far=pricing_rates.spent(self.rate, since, now),
            identity=identity,
            detail=self.detail,
            last_use=self.last_use,
            arn=arn(item, identity),
            parent=(RunningKind.ENDPOINT, item["EndpointName"]) if item.get("EndpointName") else (),
        )


def _kind(kind: RunningKind, listed: _Listed, ending: Ending, removal: Ending | None = None) -> dict[RunningKind, Kind]:
    def ask(asking: Asking) -> Iterator[Running]:
        for item in listed.items(asking):
            yield listed.running(kind, item, asking.now)

    return {kind: Kind(ask, ending, removal)}


KINDS: dict[RunningKind, Kind] = {
    **_kind(
        RunningKind.AUTOML_JOB,
        _Listed(
            "list_auto_ml_jobs",
            "AutoMLJobSummaries",
            ("AutoMLJobName",),
            "AutoMLJobStatus",
            ("InProgress", "Stopping"),
            "Bills by the instances of its own jobs",
        ),
        Ending(
            "stop_auto_ml_job",
            "The candidates still to come. Models that are complete stay.",
            "describe_auto_ml_job_v2",
            "AutoMLJobStatus",
            OVER,
        ),
    ),
    **_kind(
        RunningKind.LABELING_JOB,
        _Listed(
            "list_labeling_jobs",
            "LabelingJobSummaryList",
            ("LabelingJobName",),
            "LabelingJobStatus",
            ("Initializing", "InProgress", "Stopping"),
            "Bills by the object and the workforce",
        ),
        Ending(
            "stop_labeling_job",
            "The labels not given yet; given ones are kept. It cannot be started again.",
            "describe_labeling_job",
            "LabelingJobStatus",
            OVER,
        ),
    ),
    **_kind(
        RunningKind.COMPILATION_JOB,
        _Listed(
            "list_compilation_jobs",
            "CompilationJobSummaries",
            ("CompilationJobName",),
            "CompilationJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Bills from its start to its end",
        ),
        Ending(
            "stop_compilation_job",
            "The compiled model, which is not written.",
            "describe_compilation_job",
            "CompilationJobStatus",
            LOUD_OVER,
        ),
    ),
    **_kind(
        RunningKind.OPTIMIZATION_JOB,
        _Listed(
            "list_optimization_jobs",
            "OptimizationJobSummaries",
            ("OptimizationJobName",),
            "OptimizationJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Bills from its start to its end",
        ),
        Ending(
            "stop_optimization_job",
            "The optimized model, which is not written.",
            "describe_optimization_job",
            "OptimizationJobStatus",
            LOUD_OVER,
        ),
    ),
    **_kind(
        RunningKind.EDGE_PACKAGING_JOB,
        _Listed(
            "list_edge_packaging_jobs",
            "EdgePackagingJobSummaries",
            ("EdgePackagingJobName",),
            "EdgePackagingJobStatus",
            ("STARTING", "INPROGRESS", "STOPPING"),
            "Bills by the job",
        ),
        Ending(
            "stop_edge_packaging_job",
            "The package, which is not written.",
            "describe_edge_packaging_job",
            "EdgePackagingJobStatus",
            LOUD_OVER,
        ),
    ),
    **_kind(
        RunningKind.RECOMMENDER_JOB,
        _Listed(
            "list_inference_recommendations_jobs",
            "InferenceRecommendationsJobs",
            ("JobName",),
            "Status",
            ("PENDING", "IN_PROGRESS", "STOPPING"),
            "Bills by the endpoints that it tests under load",
        ),
        Ending(
            "stop_inference_recommendations_job",
            "The recommendations still to come.",
            "describe_inference_recommendations_job",
            "Status",
            LOUD_OVER,
        ),
    ),
    **_kind(
        RunningKind.BENCHMARK_JOB,
        _Listed(
            "list_ai_benchmark_jobs",
            "AIBenchmarkJobs",
            ("AIBenchmarkJobName",),
            "AIBenchmarkJobStatus",
            ("InProgress", "Stopping"),
            "Bills by its instances",
        ),
        Ending(
            "stop_ai_benchmark_job",
            "The measurements still to come.",
            "describe_ai_benchmark_job",
            "AIBenchmarkJobStatus",
            OVER,
        ),
    ),
    **_kind(
        RunningKind.AI_RECOMMENDATION_JOB,
        _Listed(
            "list_ai_recommendation_jobs",
            "AIRecommendationJobs",
            ("AIRecommendationJobName",),
            "AIRecommendationJobStatus",
            ("InProgress", "Stopping"),
            "Bills by its instances",
        ),
        Ending(
            "stop_ai_recommendation_job",
            "The recommendations still to come.",
            "describe_ai_recommendation_job",
            "AIRecommendationJobStatus",
            OVER,
        ),
    ),
    **_kind(
        RunningKind.CUSTOMIZATION_JOB,
        _Listed(
            "list_jobs",
            "JobSummaries",
            ("JobName", "JobCategory"),
            "JobStatus",
            ("InProgress", "Stopping"),
            "Bills by the token",
            asked=tuple({"JobCategory": category} for category in CATEGORIES),
        ),
        Ending("stop_job", "What it has not yet written.", "describe_job", "JobStatus", OVER),
    ),
    **_kind(
        RunningKind.MONITORING_SCHEDULE,
        _Listed(
            "list_monitoring_schedules",
            "MonitoringScheduleSummaries",
            ("MonitoringScheduleName",),
            "MonitoringScheduleStatus",
            ("Pending", "Scheduled"),
            "Each of its runs bills as a processing job",
            rate=0.0,
        ),
        Ending(
            "stop_monitoring_schedule",
            "The runs still to come. It can be started again.",
            "describe_monitoring_schedule",
            "MonitoringScheduleStatus",
            ("Stopped", "Failed"),
        ),
        removal=Ending(
            "delete_monitoring_schedule",
            "The schedule and the runs still to come. Reports of past runs stay in S3.",
            "describe_monitoring_schedule",
            "MonitoringScheduleStatus",
        ),
    ),
    **_kind(
        RunningKind.INFERENCE_COMPONENT,
        _Listed(
            "list_inference_components",
            "InferenceComponents",
            ("InferenceComponentName",),
            "InferenceComponentStatus",
            ("InService", "Creating", "Updating", "Failed"),
            "Bills through the instances of its endpoint",
            rate=0.0,
            last_use=LastUse.UNKNOWN,
        ),
        Ending(
            "delete_inference_component",
            "Its model stops answering; the endpoint and its instances stay.",
            "describe_inference_component",
            "InferenceComponentStatus",
        ),
    ),
}
