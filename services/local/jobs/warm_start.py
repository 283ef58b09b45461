"""What a tuning job must have in common with those it starts warm from.

Functions of documents alone. Source: SageMaker developer guide, "Run a Warm Start Hyperparameter Tuning Job"
(restrictions); HyperParameterTuningJobWarmStartConfig in botocore's model.
"""

from services.local.algorithms import container
from services.local.jobs import tuning_ranges
from services.local.protocol.wire import validation_error
from services.local.store.resources import Document

IDENTICAL = "IdenticalDataAndAlgorithm"
ENDED = ("Completed", "Stopped", "Failed")
MOST_CHANGES = 10
OTHER_NAMES = (  # AWS's own words
    "The set of tunable plus static HyperParameter names is not the same across current and parent tuning jobs. Please "
    "ensure this set is constant when warm starting. Note that previously static HyperParameters can be tuned in warm "
    "start jobs and vice versa."
)


def check(job: Document, parent: Document) -> None:
    """Refuse to start `job` warm from `parent`, each as it was asked for. Raises ServiceError."""
    name, status = parent["HyperParameterTuningJobName"], parent["HyperParameterTuningJobStatus"]
    if status not in ENDED:
        raise validation_error(f"The parent tuning job {name} is in status {status}. Wait until it has ended.")
    if _objective(job) != _objective(parent):
        raise validation_error(
            f"The parent tuning job {name} has another objective, {' '.join(_objective(parent))}. Choose the same."
        )
    _check_hyperparameters(job, parent)
    if job["WarmStartConfig"]["WarmStartType"] != IDENTICAL:
        return
    for what, of in (("training image", _image), ("input data", _data)):
        if of(job) != of(parent):
            raise validation_error(
                f"The parent tuning job {name} has another {what}, which {IDENTICAL} does not allow. Choose the same, "
                "or TransferLearning."
            )


def _check_hyperparameters(job: Document, parent: Document) -> None:
    (ranges, static), (its_ranges, its_static) = tuning_ranges.of_job(job), tuning_ranges.of_job(parent)
    types, its_types = _types(ranges), _types(its_ranges)
    if types.keys() | static.keys() != its_types.keys() | its_static.keys():
        raise validation_error(OTHER_NAMES)
    name = parent["HyperParameterTuningJobName"]
    retyped = sorted(each for each in types.keys() & its_types.keys() if types[each] != its_types[each])
    if retyped:
        raise validation_error(
            f"The type of these hyperparameters is another in the parent tuning job {name}: {', '.join(retyped)}. Give "
            "them ranges of the same type."
        )
    choices = {item["Name"]: len(item["Values"]) for item in its_ranges[tuning_ranges.CATEGORICAL]}
    fixed = sum(choices.get(each, 1) for each in its_types.keys() & static.keys())
    changed = [each for each in static.keys() & its_static.keys() if static[each] != its_static[each]]
    changes = fixed + sum(_values(job, each) for each in changed)
    if changes > MOST_CHANGES:
        raise validation_error(
            f"There are {changes} changes to static hyperparameters since the parent tuning job {name}, and at most "
            f"{MOST_CHANGES} are allowed. Keep more of them as they were."
        )


def _values(job: Document, name: str) -> int:
    """What a change of a static hyperparameter counts: of one that is no number the old and the new value count."""
    known = container(_image(job)).algorithm.hyperparameters.get(name)
    return 1 if known and known.type in ("Integer", "Continuous") else 2


def _types(ranges: tuning_ranges.Ranges) -> dict[str, str]:
    return {item["Name"]: member for member, items in ranges.items() for item in items}


def _objective(job: Document) -> tuple[str, str]:
    objective = job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    return objective["Type"], objective["MetricName"]


def _image(job: Document) -> str:
    image: str = job["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"]
    return image


def _data(job: Document) -> dict[str, Document]:
    return {
        channel["ChannelName"]: channel["DataSource"]
        for channel in job["TrainingJobDefinition"].get("InputDataConfig", [])
    }
