"""The profile of a table to take away: as one HTML file and as CSV, each made when it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from services.data.division.partition import SplitPlan
from services.data.profiling import profile_report, report_html, table_profile

if TYPE_CHECKING:
    import pandas as pd


def buttons(choice: Choice, rows: pd.DataFrame, target: str, split: SplitPlan) -> None:
    """Download report, Download profile (CSV)."""
    with st.container(horizontal=True):
        st.download_button(
            "Download report",
            lambda: report(choice, rows, target, split),
            f"{choice.name}-report.html",
            "text/html",
            key="report",
            icon=":material/download:",
            on_click="ignore",
            help="One HTML file that needs no internet connection",
        )
        st.download_button(
            "Download profile (CSV)",
            lambda: table_profile.as_csv(table_cache.profiles(choice.identity, rows)),
            f"{choice.name}-profile.csv",
            "text/csv",
            key="profile_csv",
            icon=":material/download:",
            on_click="ignore",
        )


def report(choice: Choice, rows: pd.DataFrame, target: str, split: SplitPlan) -> str:
    """The report of the table that is looked at."""
    made = profile_report.profile_report(rows, target, split, table_cache.profiles(choice.identity, rows))
    return report_html.as_html(made, choice.source, datetime.now(UTC))
