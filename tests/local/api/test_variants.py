"""Endpoints with several variants: whose traffic is whose, what an update keeps, and that nobody notices one."""

import threading
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local_service import LocalService, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(local: LocalService) -> str:
    return endpoint_factory.make_model(local, factories.train(local))


@pytest.fixture
def pair(local: LocalService, model: str) -> str:
    """An endpoint whose variants champion and challenger have 9 and 1 parts of the traffic; its name."""
    champion = endpoint_factory.variant(model, "champion", InitialVariantWeight=9, InitialInstanceCount=2)
    challenger = endpoint_factory.variant(model, "challenger", InitialVariantWeight=1)
    return endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, champion, challenger))


def reweigh(local: LocalService, endpoint: str, **weights: float) -> None:
    changes = [{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()]
    local.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=changes
    )
    endpoint_factory.in_service(local, endpoint)


def described(local: LocalService, endpoint: str) -> dict[str, Any]:
    answer: dict[str, Any] = local.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    return answer


def shares(endpoint: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Current weight and instances by variant."""
    return {
        variant_entry["VariantName"]: (variant_entry["CurrentWeight"], variant_entry["CurrentInstanceCount"])
        for variant_entry in endpoint["ProductionVariants"]
    }


def make_large_config(local: LocalService, model: str) -> str:
    """One that takes a moment to deploy."""
    return endpoint_factory.make_config(
        local, *(endpoint_factory.variant(model, f"variant-{number}") for number in range(10))
    )


def test_traffic_is_shared_by_weight(local: LocalService, pair: str) -> None:
    answered = endpoint_factory.answered_by(local, pair, 200)
    assert 150 < answered["champion"] < 200  # 180 expected; outside of it once in a million
    assert answered["challenger"] > 0


def test_a_variant_of_weight_0_gets_nothing_unless_it_is_named(local: LocalService, pair: str) -> None:
    reweigh(local, pair, challenger=0)
    assert endpoint_factory.answered_by(local, pair, 60) == {"champion": 60}
    assert endpoint_factory.answered_by(local, pair, 3, TargetVariant="challenger") == {"challenger": 3}


def test_weights_and_counts_change_without_another_config(local: LocalService, pair: str) -> None:
    local.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=pair,
        DesiredWeightsAndCapacities=[{"VariantName": "challenger", "DesiredWeight": 3.0, "DesiredInstanceCount": 4}],
    )
    endpoint_factory.in_service(local, pair)
    assert shares(described(local, pair)) == {"champion": (9.0, 2), "challenger": (3.0, 4)}


def test_weights_of_a_variant_that_is_not_there_are_refused(local: LocalService, pair: str) -> None:
    with pytest.raises(ClientError, match="The endpoint has no variant nobody") as refused:
        reweigh(local, pair, nobody=1)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_target_variant_that_is_not_there_is_refused(local: LocalService, pair: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*Variant nobody of endpoint .* not found"):
        endpoint_factory.answered_by(local, pair, 1, TargetVariant="nobody")


def test_an_update_takes_the_weights_of_its_config(local: LocalService, model: str, pair: str) -> None:
    reweigh(local, pair, champion=1, challenger=2)
    config = endpoint_factory.make_config(
        local, endpoint_factory.variant(model, "champion"), endpoint_factory.variant(model, "fresh")
    )
    assert shares(endpoint_factory.update(local, pair, config)) == {"champion": (1.0, 1), "fresh": (1.0, 1)}


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [([], (5.0, 2)), (["DesiredWeight"], (1.0, 2)), (["DesiredInstanceCount"], (5.0, 1))],
)
def test_an_update_keeps_the_weights_and_counts_it_is_told_to(
    local: LocalService, model: str, pair: str, excluded: list[str], expected: tuple[float, int]
) -> None:
    reweigh(local, pair, champion=5)
    config = endpoint_factory.make_config(
        local, endpoint_factory.variant(model, "champion"), endpoint_factory.variant(model, "fresh")
    )
    but = [{"VariantPropertyType": name} for name in excluded]
    updated = endpoint_factory.update(
        local, pair, config, RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=but
    )
    assert shares(updated) == {"champion": expected, "fresh": (1.0, 1)}


def test_nobody_notices_an_update(local: LocalService, model: str) -> None:
    names = ("blue", "green")
    configs = [endpoint_factory.make_config(local, endpoint_factory.variant(model, name)) for name in names]
    endpoint, answered, over = endpoint_factory.make_endpoint(local, configs[0]), list[str](), threading.Event()
    failures: list[Exception] = []

    def keep_asking() -> None:
        while not over.is_set():
            try:
                answered.extend(endpoint_factory.answered_by(local, endpoint, 5))
            except ClientError as failure:
                failures.append(failure)

    asking = [threading.Thread(target=keep_asking, daemon=True) for _ in range(3)]
    for thread in asking:
        thread.start()
    for config, name in zip((configs[1], configs[0], configs[1]), ("green", "blue", "green"), strict=True):
        endpoint_factory.update(local, endpoint, config)
        eventually(lambda name=name: name in answered[-5:])
    over.set()
    for thread in asking:
        thread.join()
    assert not failures
    assert set(answered) == set(names)


def test_an_update_tells_what_is_on_its_way_until_it_has_arrived(local: LocalService, model: str) -> None:
    sagemaker = local.client("sagemaker")
    first, second = (
        endpoint_factory.make_config(local, endpoint_factory.variant(model, "one")),
        make_large_config(local, model),
    )
    endpoint = endpoint_factory.make_endpoint(local, first)

    def on_its_way() -> dict[str, Any] | None:
        """The endpoint amid its update to `second`; None, and back at `first`, when it was over too soon."""
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=second)
        seen: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
        endpoint_factory.in_service(local, endpoint)
        if seen["EndpointStatus"] == "Updating":
            return seen
        endpoint_factory.update(local, endpoint, first)
        return None

    seen = eventually(on_its_way)
    assert (seen["EndpointConfigName"], seen["PendingDeploymentSummary"]["EndpointConfigName"]) == (first, second)
    arrived = described(local, endpoint)
    assert (arrived["EndpointConfigName"], "PendingDeploymentSummary" in arrived) == (second, False)


def test_an_update_that_cannot_load_its_model_leaves_the_old_one_serving(local: LocalService, model: str) -> None:
    local.client("s3").put_object(Bucket=factories.BUCKET, Key="torn/model.tar.gz", Body=b"not an archive")
    torn = endpoint_factory.make_model(
        local, {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{factories.BUCKET}/torn/model.tar.gz"}}
    )
    first = endpoint_factory.make_config(local, endpoint_factory.variant(model, "sound"))
    endpoint = endpoint_factory.make_endpoint(local, first)
    updated = endpoint_factory.update(
        local, endpoint, endpoint_factory.make_config(local, endpoint_factory.variant(torn, "torn"))
    )
    assert (updated["EndpointConfigName"], "not a valid tar.gz" in updated["FailureReason"]) == (first, True)
    assert endpoint_factory.answered_by(local, endpoint, 3) == {"sound": 3}


def test_an_update_that_a_crash_cuts_short_is_finished_at_the_next_start(own_local: LocalService) -> None:
    model = endpoint_factory.make_model(own_local, factories.train(own_local))
    second = make_large_config(own_local, model)
    endpoint = endpoint_factory.make_endpoint(
        own_local, endpoint_factory.make_config(own_local, endpoint_factory.variant(model, "one"))
    )
    own_local.client("sagemaker").update_endpoint(EndpointName=endpoint, EndpointConfigName=second)
    own_local.kill()
    own_local.start()
    endpoint_factory.in_service(own_local, endpoint)
    assert described(own_local, endpoint)["EndpointConfigName"] == second
    assert endpoint_factory.answered_by(own_local, endpoint, 1).keys() <= {f"variant-{number}" for number in range(10)}


def test_a_serverless_variant_tells_its_memory_and_has_no_instances(local: LocalService, model: str) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}
    endpoint = endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, variant))
    [deployed_variant] = described(local, endpoint)["ProductionVariants"]
    assert (deployed_variant["CurrentServerlessConfig"], deployed_variant["CurrentInstanceCount"]) == (serverless, 0)
    assert endpoint_factory.answered_by(local, endpoint, 1) == {"AllTraffic": 1}


def test_a_serverless_variant_answers_no_more_at_once_than_its_concurrency(local: LocalService, model: str) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}
    endpoint, large = (
        endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, variant)),
        b"0.1,0.2,0.3,0.4\n" * 200_000,
    )
    refusals = Counter[str]()

    def ask() -> None:
        runtime = local.client("sagemaker-runtime", retries={"total_max_attempts": 1})
        for _ in range(50):
            if refusals:
                return
            try:
                runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=large)["Body"].read()
            except ClientError as refused:
                refusals[refused.response["Error"]["Code"]] += 1

    asking = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert refusals.keys() == {"ThrottlingException"}
    assert endpoint_factory.answered_by(local, endpoint, 3) == {"AllTraffic": 3}


def test_the_concurrency_of_a_serverless_variant_is_changed(local: LocalService, model: str) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 5}
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}
    endpoint = endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, variant))
    change = {"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"MaxConcurrency": 7}}
    local.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=[change]
    )
    endpoint_factory.in_service(local, endpoint)
    [deployed_variant] = described(local, endpoint)["ProductionVariants"]
    assert deployed_variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 7}


def test_a_shadow_variant_is_told_and_answers_nobody(local: LocalService, model: str) -> None:
    shadow = endpoint_factory.variant(model, "shadow")
    config = endpoint_factory.make_config(
        local, endpoint_factory.variant(model, "main"), ShadowProductionVariants=[shadow]
    )
    endpoint = endpoint_factory.make_endpoint(local, config)
    assert [
        variant_entry["VariantName"] for variant_entry in described(local, endpoint)["ShadowProductionVariants"]
    ] == ["shadow"]
    assert endpoint_factory.answered_by(local, endpoint, 20) == {"main": 20}


def test_an_endpoint_tells_its_images_and_its_data_capture(local: LocalService, model: str) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": f"s3://{factories.BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    config = endpoint_factory.make_config(local, endpoint_factory.variant(model, "main"), DataCaptureConfig=capture)
    document = described(local, endpoint_factory.make_endpoint(local, config))
    image = local.client("sagemaker").describe_model(ModelName=model)["PrimaryContainer"]["Image"]
    assert document["ProductionVariants"][0]["DeployedImages"][0]["ResolvedImage"] == image
    assert document["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Stopped",
        "CurrentSamplingPercentage": 20,
        "DestinationS3Uri": f"s3://{factories.BUCKET}/captured",
        "KmsKeyId": "",
    }
    assert local.client("sagemaker").describe_endpoint_config(EndpointConfigName=config)["DataCaptureConfig"] == capture


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"InstanceType": None}, "needs either an InstanceType or a ServerlessConfig"),
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}, "either an InstanceType or a Serverless"),
        ({"ModelName": None}, "ProductionVariants.ModelName is required"),
        ({"ModelName": "never-made"}, 'Could not find model ".*never-made"'),
    ],
)
def test_a_variant_that_cannot_be_served_is_refused(
    local: LocalService, model: str, changes: dict[str, Any], sentence: str
) -> None:
    variant_request = {
        key: value for key, value in {**endpoint_factory.variant(model, "one"), **changes}.items() if value is not None
    }
    with pytest.raises(ClientError, match=sentence):
        endpoint_factory.make_config(local, variant_request)


@pytest.mark.parametrize(
    ("serverless", "sentence"),
    [
        ({"MemorySizeInMB": 1500, "MaxConcurrency": 1}, "MemorySizeInMB must be 1024, 2048"),
        ({"MemorySizeInMB": 1024, "MaxConcurrency": 1, "ProvisionedConcurrency": 2}, "at most MaxConcurrency"),
    ],
)
def test_a_serverless_config_that_cannot_be_is_refused(
    local: LocalService, model: str, serverless: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence):
        endpoint_factory.make_config(local, {"VariantName": "one", "ModelName": model, "ServerlessConfig": serverless})


def test_two_variants_of_one_name_are_refused(local: LocalService, model: str) -> None:
    with pytest.raises(ClientError, match="twin is used twice"):
        endpoint_factory.make_config(
            local, endpoint_factory.variant(model, "twin"), endpoint_factory.variant(model, "twin")
        )


def test_two_weights_for_one_variant_are_refused(local: LocalService, pair: str) -> None:
    changes = [{"VariantName": "champion", "DesiredWeight": weight} for weight in (1, 2)]
    with pytest.raises(ClientError, match="champion is used twice"):
        local.client("sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=pair, DesiredWeightsAndCapacities=changes
        )


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        (
            "update_endpoint_weights_and_capacities",
            {"DesiredWeightsAndCapacities": [{"VariantName": "one", "DesiredWeight": 2}]},
        ),
        ("update_endpoint", {"EndpointConfigName": "SOUND"}),
    ],
)
def test_an_endpoint_that_failed_cannot_be_updated_and_stays_failed(
    local: LocalService, model: str, operation: str, request_: dict[str, Any]
) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("failed")
    nowhere = {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{factories.BUCKET}/nowhere/model.tar.gz"}}
    gone = endpoint_factory.variant(endpoint_factory.make_model(local, nowhere), "one")
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=endpoint_factory.make_config(local, gone))
    eventually(lambda: described(local, name)["EndpointStatus"] == "Failed")
    sound = endpoint_factory.make_config(local, endpoint_factory.variant(model, "one"))
    request = {key: sound if value == "SOUND" else value for key, value in request_.items()}
    with pytest.raises(ClientError, match=f'Cannot update failed endpoint "arn:.*{name}"'):
        getattr(sagemaker, operation)(EndpointName=name, **request)
    assert described(local, name)["EndpointStatus"] == "Failed"
