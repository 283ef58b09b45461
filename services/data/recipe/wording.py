"""A recipe in sentences, one a kind of step, in the order in which the kinds first come."""

from collections.abc import Sequence

from services.data.recipe.recipe import AnyStep
from services.errors import some

MOST = 6  # columns that a sentence names


def sentences(steps: Sequence[AnyStep]) -> tuple[str, ...]:
    """ "One hot: plan, payment.", a sentence for each kind of step."""
    columns: dict[str, list[str]] = {}
    for step in steps:
        columns.setdefault(step.kind, []).append(step.column)
    return tuple(f"{kind.replace('_', ' ').capitalize()}: {some(names, MOST)}." for kind, names in columns.items())
