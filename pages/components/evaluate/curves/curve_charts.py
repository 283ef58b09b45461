"""The charts of the view "Curves": a line for each model or class, drawn from a few hundred points each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, plain
from services.evaluation import curves
from services.evaluation.metrics import Curve, Floats, Scored

HEIGHT = 340
Lines = Mapping[str, Scored]
"""Scored rows by the name of the line: a model or a class."""


@dataclass(frozen=True)
class Points:
    """A drawn line, also as it is downloaded; arrays of one length, `thresholds` nan where a point has none."""

    line: str
    x: Floats
    y: Floats
    thresholds: Floats


def precision_recall(lines: Lines) -> list[Points]:
    """Recall (x) and precision (y), from no recall on."""
    found = {name: each.pr_curve for name, each in lines.items()}
    return [
        Points(name, *(np.concatenate([first, values]) for first, values in _from_left(curve)))
        for name, curve in found.items()
    ]


def _from_left(curve: Curve) -> tuple[tuple[Floats, Floats], ...]:
    start = np.zeros(min(1, len(curve.x)))
    return (start, curve.x), (curve.y[:1], curve.y), (curve.thresholds[:1], curve.thresholds)


def roc(lines: Lines) -> list[Points]:
    """False positive rate (x) and recall (y)."""
    return [Points(name, each.roc_curve.x, each.roc_curve.y, each.roc_curve.thresholds) for name, each in lines.items()]


def gains(lines: Lines) -> list[Points]:
    """Share of rows flagged (x) and share of positives found (y)."""
    found = {name: curves.gains(each) for name, each in lines.items()}
    return [Points(name, curve.x, curve.y, curve.thresholds) for name, curve in found.items()]


def calibration(lines: Lines) -> list[Points]:
    """Mean score (x) and share of positives (y) of the rows in each step of the score."""
    found = {name: curves.calibration(each) for name, each in lines.items()}
    return [
        Points(name, each.predicted, each.actual, np.full(len(each.predicted), np.nan)) for name, each in found.items()
    ]


def by_threshold(scored: Scored) -> list[Points]:
    """Each metric (y) over the threshold (x)."""
    found = curves.by_threshold(scored)
    metrics = {
        "precision": found.precision,
        "recall": found.recall,
        "F1": found.f1,
        "specificity": found.specificity,
    }
    return [Points(name, found.thresholds, values, found.thresholds) for name, values in metrics.items()]


def draw(points: list[Points], x: str, y: str, diagonal: bool = False, steps: bool = False) -> go.Figure:
    """The lines over axes of these titles; `diagonal` draws what guessing would reach, or a perfect calibration."""
    figure = go.Figure()
    for each in points:
        figure.add_scatter(
            x=each.x,
            y=each.y,
            customdata=each.thresholds,
            mode="lines",
            line={"shape": "vh" if steps else "linear", "width": 2.2},
            name=plain(each.line),
            hovertemplate=f"{x} %{{x:.3f}}<br>{y} %{{y:.3f}}<br>threshold %{{customdata:.3f}}",
        )
    if diagonal:
        _add_diagonal(figure)
    return _finished(figure, x, y)


def draw_calibration(lines: Lines) -> go.Figure:
    """Shares with their intervals beside mean scores; on the diagonal a score is what it says."""
    figure = go.Figure()
    for name, scored in lines.items():
        found = curves.calibration(scored)
        figure.add_scatter(
            x=found.predicted,
            y=found.actual,
            error_y={
                "array": found.high - found.actual,
                "arrayminus": found.actual - found.low,
                "thickness": 1.2,
                "width": 3,
            },
            customdata=found.rows,
            mode="lines+markers",
            line={"width": 1.6},
            marker={"size": 8},
            name=plain(name),
            hovertemplate="mean score %{x:.3f}<br>positive %{y:.3f}<br>%{customdata:,} rows",
        )
    _add_diagonal(figure)
    return _finished(figure, "mean score", "share of positives")


def _add_diagonal(figure: go.Figure) -> None:
    """Last, so that each line has the same colour in every chart."""
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "width": 1.5, "color": NEUTRAL},
        showlegend=False,
        hoverinfo="skip",
    )


def _finished(figure: go.Figure, x: str, y: str) -> go.Figure:
    figure.update_xaxes(title=x, range=[-0.01, 1.01])
    figure.update_yaxes(title=y, range=[-0.02, 1.04])
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend=chart_theme.LEGEND,
        hovermode="closest",
        dragmode=False,
    )
    return chart_theme.finish(figure)
