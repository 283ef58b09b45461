"""The pictures of a search, drawn from the numbers of `tuning/chart_data.py` and `tuning/importance.py`.

Colours come from the theme, so that light and dark both fit.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT, plain
from services.training.learning_curves import LearningCurve
from services.tuning.chart_data import Axis, CostCurve, Landscape, Progress, TimelineLane
from services.tuning.fanova import ExplainedVariation
from services.tuning.importance import Importances, Weight
from services.tuning.search_space import Choices, Range
from services.visible_text import visible

CONFIG = {"displayModeBar": False}
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
LEGIBLE = 60  # trials whose numbers fit on a timeline
WORDS = {Weight.MATTERS: "matters", Weight.UNCLEAR: "unclear", Weight.FLAT: "no more than random"}
SOLID = {Weight.MATTERS: 1.0, Weight.UNCLEAR: 0.5, Weight.FLAT: 0.25}


def progress(seen: Progress, objective: str, described: Sequence[str]) -> go.Figure:
    """What each trial scored, in the order of launch, and the best so far. `described` says what each tried."""
    figure = go.Figure()
    figure.add_scatter(
        x=seen.numbers,
        y=seen.values,
        mode="markers",
        name="trial",
        marker={"size": 9 if len(seen.numbers) < 100 else 5},
        text=described,
        hovertemplate="trial %{x}: %{y:.5f}<br>%{text}<extra></extra>",
    )
    figure.add_scatter(
        x=seen.numbers,
        y=seen.best,
        mode="lines",
        name="best so far",
        line={"shape": "hv", "width": 2.5},
        hovertemplate="best so far %{y:.5f}<extra></extra>",
    )
    figure.update_layout(xaxis_title="trial", yaxis_title=plain(objective))
    return _finished(figure)


def parallel(axes: Sequence[Axis], values: Sequence[float | None], objective: str, maximise: bool) -> go.Figure:
    """A line for each scored trial through all its settings; drag along an axis to pick lines out."""
    scored = [place for place, value in enumerate(values) if value is not None]
    scores = [values[place] for place in scored]
    dimensions = [_dimension(axis, scored) for axis in axes]
    figure = go.Figure(
        go.Parcoords(
            line={"color": scores, "coloraxis": "coloraxis"},
            dimensions=[*dimensions, {"label": plain(objective.partition(":")[2] or objective), "values": scores}],
            labelfont={"size": 14, "color": TEXT, "shadow": "none"},
            tickfont={"size": 12, "color": TEXT, "shadow": "none"},
            rangefont={"size": 1, "color": "rgba(0,0,0,0)"},  # the ticks say it already
            unselected={"line": {"opacity": 0.08}},
        )
    )
    for number in range(len(axes) + 1):  # its own axes are black, and unseen on a dark ground
        place = number / len(axes)
        line = {"width": 1, "color": NEUTRAL}
        figure.add_shape(type="line", xref="paper", yref="paper", x0=place, x1=place, y0=0, y1=1, line=line)
    return _finished(figure, height=400).update_layout(
        margin={"l": 48, "r": 8, "t": 56, "b": 24},
        coloraxis={
            "colorbar": {"thickness": 12},
            "reversescale": not maximise,
        },  # follows the theme, as no trace's does
    )


def _dimension(axis: Axis, scored: Sequence[int]) -> dict[str, object]:
    """An axis of parallel coordinates; a logarithmic scale is laid out by its logarithm.

    Plotly snaps a pick to labelled ticks, and loses it between two: only axes whose every value is a tick have them.
    """
    searched, places = axis.searched, axis.places[scored]
    if isinstance(searched, Range) and not (searched.integer and searched.high - searched.low == len(axis.ticks) - 1):
        values = np.array([searched.at(place) for place in places])
        low, high = searched.low, searched.high
        label = plain(searched.name)
        if searched.scaling == "Logarithmic":
            label, values, low, high = f"log10 {label}", np.log10(values), np.log10(low), np.log10(high)
        return {"label": label, "values": values, "range": [low, high if high > low else low + 1]}
    return {
        "label": plain(searched.name),
        "values": places,
        "tickvals": [place for place, _ in axis.ticks],
        "ticktext": [visible(text) for _, text in axis.ticks],  # the one text that Plotly draws as it is
        "range": [0, max(1, len(axis.ticks) - 1)] if isinstance(searched, Choices) else [0, 1],
    }


def setting(axis: Axis, values: Sequence[float | None], objective: str, described: Sequence[str]) -> go.Figure:
    """The objective against one setting."""
    figure = go.Figure()
    figure.add_scatter(
        x=axis.places,
        y=values,
        mode="markers",
        marker={"size": 8 if len(values) < 100 else 5, "opacity": 0.8},
        text=described,
        hovertemplate="%{y:.5f}<br>%{text}<extra></extra>",
    )
    figure.update_layout(yaxis_title=plain(objective), showlegend=False)
    figure.update_xaxes(title=plain(axis.searched.name), **_labels(axis))
    return _finished(figure, height=260)


def landscape(
    ground: Landscape | None,
    across: Axis,
    up: Axis,
    values: Sequence[float | None],
    described: Sequence[str],
    maximise: bool,
) -> go.Figure:
    """The objective over two settings, between the trials that were made, which are its dots.

    Without a `ground` the dots alone have its colours.
    """
    flat = isinstance(across.searched, Choices) or isinstance(up.searched, Choices)
    figure = go.Figure()
    if ground:
        surface = {"x": ground.x, "y": ground.y, "z": ground.values, "coloraxis": "coloraxis", "hoverinfo": "skip"}
        contour = {"ncontours": 12, "line": {"width": 0}, "connectgaps": False}
        figure.add_trace(go.Heatmap(**surface) if flat else go.Contour(**surface, **contour))
    known = [value for value in values if value is not None]
    colour = {"color": "white"} if ground else {"color": known, "coloraxis": "coloraxis"}
    scored = np.array([value is not None for value in values], dtype=bool)
    figure.add_scatter(
        x=across.places[scored],
        y=up.places[scored],
        mode="markers",
        marker={"size": 8 if ground else 14, **colour, "line": {"width": 1.5, "color": NEUTRAL}},
        text=[text for text, is_scored in zip(described, scored, strict=True) if is_scored],
        customdata=known,
        hovertemplate="%{customdata:.5f}<br>%{text}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(coloraxis={"colorbar": {"thickness": 12}, "reversescale": not maximise})
    figure.update_xaxes(title=plain(across.searched.name), **_labels(across), showgrid=False)
    figure.update_yaxes(title=plain(up.searched.name), **_labels(up), showgrid=False)
    return _finished(figure, height=400)


def importance(importances: Importances) -> go.Figure:
    """How much of use each setting was, and what chance alone would have given it."""
    weighed = importances.settings[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[setting_weight.share for setting_weight in weighed],
        y=[plain(setting_weight.name) for setting_weight in weighed],
        orientation="h",
        marker={"opacity": [SOLID[setting_weight.weight] for setting_weight in weighed]},
        text=[WORDS[setting_weight.weight] for setting_weight in weighed],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%} of the importance<extra></extra>",
    )
    _mark_chance(figure, importances.chance)
    highest = max(importances.chance, *(setting_weight.share for setting_weight in weighed))
    figure.update_xaxes(title="share of importance for the objective", tickformat=".0%", range=[0, highest * 1.35])
    return _finished(figure, height=90 + 38 * len(weighed))


def explained(found: ExplainedVariation, objective: str) -> go.Figure:
    """The share of the objective's variation that each setting explains, and what chance would have given it."""
    shares = found.shares[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[share for _, share in shares],
        y=[plain(name) for name, _ in shares],
        orientation="h",
        marker={"opacity": [SOLID[Weight.MATTERS if share > found.chance else Weight.FLAT] for _, share in shares]},
        text=[f"{share:.0%}" if share > found.chance else f"{share:.0%}, no more than random" for _, share in shares],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%} of the variation<extra></extra>",
    )
    _mark_chance(figure, found.chance)
    title = f"share of the variation of {plain(objective)} explained"
    highest = max(found.chance, *(share for _, share in shares))
    figure.update_xaxes(title=title, tickformat=".0%", range=[0, highest * 1.5])
    return _finished(figure, height=90 + 38 * len(shares))


