"""Charts of training. Colours come from the theme, so that light and dark both fit."""

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import LEGEND, MARGIN
from services.training.learning_curves import LearningCurve


def learning_curve(curve: LearningCurve, metric: str) -> go.Figure:
    """One metric on train and validation, by round."""
    figure = go.Figure()
    for split in ("train", "validation"):
        values = curve.values.get(f"{split}:{metric}")
        if values:
            figure.add_scatter(x=curve.rounds, y=values, name=split, mode="lines")
    figure.update_layout(
        height=300,
        margin=MARGIN,
        legend=LEGEND,
        xaxis_title=curve.unit.capitalize(),
        yaxis_title=chart_theme.plain(metric),
        hovermode="x unified",
    )
    return chart_theme.finish(figure)
