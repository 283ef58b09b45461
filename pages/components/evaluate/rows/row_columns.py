"""Rows with what a model says of them in front of their own columns: for the table on screen, and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pages.components.queries.evaluations import Evaluation
from services.data.sets.raw_rows import PartRows
from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import predicted_class
from services.evaluation.score_columns import score_columns

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FLAGGED = np.array(["not flagged", "flagged"], dtype=object)
AT_A_TIME = 50_000  # rows of a file that are in memory


def answers(evaluation: Evaluation, places: NDArray[np.int64], threshold: float) -> dict[str, NDArray[Any]]:
    """Columns of what is said of the rows at some places: actual, decision and score, by the names of the file."""
    data, scores, labels = evaluation.data, evaluation.scores[places], evaluation.labels[places]
    row = {"row": places + 1}
    if data.kind is TargetKind.NUMBER:
        return {**row, "actual": labels, "predicted": scores, "error": scores - labels}
    names = np.array(data.classes, dtype=object)
    if data.kind is TargetKind.CLASSES:
        return {**row, "actual": names[labels], **score_columns(scores, data)}
    return {**row, "actual": names[labels], "score": scores, "decision": FLAGGED[(scores >= threshold).astype(int)]}


def shown_answers(evaluation: Evaluation, places: NDArray[np.int64], threshold: float) -> dict[str, NDArray[Any]]:
    """The same for the screen: of the probabilities of several classes, that of the predicted and the actual one."""
    found = answers(evaluation, places, threshold)
    if evaluation.data.kind is not TargetKind.CLASSES:
        return found
    chosen = {name: found[name] for name in ("row", "actual", "predicted")}
    if evaluation.scores.ndim == 2:
        scores, rows = evaluation.scores[places], np.arange(len(places))
        chosen["probability of predicted"] = scores[rows, predicted_class(scores)]
        chosen["probability of actual"] = scores[rows, evaluation.labels[places]]
    return chosen


def table(said: Mapping[str, NDArray[Any]], part: PartRows, places: NDArray[np.int64]) -> pa.Table:
    """Those columns and the row's own; one that is called alike gets "(data)" behind its name."""
    import pyarrow as pa

    own = part.take(places)
    names = [f"{name} (data)" if name in said else name for name in own.column_names]
    return pa.table([*map(pa.array, said.values()), *own.columns], [*said, *names])


def frame(said: Mapping[str, NDArray[Any]], part: PartRows, places: NDArray[np.int64]) -> pd.DataFrame:
    """The same as a frame."""
    found: pd.DataFrame = table(said, part, places).to_pandas()
    return found


def to_csv(evaluation: Evaluation, part: PartRows, places: NDArray[np.int64], threshold: float) -> bytes:
    """The rows at some places, in that order, as a CSV file."""
    import pyarrow as pa
    from pyarrow import csv

    sink, writer = pa.BufferOutputStream(), None
    for start in range(0, max(1, len(places)), AT_A_TIME):
        some = places[start : start + AT_A_TIME]
        rows = table(answers(evaluation, some, threshold), part, some)
        writer = writer or csv.CSVWriter(sink, rows.schema)
        writer.write_table(rows)
    assert writer
    writer.close()
    content: bytes = sink.getvalue().to_pybytes()
    return content
