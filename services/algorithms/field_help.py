"""What an algorithm's settings do, for a person: presets, and of each hyperparameter its group and a plain sentence.

The bounds are the algorithm's own and stay in its table; here are only words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from services.algorithms.algorithm import Algorithm


@dataclass(frozen=True)
class FieldHelp:
    """What a hyperparameter does. `default` as text, empty where there is none; `example` of what is hard to write."""

    name: str
    description: str
    default: str
    example: str = ""


@dataclass(frozen=True)
class FieldGroup:
    """Hyperparameters that belong together, in the order a form shows them."""

    name: str
    description: str
    hyperparameters: tuple[FieldHelp, ...]


@dataclass(frozen=True)
class Template:
    """A preset before it is filled in by `training/presets.py`; `balances` needs rows of both classes."""

    name: str
    description: str
    hyperparameters: Mapping[str, str]
    balances: bool = False


@dataclass(frozen=True)
class Form:
    """What a form shows: the algorithm in a sentence, the settings on top, all of them in groups.

    The one setting that tuning sets for itself is in no group. The first preset is what a form begins with.
    """

    description: str
    top: tuple[str, ...]
    presets: tuple[Template, ...]
    groups: tuple[FieldGroup, ...]

    @property
    def words(self) -> dict[str, FieldHelp]:
        """Every hyperparameter by name, in the order of the groups."""
        return {each.name: each for group in self.groups for each in group.hyperparameters}


@cache
def form(algorithm: Algorithm) -> Form:
    """The words of an algorithm, from the file beside its facts."""
    facts = json.loads(algorithm.facts.with_name(f"{algorithm.facts.stem}_field_help.json").read_text())
    return Form(
        facts["description"],
        tuple(facts["top"]),
        tuple(Template(**fact) for fact in facts["presets"]),
        tuple(
            FieldGroup(
                fact["name"], fact["description"], tuple(FieldHelp(**words) for words in fact["hyperparameters"])
            )
            for fact in facts["groups"]
        ),
    )
