"""Statuses as coloured words, in tables and headings, and how tall tables are: the same on all pages."""

from collections.abc import Iterable
from typing import Any, Literal

import streamlit as st

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "grey", "primary"]
LOOKS: dict[str, tuple[Colour, str]] = {
    "InProgress": ("blue", ":material/progress_activity:"),
    "Creating": ("blue", ":material/progress_activity:"),
    "Updating": ("blue", ":material/progress_activity:"),
    "Stopping": ("orange", ":material/hourglass_top:"),
    "Deleting": ("orange", ":material/hourglass_top:"),
    "Completed": ("green", ":material/check_circle:"),
    "InService": ("green", ":material/check_circle:"),
    "Approved": ("green", ":material/check_circle:"),
    "Pending approval": ("orange", ":material/hourglass_top:"),
    "Rejected": ("red", ":material/block:"),
    "Failed": ("red", ":material/error:"),
    "Stopped": ("gray", ":material/stop_circle:"),
    "in use": ("green", ":material/check_circle:"),
    "idle": ("orange", ":material/bedtime:"),
    "protected": ("green", ":material/shield:"),
    "production": ("orange", ":material/shield:"),
    "shut down": ("green", ":material/check_circle:"),
    "already gone": ("gray", ":material/help:"),
    "refused": ("red", ":material/block:"),
    "not made": ("orange", ":material/block:"),
    "not verified": ("orange", ":material/help:"),
    "allowed": ("green", ":material/check_circle:"),
    "missing": ("red", ":material/block:"),
    "not checked": ("orange", ":material/help:"),
    "large drift": ("red", ":material/trending_up:"),
    "moderate drift": ("orange", ":material/trending_up:"),
    "no drift": ("gray", ":material/trending_flat:"),
}
ROW_HEIGHT = 33  # pixels of a row of a table, and of its header, at the theme's font size
MOST_ROWS = 11  # rows that are shown without scrolling inside a table
OTHER: tuple[Colour, str] = ("gray", ":material/help:")


def table_height(rows: int) -> int:
    """Pixels of a table of so many rows, given to it so that the page does not move when it has been loaded."""
    return (min(rows, MOST_ROWS) + 1) * ROW_HEIGHT + 2


def status_badge(status: str) -> None:
    """A status beside a heading."""
    colour, icon = LOOKS.get(status, OTHER)
    st.badge(status, icon=icon, color=colour)


def status_column(statuses: Iterable[str], label: str = "Status", width: int | None = None) -> Any:
    """The column of a table whose cells are `chip(status)`."""
    options = list(dict.fromkeys(statuses))
    return st.column_config.MultiselectColumn(
        label, width=width, options=options, color=[LOOKS.get(option, OTHER)[0] for option in options]
    )


def chip(status: str) -> list[str]:
    """A status as the cell of a status column."""
    return [status]
