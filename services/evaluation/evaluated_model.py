"""A model to evaluate: where its file lies, and the training job it comes from, where there is one."""

from dataclasses import dataclass

from services.aws.s3 import Address
from services.errors import Problem
from services.training.jobs import TrainingJob


@dataclass(frozen=True)
class EvaluatedModel:
    """A model by the name that the screen gives it.

    uri: S3 address of its model.tar.gz; what is known of the model lies beside it.
    job: the training job that made it; None for a model from elsewhere.
    """

    name: str
    uri: str
    job: TrainingJob | None

    @property
    def folder(self) -> Address:
        """Where the documents about the model lie."""
        file = Address.parse(self.uri)
        return Address(file.bucket, file.key.rpartition("/")[0])


def of_job(job: TrainingJob) -> EvaluatedModel:
    """The model of a completed training job. Raises Problem where it has none."""
    if not job.model_uri:
        raise Problem(f"Training job {job.name}", "it has no model", "Choose a completed job")
    return EvaluatedModel(job.name, job.model_uri, job)
