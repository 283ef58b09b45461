"""How well one column alone predicts a target. Pure: arrays in, numbers out.

A column of numbers ranks the rows as they stand. A category ranks them by the classes of the other folds' rows that
have it, so that no row sees its own label.

Reference: scikit-learn, "roc_auc_score" (average="weighted", multi_class="ovr"); Spearman's rank correlation with ties.
"""

from __future__ import annotations

import numpy as np

FOLDS = 5
FEW_VALUES = 30  # distinct numbers, up to which each is also taken for a category
BINS = 100
ROWS_OF_A_BIN = 20
SMOOTHING = 1.0  # rows of the average that each category is given besides its own


def number_area(numbers: np.ndarray, is_positive: np.ndarray) -> float:
    """Area under the ROC curve of a column of numbers, in the direction that predicts better: .5 to 1.

    numbers: (rows,) with NaN for missing cells, which are ranked below or above all others, whichever predicts better.
    is_positive: (rows,) of bool, with rows of both kinds.
    """
    present = ~np.isnan(numbers)
    ascending = np.sort(numbers[present])
    positives = np.sort(numbers[present & is_positive])
    middles = np.searchsorted(ascending, positives, "left") + np.searchsorted(ascending, positives, "right")
    ranks_present, count = float((middles + 1).sum()) / 2, float(is_positive.sum())
    missing, missing_positives = len(numbers) - len(ascending), count - len(positives)
    if_below = ranks_present + missing * len(positives) + missing_positives * (missing + 1) / 2
    if_above = ranks_present + missing_positives * (len(ascending) + (missing + 1) / 2)
    pairs = count * (len(numbers) - count)
    areas = [(sum_of_ranks - count * (count + 1) / 2) / pairs for sum_of_ranks in (if_below, if_above)]
    return max(*areas, *(1 - one for one in areas))


def category_area(codes: np.ndarray, labels: np.ndarray, classes: int, seed: int) -> float:
    """Area under the ROC curve of a column of categories, cross-fitted over FOLDS random folds.

    codes: (rows,) from 0 on, missing cells a category of their own. labels: (rows,) of 0 to classes - 1. Of two classes
    it is that of class 1; of more, the mean of each against all others, weighted by its rows.
    """
    counts = _fold_counts(codes, labels, classes, seed)
    others = counts.sum(axis=0) - counts  # (folds, categories, classes)
    average = others.sum(axis=1, keepdims=True) / np.maximum(1.0, others.sum(axis=(1, 2), keepdims=True))
    scores = (others + SMOOTHING * average) / (others.sum(axis=2, keepdims=True) + SMOOTHING)
    rows = counts.sum(axis=2).ravel()
    each = range(1, 2) if classes == 2 else range(classes)
    areas = [_scored_area(scores[:, :, label].ravel(), counts[:, :, label].ravel(), rows) for label in each]
    weights = [float(counts[:, :, label].sum()) for label in each]
    known = [(value, weight) for value, weight in zip(areas, weights, strict=True) if not np.isnan(value)]
    return float(np.average([value for value, _ in known], weights=[weight for _, weight in known]))


def rank_correlation(numbers: np.ndarray, target: np.ndarray) -> float:
    """Spearman's correlation without its sign, of rows in which `numbers` is not NaN; 0 where either is constant."""
    present = ~np.isnan(numbers)
    return _correlation(ranks(numbers[present]), ranks(target[present]))


def category_correlation(codes: np.ndarray, target: np.ndarray, seed: int) -> float:
    """Spearman's correlation of a number target with the mean rank that the other folds' rows of a category have."""
    target_ranks = ranks(target)
    folds = _folds(len(codes), seed)
    cells = folds * (int(codes.max()) + 1) + codes
    shape = (FOLDS, int(codes.max()) + 1)
    rows = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    sums = np.bincount(cells, target_ranks, minlength=shape[0] * shape[1]).reshape(shape)
    others, other_sums = rows.sum(axis=0) - rows, sums.sum(axis=0) - sums
    average = other_sums.sum(axis=1, keepdims=True) / np.maximum(1.0, others.sum(axis=1, keepdims=True))
    means = (other_sums + SMOOTHING * average) / (others + SMOOTHING)
    return max(0.0, _signed_correlation(ranks(means.ravel()[cells]), target_ranks))


def binned(numbers: np.ndarray) -> np.ndarray:
    """Numbers as categories, (rows,) of int: each value where they are few, else bins of about equally many rows."""
    present = ~np.isnan(numbers)
    ascending = np.sort(numbers[present])
    distinct = ascending[_group_starts(ascending)]
    if len(distinct) > FEW_VALUES:
        bins = int(np.clip(len(ascending) // ROWS_OF_A_BIN, 2, BINS))
        distinct = np.unique(ascending[np.arange(bins) * len(ascending) // bins])
    codes = np.searchsorted(distinct, numbers, side="right")
    return np.where(present, codes, 0)


def has_many_values(numbers: np.ndarray) -> bool:
    """Whether more than FEW_VALUES distinct numbers occur."""
    first = {*numbers[: 100 * FEW_VALUES].tolist()}
    return len(first) > 100 * FEW_VALUES / 2 or len(_group_starts(np.sort(numbers[~np.isnan(numbers)]))) > FEW_VALUES


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 on, tied values share the mean of theirs; (rows,) of float."""
    order = np.argsort(values, kind="stable")
    starts = _group_starts(values[order])
    rows = np.diff(np.append(starts, len(values)))
    ranked = np.empty(len(values))
    ranked[order] = np.repeat(starts + (rows + 1) / 2, rows)
    return ranked


def _group_starts(ascending: np.ndarray) -> np.ndarray:
    """Where in sorted values each distinct one begins."""
    if not len(ascending):
        return np.array([], dtype=int)
    return np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1]))


def _folds(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, FOLDS, rows)


def _fold_counts(codes: np.ndarray, labels: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """Rows by fold, category and class."""
    categories = int(codes.max()) + 1
    cells = (_folds(len(codes), seed) * categories + codes) * classes + labels
    return np.bincount(cells, minlength=FOLDS * categories * classes).reshape(FOLDS, categories, classes).astype(float)


def _scored_area(scores: np.ndarray, positives: np.ndarray, rows: np.ndarray) -> float:
    """Area under the ROC curve of groups with scores; NaN where there are only rows of one kind."""
    if not positives.sum() or positives.sum() == rows.sum():
        return np.nan
    order = np.argsort(scores)
    starts = _group_starts(scores[order])
    positives, rows = np.add.reduceat(positives[order], starts), np.add.reduceat(rows[order], starts)
    negatives = rows - positives
    below = np.cumsum(negatives) - negatives
    return float((positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum()))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return abs(_signed_correlation(one, other))


def _signed_correlation(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 2:
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale else 0.0