def _mark_chance(figure: go.Figure, chance: float) -> None:
    figure.add_vline(
        chance,
        line={"dash": "dot", "width": 2, "color": NEUTRAL},
        annotation={"text": "chance", "font": {"color": TEXT}},
        annotation_position="top",
    )


def timeline(lanes: Sequence[TimelineLane], described: Sequence[str]) -> go.Figure:
    """Which trials ran when, side by side; a lane is a place for one at a time."""
    figure = go.Figure()
    for status in dict.fromkeys(lane.trial.status for lane in lanes):
        shown = [lane for lane in lanes if lane.trial.status == status]
        figure.add_bar(
            base=np.array([lane.started.replace(tzinfo=None) for lane in shown], dtype="datetime64[ms]"),
            x=[(lane.ended - lane.started).total_seconds() * 1000 for lane in shown],
            y=[lane.lane + 1 for lane in shown],
            orientation="h",
            name=status.value,
            marker={"opacity": chart_theme.SOFT, "line": {"width": 1, "color": NEUTRAL}},
            text=[lane.number for lane in shown],
            textposition="inside" if len(lanes) < LEGIBLE else "none",
            insidetextanchor="middle",
            customdata=[described[lane.number - 1] for lane in shown],
            hovertemplate="trial %{text}, %{base|%H:%M:%S} to %{x|%H:%M:%S}<br>%{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="overlay", bargap=0.25)
    figure.update_xaxes(type="date", title="time (UTC)")
    most = max((lane.lane for lane in lanes), default=0) + 1
    figure.update_yaxes(title="parallel slot", dtick=1, autorange="reversed", showgrid=False)
    return _finished(figure, height=140 + 34 * min(most, 20))


def curves(trial_curves: Mapping[str, LearningCurve], series: str, best: str | None) -> go.Figure:
    """One metric of several trials by round, on top of each other; the best is drawn thick."""
    figure = go.Figure()
    for name, curve in trial_curves.items():
        values = curve.values.get(series)
        if values:
            figure.add_scatter(
                x=curve.rounds,
                y=values,
                mode="lines" if len(values) > 1 else "markers",
                name=f"{name} (best)" if name == best else name,
                line={"width": 4 if name == best else 1.5},
                opacity=1.0 if name == best else 0.75,
                hovertemplate=f"{name}<br>{curve.unit} %{{x}}: %{{y:.5f}}<extra></extra>",
            )
    units = dict.fromkeys(curve.unit for curve in trial_curves.values())
    figure.update_layout(xaxis_title=" or ".join(units), yaxis_title=plain(series))
    return _finished(figure, height=420)


def spending(spent: CostCurve, objective: str) -> go.Figure:
    """The best objective against the dollars it had cost by then."""
    figure = go.Figure()
    figure.add_scatter(
        x=spent.dollars,
        y=spent.best,
        mode="lines+markers",
        line={"shape": "hv", "width": 2.5},
        marker={"size": 6 if len(spent.names) < 100 else 3},
        text=spent.names,
        hovertemplate="$%{x:.6~f}: best so far %{y:.5f}<br>%{text}<extra></extra>",
    )
    figure.update_layout(yaxis_title=plain(f"best {objective}"), showlegend=False)
    figure.update_xaxes(title="cost ($)", tickformat="$.6~f", rangemode="tozero")
    return _finished(figure)


def _labels(axis: Axis) -> dict[str, object]:
    places = [place for place, _ in axis.ticks]
    low, high = (min(places) - 0.5, max(places) + 0.5) if isinstance(axis.searched, Choices) else (-0.04, 1.04)
    return {"tickvals": places, "ticktext": [plain(text) for _, text in axis.ticks], "range": [low, high]}


def _finished(figure: go.Figure, height: int = 320) -> go.Figure:
    figure.update_layout(height=height, margin=MARGIN, legend=LEGEND, hovermode="closest", dragmode=False)
    return chart_theme.finish(figure)
