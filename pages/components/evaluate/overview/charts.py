"""Charts of the Evaluate page, drawn from curves and counts of a few kilobytes, never from rows.

Colours come from the theme: class 0 has its first colour and class 1 its second, as on the other pages.
"""

import numpy as np
import plotly.graph_objects as go

from pages.components.evaluate.overview.matrix_cells import Cells
from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT, plain
from services.evaluation.metrics import Confusion, Curve, Histogram

SHADE = "rgba(26, 163, 148, 0.13)"  # a pale tint of the first colour of either theme
CORRECT_OR_NOT = [  # share of the actual class: errors from the middle down, correct rows from the middle up
    [0.0, "rgba(214, 69, 93, 0.6)"],
    [0.5, "rgba(214, 69, 93, 0.08)"],
    [0.5, "rgba(20, 150, 138, 0.08)"],
    [1.0, "rgba(20, 150, 138, 0.6)"],
]
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}


def precision_recall(curve: Curve, now: Confusion, threshold: float, base_rate: float) -> go.Figure:
    """The precision-recall curve in steps, the random baseline and the point of the current threshold."""
    figure = go.Figure()
    figure.add_scatter(
        x=np.concatenate([[0], curve.x]),
        y=np.concatenate([curve.y[:1], curve.y]),
        customdata=np.concatenate([curve.thresholds[:1], curve.thresholds]),
        mode="lines",
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
        name="random baseline",
        hovertemplate=f"random baseline: precision {base_rate:.3g}<extra></extra>",
    )
    if now.precision is not None and now.recall is not None:
        figure.add_scatter(
            x=[now.recall],
            y=[now.precision],
            mode="markers",
            marker={"size": 15, "line": {"width": 3, "color": "white"}},
            cliponaxis=False,
            name=f"threshold {threshold:g}",
            hovertemplate="recall %{x:.3f}<br>precision %{y:.3f}<extra>current threshold</extra>",
        )
    figure.update_xaxes(title="recall", range=[0, 1.02])
    figure.update_yaxes(title="precision", range=[0, 1.04])
    return _finished(figure)


def roc(curve: Curve, now: Confusion, threshold: float) -> go.Figure:
    """Recall over the false positive rate, the random baseline and the point of the current threshold."""
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
        name="random baseline",
        hoverinfo="skip",
    )
    if now.specificity is not None and now.recall is not None:
        figure.add_scatter(
            x=[1 - now.specificity],
            y=[now.recall],
            mode="markers",
            marker={"size": 15, "line": {"width": 3, "color": "white"}},
            cliponaxis=False,
            name=f"threshold {threshold:g}",
            hovertemplate="false positive rate %{x:.4f}<br>recall %{y:.3f}<extra>current threshold</extra>",
        )
    figure.update_xaxes(title="false positive rate", range=[-0.01, 1.01])
    figure.update_yaxes(title="recall", range=[0, 1.04])
    return _finished(figure)


def score_histogram(histogram: Histogram, threshold: float, names: tuple[str, str]) -> go.Figure:
    """Rows by score and actual class on a log scale, so that a rare class is visible beside a common one."""
    figure = go.Figure()
    middles = (histogram.edges[:-1] + histogram.edges[1:]) / 2
    for name, counts in zip(map(plain, names), (histogram.negatives, histogram.positives), strict=True):
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
        annotation={"text": f"threshold {threshold:g}", "font": {"color": TEXT}},
        annotation_position="top left" if threshold > 0.5 else "top right",
    )
    highest = max(1, int(histogram.negatives.max()), int(histogram.positives.max()))
    figure.update_layout(barmode="overlay", bargap=0.06)
    figure.update_xaxes(title="score", range=[-0.005, 1.005])
    figure.update_yaxes(title="rows (log)", type="log", range=[np.log10(0.6), np.log10(highest * 2)], dtick=1)
    return _finished(figure)


def confusion_matrix(now: Confusion, names: tuple[str, str], shown: Cells = Cells.COUNTS) -> go.Figure:
    """Counts or shares in four cells, correct ones green and errors red, the stronger the larger their share.

    The colour is the share of the flagged or not flagged rows for Cells.COLUMNS, otherwise that of the actual class.

    Both colours are translucent, so that a strong cell is a frequent one in the light and in the dark theme.
    """
    counts = [[now.tn, now.fp], [now.fn, now.tp]]
    labels = [
        [("true negatives", "correct"), ("false positives", "false alarms")],
        [("false negatives", "missed"), ("true positives", "found")],
    ]
    shares = shown.shares(counts)
    figure = go.Figure(
        go.Heatmap(
            z=[[shares[0][0], -shares[0][1]], [-shares[1][0], shares[1][1]]],
            x=["not flagged", "flagged"],
            y=[f"actual:<br>{plain(name)}" for name in names],
            text=[
                [f"<b>{cell}</b><br>{term}<br>{meaning}" for cell, (term, meaning) in zip(row, line, strict=True)]
                for row, line in zip(shown.texts(counts), labels, strict=True)
            ],
            texttemplate="%{text}",
            customdata=[
                [f"{count:,} rows, {share:.2%} of the {shown.whole}" for count, share in zip(*row, strict=True)]
                for row in zip(counts, shares, strict=True)
            ],
            hovertemplate="%{y}, %{x}: %{customdata}<extra></extra>",
            zmin=-1,
            zmax=1,
            colorscale=CORRECT_OR_NOT,
            showscale=False,
            xgap=4,
            ygap=4,
        )
    )
    figure.update_xaxes(side="top", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    return _finished(figure)


def _finished(figure: go.Figure) -> go.Figure:
    figure.update_layout(
        height=340,
        margin=MARGIN,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        dragmode=False,
    )
    return chart_theme.finish(figure)
