"""Cost charts. Colours come from the theme."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.formats import dollars, dollars_an_hour
from services.costs import cost_intervals
from services.costs.cost_intervals import HOUR, CostInterval
from services.costs.month_forecast import MonthForecast
from services.inventory.resources import BillableResource

MARGIN = {"l": 0, "r": 60, "t": 0, "b": 30}
MOST = 12  # bars of a chart
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "maxheight": 200}  # in a column, a line a kind
HEIGHT = 330  # pixels of the two charts beside each other


def resources(running: Sequence[BillableResource]) -> go.Figure:
    """Dollars per hour of the most expensive resources, the most expensive on top."""
    shown = [resource for resource in running if resource.usd_per_hour][:MOST]
    in_many_regions = len({resource.region for resource in shown}) > 1
    return _bars(
        [f"{resource.name}, {resource.region} " if in_many_regions else f"{resource.name} " for resource in shown],
        [resource.usd_per_hour or 0.0 for resource in shown],
        [f"{resource.kind} {resource.name}, {resource.region}" for resource in shown],
    )


def rates(sums: Mapping[str, float]) -> go.Figure:
    """Dollars an hour of each kind, owner or region, the most on top."""
    shown = [(name, rate) for name, rate in sums.items() if rate][:MOST]
    return _bars([f"{name} " for name, _ in shown], [rate for _, rate in shown], [name for name, _ in shown])


def _bars(names: Sequence[str], amounts: Sequence[float], hover_texts: Sequence[str]) -> go.Figure:
    figure = go.Figure(
        go.Bar(
            x=amounts[::-1],
            y=list(range(len(names))),  # two resources may share a name
            customdata=[chart_theme.plain(text) for text in hover_texts[::-1]],
            text=[dollars_an_hour(amount) for amount in amounts[::-1]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{customdata}: %{text}<extra></extra>",
            orientation="h",
        )
    )
    figure.update_layout(height=70 + 34 * len(names), margin=MARGIN, bargap=0.35)
    figure.update_xaxes(tickprefix="$", title="per hour", rangemode="tozero")
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=[chart_theme.plain(name) for name in names[::-1]]
    )
    return chart_theme.finish(figure)


def day(by_kind: Mapping[str, Sequence[float]], now: datetime) -> go.Figure:
    """Dollars of each of the last hours, the kinds on top of each other."""
    hours = max(map(len, by_kind.values()))
    last = now.replace(minute=0, second=0, microsecond=0)
    moments = [last - back * HOUR for back in reversed(range(hours))]
    figure = go.Figure()
    for kind, amounts in by_kind.items():
        figure.add_bar(x=moments, y=amounts, name=chart_theme.plain(kind), hovertemplate="%{x|%H:%M}: $%{y:,.3f}")
    figure.update_layout(
        barmode="stack", height=HEIGHT, margin={**MARGIN, "r": 0}, legend=LEGEND, showlegend=True, hovermode="x unified"
    )
    figure.update_yaxes(tickprefix="$", rangemode="tozero", exponentformat="none")
    return chart_theme.finish(figure)


def month(intervals: Sequence[CostInterval], ahead: MonthForecast, now: datetime) -> go.Figure:
    """Dollars of the month until now, and on to its end with everything running and with some of it stopped."""
    start, end = cost_intervals.month(now)
    steps = 60
    moments = [start + (now - start) * step / steps for step in range(steps + 1)]
    figure = go.Figure()
    spent = cost_intervals.cost_by_resource(intervals, moments)
    spent = [amount - spent[0] for amount in spent]
    figure.add_scatter(x=moments, y=spent, mode="lines", name="so far", hovertemplate="%{x|%d %b %H:%M}: $%{y:,.2f}")
    ends = {"if nothing is stopped": ahead.running_on}
    if ahead.stopping != ahead.running_on:
        ends["if stopped now"] = ahead.stopping
    for name, amount in ends.items():
        figure.add_scatter(
            x=[now, end],
            y=[ahead.so_far, amount],
            mode="lines",
            line_dash="dot",
            name=f"{name}: {dollars(amount)}",
            hovertemplate="%{x|%d %b}: $%{y:,.2f}",
        )
    figure.update_layout(height=HEIGHT, margin={**MARGIN, "r": 0}, legend=LEGEND)
    figure.update_yaxes(tickprefix="$", rangemode="tozero", exponentformat="none")
    return chart_theme.finish(figure)
