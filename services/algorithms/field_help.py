"""What an algorithm's settings do, for a person: of each hyperparameter its group and a plain sentence.

The bounds are the algorithm's own and stay in its table; here are only words.
"""

import json
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
class Form:
    """What a form shows: the algorithm in a sentence, the settings on top, all of them in groups.

    The one setting that tuning sets for itself is in no group.
    """

    description: str
    top: tuple[str, ...]
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
        tuple(
            FieldGroup(
                fact["name"], fact["description"], tuple(FieldHelp(**words) for words in fact["hyperparameters"])
            )
            for fact in facts["groups"]
        ),
    )
