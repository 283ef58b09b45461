"""What the rows of each class, and those without one, mean for training and for what is measured afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from services.data.class_names import class_name, share_text
from services.data.findings import remedies
from services.data.findings.examined_table import ExaminedTable
from services.data.findings.finding import Finding, FindingKind, Severity, counted
from services.data.target_kind import TargetKind

IMBALANCED = 0.2  # share of the rarer of two classes, up to which a weight is offered
VERY_IMBALANCED = 0.05
FEWEST_TO_LEARN = 10  # rows of a class in train
FEWEST_TO_MEASURE = 5  # rows of a class in validation and in test


def missing_target(table: ExaminedTable) -> Iterator[Finding]:
    """Rows from which nothing can be learned."""
    missing = int((~table.has_target).sum())
    if missing and missing < len(table.frame):
        rows = counted(missing, len(table.frame), "rows")
        verb = "has" if missing == 1 else "have"
        sentence = f"{rows} {verb} no {table.target}: nothing can be learned from them."
        remedy = remedies.DROP_ROWS_WITHOUT_TARGET
        yield Finding(FindingKind.MISSING_TARGET, Severity.DECIDE, (table.target,), sentence, (remedy,))


def class_rows(table: ExaminedTable) -> dict[str, np.ndarray]:
    """Rows of each class in each part, by its name, in the order of the goal's classes. Raises Problem."""
    if table.goal is None or table.goal.kind is TargetKind.NUMBER:
        return {}
    labels = table.goal.labels.to_numpy()
    count = len(table.goal.classes)
    return {part: np.bincount(labels[rows], minlength=count) for part, rows in table.parts.items()}


def imbalance(table: ExaminedTable) -> Iterator[Finding]:
    """A class that is rare, and the weight by which it would count as much as the other. Raises Problem."""
    rows, goal = class_rows(table), table.goal
    if not rows or goal is None or goal.kind is not TargetKind.TWO_CLASSES:
        return
    whole = np.sum(list(rows.values()), axis=0)
    rare = int(np.argmin(whole))
    share, others = whole[rare] / whole.sum(), whole[1 - rare] / whole[rare]
    negatives, positives = rows["train"].tolist()
    if share > IMBALANCED or not (negatives and positives):
        return
    ratio = f"1 to {others:,.0f}" if others >= 10 else f"1 to {others:.1f}"
    counted = f"{whole[rare]:,} of {whole.sum():,} rows ({share_text(share)}, {ratio})"
    found = class_name(goal.classes[1])
    weight = f"A weight of {negatives / positives:,.4g} for {found} in training makes both classes count alike"
    name = class_name(goal.classes[rare])
    sentence = f"{name[0].upper()}{name[1:]} is rare: {counted}. {weight}."
    severity = Severity.DECIDE if share < VERY_IMBALANCED else Severity.INFORMATION
    yield Finding(FindingKind.IMBALANCE, severity, (table.target,), sentence, (remedies.WEIGHT_CLASSES,))


def few_rows_of_class(table: ExaminedTable) -> Iterator[Finding]:
    """Two classes, of which a part has hardly any row. Raises Problem."""
    rows, goal = class_rows(table), table.goal
    if not rows or goal is None or goal.kind is not TargetKind.TWO_CLASSES:
        return
    short = [
        f"{counts[label]:,} of {counts.sum():,} {part} rows"
        for part, counts in rows.items()
        for label in (int(np.argmin(counts)),)
        if counts[label] < (FEWEST_TO_LEARN if part == "train" else FEWEST_TO_MEASURE)
    ]
    if short:
        label = int(np.argmin(np.sum(list(rows.values()), axis=0)))
        name = class_name(goal.classes[label])
        enough = f"{FEWEST_TO_LEARN} train, {FEWEST_TO_MEASURE} validation or {FEWEST_TO_MEASURE} test rows of a class"
        sentence = f"Few rows of {name}: {' and '.join(short)}. With fewer than {enough}, results depend on chance."
        columns, remedy = (table.target,), remedies.of_few_rows(table.split)
        yield Finding(FindingKind.FEW_ROWS_OF_CLASS, Severity.DECIDE, columns, sentence, remedy)


def rare_classes(table: ExaminedTable) -> Iterator[Finding]:
    """Classes, of several, with too few rows to be learned or to be measured. Raises Problem."""
    rows, goal = class_rows(table), table.goal
    if not rows or goal is None or goal.kind is not TargetKind.CLASSES:
        return
    train, validation, test = (rows[part] for part in ("train", "validation", "test"))
    rare = np.flatnonzero((train < FEWEST_TO_LEARN) | (validation == 0) | (test == 0))
    if len(rare):
        each = "; ".join(
            f"{goal.classes[label]} ({train[label]:,} train, {validation[label]:,} validation, {test[label]:,} test)"
            for label in rare[:5]
        )
        more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
        count = f"{len(rare)} of {len(goal.classes)} classes"
        verb = "has" if len(rare) == 1 else "have"
        sentence = f"{count} {verb} fewer than {FEWEST_TO_LEARN} train rows, or none to be measured by: {each}{more}."
        rare_names = [goal.classes[label] for label in rare]
        columns, remedy = (table.target,), remedies.merge_classes(rare_names, goal.classes)
        yield Finding(FindingKind.RARE_CLASSES, Severity.DECIDE, columns, sentence, remedy)
