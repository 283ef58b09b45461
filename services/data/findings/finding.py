"""What a person should know about a table before it is prepared, and what can be done about it in one click."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.data.class_names import share_text
from services.data.findings.remedies import Remedy


class Severity(StrEnum):
    """Whether a finding waits for somebody."""

    DECIDE = "to decide"  # a model would be wrong, measured wrongly, or not trained at all
    INFORMATION = "for information"


class FindingKind(StrEnum):
    """What is found, in the order in which it is shown. docs/findings.md says how each is computed."""

    LEAKAGE = "leakage"
    AFTERWARDS = "known afterwards"
    SPLIT = "split not possible"
    MISSING_TARGET = "rows without a target"
    REPEATED_HEADER = "header among the rows"
    FEW_ROWS_OF_CLASS = "few rows of a class in a part"
    RARE_CLASSES = "rare classes"
    IMBALANCE = "imbalance"
    ACROSS_SPLIT = "rows in two parts"
    DUPLICATES = "duplicate rows"
    DATE_ORDER = "ambiguous dates"
    MIXED_CELLS = "mixed cells"
    SPELLINGS = "several spellings"
    ROW_NUMBERS = "row numbers"
    IDENTIFIER = "identifier"
    EMPTY = "empty column"
    CONSTANT = "constant column"
    ALMOST_CONSTANT = "almost constant column"
    DISGUISED_MISSING = "disguised missing cells"
    MOSTLY_MISSING = "mostly missing column"
    MISSING = "missing cells"


@dataclass(frozen=True)
class Finding:
    """One fact about a table, true of the rows as they are.

    columns:  the columns concerned; empty for what concerns whole rows.
    sentence: with the table's own numbers; plain text.
    remedies: changes of the preparation plan, any one of which settles it; empty where the file itself has to change.
    default:  what becomes of it unless a remedy is applied, e.g. "Left out"; "" for nothing.
    """

    kind: FindingKind
    severity: Severity
    columns: tuple[str, ...]
    sentence: str
    remedies: tuple[Remedy, ...] = ()
    default: str = ""

    @property
    def key(self) -> str:
        """What identifies it among the findings of its table, e.g. in `PreparationPlan.ignored`."""
        return f"{self.kind}: {', '.join(self.columns)}"


def counted(count: int, total: int, noun: str) -> str:
    """ "2,903 of 3,163 cells (92 %)"."""
    return f"{count:,} of {total:,} {noun} ({share_text(count / total)})"
