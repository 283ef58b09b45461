"""Which columns may tell what is to be predicted: each alone on the evaluated rows, and its share of the gain."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from services.data.findings import predictive_power
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation.explanation import contributions
from services.evaluation.metrics import Counts, Floats
from services.evaluation.model_file import LoadedModel
from services.evaluation.scoring import Split
from services.evaluation.verdict.statement import Suspect

MOST_ROWS = 100_000  # that are looked at; of more, a random sample
MOST = 5  # columns that are returned


def find(rows: Split, data: PreparedData, model: LoadedModel | None) -> tuple[Suspect, ...]:
    """The columns that tell most of the target, the first by themselves; of `rows` at least one."""
    sample = np.arange(rows.rows)
    if rows.rows > MOST_ROWS:
        sample = np.sort(np.random.default_rng(data.seed).choice(rows.rows, MOST_ROWS, replace=False))
    labels = rows.labels[sample]
    gains = _gains(model, data.features)
    suspects = [
        Suspect(name, _alone(column.to_numpy()[sample], labels, data), None if gains is None else gains[name])
        for name, column in zip(data.features, rows.features.columns, strict=True)
    ]
    first = sorted(suspects, key=lambda one: one.alone, reverse=True)[:MOST]
    leading = max(suspects, key=lambda one: one.gain or 0.0)
    return tuple(first) if leading in first else (*first[:-1], leading)


def _gains(model: LoadedModel | None, features: Sequence[str]) -> dict[str, float] | None:
    """The share of all splits' gain by feature; None where the model file is not read, and of a linear model."""
    try:
        return contributions.gains(model, {name: name for name in features}) if model else None
    except Problem:  # it has no trees
        return None


def _alone(numbers: Floats, labels: Any, data: PreparedData) -> float:
    """As the findings of the Data page have it; of several classes each against all others, weighted by its rows."""
    if data.kind is TargetKind.NUMBER:
        return predictive_power.rank_correlation(numbers, labels) if np.isnan(numbers).mean() < 0.5 else 0.0
    if data.kind is TargetKind.TWO_CLASSES:
        return predictive_power.number_area(numbers, labels == 1)
    places: Counts = labels.astype(np.int64)
    return predictive_power.category_area(predictive_power.binned(numbers), places, len(data.classes), data.seed)
