"""What a person asks for when launching a training job, and the checks that are made before anything is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.algorithms.algorithm import Algorithm, HyperparameterError
from services.algorithms.xgboost import XGBOOST
from services.aws import tags
from services.aws.s3 import Address
from services.data import shards
from services.data.prepared_data import TOGETHER, PreparedData
from services.errors import Problem
from services.training import presets

TUTORIAL_SETTINGS = presets.templates(XGBOOST)[0].hyperparameters  # the AWS tutorial's for the card fraud set
LONGEST = 28 * 86_400  # seconds that SageMaker lets a training job run
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,47}")


@dataclass(frozen=True)
class TrainingPlan:
    """What a person asks for. `name` starts the job's name; `max_runtime` is in seconds, `volume_gb` in GB.

    max_wait:    seconds that waiting for spot capacity and running may take together; None is on demand.
    checkpoints: S3 address to keep them at, empty for a folder of the job's own; None for none.
    sharded:     whether each of several instances learns from its own share of the training rows, or all from all.
    train_on_validation:    whether it learns from train and validation rows, and so has nothing to validate on.
    """

    name: str
    data: PreparedData
    hyperparameters: Mapping[str, str]
    instance_type: str
    instance_count: int
    max_runtime: int
    volume_gb: int = 30
    tags: Mapping[str, str] = field(default_factory=dict)
    max_wait: int | None = None
    checkpoints: str | None = None
    sharded: bool = False
    train_on_validation: bool = False
    algorithm: Algorithm = XGBOOST

    @property
    def rows(self) -> int:
        """The rows that an instance learns from, at the least."""
        rows = self.data.rows["train"] + (self.data.rows["validation"] if self.train_on_validation else 0)
        return rows // self.instance_count if self.sharded else rows

    @property
    def channels(self) -> dict[str, str]:
        """S3 address of each channel's data."""
        if self.train_on_validation:
            return {"train": self.data.channel(TOGETHER)}
        whole = {split: self.data.channel(split) for split in ("train", "validation")}
        return {**whole, "train": f"{shards.address(self.data, self.instance_count)}/"} if self.sharded else whole


def validate(plan: TrainingPlan) -> None:
    """Raises Problem for what SageMaker or the algorithm would refuse minutes later, and bill."""
    if not NAME.fullmatch(plan.name):
        raise Problem(
            f"Job name {plan.name!r}",
            "it may hold letters, digits and single hyphens, at most 48 characters",
            "Change the name",
        )
    if plan.instance_count < 1:
        raise Problem("Instances", "a job needs at least one", "Enter 1 or more")
    if not 0 < plan.max_runtime <= LONGEST:
        raise Problem("Time limit", "a job can run from 1 minute to 28 days", "Enter 1 to 40,320 minutes")
    tags.validate(plan.tags)
    if plan.max_wait is not None and plan.max_wait < plan.max_runtime:
        raise Problem(
            "Spot capacity",
            "the wait and run time is shorter than the time limit",
            f"Enter {-(-plan.max_runtime // 60)} minutes or more",
        )
    if plan.checkpoints:
        Address.parse(plan.checkpoints)
    try:
        _check_hyperparameters(plan)
    except HyperparameterError as error:
        raise Problem("Hyperparameters", str(error), "Correct the value and launch again") from error


def _check_hyperparameters(plan: TrainingPlan) -> None:
    values = plan.algorithm.checked(plan.hyperparameters)
    plan.algorithm.fitting(values, plan.rows, len(plan.data.features))


def field_errors(plan: TrainingPlan) -> dict[str, str]:
    """What is to be said beside the field of a hyperparameter, by its name: a value, or how it fits the others."""
    usual = presets.usual(plan.algorithm, plan.data)
    needed = {name: usual[name] for name in plan.algorithm.needed}
    remaining, found = {**needed, **plan.hyperparameters}, dict[str, str]()
    while True:  # one after the other, since the algorithm stops at the first
        try:
            _check_hyperparameters(replace(plan, hyperparameters=remaining))
        except HyperparameterError as error:
            if error.name in remaining and error.name not in found:
                found[error.name] = error.brief
                del remaining[error.name]
                remaining = {**needed, **remaining}
                continue
            if error.name:
                found.setdefault(error.name, error.brief)
        return found
