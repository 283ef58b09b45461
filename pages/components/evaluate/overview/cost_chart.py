"""The expected cost over all thresholds, its minimum and where the slider stands."""

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT
from services.evaluation.decision.expected_cost import CostMinimum, ExpectedCostCurve

HEIGHT = 300
MARGIN = {"l": 8, "r": 8, "t": 30, "b": 8}
BAND = "rgba(122, 134, 153, 0.18)"  # the neutral colour, readable under a line in either theme


def draw(curve: ExpectedCostCurve, minimum: CostMinimum, threshold: float, cost: float) -> go.Figure:
    """The curve in steps; the band holds the thresholds whose cost is not significantly higher.

    cost: of the same rows at `threshold`, where the slider stands.
    """
    figure = go.Figure()
    low, high = minimum.threshold_interval
    figure.add_vrect(low, high, fillcolor=BAND, line_width=0, layer="below")
    figure.add_scatter(
        x=curve.thresholds,
        y=curve.costs,
        mode="lines",
        line={"shape": "hv", "width": 2.5},
        name="expected cost",
        hovertemplate="threshold %{x:.3g}<br>cost $%{y:,.0f}<extra></extra>",
    )
    figure.add_scatter(
        x=[threshold],
        y=[cost],
        mode="markers",
        marker={"size": 15, "line": {"width": 2, "color": "white"}},
        cliponaxis=False,
        name=f"slider at {threshold:g}",
        hovertemplate="threshold %{x:.3g}<br>cost $%{y:,.0f}<extra>slider</extra>",
    )
    figure.add_scatter(
        x=[minimum.threshold],
        y=[minimum.cost],
        mode="markers",
        marker={"size": 11, "symbol": "diamond", "line": {"width": 2, "color": "white"}},
        cliponaxis=False,
        name=f"lowest at {minimum.threshold:g}",
        hovertemplate="threshold %{x:.3g}<br>cost $%{y:,.0f}<extra>lowest</extra>",
    )
    figure.add_vline(threshold, line={"dash": "dot", "width": 2, "color": NEUTRAL})
    figure.update_xaxes(title="threshold", range=[-0.01, 1.01])
    figure.update_yaxes(title="expected cost", tickprefix="$", tickformat=",", range=_range(curve, minimum, cost))
    figure.update_layout(
        height=HEIGHT,
        margin=MARGIN,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        font={"color": TEXT},
        dragmode=False,
    )
    return chart_theme.finish(figure)


def _range(curve: ExpectedCostCurve, minimum: CostMinimum, cost: float) -> tuple[float, float]:
    """From nothing to a little above what matters: the minimum's interval, the slider and the cheaper of the two ends.

    A miss that costs a hundred times a false alarm would press all of that to the floor.
    """
    ends = min(curve.costs[0], curve.costs[-1])
    low, high = min(0.0, minimum.cost_interval[0]), max(minimum.cost_interval[1], cost, float(ends))
    return low * 1.05, low + (high - low) * 1.25
