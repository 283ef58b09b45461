"""Which of a model's classes is explained."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind


def choose(data: PreparedData, classes: int, key: str, first: int = 0) -> int:
    """The place of a class among the `classes` of the model: of several the person's, otherwise the positive one's."""
    if data.kind is not TargetKind.CLASSES:
        return classes - 1
    names: Sequence[str] = data.classes
    chosen: int = st.selectbox(
        "Class",
        range(len(names)),
        index=first,
        key=key,
        format_func=lambda place: formats.plain(names[place]),
        width=260,
    )
    return chosen


def name(data: PreparedData, place: int) -> str:
    """What the score is of, for a sentence; "" for a number."""
    if data.kind is TargetKind.NUMBER:
        return ""
    return class_name(data.classes[place] if data.kind is TargetKind.CLASSES else data.classes[1])
