"""The table of permissions that this dashboard needs on AWS, by level of use.

`policies.py` makes policies of it, and the connection check asks by it. A test finds every request that the
services make, and fails for one that is not here. Reference: Service Authorization Reference, Amazon SageMaker AI.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.aws.errors import action_of
from services.inventory.all_kinds import KINDS

PASS_ROLE = "iam:PassRole"


class Level(StrEnum):
    """What a person does with the dashboard. Each of the others may do what a viewer may."""

    VIEWER = "viewer"  # looks at everything
    ANALYST = "analyst"  # prepares, trains, tunes, registers, deploys, predicts
    OPERATOR = "operator"  # shuts down, pauses and protects resources
    REAPER = "reaper"  # the program that applies auto-shutdown rules


@dataclass(frozen=True)
class Permission:
    """A request that somebody of that level makes. `creates`: trying it would start something or cost money."""

    level: Level
    service: str
    operation: str
    creates: bool = False

    @property
    def action(self) -> str:
        """The IAM action."""
        return PASS_ROLE if self.operation == "pass_role" else action_of(self.service, self.operation)


def _permissions(level: Level, service: str, operations: str, creates: bool = False) -> list[Permission]:
    return [Permission(level, service, operation, creates) for operation in operations.split()]


_SHUTDOWNS = [shutdown for kind in KINDS.values() for shutdown in (kind.shutdown, kind.removal) if shutdown]
PERMISSIONS = list(
    dict.fromkeys(
        [
            *_permissions(
                Level.VIEWER,
                "sagemaker",
                "list_endpoints list_training_jobs list_hyper_parameter_tuning_jobs "
                "list_training_jobs_for_hyper_parameter_tuning_job list_processing_jobs list_transform_jobs "
                "list_notebook_instances list_apps list_spaces list_mlflow_tracking_servers list_mlflow_apps "
                "list_partner_apps list_clusters list_feature_groups list_training_plans list_pipelines "
                "list_pipeline_executions list_auto_ml_jobs list_labeling_jobs list_compilation_jobs "
                "list_optimization_jobs list_edge_packaging_jobs list_inference_recommendations_jobs "
                "list_ai_benchmark_jobs list_ai_recommendation_jobs list_jobs list_monitoring_schedules "
                "list_inference_components list_inference_experiments list_flow_definitions list_domains "
                "list_models list_model_package_groups list_model_packages list_tags search describe_domain "
                "describe_endpoint_config describe_model describe_model_package",
            ),
            *_permissions(Level.VIEWER, "sagemaker-a2i-runtime", "list_human_loops"),
            *_permissions(
                Level.VIEWER, "sagemaker-geospatial", "list_earth_observation_jobs list_vector_enrichment_jobs"
            ),
            *[Permission(Level.VIEWER, shutdown.client, shutdown.describe_operation) for shutdown in _SHUTDOWNS],
            *_permissions(Level.VIEWER, "s3", "list_objects_v2 head_bucket head_object get_object"),
            *_permissions(Level.VIEWER, "logs", "describe_log_streams get_log_events"),
            *_permissions(Level.VIEWER, "cloudwatch", "get_metric_data"),
            *_permissions(Level.VIEWER, "resourcegroupstaggingapi", "get_resources"),
            *_permissions(Level.VIEWER, "account", "list_regions"),
            *_permissions(Level.VIEWER, "pricing", "get_products", creates=True),
            *_permissions(Level.VIEWER, "ce", "get_cost_and_usage", creates=True),
            *_permissions(Level.VIEWER, "freetier", "get_free_tier_usage"),
            *_permissions(Level.VIEWER, "compute-optimizer", "get_idle_recommendations"),
            *_permissions(
                Level.VIEWER, "application-autoscaling", "describe_scalable_targets describe_scaling_policies"
            ),
            *_permissions(
                Level.ANALYST,
                "sagemaker",
                "create_training_job create_hyper_parameter_tuning_job create_transform_job create_model "
                "create_endpoint_config create_endpoint create_model_package_group create_model_package add_tags",
                creates=True,
            ),
            *_permissions(
                Level.ANALYST,
                "sagemaker",
                "stop_training_job stop_hyper_parameter_tuning_job stop_transform_job delete_endpoint "
                "delete_endpoint_config delete_tags update_model_package delete_model_package "
                "delete_model_package_group",
            ),
            *_permissions(Level.ANALYST, "iam", "pass_role", creates=True),
            *_permissions(Level.ANALYST, "sagemaker-runtime", "invoke_endpoint"),
            *_permissions(Level.ANALYST, "s3", "create_bucket put_object copy_object", creates=True),
            *_permissions(Level.ANALYST, "s3", "delete_object"),
            *[Permission(Level.OPERATOR, shutdown.client, shutdown.operation) for shutdown in _SHUTDOWNS],
            *[Permission(Level.REAPER, shutdown.client, shutdown.operation) for shutdown in _SHUTDOWNS],
            *_permissions(Level.REAPER, "sagemaker", "delete_endpoint_config delete_tags"),
            *_permissions(Level.REAPER, "sagemaker", "add_tags", creates=True),
            *_permissions(Level.REAPER, "s3", "create_bucket put_object", creates=True),
            *_permissions(Level.REAPER, "s3", "delete_object"),
            *_permissions(Level.OPERATOR, "sagemaker", "delete_endpoint_config delete_tags"),
            *_permissions(Level.OPERATOR, "sagemaker", "add_tags create_endpoint", creates=True),
            *_permissions(Level.OPERATOR, "s3", "create_bucket put_object", creates=True),
            *_permissions(Level.OPERATOR, "s3", "delete_object"),
            *_permissions(
                Level.OPERATOR,
                "application-autoscaling",
                "register_scalable_target put_scaling_policy",
                creates=True,
            ),
        ]
    )
)


def permissions_for(level: Level) -> list[Permission]:
    """The permissions of a level, those of a viewer included."""
    return [permission for permission in PERMISSIONS if permission.level in (Level.VIEWER, level)]
