"""The pictures of the Evaluate page, drawn from curves and counts that are already small; never from rows.

Colours come from the theme: class 0 wears its first colour, class 1 its second, here as on the other pages.
"""

import numpy as np
import plotly.graph_objects as go

from services.evaluation.metrics import Confusion, Curve, Histogram

NEUTRAL = "#7A8699"  # readable on the light and on the dark ground
SHADE = "rgba(26, 163, 148, 0.13)"  # a breath of the first colour of either theme
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}


def precision_recall(curve: Curve, now: Confusion, threshold: float, base_rate: float) -> go.Figure:
    """The curve in steps, what guessing would reach, and where the threshold stands on it."""
    figure = go.Figure()
    figure.add_scatter(
        x=np.concatenate([[0], curve.x]),
        y=np.concatenate([curve.y[:1], curve.y]),
        customdata=np.concatenate([curve.thresholds[:1], curve.thresholds]),
        line={"shape": "vh", "width": 2.5},
        fill="tozeroy",
        fillcolor=SHADE,
        name="model",
        hovertemplate="recall %{x:.3f}<br>precision %{y:.3f}<br>threshold %{customdata:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=[0, 1],
        y=[base_rate, base_rate],
        mode="lines",
        line={"dash": "dot", "width": 1.5, "color": NEUTRAL},
        name="guessing",
        hovertemplate=f"random baseline: precision {base_rate:.3g}<extra></extra>",
    )
    if now.precision is not None and now.recall is not None:
        figure.add_scatter(
            x=[now.recall],
            y=[now.precision],
            mode="markers",
            marker={"size": 15, "line": {"width": 3, "color": "white"}},
            cliponaxis=False,
            name=f"threshold {threshold:.3f}",
            hovertemplate="recall %{x:.3f}<br>precision %{y:.3f}<extra>current threshold</extra>",
        )
    figure.update_xaxes(title="recall", range=[0, 1.02])
    figure.update_yaxes(title="precision", range=[0, 1.04])
    return _finished(figure)


def roc(curve: Curve, now: Confusion, threshold: float) -> go.Figure:
    """Recall over the false positive rate, with the threshold's point and the diagonal of guessing."""
    figure = go.Figure()
    figure.add_scatter(
        x=curve.x,
        y=curve.y,
        customdata=curve.thresholds,
        mode="lines",
        line={"width": 2.5},
        fill="tozeroy",
        fillcolor=SHADE,
        name="model",
        hovertemplate="false positive rate %{x:.4f}<br>recall %{y:.3f}<br>threshold %{customdata:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "width": 1.5, "color": NEUTRAL},
        name="guessing",
        hoverinfo="skip",
    )
    if now.specificity is not None and now.recall is not None:
        figure.add_scatter(
            x=[1 - now.specificity],
            y=[now.recall],
            mode="markers",
            marker={"size": 15, "line": {"width": 3, "color": "white"}},
            cliponaxis=False,
            name=f"threshold {threshold:.3f}",
            hovertemplate="false positive rate %{x:.4f}<br>recall %{y:.3f}<extra>current threshold</extra>",
        )
    figure.update_xaxes(title="false positive rate", range=[-0.01, 1.01])
    figure.update_yaxes(title="recall", range=[0, 1.04])
    return _finished(figure)


def score_histogram(histogram: Histogram, threshold: float, names: tuple[str, str]) -> go.Figure:
    """Rows by score and real class on a log scale, so that a rare class is seen beside a common one."""
    figure = go.Figure()
    middles = (histogram.edges[:-1] + histogram.edges[1:]) / 2
    for name, counts in zip(names, (histogram.negatives, histogram.positives), strict=True):
        figure.add_bar(
            x=middles,
            y=counts,
            name=name,
            opacity=0.8,
            hovertemplate=f"score %{{x:.2f}}<br>%{{y:,}} rows<extra>{name}</extra>",
        )
    figure.add_vline(
        threshold,
        line={"dash": "dot", "width": 2, "color": NEUTRAL},
        annotation={"text": f"threshold {threshold:.3f}", "font": {"color": NEUTRAL}},
        annotation_position="top left" if threshold > 0.5 else "top right",
    )
    highest = max(1, int(histogram.negatives.max()), int(histogram.positives.max()))
    figure.update_layout(barmode="overlay", bargap=0.06)
    figure.update_xaxes(title="score", range=[-0.005, 1.005])
    figure.update_yaxes(title="rows (log)", type="log", range=[np.log10(0.6), np.log10(highest * 2)], dtick=1)
    return _finished(figure)


def confusion_matrix(now: Confusion, names: tuple[str, str]) -> go.Figure:
    """Counts in four cells, named and shaded by their share of the real class, so that a rare class is seen."""
    counts = [[now.tn, now.fp], [now.fn, now.tp]]
    words = [["rightly left", "false alarm" if now.fp == 1 else "false alarms"], ["missed", "found"]]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    text = [
        [f"<b>{count:,}</b><br>{word}" for count, word in zip(row, line, strict=True)]
        for row, line in zip(counts, words, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=["not flagged", "flagged"],
            y=[f"really {name}" for name in names],
            text=text,
            texttemplate="%{text}",
            textfont={"size": 15},
            customdata=shares,
            hovertemplate="%{y}, %{x}: %{customdata:.2%} of the class<extra></extra>",
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=4,
            ygap=4,
        )
    )
    figure.update_xaxes(side="top", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    return _finished(figure)


def _finished(figure: go.Figure) -> go.Figure:
    return figure.update_layout(
        height=340,
        margin=MARGIN,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        dragmode=False,
    )
