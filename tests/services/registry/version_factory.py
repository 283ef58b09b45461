"""Models that are registered on a running local service, for the tests of the registry and of its pages."""

from datetime import UTC, datetime

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.evaluation import scoring
from services.evaluation.metrics import Scored
from services.registry import model_metrics
from services.registry import register as model_registration
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics, Rows
from services.registry.versions import ModelGroup, ModelVersion
from services.training.jobs import TrainingJob


def measured(account: Account, job: TrainingJob, data: PreparedData, threshold: float = 0.5) -> ModelMetrics:
    """What the test rows of `data` say of a job's model."""
    split = scoring.read_split(account, data, "test")
    scored = Scored.of(split.labels, scoring.from_artifact(account, job.model_uri or "", split.features))
    return model_metrics.of_evaluation(scored, threshold, Rows(data.name, "test", data.channel("test")), data.classes)


def make_version(
    account: Account, job: TrainingJob, group: str, quality: ModelMetrics | None = None, note: str = ""
) -> ModelVersion:
    """The next version of `group`, which is made when it is not there."""
    new = group not in {each.name for each in model_versions.groups(account)}
    what = model_registration.candidate(account, job, quality)
    number = model_registration.register(account, what, group, new, note, datetime.now(UTC))
    return model_versions.version(account, group_of(account, group).version(number))


def group_of(account: Account, name: str) -> ModelGroup:
    """A group by its name."""
    return next(each for each in model_versions.groups(account) if each.name == name)
