"""Settings to begin a training job with, each for a reason. Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.prepared import PreparedData
from services.training import GUIDE


@dataclass(frozen=True)
class Preset:
    """Hyperparameters as the algorithm takes them; what is not named goes back to the algorithm's default."""

    name: str
    says: str
    hyperparameters: Mapping[str, str]


def presets(data: PreparedData) -> tuple[Preset, ...]:
    """What one may begin with on `data`."""
    positives = data.positives["train"]
    negatives = data.rows["train"] - positives
    found = [Preset("The guide's", "Six settings for card fraud, 100 rounds", GUIDE)]
    if positives and negatives:
        weight = f"{negatives / positives:.6g}"
        found.append(
            Preset(
                "Balanced classes",
                f"The guide's, and each of the {positives:,} rows of class {data.classes[1]} counts {weight} times, "
                f"so that they weigh as much as the {negatives:,} others",
                {**GUIDE, "scale_pos_weight": weight, "eval_metric": "logloss,aucpr"},
            )
        )
    quick = {"max_depth": "3", "eta": "0.3", "num_round": "20", "objective": "binary:logistic", "eval_metric": "auc"}
    found.append(Preset("Quick look", "20 rounds of shallow trees: is there anything to learn?", quick))
    return tuple(found)
