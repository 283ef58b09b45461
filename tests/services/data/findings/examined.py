"""Findings of a table as the page asks for them."""

import pandas as pd
import pytest

from services.data.division.partition import AS_TUTORIAL
from services.data.findings.finding import Finding, FindingKind
from services.data.findings.findings import findings
from services.data.reading import file_reader
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse
from services.data.target_kind import TargetKind
from tests.local_service import SHARED


def uses(frame: pd.DataFrame, target: str) -> list[ColumnUse]:
    return [use for use in column_types.column_uses(frame) if use.name != target]


def find(
    frame: pd.DataFrame,
    target: str = "y",
    kind: TargetKind | None = None,
    positive: str | None = None,
    **missing_values: tuple[str, ...],
) -> tuple[Finding, ...]:
    suggested = uses(frame, target)
    return findings(
        frame, target, suggested, kind=kind, positive=positive, split=AS_TUTORIAL, missing_values=missing_values
    )


def of_kind(found: tuple[Finding, ...], kind: FindingKind) -> list[Finding]:
    return [finding for finding in found if finding.kind is kind]


def sentence(found: tuple[Finding, ...], kind: FindingKind) -> str:
    (one,) = of_kind(found, kind)
    return one.sentence


def real(name: str) -> pd.DataFrame:
    """A real table, as SageDeck reads it, where it is beside the project."""
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{name} is not beside the project")
    return file_reader.read(file).frame


def train_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The train rows of the tutorial's plain split, by pandas."""
    return frame.sample(frac=1, random_state=1729).iloc[: int(0.7 * len(frame))]
