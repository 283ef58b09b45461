"""The ranges a tuning job searches: as asked, or the algorithm's recommended ones where they are left to the service.

Source: SageMaker API reference, Autotune and AutoParameter. AWS does not tell which ranges it chooses; these are those
that its documentation recommends.
"""

from collections.abc import Mapping
from typing import Any

from services.algorithms.algorithm import Algorithm, Hyperparameter
from services.local.protocol.wire import invalid

MOST = 30  # hyperparameters of a search
_MEMBERS = {
    "Integer": "IntegerParameterRanges",
    "Continuous": "ContinuousParameterRanges",
    "Boolean": "CategoricalParameterRanges",
}
Ranges = dict[str, list[dict[str, Any]]]


def resolved(
    algorithm: Algorithm, asked: Mapping[str, Any], autotunes: bool, static: Mapping[str, str]
) -> tuple[Ranges, dict[str, str]]:
    """The ranges to search and the hyperparameters that stay. Raises ServiceError when nothing is left to search.

    An AutoParameter that cannot be tuned stays at its hint.
    """
    ranges: Ranges = {member: list(asked.get(member, [])) for member in _MEMBERS.values()}
    fixed = dict(static)
    hints = {item["Name"]: item["ValueHint"] for item in asked.get("AutoParameters", [])}
    if autotunes and not hints and not any(ranges.values()):
        hints = {name: "" for name in algorithm.autotuned if name not in fixed}
    named = {item["Name"] for items in ranges.values() for item in items}
    for name, hint in hints.items():
        known = algorithm.hyperparameters.get(name)
        if known and known.tunable and known.type in _MEMBERS:
            if name not in named:
                ranges[_MEMBERS[known.type]].append(_recommended(known))
            fixed.pop(name, None)
        else:
            fixed[name] = hint
    names = [item["Name"] for items in ranges.values() for item in items]
    if not names:
        raise invalid("At least one hyperparameter range is needed.")
    if len(names) > MOST or len(set(names)) < len(names):
        raise invalid(f"At most {MOST} hyperparameters can be searched, each named once.")
    both = sorted(set(names) & set(fixed))
    if both:
        raise invalid(f"The following hyperparameters are both static and tuned: {', '.join(both)}.")
    return ranges, fixed


def _recommended(known: Hyperparameter) -> dict[str, Any]:
    if not known.recommended:
        return {"Name": known.name, "Values": list(known.choices)}
    return {
        "Name": known.name,
        "MinValue": str(known.recommended.minimum),
        "MaxValue": str(known.recommended.maximum),
        "ScalingType": known.recommended.scale or "Auto",
    }
