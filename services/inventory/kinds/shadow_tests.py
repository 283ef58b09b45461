"""Inference experiments: shadow variants that run beside production to be compared with it.

Source: SageMaker API reference, StopInferenceExperiment; developer guide, shadow tests.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext, arn
from services.inventory.resources import BillableKind, BillableResource, ResourceKind, Shutdown

ACTIVE = ("Creating", "Created", "Updating", "Starting", "Running", "Stopping")


def experiments(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Experiments that run or are about to."""
    summaries = context.summaries("list_inference_experiments", "InferenceExperiments")
    names = [{"Name": summary["Name"]} for summary in summaries if summary["Status"] in ACTIVE]
    yield from context.describe_each("inference_experiment", names, _resource)


def _resource(experiment: Mapping[str, Any]) -> BillableResource:
    """One from DescribeInferenceExperiment. Its variants bill as its endpoint's, which is listed itself."""
    identity = (("Name", experiment["Name"]),)
    return BillableResource(
        kind=ResourceKind.INFERENCE_EXPERIMENT,
        name=experiment["Name"],
        status=experiment["Status"],
        instance_type="",
        instance_count=0,
        usd_per_hour=0.0,
        since=experiment["CreationTime"],
        cost_so_far=0.0,
        identity=identity,
        detail="Billed through its endpoint",
        bills_after="its endpoint with the production variant",
        arn=arn(experiment, identity),
        shutdown_parameters=(("ModelVariantActions", _actions(experiment)),),
    )


def _actions(experiment: Mapping[str, Any]) -> dict[str, str]:
    """What becomes of each variant: shadows are removed, for retained they would go on billing; the others stay."""
    shadows = {shadow["ShadowModelVariantName"] for shadow in experiment["ShadowModeConfig"]["ShadowModelVariants"]}
    names = [variant["VariantName"] for variant in experiment["ModelVariants"]]
    return {name: "Remove" if name in shadows else "Retain" for name in names}


KINDS = {
    ResourceKind.INFERENCE_EXPERIMENT: BillableKind(
        experiments,
        Shutdown(
            "stop_inference_experiment",
            "The shadow variants and the rest of the comparison. The production variant and the models stay.",
            "describe_inference_experiment",
            "Status",
            ("Completed", "Cancelled"),
        ),
    ),
}
