"""Settings to begin a training job with, each for a reason. Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.algorithms import field_help
from services.algorithms.algorithm import Algorithm
from services.data.prepared_data import PreparedData

BATCHES = 10  # of an epoch, at least
LARGEST_BATCH = 1000


@dataclass(frozen=True)
class Preset:
    """Hyperparameters as the algorithm takes them; what is not named goes back to the algorithm's default."""

    name: str
    description: str
    hyperparameters: Mapping[str, str]


def presets(algorithm: Algorithm, data: PreparedData) -> tuple[Preset, ...]:
    """What one may begin with on `data`, the usual first."""
    rows, positives = data.rows["train"], data.positives["train"]
    negatives = rows - positives
    known = {
        "positives": positives,
        "negatives": negatives,
        "positive": data.classes[1],
        "weight": f"{negatives / positives:.6g}" if positives else "1",
        "batch": max(1, min(LARGEST_BATCH, rows // BATCHES)),
    }
    return tuple(
        Preset(
            each.name,
            each.description.format(**known),
            {name: value.format(**known) for name, value in each.hyperparameters.items()},
        )
        for each in field_help.form(algorithm).presets
        if not each.balances or (positives and negatives)
    )


def usual(algorithm: Algorithm, data: PreparedData) -> dict[str, str]:
    """The settings that a form begins with."""
    return dict(presets(algorithm, data)[0].hyperparameters)
