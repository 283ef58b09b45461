"""Models that are registered on a running local service, for the tests of the registry and of its pages."""

from datetime import UTC, datetime

from services import model_quality, registry, scoring
from services.aws import Account
from services.evaluation import Scored
from services.model_quality import Quality, Rows
from services.prepared import PreparedData
from services.registry import Group, Version
from services.training import TrainingJob


def measured(account: Account, job: TrainingJob, data: PreparedData, threshold: float = 0.5) -> Quality:
    """What the test rows of `data` say of a job's model."""
    split = scoring.read_split(account, data, "test")
    scored = Scored.of(split.labels, scoring.from_artifact(account, job.model_uri or "", split.features))
    return model_quality.judged(scored, threshold, Rows(data.name, "test", data.channel("test")), data.classes)


def make_version(
    account: Account, job: TrainingJob, group: str, quality: Quality | None = None, note: str = ""
) -> Version:
    """The next version of `group`, which is made when it is not there."""
    new = group not in {each.name for each in registry.groups(account)}
    what = registry.candidate(account, job, quality)
    number = registry.register(account, what, group, new, note, datetime.now(UTC))
    return registry.version(account, group_of(account, group).version(number))


def group_of(account: Account, name: str) -> Group:
    """A group by its name."""
    return next(each for each in registry.groups(account) if each.name == name)
