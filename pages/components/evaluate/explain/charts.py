"""Charts of explanations, drawn from groups of a few kilobytes, never from rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT, plain
from services.data.recipe.raw_values import RawValues
from services.evaluation.explanation.link import Link
from services.evaluation.explanation.summary import ColumnImportance, Dependence, Swarm

MARGIN = {"l": 8, "r": 8, "t": 12, "b": 8}
NAME = 22  # characters of a column at an axis
LOW_TO_HIGH = [[0.0, "#3B74DB"], [0.5, "#9B8AA8"], [1.0, "#E07B1A"]]  # told apart by color-blind people, too
COLORS = 9  # of categories; the theme has ten, of which the last is for all others
ROW = 40  # pixels of a column in a beeswarm
BAND = "rgba(59, 116, 219, 0.20)"
ZERO = {"dash": "dot", "width": 1.5, "color": NEUTRAL}


def bars(ranked: Sequence[ColumnImportance], values: Sequence[float], title: str, place: int = 0) -> go.Figure:
    """A bar for each column, in the order given. place: of its color in the theme."""
    figure = go.Figure()
    for _ in range(place):
        figure.add_bar(x=[], y=[], orientation="h")  # takes the theme's colors before it
    figure.add_bar(
        x=list(values),
        y=list(range(len(ranked))),
        orientation="h",
        opacity=0.85,
        text=[f"{value:,.3g}" for value in values],
        textposition="outside",
        cliponaxis=False,
        customdata=[plain(one.column) for one in ranked],
        hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
    )
    figure.update_layout(showlegend=False, bargap=0.3, barmode="overlay")
    figure.update_xaxes(title=plain(title), range=[0, max([*values, 1e-12]) * 1.18])
    _name_rows(figure, [one.column for one in ranked])
    return _finished(figure, 26 * len(ranked) + 80)


def beeswarm(swarms: Sequence[Swarm], values: Mapping[str, RawValues | None], link: Link) -> go.Figure:
    """Dots of each column along its contributions, thicker where there are more rows."""
    figure = go.Figure()
    numbers = [(row, swarm) for row, swarm in enumerate(swarms) if not _has_categories(values, swarm)]
    texts = [(row, swarm) for row, swarm in enumerate(swarms) if _has_categories(values, swarm)]
    for color in range(COLORS + 1):
        masks = [np.minimum(np.nan_to_num(swarm.values, nan=COLORS), COLORS) == color for _, swarm in texts]
        figure.add_scatter(**_dots(texts, masks, values), marker={"size": 7, "symbol": "diamond"})
    known = [~np.isnan(swarm.levels) for _, swarm in numbers]
    levels = [swarm.levels[mask] for (_, swarm), mask in zip(numbers, known, strict=True)]
    figure.add_scatter(
        **_dots(numbers, known, values),
        marker={
            "size": 6,
            "color": np.concatenate([*levels, np.zeros(0)]).round(3),
            "colorscale": LOW_TO_HIGH,
            "cmin": 0,
            "cmax": 1,
        },
    )
    figure.add_scatter(**_dots(numbers, [~mask for mask in known], values), marker={"size": 6, "color": NEUTRAL})
    figure.add_vline(0, line=ZERO)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=f"contribution, {link}", zeroline=False)
    _name_rows(figure, [swarm.column for swarm in swarms])
    return _finished(figure, ROW * len(swarms) + 84)


def _has_categories(values: Mapping[str, RawValues | None], swarm: Swarm) -> bool:
    cells = values.get(swarm.column)
    return bool(cells and cells.categories)


def _dots(
    swarms: Sequence[tuple[int, Swarm]], masks: Sequence[np.ndarray], values: Mapping[str, RawValues | None]
) -> dict[str, Any]:
    """The chosen dots of some swarms as a trace; a swarm lies on its row."""
    pairs = list(zip(swarms, masks, strict=True))
    said = [
        _dot_text(swarm, place, values.get(swarm.column))
        for (_, swarm), mask in pairs
        for place in np.flatnonzero(mask).tolist()
    ]
    none = np.zeros(0)
    return {
        "x": np.concatenate([*(swarm.x[mask] for (_, swarm), mask in pairs), none]).astype(np.float32),
        "y": np.concatenate([*(row + 0.42 * swarm.y[mask] for (row, swarm), mask in pairs), none]).astype(np.float32),
        "mode": "markers",
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _dot_text(swarm: Swarm, place: int, cells: RawValues | None) -> str:
    value = f" = {cells.text_of(float(swarm.values[place]))}" if cells else ""
    rows = max(1, round(float(swarm.rows[place])))
    return plain(f"{swarm.column}{value}: {swarm.x[place]:+.3g}, about {rows:,} row{'' if rows == 1 else 's'}")


def dependence(found: Dependence, column: str, values: RawValues, link: Link) -> go.Figure:
    """Contributions over the values of a column: a line with bands for numbers, boxes for a few values."""
    figure = _boxes(found) if found.at is None else _bands(found, values)
    figure.add_hline(0, line=ZERO)
    figure.update_xaxes(title=plain(f"{column} ({values.note})" if values.note else column), showgrid=False)
    figure.update_yaxes(title=f"contribution, {link}", zeroline=False)
    figure.update_layout(showlegend=False, hovermode="closest")
    return _finished(figure, 380)


def _boxes(found: Dependence) -> go.Figure:
    low, lower, median, upper, high = found.quantiles.T
    figure = go.Figure(
        go.Box(
            x=list(range(len(found.names))),
            lowerfence=low,
            q1=lower,
            median=median,
            q3=upper,
            upperfence=high,
            hoverinfo="y",
        )
    )
    names = [_short(name) for name in found.names]
    ticks = [f"{plain(name)}<br>{rows:,} rows" for name, rows in zip(names, found.rows, strict=True)]
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=ticks)
    return figure


def _bands(found: Dependence, values: RawValues) -> go.Figure:
    assert found.at is not None
    known = ~np.isnan(found.at)
    at = _axis(found.at[known], values)
    low, lower, median, upper, high = found.quantiles[known].T
    figure = go.Figure()
    for bottom, top in ((low, high), (lower, upper)):
        figure.add_scatter(x=at, y=bottom, mode="lines", line={"width": 0}, hoverinfo="skip")
        figure.add_scatter(
            x=at, y=top, mode="lines", line={"width": 0}, fill="tonexty", fillcolor=BAND, hoverinfo="skip"
        )
    names = [name for name, is_known in zip(found.names, known, strict=True) if is_known]
    figure.add_scatter(
        x=at,
        y=median,
        mode="lines+markers",
        line={"width": 2.5, "color": LOW_TO_HIGH[0][1]},
        marker={"size": 6},
        customdata=[f"{plain(name)}: {rows:,} rows" for name, rows in zip(names, found.rows[known], strict=True)],
        hovertemplate="%{customdata}<br>median %{y:+.3g}<extra></extra>",
    )
    for place in np.flatnonzero(~known):
        middle, said = found.quantiles[place][2], f"missing, {found.rows[place]:,} rows: median"
        figure.add_hline(
            middle,
            line={"dash": "dash", "width": 2, "color": LOW_TO_HIGH[2][1]},
            annotation={"text": f"{said} {middle:+.3g}", "font": {"color": TEXT}},
            annotation_position="top right",
        )
    return figure


def _axis(numbers: np.ndarray, values: RawValues) -> list[Any]:
    if values.is_date:
        return [datetime.fromtimestamp(float(number), UTC) for number in numbers]
    return [float(number) for number in numbers]


def _name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[plain(_short(name)) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _finished(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(height=height, margin=MARGIN, dragmode=False)
    return chart_theme.finish(figure)
