#!/bin/sh
# SageMaker Python SDK 3.27.0 (sagemaker-core 2.27.0): a 0, False or "" in a shape is not sent.
#
# Seen: Endpoint.update_weights_and_capacities with DesiredWeightAndCapacity(desired_weight=0) sends no DesiredWeight, so
# the variant keeps its traffic; ProductionVariant(initial_variant_weight=0) sends no InitialVariantWeight, which the
# service takes for 1. Nothing is logged. Zeros of plain dictionaries are sent: serialize() tells None from other false
# values there, and not in shapes. boto3's own client sends them.
#
# Nothing is sent: the request is read from botocore's before-call event. Fails when the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sagemaker-core==2.27.0
AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret \
    "$folder/venv/bin/python" - <<'PYTHON'
import boto3
from sagemaker.core.resources import Endpoint, EndpointConfig
from sagemaker.core.shapes import DesiredWeightAndCapacity, ProductionVariant


class Read(Exception):
    """The request, before it is sent."""


def read(params, **_):
    raise Read(params["body"].decode())


boto = boto3.Session()
boto.events.register("before-call.sagemaker", read)


def request(call, *arguments, **options):
    try:
        call(*arguments, **options, session=boto)
    except Read as found:
        return str(found)
    raise SystemExit("no request was made")


def weights(weight):
    change = DesiredWeightAndCapacity(variant_name="one", desired_weight=weight)
    return request(Endpoint(endpoint_name="name").update_weights_and_capacities, [change])


def config(weight):
    variant = ProductionVariant(
        variant_name="one",
        model_name="model",
        instance_type="ml.m5.large",
        initial_instance_count=1,
        initial_variant_weight=weight,
    )
    return request(EndpointConfig.create, endpoint_config_name="name", production_variants=[variant])


assert '"DesiredWeight": 1' in weights(1), "a weight of 1 is sent no longer"
assert '"DesiredWeight"' not in weights(0), "a desired weight of 0 is sent now"
assert '"InitialVariantWeight": 1' in config(1), "an initial weight of 1 is sent no longer"
assert "InitialVariantWeight" not in config(0), "an initial weight of 0 is sent now"
print("a weight of 1 is sent; a weight of 0 is not, neither desired nor initial")
PYTHON
