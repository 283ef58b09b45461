"""A metric as a card: all of one size, so that a row is even, wraps in a narrow window and keeps its place."""

import streamlit as st

from pages.components.shell.formats import plain

Interval = tuple[float, float]

WIDTH = 184  # pixels: five a row at 1440, three at 1024, two at 480, and the interval is never cut
HEIGHT = 122
LOW = 90  # pixels of a card with nothing below its value


def show(label: str, value: float | None, interval: Interval | None, meaning: str | None = None) -> None:
    """A metric and its 95 % interval. A `value` of None is undefined, e.g. precision without flags."""
    number(label, "undefined" if value is None else f"{value:.3f}", interval_text(interval), HEIGHT, meaning)


def number(label: str, value: str, note: str | None = None, height: int = LOW, meaning: str | None = None) -> None:
    """One card; call it inside a horizontal container. note: a line below the value, in a row of cards of HEIGHT."""
    st.metric(
        plain(label),
        value,
        plain(note) if note else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        width=WIDTH,
        height=height,
        help=plain(meaning) if meaning else None,
    )


def interval_text(interval: Interval | None) -> str:
    """ "0.843 to 0.901"; empty where there is none."""
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else ""
