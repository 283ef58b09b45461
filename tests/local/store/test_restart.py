"""What survives `kill -9` and a restart."""

import pytest

from tests.local import factories
from tests.local_service import LocalService, eventually

pytestmark = pytest.mark.slow


def test_objects_jobs_models_and_endpoints_survive_and_endpoints_serve_again(own_local: LocalService) -> None:
    job = factories.train(own_local)
    endpoint, body = factories.deploy(own_local, job), factories.as_csv(factories.rows(5)[:, 1:])
    before = factories.invoke(own_local, endpoint, body)
    own_local.kill()
    own_local.start()
    sagemaker = own_local.client("sagemaker")
    assert sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])["TrainingJobStatus"] == "Completed"
    assert factories.invoke(own_local, endpoint, body) == before


def test_a_job_that_was_running_is_failed_with_a_reason_that_says_so(own_local: LocalService) -> None:
    sagemaker, name = own_local.client("sagemaker"), factories.unique("job")
    data = factories.put_data(own_local)
    sagemaker.create_training_job(**factories.training_request(name, data, num_round="1000000"))
    eventually(lambda: sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] == "Training")
    own_local.kill()
    own_local.start()
    job = own_local.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert (job["TrainingJobStatus"], "stopped while the job was running" in job["FailureReason"]) == ("Failed", True)
