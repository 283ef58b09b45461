"""Settings to begin a training job with, each for a reason. Pure: values in, values out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.algorithms.algorithm import Algorithm
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind

BATCHES = 10  # of an epoch, at least
LARGEST_BATCH = 1000


@dataclass(frozen=True)
class Preset:
    """Hyperparameters as the algorithm takes them; what is not named goes back to the algorithm's default."""

    name: str
    description: str
    hyperparameters: Mapping[str, str]


@dataclass(frozen=True)
class Template:
    """A preset before it is filled in with the numbers of the data.

    balances: whether it has both classes count alike, for which there must be rows of both.
    """

    name: str
    description: str
    hyperparameters: Mapping[str, str]
    balances: bool = False


@cache
def templates(algorithm: Algorithm, kind: TargetKind = TargetKind.TWO_CLASSES) -> tuple[Template, ...]:
    """The presets of an algorithm for a kind of target, from the file beside this one; a form begins with the first."""
    facts = json.loads(Path(__file__).with_suffix(".json").read_text())[algorithm.facts.stem][kind]
    return tuple(Template(**fact) for fact in facts)


def presets(algorithm: Algorithm, data: PreparedData) -> tuple[Preset, ...]:
    """What one may begin with on `data`."""
    rows, positives = data.rows["train"], data.positives.get("train", 0)
    negatives = rows - positives
    known = {
        "target": data.target,
        "classes": len(data.classes),
        "positives": positives,
        "negatives": negatives,
        "positive": data.classes[1] if data.classes else "",
        "weight": f"{negatives / positives:.6g}" if positives else "1",
        "batch": max(1, min(LARGEST_BATCH, rows // BATCHES)),
    }
    return tuple(
        Preset(
            each.name,
            each.description.format(**known),
            {name: value.format(**known) for name, value in each.hyperparameters.items()},
        )
        for each in templates(algorithm, data.kind)
        if not each.balances or (positives and negatives)
    )


def usual(algorithm: Algorithm, data: PreparedData) -> dict[str, str]:
    """The settings that a form begins with: of data prepared with weighted classes, those that balance them."""
    offered = presets(algorithm, data)
    balancing = {each.name for each in templates(algorithm) if each.balances and data.weighted}
    begun = next((preset for preset in offered if preset.name in balancing), offered[0])
    return dict(begun.hyperparameters)
