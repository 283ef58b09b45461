"""Which rows are for training, for validation and for the test: positions of rows, by the way that was chosen. Pure."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from services.data.prepared_data import SPLITS
from services.errors import Problem

SEED = 1729  # the AWS tutorial's
SHARES = (0.7, 0.2, 0.1)


class SplitMethod(StrEnum):
    """How rows come to their parts."""

    SHUFFLED = "shuffled"  # the AWS tutorial's


class SplitPlan(BaseModel):
    """How rows are divided; shares of 1 in the order of SPLITS. The seed is for the shuffle."""

    model_config = ConfigDict(frozen=True)
    method: SplitMethod = SplitMethod.SHUFFLED
    shares: tuple[float, float, float] = SHARES
    seed: int = SEED


AS_TUTORIAL = SplitPlan()


def partition(frame: pd.DataFrame, labels: pd.Series, plan: SplitPlan) -> dict[str, np.ndarray]:
    """Positions in `frame` of the rows of each part, by its name, in the order in which they are written.

    labels: one a row of `frame`, in its order. The shuffled parts are those of the AWS tutorial's
    `np.split(df.sample(frac=1, random_state=1729), [int(0.7 * len(df)), int(0.9 * len(df))])`. Raises Problem for a
    part without rows.
    """
    shuffled = pd.Series(range(len(frame))).sample(frac=1, random_state=plan.seed).to_numpy()
    # Rounded, because 0.7 + 0.2 is a little less than 0.9.
    cuts = [0, *(int(round(share, 9) * len(frame)) for share in np.cumsum(plan.shares[:2])), len(frame)]
    parts = {name: shuffled[start:end] for name, (start, end) in zip(SPLITS, pairwise(cuts), strict=True)}
    for name, rows in parts.items():
        if not len(rows):
            raise Problem(f"Split {name}", f"no row of {len(frame):,} is left for it", "Use a larger table")
    return parts
