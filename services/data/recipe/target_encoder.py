"""What a target encoding learns, by scikit-learn's TargetEncoder: shares of classes, or means of a number. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class FittedEncoding:
    """A column of encodings for two classes or a number, one a class for several.

    shares:  by column, the encoding of each category.
    means:   by column, that of all rows together.
    crossed: (rows, columns), the training rows, each encoded by the other folds; None where they are too few.
    """

    shares: tuple[dict[str, float], ...]
    means: tuple[float, ...]
    crossed: np.ndarray | None


def fit(texts: np.ndarray, labels: np.ndarray, seed: int, most_folds: int) -> FittedEncoding:
    """The encoding of (rows,) texts by as many labels: classes from 0 where they are whole numbers, or numbers."""
    from sklearn.model_selection import KFold, StratifiedKFold
    from sklearn.preprocessing import TargetEncoder

    cells, kind = texts.astype(object)[:, None], target_type(labels)
    if kind == "binary":
        folds = int(min(most_folds, labels.sum(), len(labels) - labels.sum()))
        splitter: Any = StratifiedKFold(max(folds, 2), shuffle=True, random_state=seed)
    else:  # stratified folds want as many rows of each class
        folds = min(most_folds, len(labels))
        splitter = KFold(max(folds, 2), shuffle=True, random_state=seed)
    encoder = TargetEncoder(target_type=kind, cv=splitter)
    crossed = encoder.fit_transform(cells, labels) if folds > 1 else None
    encoder.fit(cells, labels)
    categories = encoder.categories_[0].tolist()
    return FittedEncoding(
        tuple(dict(zip(categories, encodings.tolist(), strict=True)) for encodings in encoder.encodings_),
        tuple(np.atleast_1d(encoder.target_mean_).astype(float).tolist()),
        crossed,
    )


def target_type(labels: np.ndarray) -> str:
    """What scikit-learn calls such labels."""
    if not np.issubdtype(labels.dtype, np.integer):
        return "continuous"
    return "multiclass" if labels.max() > 1 else "binary"
