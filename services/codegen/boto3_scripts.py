"""The same steps as scripts that ask SageMaker by boto3, request by request."""

from services.aws.account import Account
from services.codegen import request_documents, training_rows
from services.codegen.credentials import CREDENTIALS
from services.codegen.python_source import Code, literal
from services.training import sagemaker_sdk
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from services.tuning import search_presets
from services.tuning.jobs import BASELINE
from services.tuning.plan import TuningPlan


def training(account: Account, plan: TrainingPlan) -> str:
    """A script that launches `plan` and waits for it."""
    return f"""{CREDENTIALS}import time
from datetime import UTC, datetime

import boto3

{_client(account, "sagemaker")}{_launching(account, plan, "name")}
{_waiting("job", "describe_training_job", "TrainingJob", Code("name"))}"""


def tuning(account: Account, plan: TuningPlan) -> str:
    """A script that launches the tuning job, its baseline beside it, and waits for it."""
    dated = "from datetime import UTC, datetime\n" if isinstance(plan.baseline, TrainingPlan) else ""
    name = plan.training.name
    image = sagemaker_sdk.image(account, plan.training.algorithm)
    request = {"HyperParameterTuningJobName": name, **request_documents.tuning(account, plan, image)}
    named = search_presets.name_of(plan.training.algorithm, plan.ranges)
    comment = f"# {named}\n" if named else ""
    return f"""{CREDENTIALS}import time
{dated}
import boto3

{_client(account, "sagemaker")}{comment}\
{_call("create_hyper_parameter_tuning_job", request)}{_baseline(account, plan)}
{_waiting("search", "describe_hyper_parameter_tuning_job", "HyperParameterTuningJob", name)}"""


def deployment_script(
    account: Account, job: TrainingJob, endpoint: str, instance_type: str, instance_count: int
) -> str:
    """A script that puts a job's model behind an endpoint, waits until it answers, and says how to delete it."""
    container = {"Image": job.image, "ModelDataUrl": job.model_uri}
    lines = deployment(job.name, container, account.role, endpoint, instance_type, instance_count)
    return f"""{CREDENTIALS}import boto3

{_client(account, "sagemaker")}{lines}\
# The endpoint returns scores: the threshold of a saved decision is applied by whoever reads them.
# It bills until it is deleted: sagemaker.delete_endpoint(EndpointName={literal(endpoint)})
"""


def deployment(
    model: str,
    container: request_documents.Document,
    role: str | None,
    endpoint: str,
    instance_type: str,
    instance_count: int,
) -> str:
    """The lines that make a model, an endpoint config and an endpoint, and wait until it answers."""
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": instance_type,
        "InitialInstanceCount": instance_count,
    }
    made = {"ModelName": model, "PrimaryContainer": container, "ExecutionRoleArn": role}
    return "".join(
        (
            _call("create_model", made),
            _call("create_endpoint_config", {"EndpointConfigName": endpoint, "ProductionVariants": [variant]}),
            _call("create_endpoint", {"EndpointName": endpoint, "EndpointConfigName": endpoint}),
            f'waiter = sagemaker.get_waiter("endpoint_in_service")\n'
            f'waiter.wait(EndpointName={literal(endpoint)}, WaiterConfig={{"Delay": 5, "MaxAttempts": 720}})\n',
        )
    )


def _call(operation: str, request: request_documents.Document) -> str:
    """The lines that ask SageMaker for it."""
    members = "".join(f"    {member}={literal(value, 1)},\n" for member, value in request.items())
    return f"sagemaker.{operation}(\n{members})\n"


def _client(account: Account, service: str) -> str:
    return f"{service} = boto3.client({literal(service)}, region_name={literal(account.region)})\n"


def _launching(account: Account, plan: TrainingPlan, variable: str) -> str:
    """The lines that launch a training job named after the plan and the time, whose name is then in `variable`."""
    checkpoints = plan.checkpoints
    if checkpoints == "":
        folder = literal(f"s3://{account.default_bucket()}/{plan.name}/")
        checkpoints = Code(f'{folder} + {variable} + "/checkpoints"')
    request = request_documents.training(account, plan, sagemaker_sdk.image(account, plan.algorithm), checkpoints)
    named = f'{variable} = {literal(f"{plan.name}-")} + f"{{datetime.now(UTC):%Y%m%d%H%M%S}}"\n'
    return (
        training_rows.before(account, plan)
        + named
        + _call("create_training_job", {"TrainingJobName": Code(variable), **request})
    )


def _baseline(account: Account, plan: TuningPlan) -> str:
    """The lines that launch what the search is measured against, and note it on the tuning job."""
    if not plan.baseline:
        return ""
    launched = isinstance(plan.baseline, TrainingPlan)
    lines = _launching(account, plan.baseline, "baseline") if isinstance(plan.baseline, TrainingPlan) else ""
    tags = [{"Key": BASELINE, "Value": Code("baseline") if launched else plan.baseline}]
    return f"""
{lines}search = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName={literal(plan.training.name)})
sagemaker.add_tags(ResourceArn=search["HyperParameterTuningJobArn"], Tags={literal(tags)})
"""


def _waiting(variable: str, operation: str, kind: str, name: str) -> str:
    """The lines that ask for a job until it has ended, and say how."""
    return f"""\
while True:
    {variable} = sagemaker.{operation}({kind}Name={literal(name)})
    if {variable}["{kind}Status"] not in ("InProgress", "Stopping"):
        break
    time.sleep(5)
print({variable}["{kind}Name"], {variable}["{kind}Status"], {variable}.get("FailureReason", ""))
"""
