"""Training jobs beside each other: what was set differently, curves over each other, what came of it."""

from collections.abc import Sequence

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.shell import chart_theme, formats, page_frame
from pages.components.train import charts as training_charts
from services.aws.account import Account
from services.training import job_comparison, job_cost, learning_curves
from services.training.jobs import TrainingJob


def beside(account: Account, jobs: Sequence[TrainingJob]) -> None:
    """The comparison, top to bottom."""
    names = [job.name for job in jobs]
    left, right = st.columns(2, gap="large")
    with left, page_frame.panel():
        _curves(account, jobs)
    with right:
        st.markdown("**Results**")
        outcomes: dict[str, list[str]] = {
            "Status": [str(job.status) for job in jobs],
            **{
                name: ["" if value is None else f"{value:.5f}" for value in values]
                for name, values in job_comparison.metrics(jobs).items()
            },
            "Billed": ["" if job.billable_seconds is None else formats.duration(job.billable_seconds) for job in jobs],
            "Cost": [formats.dollars(job_cost.cost(job, price_queries.book(account))) for job in jobs],
        }
        _table(outcomes, names)
        if uncompared := job_comparison.different_thresholds(jobs):
            st.caption(
                f"Not compared, because each job flagged rows at its own threshold: {', '.join(uncompared)}. "
                "Compare ROC AUC, average precision or the loss."
            )
        st.markdown("**Different settings**")
        differing = job_comparison.differing_settings(jobs)
        if differing:
            _table({name: [value or "default" for value in given] for name, given in differing.items()}, names)
        else:
            st.caption("None: all settings are the same.")


def _curves(account: Account, jobs: Sequence[TrainingJob]) -> None:
    curves = {job.name: learning_curves.learning_curve(job_queries.log_lines(account, job.name)) for job in jobs}
    every = dict.fromkeys(series for curve in curves.values() for series in curve.values)
    series = sorted(every, key=lambda name: not name.startswith("validation:"))
    if not series:
        st.caption("None of them has finished a round yet.")
        return
    shown = st.pills(
        "Series", series, default=series[0], key="compared_series", required=True, format_func=formats.plain
    )
    st.plotly_chart(
        training_charts.compared(curves, shown),
        key="compared",
        config=chart_theme.CONFIG,
        alt=f"{shown} of each job by round",
    )


def _table(rows: dict[str, list[str]], names: Sequence[str]) -> None:
    st.dataframe(
        [{"": label, **dict(zip(names, values, strict=True))} for label, values in rows.items()],
        hide_index=True,
    )
