"""Splitting records into folds for the container's cross-validation, as scikit-learn's repeated (stratified) k-fold.

scikit-learn itself takes seconds to import.
"""

from collections.abc import Iterator

import numpy as np


def folds(labels: np.ndarray, count: int, repeats: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers (learned from, held out) of `count` folds, `repeats` times over.

    Every fold has each label's records in the same proportion; one and the same label for all is no stratification.
    """
    random = np.random.default_rng(abs(seed))
    for _ in range(repeats):
        shuffled = random.permutation(len(labels))
        by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
        fold = np.empty(len(labels), np.int64)
        fold[by_label] = np.arange(len(labels)) % count  # neighbours, hence a label's records, go round the folds
        for number in range(count):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
