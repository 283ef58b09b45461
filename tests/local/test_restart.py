"""What survives `kill -9` and a restart."""

import pytest

from tests.local import making
from tests.running import LocalService, eventually

pytestmark = pytest.mark.slow


def test_objects_jobs_models_and_endpoints_survive_and_endpoints_serve_again(own_local: LocalService) -> None:
    job = making.train(own_local)
    endpoint, body = making.deploy(own_local, job), making.as_csv(making.rows(5)[:, 1:])
    before = making.invoke(own_local, endpoint, body)
    own_local.kill()
    own_local.start()
    sagemaker = own_local.client("sagemaker")
    assert sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])["TrainingJobStatus"] == "Completed"
    assert making.invoke(own_local, endpoint, body) == before


def test_a_job_that_was_running_is_failed_with_a_reason_that_says_so(own_local: LocalService) -> None:
    sagemaker, name = own_local.client("sagemaker"), making.unique("job")
    data = making.put_data(own_local)
    sagemaker.create_training_job(**making.training_request(name, data, num_round="1000000"))
    eventually(lambda: sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] == "Training")
    own_local.kill()
    own_local.start()
    job = own_local.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert (job["TrainingJobStatus"], "stopped while the job was running" in job["FailureReason"]) == ("Failed", True)
