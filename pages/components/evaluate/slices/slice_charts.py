"""Slices beside each other: a mark with its 95 % interval each, over the measure of all rows."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT, plain
from services.evaluation.scored_rows.slice_comparison import Slice, SliceVerdict
from services.evaluation.scored_rows.slice_measures import MeasuredValue

MOST = 15  # slices in a chart
NAME = 34  # characters of a slice's name
MARKS = {  # shapes differ too, so that colour is not the only sign
    SliceVerdict.WORSE: ("#D6455D", "diamond"),
    SliceVerdict.NOISE: (NEUTRAL, "circle"),
    SliceVerdict.BETTER: ("#14968A", "triangle-up"),
    SliceVerdict.FEW: (NEUTRAL, "circle-open"),
}


def intervals(slices: Sequence[Slice], overall: MeasuredValue, measure: str, with_column: bool) -> go.Figure:
    """The measure of each slice, from above in the order given."""
    figure = go.Figure()
    names = [_name(one, with_column) for one in slices]
    for verdict, (color, symbol) in MARKS.items():
        chosen = [
            (place, one, one.estimate) for place, one in enumerate(slices) if one.verdict is verdict and one.estimate
        ]
        if not chosen:
            continue
        figure.add_scatter(
            x=[estimate.value for _, _, estimate in chosen],
            y=[place for place, _, _ in chosen],
            error_x={
                "type": "data",
                "array": [estimate.high - estimate.value for _, _, estimate in chosen],
                "arrayminus": [estimate.value - estimate.low for _, _, estimate in chosen],
                "thickness": 1.5,
                "width": 4,
                "color": color,
            },
            mode="markers",
            marker={"size": 10, "symbol": symbol, "color": color, "line": {"width": 1.5, "color": color}},
            name=verdict,
            showlegend=True,
            customdata=[
                f"{_name(one, True, 80)}<br>{measure} {estimate.value:.4g} ({estimate.low:.4g} to {estimate.high:.4g})"
                f"<br>{one.rows:,} rows{f', {one.few}' if one.few else ''}"
                for _, one, estimate in chosen
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.add_vline(
        overall.value,
        line={"dash": "dot", "width": 2, "color": NEUTRAL},
        annotation={"text": f"all rows {overall.value:.3g}", "font": {"color": TEXT}},
        annotation_position="top",
    )
    figure.update_xaxes(title=measure)
    figure.update_yaxes(
        tickvals=list(range(len(slices))),
        ticktext=names,
        range=[len(slices) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_layout(
        height=130 + 30 * len(slices),
        margin={"l": 8, "r": 16, "t": 64, "b": 8},
        legend={"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        hovermode="closest",
        dragmode=False,
    )
    return chart_theme.finish(figure)


def _name(one: Slice, with_column: bool, most: int = NAME) -> str:
    name = f"{one.column}: {one.name}" if with_column else one.name
    return plain(name if len(name) <= most else f"{name[: most - 1]}…")
