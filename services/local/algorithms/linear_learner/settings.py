"""What a job's hyperparameters mean to the learner here, which is scikit-learn's stochastic gradient descent.

It learns from one record at a time, where the container learns from mini-batches by Adam. Hence:
- learning_rate is relative: divided by the records' mean squared length and by the curvature of the loss, so that one
  value suits any data, as with Adam. "auto" is 0.1.
- mini_batch_size only counts the steps of the learning rate's schedule. With lr_scheduler_factor and lr_scheduler_step
  left to themselves, the rate of epoch n is the first one divided by the root of n.
- wd and l1 are the two parts of an elastic net; "auto" is 0.0001 and 0.
- positive_example_weight_mult is how often a record with label 1 is drawn for each time that one with label 0 is;
  "auto" is 1.
- The parameters of huber_loss and the eps_insensitive losses are in the label's own units.
- Taken, and without a meaning here: optimizer, momentum, beta_1, beta_2, bias_lr_mult, bias_wd_mult, init_bias,
  init_method, init_scale, init_sigma, margin, num_models, and what is for several classes only.
- Refused: multiclass_classifier and quantile_loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from services.algorithms.linear_learner import LINEAR_LEARNER, LOSSES
from services.local.algorithms.data_files import UserError

RATE, WEIGHT_DECAY, SLOWEST = 0.1, 1e-4, 1e-5  # of "auto": learning_rate, wd, lr_scheduler_minimum_lr
STEP, FACTOR = 100, 0.99  # of "auto", where only the other is given: lr_scheduler_step, lr_scheduler_factor
SYNONYMS = {"f1": "f_beta", "cross_entropy_loss": "loss_function"}


@dataclass(frozen=True)
class Schedule:
    """The learning rate of every epoch, in the hyperparameters' terms."""

    first: float
    scheduled: bool
    stepwise: tuple[int, float] | None  # every so many mini-batches, times so much
    slowest: float
    batch: int

    def rate(self, epoch: int, rows: int) -> float:
        """The rate of the epoch of that number, the first being 0."""
        if not self.scheduled:
            return self.first
        if self.stepwise is None:
            return float(max(self.first / (epoch + 1) ** 0.5, min(self.slowest, self.first)))
        step, factor = self.stepwise
        batches = epoch * -(-rows // self.batch)
        return float(max(self.first * factor ** (batches // step), min(self.slowest, self.first)))


@dataclass(frozen=True)
class Settings:
    """Hyperparameters with nothing left to "auto".

    chosen_by: how the threshold is chosen: "accuracy", "f_beta", "precision_at_target_recall",
               "recall_at_target_precision" or "loss_function"; `asked_for` is whether the job says so.
    positive:  the weight of records with label 1, those with label 0 having 1; `balances` is whether it waits for them.
    columns, calibration: numbers of features and of records, None when all that there are.
    """

    binary: bool
    loss: str
    epochs: int
    schedule: Schedule
    l1: float
    l2: float
    bias: bool
    scales: bool
    shifts: bool
    scales_label: bool
    shifts_label: bool
    sample: int
    columns: int | None
    positive: float
    balances: bool
    chosen_by: str
    asked_for: bool
    target_precision: float
    target_recall: float
    beta: float
    calibration: int | None
    patience: int
    tolerance: float
    delta: float
    insensitivity: float


def with_balanced_weight(job_settings: Settings, labels: np.ndarray) -> Settings:
    """The same, with the weight of label 1 that makes both labels in `labels` count alike if the job says so."""
    ones = int((labels == 1).sum())
    alike = (len(labels) - ones) / ones if 0 < ones < len(labels) else 1.0
    return replace(job_settings, positive=alike) if job_settings.balances else job_settings


def settings(given: Mapping[str, str]) -> Settings:
    """The settings of a job. Raises HyperparameterError as the container does, UserError for what is not done here."""
    defaults = {
        hyperparameter.name: hyperparameter.default
        for hyperparameter in LINEAR_LEARNER.hyperparameters.values()
        if hyperparameter.default is not None
    }
    values = LINEAR_LEARNER.checked(defaults | dict(given))
    kind = values["predictor_type"]
    loss = LOSSES[kind][0] if values["loss"] == "auto" else values["loss"]
    _check_learnable(kind, loss)
    regression, bias, scales = kind == "regressor", values["use_bias"], _or_default(values["normalize_data"], True)
    scales_label = regression and _or_default(values["normalize_label"], True)
    criterion, weight = values["binary_classifier_model_selection_criteria"], values["positive_example_weight_mult"]
    return Settings(
        binary=not regression,
        loss=loss,
        epochs=values["epochs"],
        schedule=_schedule(values),
        l1=_or_default(values["l1"], 0.0),
        l2=_or_default(values["wd"], WEIGHT_DECAY),
        bias=bias,
        scales=scales,
        shifts=_or_default(values["unbias_data"], bias and scales),
        scales_label=scales_label,
        shifts_label=regression and _or_default(values["unbias_label"], bias and scales_label),
        sample=values["num_point_for_scaler"],
        columns=_or_default(values["feature_dim"], None),
        positive=1.0 if weight == "balanced" else _or_default(weight, 1.0),
        balances=not regression and weight == "balanced",
        chosen_by=SYNONYMS.get(criterion, criterion),
        asked_for="binary_classifier_model_selection_criteria" in given,
        target_precision=values["target_precision"],
        target_recall=values["target_recall"],
        beta=1.0 if criterion == "f1" else values["f_beta"],
        calibration=_or_default(values["num_calibration_samples"], None),
        patience=values["early_stopping_patience"],
        tolerance=values["early_stopping_tolerance"],
        delta=values["huber_delta"],
        insensitivity=values["loss_insensitivity"],
    )


def _check_learnable(kind: str, loss: str) -> None:
    if kind == "multiclass_classifier":
        raise UserError(
            "predictor_type multiclass_classifier cannot be learned on this computer. Use binary_classifier or "
            "regressor, or the built-in XGBoost with objective multi:softprob."
        )
    if loss == "quantile_loss":
        raise UserError("loss quantile_loss cannot be learned on this computer. Use absolute_loss for the median.")


def _schedule(values: Mapping[str, Any]) -> Schedule:
    step, factor = values["lr_scheduler_step"], values["lr_scheduler_factor"]
    return Schedule(
        first=_or_default(values["learning_rate"], RATE),
        scheduled=values["use_lr_scheduler"],
        stepwise=None if step == factor == "auto" else (_or_default(step, STEP), _or_default(factor, FACTOR)),
        slowest=_or_default(values["lr_scheduler_minimum_lr"], SLOWEST),
        batch=values["mini_batch_size"],
    )


def _or_default(value: Any, automatic: Any) -> Any:
    return automatic if value == "auto" else value
