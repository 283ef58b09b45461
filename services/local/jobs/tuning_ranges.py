"""The ranges a tuning job searches: as asked, or the algorithm's recommended ones where they are left to the service.

Source: SageMaker API reference, Autotune and AutoParameter; what can be tuned: the algorithms' pages "Tune an XGBoost
model" and "Tune a linear learner model". AWS does not tell which ranges it chooses; these are those that its
documentation recommends.
"""

from collections.abc import Mapping
from typing import Any

from services.algorithms.algorithm import Algorithm, Hyperparameter
from services.local.algorithms import container
from services.local.protocol.wire import validation_error

MOST = 30  # hyperparameters of a search
CATEGORICAL = "CategoricalParameterRanges"
_MEMBERS = {
    "Integer": "IntegerParameterRanges",
    "Continuous": "ContinuousParameterRanges",
    "Boolean": CATEGORICAL,
}
Ranges = dict[str, list[dict[str, Any]]]


def of_job(job: Mapping[str, Any]) -> tuple[Ranges, dict[str, str]]:
    """The ranges that a tuning job searches and the hyperparameters that stay. Raises ServiceError."""
    definition = job["TrainingJobDefinition"]
    asked = job["HyperParameterTuningJobConfig"].get("ParameterRanges") or definition.get("HyperParameterRanges") or {}
    static = {
        name: value
        for name, value in definition.get("StaticHyperParameters", {}).items()
        if not name.startswith("_tuning")  # which the tuning job itself has added
    }
    autotunes = job.get("Autotune", {}).get("Mode") == "Enabled"
    algorithm = container(definition["AlgorithmSpecification"].get("TrainingImage", "")).algorithm
    return resolve_ranges(algorithm, asked, autotunes, static)


def resolve_ranges(
    algorithm: Algorithm, parameter_ranges: Mapping[str, Any], autotunes: bool, static: Mapping[str, str]
) -> tuple[Ranges, dict[str, str]]:
    """The ranges to search and the hyperparameters that stay. Raises ServiceError for what cannot be searched.

    An AutoParameter that cannot be tuned stays at its hint.
    """
    ranges: Ranges = {member: list(parameter_ranges.get(member, [])) for member in _MEMBERS.values()}
    fixed = dict(static)
    hints = {item["Name"]: item["ValueHint"] for item in parameter_ranges.get("AutoParameters", [])}
    if autotunes and not hints and not any(ranges.values()):
        hints = {name: "" for name in algorithm.autotuned if name not in fixed}
    named = {item["Name"] for items in ranges.values() for item in items}
    for name, hint in hints.items():
        hyperparameter = algorithm.hyperparameters.get(name)
        if hyperparameter and hyperparameter.tunable and hyperparameter.type in _MEMBERS:
            if name not in named:
                ranges[_MEMBERS[hyperparameter.type]].append(_recommended_range(hyperparameter))
            fixed.pop(name, None)
        else:
            fixed[name] = hint
    names = [item["Name"] for items in ranges.values() for item in items]
    if not names:
        raise validation_error("At least one hyperparameter range is required.")
    if len(names) > MOST or len(set(names)) < len(names):
        raise validation_error(f"At most {MOST} hyperparameters can be searched, and each may be named only once.")
    _refuse_untunable(algorithm, names)
    both = sorted(set(names) & set(fixed))
    if both:
        raise validation_error(f"The following hyperparameters are both static and tuned: {', '.join(both)}.")
    return ranges, fixed


def _refuse_untunable(algorithm: Algorithm, names: list[str]) -> None:
    tunable = [name for name, known in algorithm.hyperparameters.items() if known.tunable]
    others = sorted(set(names) - set(tunable))
    if others:
        raise validation_error(
            f"These hyperparameters of {algorithm.title} cannot be tuned: {', '.join(others)}. Make them static, or "
            f"leave them out; those that can be tuned are {', '.join(tunable)}."
        )


def _recommended_range(hyperparameter: Hyperparameter) -> dict[str, Any]:
    if not hyperparameter.recommended:
        return {"Name": hyperparameter.name, "Values": list(hyperparameter.choices)}
    return {
        "Name": hyperparameter.name,
        "MinValue": str(hyperparameter.recommended.minimum),
        "MaxValue": str(hyperparameter.recommended.maximum),
        "ScalingType": hyperparameter.recommended.scale or "Auto",
    }
