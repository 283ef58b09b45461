"""The evaluation of a model of a number: how far it is off, where, and the rows that are furthest off."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from pages.components.evaluate import scored_rows
from pages.components.evaluate.overview import metric_table, number_charts
from pages.components.queries.evaluation.evaluations import WORST, Choice, Evaluation
from pages.components.shell import chart_theme, formats, metric_card, page_frame
from services.evaluation import all_metrics
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.wording import number_text


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Cards, predicted against actual, errors and the worst rows."""
    scored = evaluation.scored
    assert isinstance(scored, ScoredNumbers)
    st.caption(
        f"{scored.rows:,} {formats.plain(choice.rows)} of {formats.plain(evaluation.data.display_name)}, "
        f"the target is {formats.plain(evaluation.data.target)}; "
        f"scored {formats.ago(evaluation.at, datetime.now(UTC))}."
    )
    _cards(scored)
    metric_table.show(all_metrics.of_numbers(scored), number_text)
    _charts(scored, evaluation.data.target)
    _worst(evaluation, scored)
    scored_rows.download(choice, partial(_columns, evaluation, scored))
    if choice.job:
        page_frame.next_step("registry", "Register", register=choice.job)


def _cards(scored: ScoredNumbers) -> None:
    cards = [
        ("RMSE", scored.rmse, scored.mean_rmse, "Root of the mean squared error: large errors count more"),
        ("Mean absolute error", scored.mae, scored.mean_mae, "Mean of the errors, too high or too low"),
        (
            "Median absolute error",
            scored.median_absolute_error,
            scored.mean_median_absolute_error,
            "Half of the rows are off by less",
        ),
    ]
    with st.container(horizontal=True):
        for label, value, of_mean, meaning in cards:
            beside = f"always the mean: {number_text(of_mean)}"
            metric_card.number(label, number_text(value), beside, metric_card.HEIGHT, meaning)
        r2, mean_r2 = scored.r2, scored.mean_r2
        metric_card.number(
            "R²",
            "undefined" if r2 is None else f"{r2:.3f}",
            f"always the mean: {round(mean_r2, 3) + 0.0:.3f}" if mean_r2 is not None else "all rows are equal",
            metric_card.HEIGHT,
            "Share of the variance that is explained: 1 is perfect, 0 is no better than the mean of these rows",
        )
    interval = scored.mae_interval
    between = f" (95 % interval {number_text(interval[0])} to {number_text(interval[1])})" if interval else ""
    direction = "high" if scored.bias > 0 else "low"
    tilted = f" On the whole, predictions are {number_text(abs(scored.bias))} too {direction}." * scored.is_biased
    st.caption(
        f"The mean absolute error is {number_text(scored.mae)}{between}; always predicting the median of the training "
        f"rows, {number_text(scored.constants.median)}, gives {number_text(scored.median_mae)}.{tilted}"
    )


def _charts(scored: ScoredNumbers, target: str) -> None:
    left, right = st.columns(2)
    grid, errors = scored.grid(), scored.error_histogram()
    with left.container(border=True):
        st.markdown("##### Predicted against actual")
        st.plotly_chart(
            number_charts.predicted_against_actual(grid, target),
            key="grid_chart",
            config=chart_theme.CONFIG,
            alt="Rows by actual and predicted number",
        )
        _outside(grid.outside)
    with right.container(border=True):
        st.markdown("##### Errors")
        st.plotly_chart(
            number_charts.error_histogram(errors),
            key="error_chart",
            config=chart_theme.CONFIG,
            alt="Rows by error",
        )
        _outside(errors.outside)


def _outside(rows: int) -> None:
    if rows:
        st.caption(f"{formats.count(rows, 'row')} outside the chart.")


def _worst(evaluation: Evaluation, scored: ScoredNumbers) -> None:
    """The rows that are furthest off, with their features where these are known."""
    import pandas as pd

    places = scored.worst(WORST)
    table = pd.DataFrame(
        {
            "Row": places + 1,
            "Actual": scored.actual[places],
            "Predicted": scored.predicted[places],
            "Error": scored.errors[places],
        }
    )
    if evaluation.worst is not None:
        features = evaluation.worst.to_pandas()
        table = pd.concat([table, features.rename(columns={name: f"{name} " for name in table.columns})], axis=1)
    st.markdown("##### Furthest off")
    st.dataframe(table, hide_index=True, column_config={"Row": st.column_config.NumberColumn(pinned=True)})


def _columns(evaluation: Evaluation, scored: ScoredNumbers) -> list[tuple[str, Any]]:
    return [(evaluation.data.target, scored.actual), ("predicted", scored.predicted), ("error", scored.errors)]
