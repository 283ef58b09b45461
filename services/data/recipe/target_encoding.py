"""Categories as what the target is among the training rows that have them; fitted by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from services.data.recipe import target_encoder
from services.data.recipe.column_types import cell_texts
from services.data.recipe.step import MISSING, Columns, RecipeStep
from services.data.recipe.step import mapped as _mapped
from services.data.recipe.step import replaced as _replaced

FOLDS = 5  # in which training rows are target encoded, each by the others


class TargetStep(RecipeStep):
    """A step that learns from the labels of the training rows."""

    @property
    def sentence(self) -> str:
        return f"Target encode {self.column}: the target of the training rows with the same value"

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        values = pd.Series([cell], dtype=object)  # as text, one cell takes milliseconds
        return {name: np.asarray(cells)[0] for name, cells in self._outputs(values).items()}


class TargetEncoding(TargetStep):
    """A category as the smoothed share of positives, or mean of a number, among the training rows that have it.

    Of several classes it becomes a column each. Another text is encoded as all rows together. A training row is encoded
    by the rows of the other folds, so that it does not see its own label.

    classes:    names of several classes, each of a column; empty for two classes and for a number.
    of_classes: `shares` and `share` of each class.
    """

    kind: Literal["target_encoding"] = "target_encoding"
    shares: dict[str, float] = Field(default_factory=dict)
    share: float = 0.0
    classes: tuple[str, ...] = ()
    of_classes: tuple[tuple[dict[str, float], float], ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The texts of the training rows."""
        return tuple(self.of_classes[0][0] if self.of_classes else self.shares)

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        """Labels that are not whole numbers by their type are numbers to predict."""
        found = target_encoder.fit(cell_texts(columns[self.column]), labels, seed, FOLDS)
        of_classes = tuple(zip(found.shares, found.means, strict=True))
        learned = {"of_classes": of_classes} if self.classes else {"shares": found.shares[0], "share": found.means[0]}
        fitted = self.model_copy(update=learned)
        if found.crossed is None:
            return fitted, fitted.apply(columns)
        return fitted, _replaced(columns, self.column, dict(zip(self.names, found.crossed.T, strict=True)))

    @property
    def names(self) -> list[str]:
        """The columns that it becomes."""
        return [f"{self.column}: {name}" for name in self.classes] or [self.column]

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        encodings = self.of_classes or ((self.shares, self.share),)
        return {
            name: _mapped(values, lambda text, shares=shares, share=share: shares.get(text, share), missing=MISSING)
            for name, (shares, share) in zip(self.names, encodings, strict=True)
        }
