"""Charts of training and tuning. Colours come from the theme, so that light and dark both fit."""

from collections.abc import Sequence
from itertools import accumulate

import plotly.graph_objects as go

from services.training import LearningCurve
from services.tuning import Trial

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
        height=300, margin=MARGIN, legend=LEGEND, xaxis_title="Round", yaxis_title=metric, hovermode="x unified"
    )
    return figure


def trials(found: Sequence[Trial], objective: str, maximise: bool) -> go.Figure:
    """What each finished trial scored, and the best so far."""
    scored = [(number, trial) for number, trial in enumerate(found, start=1) if trial.value is not None]
    numbers, values = [number for number, _ in scored], [trial.value or 0.0 for _, trial in scored]
    figure = go.Figure()
    figure.add_scatter(
        x=numbers,
        y=values,
        mode="markers",
        name="trial",
        marker={"size": 10},
        text=[_described(trial) for _, trial in scored],
        hovertemplate="%{y:.5f}<br>%{text}<extra></extra>",
    )
    best = list(accumulate(values, max if maximise else min))
    figure.add_scatter(x=numbers, y=best, mode="lines", name="best so far", line={"shape": "hv"})
    figure.update_layout(height=300, margin=MARGIN, legend=LEGEND, xaxis_title="Trial", yaxis_title=objective)
    return figure


def hyperparameter(found: Sequence[Trial], name: str, objective: str) -> go.Figure:
    """The objective against one hyperparameter."""
    scored = [trial for trial in found if trial.value is not None and name in trial.hyperparameters]
    figure = go.Figure()
    figure.add_scatter(
        x=[float(trial.hyperparameters[name]) for trial in scored],
        y=[trial.value for trial in scored],
        mode="markers",
        marker={"size": 9},
        text=[trial.name for trial in scored],
        hovertemplate="%{x:.4g}: %{y:.5f}<br>%{text}<extra></extra>",
    )
    figure.update_layout(height=220, margin=MARGIN, xaxis_title=name, yaxis_title=objective, showlegend=False)
    return figure


def _described(trial: Trial) -> str:
    return "<br>".join(f"{name} {_short(value)}" for name, value in trial.hyperparameters.items())


def _short(value: str) -> str:
    """A number to four digits; what is searched by name, such as "hist", as it is."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value
