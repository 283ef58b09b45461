"""What a launch reserves of the daily limit, told before the click."""

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.shell import page_frame
from pages.components.shell.formats import dollars, plain
from services.aws.account import Account


def show(account: Account, maximum: float | None) -> None:
    """ "Reserves up to $1.20 of $5.00 left today (UTC)."; nothing without a daily limit."""
    with page_frame.panel():
        today = cost_queries.launch_budget_today(account)
        if today is not None:
            words = f"Reserves up to {dollars(maximum)} of {dollars(today.left)} left today (UTC)."
            st.caption(f":material/savings: {plain(words)}")
