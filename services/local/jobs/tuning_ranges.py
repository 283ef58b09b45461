"""The ranges a tuning job searches: as asked, or the algorithm's recommended ones where they are left to the service.

Source: SageMaker API reference, Autotune and AutoParameter. AWS does not tell which ranges it chooses; these are those
that its documentation recommends.
"""

from collections.abc import Mapping
from typing import Any

from services.algorithms.algorithm import Algorithm, Hyperparameter
from services.local.protocol.wire import validation_error

MOST = 30  # hyperparameters of a search
_MEMBERS = {
    "Integer": "IntegerParameterRanges",
    "Continuous": "ContinuousParameterRanges",
    "Boolean": "CategoricalParameterRanges",
}
Ranges = dict[str, list[dict[str, Any]]]


def resolve_ranges(
    algorithm: Algorithm, parameter_ranges: Mapping[str, Any], autotunes: bool, static: Mapping[str, str]
) -> tuple[Ranges, dict[str, str]]:
    """The ranges to search and the hyperparameters that stay. Raises ServiceError when nothing is left to search.

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
    both = sorted(set(names) & set(fixed))
    if both:
        raise validation_error(f"The following hyperparameters are both static and tuned: {', '.join(both)}.")
    return ranges, fixed


def _recommended_range(hyperparameter: Hyperparameter) -> dict[str, Any]:
    if not hyperparameter.recommended:
        return {"Name": hyperparameter.name, "Values": list(hyperparameter.choices)}
    return {
        "Name": hyperparameter.name,
        "MinValue": str(hyperparameter.recommended.minimum),
        "MaxValue": str(hyperparameter.recommended.maximum),
        "ScalingType": hyperparameter.recommended.scale or "Auto",
    }
