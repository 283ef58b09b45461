"""What all charts share: margins, legend, and the colours of text and marks.

Streamlit's Plotly theme replaces some reserved colours in the browser by those of the theme that is active there, so
that one figure fits both themes. Text in them has a contrast of at least 4.5:1; Streamlit's own grey has 3.7:1.
"""

import html

import plotly.graph_objects as go
from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

from services.visible_text import visible

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 0, "r": 0, "t": 10, "b": 0}
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
TEXT: str = GRAY_90  # near black in the light theme, near white in the dark one
NEUTRAL = "#7A8699"  # lines and outlines: 3.7:1 on white, 4.9:1 on the dark background. Too pale for text
SOFT = 0.5  # opacity of a bar that carries text: TEXT is readable on it in both themes
FONT_SIZE = 12


def plain(text: object) -> str:
    """`text` of the account or the data for titles, ticks, names and hover texts: Plotly draws HTML in all of them.

    A value that a template would fill in, `%{x}`, stays text, too.
    """
    return html.escape(visible(text), quote=False).replace("%{", "&#37;{")


def finish(figure: go.Figure) -> go.Figure:
    """The figure with axis titles, ticks, legend, annotations and names on marks in the colour `TEXT`."""
    font = {"color": TEXT, "size": FONT_SIZE}
    layout = figure.layout  # set directly: the figure's update methods take seven times as long
    layout.font = layout.legend.font = layout.hoverlabel.font = font
    layout.coloraxis.colorbar.tickfont = layout.coloraxis.colorbar.title.font = font
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.tickfont = axis.title.font = font
    for trace in figure.data:
        if trace.type in ("bar", "heatmap"):
            trace.textfont = font
    return figure
