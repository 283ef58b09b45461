"""All columns of a table with their statistics and a small histogram in each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from services.data.profiling.column_profile import ColumnProfile
from services.visible_text import visible

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = {
    "Mean": "mean",
    "Std": "std",
    "Min": "minimum",
    "25 %": "lower_quartile",
    "Median": "median",
    "75 %": "upper_quartile",
    "Max": "maximum",
    "Skew": "skew",
}
COUNTS = {
    "Zeros": "zeros",
    "Negatives": "negatives",
    "Outliers": "outliers",
    "Infinite": "infinite",
}
ALWAYS = ("Column", "Type", "Distribution", "Missing", "Distinct")
HELP = {
    "Outliers": "Cells farther from the quartiles than 1.5 times the distance between the quartiles",
    "Skew": "0 for a symmetric column, above 0 with a long tail to the right",
    "Distinct": "Different values; missing cells are none",
}


def show(profiles: Sequence[ColumnProfile]) -> None:
    """The table of columns."""
    import pandas as pd

    st.dataframe(
        _filled(pd.DataFrame([_row(profile) for profile in profiles])),
        hide_index=True,
        key="describe",
        placeholder="",
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Distribution": st.column_config.BarChartColumn(
                width=120,
                y_min=0,
                help="Cells by value: numbers and dates in up to 20 bins over their middle 99 %, text by frequency",
            ),
            "Missing": st.column_config.NumberColumn(format="percent"),
            "Note": st.column_config.TextColumn(width=220),
            "Share": st.column_config.NumberColumn(format="percent", help="Of the most frequent value"),
            **{
                name: st.column_config.NumberColumn(format="localized", width=96, help=HELP.get(name))
                for name in ("Distinct", *STATISTICS, *COUNTS)
            },
        },
    )
    if any(
        profile.numbers and profile.numbers.count > 1 and profile.numbers.std != profile.numbers.std
        for profile in profiles
    ):
        st.caption("An empty statistic is larger than any number of 64 bits.")


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The table without columns in which no row has anything to tell."""
    told = [name for name in table if name in ALWAYS or table[name].replace(["", 0], None).notna().any()]
    return table[told]


def _row(profile: ColumnProfile) -> dict[str, Any]:
    value, cells = profile.top[0] if profile.top else ("", 0)
    texts = profile.texts
    return {
        "Column": visible(profile.name),
        "Type": profile.kind,
        "Distribution": list(profile.histogram.counts),
        "Missing": profile.missing_share,
        "Distinct": profile.distinct,
        "Most frequent": visible(value),
        "Share": cells / (profile.rows - profile.missing) if cells else None,
        "Note": "; ".join(visible(note) for note in profile.notes),
        **{name: _figure(profile, member) for name, member in STATISTICS.items()},
        **{name: _figure(profile, member) for name, member in COUNTS.items()},
        "First": profile.first or None,
        "Last": profile.last or None,
        "Text length": f"{texts.shortest:,} to {texts.longest:,}, mean {texts.mean_length:,.1f}" if texts else None,
    }


def _figure(profile: ColumnProfile, member: str) -> float | None:
    figure: float | None = getattr(profile.numbers, member, None)
    return figure
