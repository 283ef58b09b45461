"""A model deployed from its job, and its endpoint deleted, on an AWS account in a real browser. moto is the AWS.

moto serves nothing: an endpoint is in service at once and answers every request with the word "body", so that there
is no score to be seen, but how an answer that is none is told. The model's file is not there either; moto does not
look for it.
"""

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import Visitor, prepare_tumours, set_the_role, train
from tests.moto_account import BUCKET, client

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAME = "cells-live"


def test_a_completed_job_is_deployed_its_endpoint_shown_and_deleted_with_its_configuration(
    on_aws: Visitor, aws_url: str
) -> None:
    set_the_role(on_aws)
    prepare_tumours(on_aws, "cells")
    train(on_aws)
    job = deploy_from_the_job(on_aws)
    is_in_service(on_aws, aws_url, job)
    predict(on_aws)
    delete(on_aws)
    is_gone(aws_url, job)
    on_aws.sees_no_fault()


def deploy_from_the_job(visitor: Visitor) -> str:
    """By the link below the job that has just ended; its name."""
    (job,) = visitor.address["job"]
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Deploy").click()
    expect(visitor.key("deploy_job").locator("input").first).to_have_value(job)
    visitor.settle()
    visitor.page.get_by_label("Endpoint name").fill(NAME)
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.sees("$0.240/h, $5.76 a day, until it is deleted")
    visitor.settle()
    visitor.press("deploy")
    return job


def is_in_service(visitor: Visitor, url: str, job: str) -> None:
    visitor.sees("InService")
    visitor.sees("1 × ml.m4.xlarge")
    assert visitor.address["endpoint"] == [NAME]
    sagemaker = client(url, "sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m4.xlarge", 1)
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    assert model["PrimaryContainer"]["ModelDataUrl"] == f"s3://{BUCKET}/sagedeck/models/{job}/output/model.tar.gz"


def predict(visitor: Visitor) -> None:
    visitor.settle()
    visitor.press("predict_row")
    visitor.sees(f"Endpoint {NAME}: it returned 'body' instead of numbers.")
    visitor.picture("endpoints-on-aws")


def delete(visitor: Visitor) -> None:
    visitor.press("delete_endpoint")
    visitor.sees_in_table(f"DeleteEndpoint EndpointName={NAME}, then DeleteEndpointConfig")
    visitor.click("shutdown_confirm")
    visitor.sees("1 of 1 resource is shut down")
    visitor.sees("No endpoints, no cost.")
    visitor.settle()


def is_gone(url: str, job: str) -> None:
    """Neither endpoint nor configuration is left; the job that was trained is."""
    sagemaker = client(url, "sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert [listed["TrainingJobName"] for listed in sagemaker.list_training_jobs()["TrainingJobSummaries"]] == [job]
