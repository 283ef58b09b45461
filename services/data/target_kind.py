"""What a target can be."""

from enum import StrEnum


class TargetKind(StrEnum):
    """What the cells of a target are."""

    TWO_CLASSES = "two classes"
    CLASSES = "several classes"
    NUMBER = "number"
