"""Whether the trees of XGBoost 2 and later overshoot on a rare class, and end no better than a constant.

From version 2.0 on XGBoost starts from the share of positives s (`base_score`; source: its documentation, "Intercept")
instead of 0.5. There a row weighs s (1 - s), so all n positive rows together weigh about n s. A leaf that must weigh
more (`min_child_weight`) is filled with negative rows, and moves all of its rows by up to eta n / (min_child_weight +
lambda). Beyond some 16 the negatives in it are called positive for certain, weigh nothing any more, and no later tree
gets hold of them.

Measured on the card fraud set (train rows of the AWS tutorial's split: 348 of 199,364 positive; XGBoost 3.2.0, 40
rounds, max_depth 5, gamma 4, subsample 0.8; AUC of its 56,962 validation rows):

    min_child_weight  eta 0.1   0.2    0.3    0.5    0.8
    1                 0.988   0.964  0.964  0.428  0.944
    2                 0.989   0.229  0.500  0.466  0.500
    4                 0.984   0.988  0.411  0.500  0.500
    6                 0.984   0.992  0.987  0.384  0.500
    10                0.988   0.985  0.990  0.992  0.500

With max_delta_step 1 or base_score 0.5 the AUC lies from 0.972 to 0.993 wherever min_child_weight is 1 or more and eta
0.2 or more, and XGBoost 1.7.6, which starts from 0.5, has 0.987 to 0.993 in five of the cells that failed. Where models
fail their average precision is the share of positives. Of other shares, made by leaving out rows: of 174 or 87
positives among 199,000 negatives models of min_child_weight 2 and 4 have 0.94 or more up to a step of 16, and 0.29 or
less from 20 on; of 348 among 50,000, where n s is 2.4, those of 8 and 16 fail from 20 on, of 4 at 60, of 1 and 2 never;
among 20,000, where it is 6, those of 8 and 16; among 7,000, where it is 16, none.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind

STEP = 16.0  # of log odds, from which on a leaf overshoots
# Where most rows of such a leaf are positive it takes more: min_child_weight 1 and eta 0.3 above are a step of 52.
MIXED, LARGE_STEP = 2.0, 60.0  # times the weight of all positive rows below which that is so, and the step
REMEDY: Mapping[str, str] = {"max_delta_step": "1"}
SINCE = 2  # the first version of XGBoost that starts from the share of positives
_VERSION = re.compile(r"xgboost:(\d+)\.\d+-")


def starts_from_share(image: str) -> bool:
    """Whether the XGBoost of an image, e.g. ".../sagemaker-xgboost:3.2-0", estimates base_score."""
    found = _VERSION.search(image)
    return found is not None and int(found[1]) >= SINCE


def positive_weight(data: PreparedData, values: Mapping[str, Any]) -> float:
    """What all positive train rows weigh at the start, beside min_child_weight; 0 without two classes."""
    if data.kind is not TargetKind.TWO_CLASSES:
        return 0.0
    counted = _counted(data, values)
    negatives = data.rows["train"] - data.positives["train"]
    return counted * counted / (counted + negatives) if counted else 0.0


def first_step(data: PreparedData, values: Mapping[str, Any]) -> float:
    """How far a leaf may move at first, in log odds, where it cannot be filled with positive rows alone; otherwise 0.

    values: hyperparameters as numbers or their text; of what is not given the default counts.
    """
    weight = float(values.get("min_child_weight", 1.0))
    if (
        values.get("objective") != "binary:logistic"
        or values.get("booster") == "gblinear"
        or float(values.get("max_delta_step", 0.0))
        or "base_score" in values
        or not 0 < positive_weight(data, values) < weight
    ):
        return 0.0
    leaf = _counted(data, values) / (weight + float(values.get("lambda", 1.0)))
    return float(values.get("eta", 0.3)) * leaf


def overshoots(data: PreparedData, values: Mapping[str, Any]) -> bool:
    """Whether that explains a model that learned nothing."""
    return first_step(data, values) >= STEP


def may_fail(data: PreparedData, values: Mapping[str, Any]) -> bool:
    """Whether a model with these hyperparameters will probably learn nothing, to be said before its launch."""
    weight, together = float(values.get("min_child_weight", 1.0)), positive_weight(data, values)
    return first_step(data, values) >= (STEP if weight >= MIXED * together else LARGE_STEP)


def riskiest_weight(data: PreparedData, values: Mapping[str, Any], low: float, high: float) -> float:
    """The min_child_weight between `low` and `high` with which models most probably learn nothing."""
    return min(max(low, MIXED * positive_weight(data, values)), high)


def _counted(data: PreparedData, values: Mapping[str, Any]) -> float:
    return data.positives["train"] * float(values.get("scale_pos_weight", 1.0))
