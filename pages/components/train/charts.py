"""Charts of training jobs: a curve with its lesson, the steps of a job, several curves over each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import plotly.graph_objects as go

from pages.components.shell import chart_theme, formats
from pages.components.train import learning_curve_chart
from services.training import curve_diagnostics
from services.training.curve_diagnostics import CurveShape, Diagnosis
from services.training.jobs import Transition
from services.training.learning_curves import LearningCurve

NEUTRAL = "#7A8699"  # readable on the light and on the dark ground
POINTS = 800  # of a curve: a browser draws no more than it has pixels
BARE = {"l": 0, "r": 0, "t": 0, "b": 0}


def learning_curve(curve: LearningCurve, metric: str, lesson: Diagnosis | None) -> go.Figure:
    """One metric on train and validation by round; a line where validation was best, if it got worse after."""
    figure = learning_curve_chart.learning_curve(curve_diagnostics.downsample(curve, POINTS), metric)
    if lesson and lesson.shape is CurveShape.OVERFITTING:
        values = curve.values[f"validation:{metric}"]
        rising = values[-1] > values[0]
        figure.add_vline(
            x=lesson.round,
            line_dash="dot",
            line_width=1,
            line_color=NEUTRAL,
            annotation_text=f"best at {lesson.round}",
            annotation_position="bottom right" if rising else "top right",  # where no curve runs
            annotation_font_color=chart_theme.TEXT,
        )
    return figure


def compared(curves: Mapping[str, LearningCurve], series: str) -> go.Figure:
    """One series, e.g. validation:auc, of several jobs over each other."""
    figure = go.Figure()
    for name, whole in curves.items():
        curve = curve_diagnostics.downsample(whole, POINTS)
        if series in curve.values:
            figure.add_scatter(x=curve.rounds, y=curve.values[series], name=chart_theme.plain(name), mode="lines")
    figure.update_layout(
        height=340,
        margin=chart_theme.MARGIN,
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
        xaxis_title=" or ".join(dict.fromkeys(curve.unit for curve in curves.values())).capitalize(),
        yaxis_title=chart_theme.plain(series),
        hovermode="x unified",
    )
    return chart_theme.finish(figure)


def timeline(steps: Sequence[Transition], now: datetime) -> go.Figure:
    """The steps of a job's life on one line, each as long as it took."""
    figure = go.Figure()
    for step in steps:
        end = step.ended or now
        seconds = (end - step.started).total_seconds()
        if seconds <= 0:
            continue
        status, message = chart_theme.plain(step.status), chart_theme.plain(step.message[:120])
        figure.add_bar(
            y=[""],
            x=[seconds * 1000],
            base=[step.started],
            name=status,
            orientation="h",
            text=f"{status} {formats.duration(seconds)}",
            textposition="inside",
            insidetextanchor="middle",
            marker={"opacity": chart_theme.SOFT},
            hovertemplate=f"{status}: {formats.duration(seconds)}<br>{message}<extra></extra>",
        )
    figure.update_layout(
        height=96,
        margin=BARE,
        barmode="overlay",
        legend={"orientation": "h", "yanchor": "top", "y": -0.15, "x": 0},
        xaxis={"type": "date", "visible": False},
        yaxis={"visible": False},
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    return chart_theme.finish(figure)
