"""A model to evaluate: where its file lies, and the training job it comes from, where there is one."""

from dataclasses import dataclass

from services.algorithms import catalogue
from services.algorithms.algorithm import Algorithm, Answers
from services.aws.s3 import Address
from services.errors import Problem
from services.training.jobs import TrainingJob


@dataclass(frozen=True)
class EvaluatedModel:
    """A model by the name that the screen gives it.

    uri:   S3 address of its model.tar.gz; what is known of the model lies beside it.
    job:   the training job that made it; None for a model from elsewhere.
    image: of the container that serves it; "" where that is unknown.
    data:  name of the prepared set that it is registered as learned from; "" where only its job or nobody tells.
    """

    name: str
    uri: str
    job: TrainingJob | None
    image: str = ""
    data: str = ""

    @property
    def folder(self) -> Address:
        """Where the documents about the model lie."""
        file = Address.parse(self.uri)
        return Address(file.bucket, file.key.rpartition("/")[0])

    @property
    def algorithm(self) -> Algorithm | None:
        """The built-in algorithm of its container; None for another container or an unknown one."""
        return catalogue.of_image(self.image)

    @property
    def is_read_here(self) -> bool:
        """Whether its file can be scored on this computer; only XGBoost's can, and what is unknown is tried."""
        return self.algorithm is None or self.algorithm.model_file is not None

    @property
    def answers(self) -> Answers:
        """How its container answers; as XGBoost's, the usual one, when it is of no built-in algorithm."""
        return (self.algorithm or catalogue.ALGORITHMS[0]).answers


def of_job(job: TrainingJob) -> EvaluatedModel:
    """The model of a completed training job. Raises Problem where it has none."""
    if not job.model_uri:
        raise Problem(f"Training job {job.name}", "it has no model", "Choose a completed job")
    return EvaluatedModel(job.name, job.model_uri, job, job.image)
