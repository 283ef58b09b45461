"""What each hyperparameter does, for a person: its group, a plain sentence, and what it is when nobody sets it.

The bounds are the algorithm's own and stay in its table; here are only words.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACTS = Path(__file__).with_name("xgboost_words.json")


@dataclass(frozen=True)
class Words:
    """What a hyperparameter does. `default` as text, empty where there is none; `example` of what is hard to write."""

    name: str
    says: str
    default: str
    example: str = ""


@dataclass(frozen=True)
class Group:
    """Hyperparameters that belong together, in the order a form shows them."""

    name: str
    says: str
    hyperparameters: tuple[Words, ...]


@cache
def groups() -> tuple[Group, ...]:
    """Every hyperparameter that a person may set, in groups. The one that tuning sets for itself is not among them."""
    return tuple(
        Group(fact["name"], fact["says"], tuple(Words(**words) for words in fact["hyperparameters"]))
        for fact in json.loads(FACTS.read_text())["groups"]
    )
