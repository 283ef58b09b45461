"""The pictures of the Data page, drawn from counts that are already small; never from rows.

Colours come from the theme: class 0 wears its first colour, class 1 its second, here as on the other pages.
"""

from math import log10

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import plain
from services.data.class_names import class_name, share_text
from services.data.profiling.profile import ClassBalance

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}
RARE = 20  # times as many rows: from there on the bar of the rarer class is hard to see on a linear scale
ROOM = 0.6  # of the longest bar, for the label beside it on a narrow screen


def class_counts(balance: ClassBalance) -> go.Figure:
    """Rows by class, with count and share; on a log scale where the rare class would be too short to see."""
    figure = go.Figure()
    for name, count in balance.counts.items():
        share = share_text(balance.shares[name])
        figure.add_bar(
            x=[count],
            y=[plain(class_name(name))],
            orientation="h",
            text=[f"{count:,} · {share}"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"{count:,} rows, {share}<extra>{plain(class_name(name))}</extra>",
        )
    figure.update_layout(height=110 + 50 * len(balance.counts), margin=MARGIN, showlegend=False, bargap=0.35)
    figure.update_layout(dragmode=False)
    most, least = max(balance.counts.values()), min(balance.counts.values())
    if most > RARE * least:
        top = max(1.0, log10(most))
        figure.update_xaxes(title="rows (log scale)", type="log", dtick=1, range=[-0.3, top + (top + 0.3) * ROOM])
    else:
        figure.update_xaxes(title="rows", range=[0, most * (1 + ROOM)], nticks=5)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6)
    return chart_theme.finish(figure)
