"""The pictures of the Data page, drawn from counts that are already small; never from rows.

Colours come from the theme: class 0 wears its first colour, class 1 its second, here as on the other pages.
"""

from itertools import pairwise
from math import log10

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import plain
from services.data.class_names import class_name, number_text, share_text
from services.data.profiling.profile import ClassBalance
from services.data.profiling.target_numbers import TargetNumbers

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}
RARE = 100  # times as many rows: from there on the bar of the rarest class cannot be seen on a linear scale
MOST_BARS = 20  # of the most frequent classes; all others are one bar
ROOM = 0.6  # of the longest bar, for the label beside it on a narrow screen


def class_counts(balance: ClassBalance) -> go.Figure:
    """Rows by class, with count and share; on a log scale where the rare class would be too short to see."""
    figure, bars = go.Figure(), _bars(balance)
    for name, count in bars.items():
        share = share_text(count / balance.rows)
        figure.add_bar(
            x=[count],
            y=[plain(name)],
            orientation="h",
            text=[f"{count:,} · {share}"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"{count:,} rows, {share}<extra>{plain(name)}</extra>",
        )
    height = 110 + (50 if len(bars) < 6 else 26) * len(bars)
    figure.update_layout(height=height, margin=MARGIN, showlegend=False, bargap=0.35, dragmode=False)
    most, least = max(bars.values()), min(bars.values())
    if most > RARE * least:
        top = max(1.0, log10(most))
        figure.update_xaxes(title="rows (log scale)", type="log", dtick=1, range=[-0.3, top + (top + 0.3) * ROOM])
    else:
        figure.update_xaxes(title="rows", range=[0, most * (1 + ROOM)], nticks=5)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6)
    return chart_theme.finish(figure)


def _bars(balance: ClassBalance) -> dict[str, int]:
    """Rows of each bar, by its label."""
    bars = {class_name(name): count for name, count in balance.counts.items()}
    if len(bars) <= MOST_BARS:
        return bars
    shown, others = list(bars)[: MOST_BARS - 1], list(bars)[MOST_BARS - 1 :]
    return {name: bars[name] for name in shown} | {f"{len(others)} others": sum(bars[name] for name in others)}


def target_histogram(numbers: TargetNumbers) -> go.Figure:
    """Rows by the number to predict, with its mean and median."""
    figure, name = go.Figure(), plain(numbers.name)
    places = [(low + high) / 2 for low, high in pairwise(numbers.edges)]
    figure.add_bar(x=places, y=numbers.counts, hovertemplate=f"{name} %{{x:.4~g}}<br>%{{y:,}} rows<extra></extra>")
    later = numbers.mean > numbers.median
    for label, value, left in (("median", numbers.median, later), ("mean", numbers.mean, not later)):
        figure.add_vline(
            value,
            line={"dash": "dot", "width": 2, "color": chart_theme.NEUTRAL},
            annotation={"text": f"{label} {number_text(value)}", "font": {"color": chart_theme.TEXT}},
            annotation_position="top left" if left else "top right",
        )
    figure.update_layout(height=300, margin=MARGIN, showlegend=False, bargap=0.05, dragmode=False)
    figure.update_xaxes(title=name)
    figure.update_yaxes(title="rows")
    return chart_theme.finish(figure)
