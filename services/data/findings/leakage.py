"""Columns that tell the target too well, or that may be known only afterwards; by the train rows only. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data.findings import column_values, predictive_power, remedies
from services.data.findings.examined_table import ExaminedTable
from services.data.findings.finding import Finding, FindingKind, Severity
from services.data.recipe.column_types import ColumnUse, Holds
from services.data.target import Target
from services.data.target_kind import TargetKind
from services.errors import some

MOST_ROWS = 500_000  # train rows that are looked at; of more, a random sample
FEWEST_ROWS = 20  # below which, or with fewer rows of a class than FEWEST_OF_CLASS, chance makes any column look well
FEWEST_OF_CLASS = 5
TOO_WELL = 0.98  # area under the ROC curve, or rank correlation with a number
NOTEWORTHY = {True: 0.70, False: 0.50}  # from which on a telling name counts; True for classes, False for a number
STRIKING = {True: 0.90, False: 0.80}  # the same for a name that tells less
# Names that tell of time spent or of an outcome, and names that often tell something else, too.
TELLING = re.compile(
    "duration|elapsed|outcome|resolution|resolved|closed|closing|cancell?ed|cancellation|terminated|termination|"
    "discharged?|settled|settlement|finished|completed|churned|defaulted"
)
HINTING = re.compile("length|end|ended|ending|exit|exited|results?|status|final|last|death|closure")
SPENT = (re.compile("call|stay|visit|session|talk|handling|conversation"), re.compile("length|time"))


@dataclass(frozen=True)
class Power:
    """How well a column alone tells the target: area under the ROC curve, or rank correlation with a number."""

    column: ColumnUse
    value: float


def leakage(table: ExaminedTable) -> Iterator[Finding]:
    """Columns that tell too much. Raises Problem for a part without rows."""
    goal, sample = table.goal, train_sample(table)
    if goal is None or not enough(goal, sample):
        return
    powers = powers_of(table, goal, sample)
    for power in powers:
        if power.value >= TOO_WELL:
            sentence = _too_well(table, power, goal, len(sample))
            remedy = remedies.exclude(_suggested(table, power.column))
            yield Finding(FindingKind.LEAKAGE, Severity.DECIDE, (power.column.name,), sentence, (remedy,))
    others = [power for power in powers if power.value < TOO_WELL]
    if others and _may_come_afterwards(others[0], goal):
        first = others[0].column.name
        remedy = remedies.exclude(_suggested(table, others[0].column))
        yield Finding(FindingKind.AFTERWARDS, Severity.DECIDE, (first,), _afterwards(powers, others, goal), (remedy,))


def train_sample(table: ExaminedTable) -> np.ndarray:
    """Places of the train rows that are looked at, among the rows that have a target."""
    rows = table.parts.get("train", np.array([], dtype=int))
    if len(rows) <= MOST_ROWS:
        return rows
    return np.sort(np.random.default_rng(table.split.seed).choice(rows, MOST_ROWS, replace=False))


def enough(goal: Target, sample: np.ndarray) -> bool:
    """Whether chance alone would hardly make a column tell the target of these rows."""
    labels = goal.labels.to_numpy()[sample]
    if len(labels) < FEWEST_ROWS:
        return False
    return (
        goal.kind is TargetKind.NUMBER or int(np.sort(np.bincount(labels, minlength=2))[-2:].min()) >= FEWEST_OF_CLASS
    )


def powers_of(table: ExaminedTable, goal: Target, sample: np.ndarray) -> list[Power]:
    """How well each column alone tells the target of these rows, the best first."""
    labels = goal.labels.to_numpy()[sample]
    rows = np.flatnonzero(table.has_target)[sample]
    powers = [
        Power(use, power_of(table.frame[use.name].iloc[rows], use, labels, goal, table.split.seed))
        for use in table.uses
        if use.holds is not Holds.EMPTY
    ]
    return sorted(powers, key=lambda power: power.value, reverse=True)


def power_of(values: pd.Series, use: ColumnUse, labels: np.ndarray, goal: Target, seed: int) -> float:
    """How well one column tells the target of some rows: 0 to 1; of classes, nothing is .5."""
    numbers = column_values.numbers(values, use)
    if numbers is None and use.holds is Holds.IDENTIFIER:
        return 0.0  # no text comes twice, so that none tells anything of another row
    if goal.kind is TargetKind.NUMBER:
        if numbers is None:
            return predictive_power.category_correlation(column_values.categories(values, use), labels, seed)
        # A few of the rows say little of all.
        return predictive_power.rank_correlation(numbers, labels) if np.isnan(numbers).mean() < 0.5 else 0.0
    if numbers is None:
        codes = column_values.categories(values, use)
        return predictive_power.category_area(codes, labels, len(goal.classes), seed)
    if goal.kind is TargetKind.CLASSES:
        return predictive_power.category_area(predictive_power.binned(numbers), labels, len(goal.classes), seed)
    ranked = predictive_power.number_area(numbers, labels == 1)
    if predictive_power.has_many_values(numbers):
        return ranked
    return max(ranked, predictive_power.category_area(predictive_power.binned(numbers), labels, 2, seed))


def measure(value: float) -> str:
    """ "0.82", "0.998": rounded down near 1, so that only 1 itself is 1."""
    return f"{value:.2f}" if value < TOO_WELL else f"{math.floor(value * 1000) / 1000:.3f}"


def name_words(name: str) -> list[str]:
    """The words of a column's name, small: "callDuration_sec" is call, duration, sec."""
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower())


