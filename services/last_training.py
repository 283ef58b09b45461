"""The last training: the best settings of a search, on the train and validation rows together.

The search has chosen by the validation rows, so they have done their work; the test rows stay unseen.
"""

from services import prepared, training
from services.aws import Account
from services.prepared import PreparedData
from services.training import TrainingJob, TrainingPlan

NEEDS_VALIDATION = ("early_stopping_rounds", "_tuning_objective_metric")


def plan(name: str, best: TrainingJob, data: PreparedData) -> TrainingPlan:
    """The settings and machines of `best`, without what needs rows to validate on."""
    settings = {key: value for key, value in best.hyperparameters.items() if key not in NEEDS_VALIDATION}
    return TrainingPlan(name, data, settings, best.instance_type, best.instance_count, best.max_runtime, together=True)


def expected_seconds(best: TrainingJob, data: PreparedData) -> float | None:
    """How long it will probably be billed: as `best`, for more rows; None when that is unknown."""
    learned = data.rows["train"]
    if not best.billable_seconds or not learned:
        return None
    return best.billable_seconds * (learned + data.rows["validation"]) / learned


def launch(account: Account, asked: TrainingPlan) -> str:
    """Copy the rows together, start the job and return its name. Raises Problem, AwsError."""
    training.validate(asked)
    prepared.put_together(account, asked.data)
    return training.launch(account, asked)
