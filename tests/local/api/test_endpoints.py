"""Models, endpoint configs, endpoints and invocations, from boto3."""

import botocore.exceptions
import pytest

from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def endpoint(local: LocalService) -> str:
    return factories.deploy(local, factories.train(local))


def test_an_endpoint_scores_every_row(local: LocalService, endpoint: str) -> None:
    body = factories.as_csv(factories.rows(20)[:, 1:])
    assert len(factories.invoke(local, endpoint, body)) == 20


def test_a_wrong_number_of_columns_is_the_models_error(local: LocalService, endpoint: str) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        factories.invoke(local, endpoint, "1,2,3,4,5\n")
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["OriginalStatusCode"]) == ("ModelError", 400)
    assert "Number of columns (5) does not match number of features in booster (4)" in answer["OriginalMessage"]


def test_csv_without_a_content_type_is_refused_as_libsvm(local: LocalService, endpoint: str) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="please ensure data is in libsvm format") as refused:
        local.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, Body="1,2,3,4\n")
    assert refused.value.response["OriginalStatusCode"] == 415


def test_an_unknown_endpoint_is_not_found_in_sagemakers_words(local: LocalService) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        factories.invoke(local, "nobody", "1\n")
    assert refused.value.response["Error"]["Message"] == "Endpoint nobody of account 000000000000 not found."


def test_invocations_are_counted(local: LocalService, endpoint: str) -> None:
    factories.invoke(local, endpoint, factories.as_csv(factories.rows(2)[:, 1:]))
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    listed = local.client("cloudwatch").list_metrics(MetricName="Invocations", Dimensions=dimensions[:1])
    assert [metric["Dimensions"] for metric in listed["Metrics"]] == [dimensions]


def test_a_deleted_endpoint_is_gone_and_its_config_stays(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.deploy(local, factories.train(local))
    sagemaker.delete_endpoint(EndpointName=name)
    with pytest.raises(botocore.exceptions.ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName=name)
    assert sagemaker.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigName"] == name


def test_an_update_swaps_the_model(local: LocalService) -> None:
    sagemaker = local.client("sagemaker")
    before, after = factories.train(local, num_round="1"), factories.train(local, num_round="30")
    name, other = factories.deploy(local, before), factories.deploy(local, after)
    body = factories.as_csv(factories.rows(5)[:, 1:])
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert factories.invoke(local, name, body) == factories.invoke(local, other, body)


def test_a_model_that_cannot_be_loaded_fails_the_endpoint(local: LocalService) -> None:
    s3, sagemaker = local.client("s3"), local.client("sagemaker")
    s3.create_bucket(Bucket=factories.BUCKET)
    s3.put_object(Bucket=factories.BUCKET, Key="broken/model.tar.gz", Body=b"not an archive")
    job = {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{factories.BUCKET}/broken/model.tar.gz"}}
    with pytest.raises(botocore.exceptions.WaiterError):
        factories.deploy(local, job)
    failed = sagemaker.list_endpoints(StatusEquals="Failed")["Endpoints"][0]["EndpointName"]
    assert "not a valid tar.gz archive" in sagemaker.describe_endpoint(EndpointName=failed)["FailureReason"]
