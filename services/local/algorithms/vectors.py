"""A record's features as requests and RecordIO files carry them: all of them in order, or some of them by number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


class VectorError(ValueError):
    """A vector that is not what it says, or does not have as many features as it should."""


@dataclass(frozen=True)
class Vector:
    """`values` of all features; or, with `keys`, of the features so numbered from 0, the others being unset.

    values: (n,) float32. keys: (n,) whole numbers, or None. shape: how many features there are, where it is told.
    """

    values: np.ndarray
    keys: np.ndarray | None = None
    shape: int | None = None

    def __post_init__(self) -> None:
        if self.keys is not None and len(self.keys) != len(self.values):
            raise VectorError(f"{len(self.keys)} keys for {len(self.values)} values")

    @property
    def columns(self) -> int:
        """How many features it has, as far as it tells."""
        if self.keys is None:
            return len(self.values)
        return max(self.shape or 0, int(self.keys.max(initial=-1)) + 1)

    def check(self, columns: int) -> None:
        """Raises VectorError unless it has `columns` features; of a sparse one that does not tell, at most so many."""
        has_width = self.shape is not None or self.keys is None
        if self.columns > columns or (has_width and self.columns != columns):
            raise VectorError(f"{self.columns} features where {columns} are expected")


def dense(vectors: Sequence[Vector], columns: int, unset: float) -> np.ndarray:
    """A row a vector: rows x `columns`, float32; `unset` stands for what a sparse one leaves out.

    Raises VectorError, which names the first row that does not fit.
    """
    table = np.full((len(vectors), columns), unset, np.float32)
    for row, vector in enumerate(vectors):
        try:
            vector.check(columns)
        except VectorError as error:
            raise VectorError(f"record {row + 1} has {error}") from None
        table[row, slice(None) if vector.keys is None else vector.keys] = vector.values
    return table
