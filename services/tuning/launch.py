"""Launching a tuning job, and its baseline, through the SageMaker SDK."""

from typing import Any

from services.aws.account import Account
from services.errors import Problem
from services.training import launch as training_launch
from services.training import sagemaker_sdk
from services.tuning import jobs as tuning_jobs
from services.tuning.plan import StoppingCriteria, TuningPlan, validate
from services.tuning.search_space import Choices, SearchedParameter


class BaselineRefusedError(Problem):
    """A baseline that was not launched or noted, after its search has started."""

    def __init__(self, search: str, refusal: Problem) -> None:
        said = f"{refusal.said.rstrip('.')}; the search itself has started"
        super().__init__(f"Baseline of {search}", said, "Choose a baseline job when the search has ended")


def launch(account: Account, plan: TuningPlan) -> str:
    """Start the tuning job, and its baseline beside it; returns the tuning job's name.

    Raises Problem, AwsError; BaselineRefusedError when the search has started, but not its baseline.
    """
    validate(plan)
    from sagemaker.core import shapes
    from sagemaker.train.tuner import HyperparameterTuner

    name = plan.training.name
    with account.speaking("sagemaker", "create_hyper_parameter_tuning_job"):
        trainer = sagemaker_sdk.trainer(account, plan.training, plan.fixed)
        tuner = HyperparameterTuner(
            model_trainer=trainer,
            objective_metric_name=plan.objective,
            objective_type="Maximize" if plan.maximise else "Minimize",
            hyperparameter_ranges={each.name: _parameter(each) for each in plan.ranges},
            strategy=plan.strategy,
            max_jobs=plan.max_jobs,
            max_parallel_jobs=plan.parallel,
            max_runtime_in_seconds=plan.stopping.max_runtime,
            early_stopping_type="Auto" if plan.stopping.early_stopping else "Off",
            random_seed=plan.seed,
            **{key: getattr(shapes, kind)(**members) for key, (kind, members) in structures(plan).items()},
        )
        tuner.tune(inputs=trainer.input_data_config, job_name=name, wait=False)
    if plan.baseline:
        try:
            known = plan.baseline if isinstance(plan.baseline, str) else training_launch.launch(account, plan.baseline)
            tuning_jobs.set_baseline(account, tuning_jobs.describe(account, name), known)
        except Problem as refusal:
            raise BaselineRefusedError(name, refusal) from refusal
    return name


def _parameter(searched: SearchedParameter) -> Any:
    from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter

    if isinstance(searched, Choices):
        return CategoricalParameter(list(searched.values))
    if searched.integer:
        return IntegerParameter(int(searched.low), int(searched.high), searched.scaling)
    return ContinuousParameter(searched.low, searched.high, searched.scaling)


def structures(plan: TuningPlan) -> dict[str, tuple[str, dict[str, Any]]]:
    """Those arguments of the SDK's tuner that are structures and were asked for: argument -> shape's name, members."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    if plan.resources and plan.strategy == "Hyperband":
        rounds = dict(zip(("min_resource", "max_resource"), plan.resources, strict=True))
        found["strategy_config"] = ("HyperParameterTuningJobStrategyConfig", {"hyperband_strategy_config": rounds})
    if criteria := _criteria(plan.stopping):
        found["completion_criteria_config"] = ("TuningJobCompletionCriteria", criteria)
    if plan.parents:
        parents = [{"hyper_parameter_tuning_job_name": parent} for parent in plan.parents]
        members = {"parent_hyper_parameter_tuning_jobs": parents, "warm_start_type": plan.warm_start}
        found["warm_start_config"] = ("HyperParameterTuningJobWarmStartConfig", members)
    return found


def _criteria(ending: StoppingCriteria) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if ending.target is not None:
        found["target_objective_metric_value"] = ending.target
    if ending.patience is not None:
        found["best_objective_not_improving"] = {"max_number_of_training_jobs_not_improving": ending.patience}
    if ending.convergence:
        found["convergence_detected"] = {"complete_on_convergence": "Enabled"}
    return found