def _may_come_afterwards(power: Power, goal: Target) -> bool:
    words, of_classes = name_words(power.column.name), goal.kind is not TargetKind.NUMBER

    def has(pattern: re.Pattern[str]) -> bool:
        return any(pattern.fullmatch(word) for word in words)

    if has(TELLING) or all(map(has, SPENT)):
        return power.value >= NOTEWORTHY[of_classes]
    return has(HINTING) and power.value >= STRIKING[of_classes]


def _too_well(table: ExaminedTable, power: Power, goal: Target, rows: int) -> str:
    whole = len(table.parts["train"])
    where = f"{rows:,} train rows" if rows == whole else f"a random sample of {rows:,} of {whole:,} train rows"
    name = power.column.name
    if goal.kind is TargetKind.NUMBER:
        said = f"{name} alone orders the rows almost as {table.target} does: rank correlation {measure(power.value)}"
        return f"{said} in {where}. Is it a copy of {table.target}, or known only afterwards?"
    if power.value >= 1 - 1e-9:
        said = f"{name} alone separates the classes without an error in {where}"
        return f"{said}. Is it a copy of {table.target}, or known only afterwards?"
    said = f"{name} alone separates the classes almost without error: area under its ROC curve {measure(power.value)}"
    return f"{said} in {where}. Is it known before the prediction is made?"


def _afterwards(powers: list[Power], others: list[Power], goal: Target) -> str:
    """others: of the powers, those that are not too well; the first is meant."""
    first, second = others[0], others[1] if len(others) > 1 else None
    better = [power.column.name for power in powers[: len(powers) - len(others)]]
    after = f" after {some(better)}" if better else ""
    what = "rank correlation" if goal.kind is TargetKind.NUMBER else "area under the ROC curve"
    beside = f" (next: {second.column.name}, {measure(second.value)})" if second else ""
    said = f"{first.column.name} alone tells most about the target{after}: {what} {measure(first.value)}{beside}"
    return f"{said}. Its name tells of time spent or of an outcome. Is it known before the prediction is made?"


def _suggested(table: ExaminedTable, use: ColumnUse) -> ColumnUse:
    by_name: Mapping[str, ColumnUse] = {one.name: one for one in table.suggested}
    return by_name[use.name]
