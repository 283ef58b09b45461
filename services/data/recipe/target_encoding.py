"""Categories as what the target is among the training rows that have them; fitted by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

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
    """A category as the smoothed share of positives among the training rows that have it; another text as all's share.

    A training row is encoded by the rows of the other folds, so that it does not see its own label.
    """

    kind: Literal["target_encoding"] = "target_encoding"
    shares: dict[str, float] = Field(default_factory=dict)
    share: float = 0.0

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        from sklearn.model_selection import StratifiedKFold
        from sklearn.preprocessing import TargetEncoder

        texts = cell_texts(columns[self.column]).astype(object)[:, None]
        folds = int(min(FOLDS, labels.sum(), len(labels) - labels.sum()))
        shuffled = StratifiedKFold(max(folds, 2), shuffle=True, random_state=seed)
        encoder = TargetEncoder(target_type="binary", cv=shuffled)
        crossed = encoder.fit_transform(texts, labels)[:, 0] if folds > 1 else None
        encoder.fit(texts, labels)
        fitted = self.model_copy(
            update={
                "shares": dict(zip(encoder.categories_[0].tolist(), encoder.encodings_[0].tolist(), strict=True)),
                "share": float(encoder.target_mean_),
            }
        )
        if crossed is None:
            return fitted, fitted.apply(columns)
        return fitted, _replaced(columns, self.column, {self.column: crossed})

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: _mapped(values, lambda text: self.shares.get(text, self.share), missing=MISSING)}
