"""Charts of training. Colours come from the theme, so that light and dark both fit."""

import plotly.graph_objects as go

from services.training.jobs import LearningCurve

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 0, "r": 0, "t": 10, "b": 0}
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}


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
        yaxis_title=metric,
        hovermode="x unified",
    )
    return figure
