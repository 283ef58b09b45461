"""What a training job has left in S3, what still needs it, and its removal.

The job itself is none of it: its record, log and metrics stay with AWS. Only folders that are the job's own are ever
touched, and of them only files that a person has seen listed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from services import settings
from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.endpoints import describe as endpoint_details
from services.errors import Problem
from services.shutdown import pause
from services.shutdown.pause import PausedEndpoint
from services.training.jobs import TrainingJob

AT_ONCE = 8  # requests
HTTPS = re.compile(r"https://(?:([^/]+)\.)?s3[^/]*/(.*)")  # with the bucket in the host's name, or in the path


@dataclass(frozen=True)
class File:
    """An object in S3; `size` in bytes."""

    address: Address
    size: int


@dataclass(frozen=True)
class Artifacts:
    """What job `job` has left.

    folders: where it was written, each the job's own.
    files:   everything in them.
    shared:  the address of its checkpoints where that is not the job's own, so that they stay; otherwise None.
    users:   endpoints, paused ones, inference components and model packages that need a file, in words; while there are
             any, all stays.
    models:  names of the models made of a file; without users they are of no use once it is gone.
    """

    job: str
    folders: tuple[Address, ...]
    files: tuple[File, ...]
    shared: str | None
    users: tuple[str, ...]
    models: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def find(account: Account, job: TrainingJob) -> Artifacts:
    """What the job has left, and who needs it. Raises Problem for a job that still writes, AwsError."""
    if job.status.active:
        raise Problem(f"Files of {job.name}", "the job is still running", "Stop it first")
    folders = [Address.parse(job.output_path) / f"{job.name}/"] if job.output_path else []
    shared = None
    if job.checkpoints:
        checkpoints = Address.parse(f"{job.checkpoints.rstrip('/')}/")
        if job.name not in checkpoints.key.split("/"):
            shared = job.checkpoints
        elif not any(str(checkpoints).startswith(str(folder)) for folder in folders):
            folders.append(checkpoints)
    files = tuple(file for folder in folders for file in _files(account, folder))
    models = tuple(models_reading(account, files)) if files else ()
    components = tuple(_components(account, files, models)) if files else ()
    packages = tuple(_packages(account, files)) if files else ()
    users = tuple(dict.fromkeys((*(_endpoints(account, models) if models else ()), *components, *packages)))
    return Artifacts(job.name, tuple(folders), files, shared, users, models)


def remove(account: Account, job: TrainingJob, agreed: Artifacts) -> Artifacts:
    """Delete the files that were agreed to, and read again what is there. Raises Problem when one is needed, AwsError.

    Deletes one by one: S3 answers a refusal of a file in a batch as if the batch had been done.
    """
    present = find(account, job)
    if present.users:
        raise Problem(f"Files of {job.name}", f"still in use by {', '.join(present.users)}", "Delete that first")
    gone = [file.address for file in agreed.files if file in present.files]

    def delete(file: Address) -> None:
        settings.check_writable(f"Files of {job.name}")
        account.call("s3", "delete_object", Bucket=file.bucket, Key=file.key)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(delete, gone))
    return find(account, job)


def _files(account: Account, folder: Address) -> list[File]:
    try:
        return [File(Address(folder.bucket, key), size) for key, size in s3.keys(account, folder)]
    except AwsError as error:
        if error.is_missing:  # the bucket is gone, and all in it
            return []
        raise


def models_reading(account: Account, files: Iterable[File]) -> Iterator[str]:
    """The names of the models that read one of `files`. Raises AwsError."""
    names = [summary["ModelName"] for summary in account.pages("sagemaker", "list_models", "Models")]
    for model in _described(account, "describe_model", "ModelName", names):
        if _reads([model.get("PrimaryContainer", {}), *model.get("Containers", [])], files):
            yield model["ModelName"]


def _components(account: Account, files: Iterable[File], models: Iterable[str]) -> Iterator[str]:
    """The inference components that serve one of `models`, or read one of `files` themselves, in words."""
    summaries = account.pages("sagemaker", "list_inference_components", "InferenceComponents", MaxResults=100)
    names = [summary["InferenceComponentName"] for summary in summaries]
    for component in _described(account, "describe_inference_component", "InferenceComponentName", names):
        specifications = [component.get("Specification", {}), *component.get("Specifications", [])]
        served = {specification.get("ModelName") for specification in specifications}
        if served & set(models) or _reads([each.get("Container", {}) for each in specifications], files):
            yield f"inference component {component['InferenceComponentName']} of endpoint {component['EndpointName']}"


def _packages(account: Account, files: Iterable[File]) -> Iterator[str]:
    """The registered model packages that name one of `files`, in words."""
    summaries = account.pages("sagemaker", "list_model_packages", "ModelPackageSummaryList", ModelPackageType="Both")
    arns = [summary["ModelPackageArn"] for summary in summaries]
    for package in _described(account, "describe_model_package", "ModelPackageName", arns):
        specifications = [
            package.get("InferenceSpecification", {}),
            *package.get("AdditionalInferenceSpecifications", []),
        ]
        containers = [container for each in specifications for container in each.get("Containers", [])]
        containers += package.get("SourceAlgorithmSpecification", {}).get("SourceAlgorithms", [])
        if _reads(containers, files):
            yield f"model package {package['ModelPackageArn'].partition(':model-package/')[2]}"


def _endpoints(account: Account, models: Iterable[str]) -> Iterator[str]:
    """The endpoints with one of `models`, those on their way to one and paused ones too, in words."""
    names = [endpoint.name for endpoint in endpoint_details.summaries(account)]
    configs = [(f"paused endpoint {endpoint.name}", endpoint.config) for endpoint in _paused(account)]
    for endpoint in _described(account, "describe_endpoint", "EndpointName", names):
        pending = endpoint.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
        deployed = (endpoint["EndpointConfigName"], *([pending] if pending else []))
        configs += [(f"endpoint {endpoint['EndpointName']}", config) for config in deployed]
    wanted = list(dict.fromkeys(config for _, config in configs))
    served = {
        config["EndpointConfigName"]: {
            variant.get("ModelName")
            for variant in (*config["ProductionVariants"], *config.get("ShadowProductionVariants", []))
        }
        for config in _described(account, "describe_endpoint_config", "EndpointConfigName", wanted)
    }
    for endpoint_text, config_name in configs:
        for model in sorted(served.get(config_name, set()) & set(models)):
            yield f"{endpoint_text} (model {model})"


def _paused(account: Account) -> Iterable[PausedEndpoint]:
    """The paused endpoints. Raises Problem where one cannot be read: it may need the files."""
    paused = pause.paused_endpoints(account)
    if paused.unreadable:
        raise paused.unreadable[0]
    return paused.endpoints


def _described(account: Account, operation: str, parameter: str, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The descriptions of what is named, but for what has been deleted meanwhile. Raises AwsError."""

    def describe(name: str) -> dict[str, Any] | None:
        try:
            return account.call("sagemaker", operation, **{parameter: name})
        except AwsError as error:
            if error.is_missing:
                return None
            raise

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from (description for description in pool.map(describe, names) if description)


def _reads(containers: Iterable[Mapping[str, Any]], files: Iterable[File]) -> bool:
    """Whether one of `containers` reads one of `files`: its data is that file, or a folder that holds it."""
    addresses = [address for container in containers for address in _data(container)]
    return any(str(file.address).startswith(address) for file in files for address in addresses)


def _data(container: Mapping[str, Any]) -> Iterator[str]:
    """Where the data of a model, model package or inference component lies, as s3://BUCKET/KEY."""
    sources = (container.get("ModelDataSource", {}), *container.get("AdditionalModelDataSources", []))
    addresses = (
        container.get("ModelDataUrl"),
        container.get("ArtifactUrl"),
        container.get("AdditionalS3DataSource", {}).get("S3Uri"),
        *(source.get("S3DataSource", {}).get("S3Uri") for source in sources),
    )
    yield from (_as_s3(address) for address in addresses if address)


def _as_s3(address: str) -> str:
    """An address that SageMaker takes, s3 or https, as s3. Source: SageMaker API, the pattern of ModelDataUrl."""
    match = HTTPS.fullmatch(address)
    if match is None:
        return address
    return f"s3://{match[1]}/{match[2]}" if match[1] else f"s3://{match[2]}"
