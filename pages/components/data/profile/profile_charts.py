"""The pictures of a table's profile, drawn from counts and strengths that are already small; never from rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from pages.components.data.charts import MARGIN
from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import plain
from services.data.class_names import class_name, share_text
from services.data.profiling.associations import Association
from services.data.profiling.column_profile import ColumnProfile
from services.data.profiling.distribution import Distribution

if TYPE_CHECKING:
    import pandas as pd

MOST_BARS = 30  # columns that a chart of associations has room for
MOST_WRITTEN = 14  # columns of a heat map whose cells have room for their number
LONGEST = 24  # characters of a name beside an axis
ROOM = 1.25  # times the longest bar, for the label beside it
KINDS = ("number", "text", "date", "true/false", "empty")  # each wears its own colour, on every table the same
# Transparent in the middle, so that it fits both themes.
DIVERGING = [[0, "rgba(226, 137, 59, 1)"], [0.5, "rgba(128, 128, 128, 0.06)"], [1, "rgba(20, 153, 141, 1)"]]


def distribution(spread: Distribution, column: str, order: Sequence[str], noun: str) -> go.Figure:
    """A column within each class or quarter: the share of its own rows, so that rare and common ones compare."""
    figure = go.Figure()
    title, numbers = plain(column), bool(spread.places) and isinstance(spread.places[0], float)
    lines = numbers and len(order) > 2  # more than two shapes over each other are told apart by their outlines
    for name in order:
        if name not in spread.shares:
            continue
        shown = plain(class_name(name) if noun == "class" else name)
        places = spread.places if numbers else [plain(_short(str(place))) for place in spread.places]
        hover = f"{title} %{{x}}<br>%{{y:.2%}} of its rows<extra>{shown}</extra>"
        if lines:
            figure.add_scatter(
                x=places, y=spread.shares[name], name=shown, hovertemplate=hover, mode="lines", line={"shape": "hvh"}
            )
        else:
            figure.add_bar(x=places, y=spread.shares[name], name=shown, hovertemplate=hover, opacity=0.7)
    figure.update_layout(
        height=320,
        margin=MARGIN,
        barmode="overlay" if numbers else "group",
        bargap=0.02 if numbers else 0.2,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        dragmode=False,
    )
    figure.update_xaxes(title=title, type="linear" if numbers else "category")
    figure.update_yaxes(title=f"share of the {noun}'s rows", tickformat=".0%", rangemode="tozero")
    return chart_theme.finish(figure)


def top_values(profile: ColumnProfile) -> go.Figure:
    """The most frequent values of a column, with count and share of the cells that are there."""
    present = profile.rows - profile.missing
    labels = [f"{cells:,} · {share_text(cells / present)}" for _, cells in profile.top]
    figure = go.Figure()
    figure.add_bar(
        x=[cells for _, cells in profile.top],
        y=[str(place) for place in range(len(profile.top))],
        orientation="h",
        text=labels,
        textposition="outside",
        cliponaxis=False,
        customdata=[plain(text) for text, _ in profile.top],
        hovertemplate="%{customdata}<br>%{x:,} cells<extra></extra>",
    )
    names = [plain(_short(text)) for text, _ in profile.top]
    figure.update_layout(height=70 + 26 * len(names), margin=MARGIN, showlegend=False, bargap=0.3, dragmode=False)
    figure.update_xaxes(title="cells", range=[0, profile.top[0][1] * (ROOM + 0.35)], nticks=5)
    _named(figure, names)
    return chart_theme.finish(figure)


def associations(columns: Sequence[Association]) -> go.Figure:
    """The columns that go most strongly with the target, coloured by what they hold."""
    shown = columns[:MOST_BARS]
    figure = go.Figure()
    for kind in KINDS:
        of_kind = [place for place, column in enumerate(shown) if column.kind == kind]
        if of_kind:
            figure.add_bar(
                x=[shown[place].strength for place in of_kind],
                y=[str(place) for place in of_kind],
                name=kind,
                orientation="h",
                text=[f"{shown[place].strength:.2f}" for place in of_kind],
                textposition="outside",
                cliponaxis=False,
                customdata=[plain(shown[place].column) for place in of_kind],
                hovertemplate="%{customdata}<br>%{x:.3f}<extra></extra>",
            )
    figure.update_layout(
        height=90 + 22 * len(shown),
        margin=MARGIN,
        barmode="overlay",
        bargap=0.3,
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        dragmode=False,
    )
    figure.update_xaxes(title="association with the target, 0 to 1", range=[0, 1.08], nticks=6)
    _named(figure, [plain(_short(column.column)) for column in shown])
    return chart_theme.finish(figure)


def heat_map(table: pd.DataFrame) -> go.Figure:
    """How each pair of columns goes together, from -1 to 1."""
    names = [plain(_short(str(name))) for name in table.columns]
    places, size = list(range(len(names))), len(names)
    cells = table.to_numpy()
    figure = go.Figure()
    figure.add_heatmap(
        x=places,
        y=places,
        z=cells,
        zmin=-1,
        zmax=1,
        colorscale=DIVERGING,
        xgap=1,
        ygap=1,
        texttemplate="%{z:.2f}" if size <= MOST_WRITTEN else None,
        customdata=[[f"{names[row]} and {names[column]}" for column in places] for row in places],
        hovertemplate="%{customdata}<br>%{z:.3f}<extra></extra>",
        hoverongaps=False,
        colorbar={"thickness": 12, "tickvals": [-1, 0, 1]},
    )
    figure.update_layout(height=140 + (22 if size > MOST_WRITTEN else 30) * size, margin=MARGIN, dragmode=False)
    figure.update_xaxes(tickvals=places, ticktext=names, showgrid=False, tickangle=-45)
    figure.update_yaxes(tickvals=places, ticktext=names, showgrid=False, autorange="reversed")
    return chart_theme.finish(figure)


def _named(figure: go.Figure, names: Sequence[str]) -> None:
    """Names beside the bars; two equal names stay two bars."""
    places = [str(place) for place in range(len(names))]
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=places,
        tickvals=places,
        ticktext=names,
        autorange="reversed",
        showgrid=False,
        ticklabelstandoff=6,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
