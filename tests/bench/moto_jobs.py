"""moto's server with training jobs in it: `python -m tests.bench.moto_jobs PORT COUNT`. They are put in at once."""

import sys

from moto.core import DEFAULT_ACCOUNT_ID
from moto.sagemaker.models import sagemaker_backends
from moto.server import main

from tests.bench.api_calls import name
from tests.local import factories


def fill(count: int) -> None:
    """Store `count` jobs like those of the other side."""
    backend, request = (
        sagemaker_backends[DEFAULT_ACCOUNT_ID]["us-east-1"],
        factories.training_request("any", "s3://b/d"),
    )
    for number in range(count):
        backend.create_training_job(
            training_job_name=name(number),
            hyper_parameters=request["HyperParameters"],
            algorithm_specification=dict(request["AlgorithmSpecification"]),
            role_arn=request["RoleArn"],
            input_data_config=request["InputDataConfig"],
            output_data_config=request["OutputDataConfig"],
            resource_config=request["ResourceConfig"],
            vpc_config={},
            stopping_condition=request["StoppingCondition"],
            tags=[],
            enable_network_isolation=False,
            enable_inter_container_traffic_encryption=False,
            enable_managed_spot_training=False,
            checkpoint_config={},
            debug_hook_config={},
            debug_rule_configurations=[],
            tensor_board_output_config={},
            experiment_config={},
        )


if __name__ == "__main__":
    fill(int(sys.argv[2]))
    main(["-p", sys.argv[1]])
