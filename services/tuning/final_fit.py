"""The last training: the best settings of a search, on the train and validation rows together.

The search has chosen by the validation rows, so they have done their work; the test rows stay unseen.
"""

from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.training import launch as training_launch
from services.training import plan as training_plan
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan


def plan(name: str, best: TrainingJob, data: PreparedData) -> TrainingPlan:
    """The settings and machines of `best`, without what needs rows to validate on."""
    algorithm = best.algorithm or ALGORITHMS[0]
    settings = {key: value for key, value in best.hyperparameters.items() if key not in algorithm.needs_validation}
    machines = (best.instance_type, best.instance_count, best.max_runtime)
    return TrainingPlan(name, data, settings, *machines, train_on_validation=True, algorithm=algorithm)


def expected_seconds(best: TrainingJob, data: PreparedData) -> float | None:
    """How long it will probably be billed: as `best`, for more rows; None when that is unknown."""
    learned = data.rows["train"]
    if not best.billable_seconds or not learned:
        return None
    return best.billable_seconds * (learned + data.rows["validation"]) / learned


def launch(account: Account, asked: TrainingPlan) -> str:
    """Copy the rows together, start the job and return its name. Raises Problem, AwsError."""
    training_plan.validate(asked)
    prepared_data.put_together(account, asked.data)
    return training_launch.launch(account, asked)
