"""One row's way from the model's average to its score, drawn and said."""

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from pages.components.shell import chart_theme, formats
from pages.components.shell.chart_theme import NEUTRAL, TEXT
from services.evaluation.explanation.link import Link
from services.evaluation.explanation.row_explanation import ColumnStep, RowExplanation

NAME, VALUE = 18, 14  # characters of a column and of its cell at the axis
ROW = 34  # pixels
MARGIN = {"l": 8, "r": 12, "t": 30, "b": 8}
PADDING = 0.22  # of the width on either side, for the numbers beside the bars


def show(explanation: RowExplanation, cells: Mapping[str, str], link: Link, key: str, of: str = "") -> None:
    """The sentence, the waterfall, and what its unit means.

    cells: the raw cells of the row, as they are shown, by column. of: the class whose score it is, "" for none.
    """
    st.markdown(sentence(explanation, cells, link, of))
    st.plotly_chart(
        figure(explanation, cells, link),
        key=key,
        config=chart_theme.CONFIG,
        alt="Contributions of the columns of one row, from the average to its score",
    )
    about = " Points of probability depend on the order of the columns; here the largest comes first."
    st.caption(f"Unit of the contributions: {link}. {link.meaning}{about if link.is_probability else ''}")


def sentence(explanation: RowExplanation, cells: Mapping[str, str], link: Link, of: str = "") -> str:
    """The score, where contributions start, and the largest of them, as Markdown."""
    average, score = (score_text(link, value) for value in (explanation.base_score, explanation.score))
    what = f"Score of {formats.plain(of)}" if of else "Prediction"
    way = f"{what}: **{score}** for this row. Contributions start at {average}, {link.average}."
    if not explanation.steps or not explanation.steps[0].contribution:
        return f"{way} No column changes it."
    most = explanation.steps[0]
    named = formats.plain(f"{most.column} = {cells.get(most.column, 'not known')}")
    return f"{way} Largest contribution: **{named}**, {step_text(link, most)}."


def step_text(link: Link, step: ColumnStep) -> str:
    """ "+1.24 log-odds, about +8.1 points"."""
    added = f"{step.contribution:+,.3g}"
    if link.is_probability:
        return f"{added} log-odds, about {step.change * 100:+.1f} points"
    return f"{added}, about {step.change:+,.3g} in the prediction" if link is Link.LOG else added


def score_text(link: Link, score: float) -> str:
    """A score as it is said: a probability in percent, any other as a number."""
    return formats.percent(score) if link.is_probability else f"{score:,.4g}"


def figure(explanation: RowExplanation, cells: Mapping[str, str], link: Link) -> go.Figure:
    """A bar for each column, beginning where the one above it ends."""
    steps = [*explanation.steps, *([explanation.others] if explanation.others else [])]
    ends = [explanation.base]
    for step in steps:
        ends.append(ends[-1] + step.contribution)
    places = list(range(1, len(steps) + 1))
    drawn = go.Figure()
    for name, raises in (("lowers", False), ("raises", True)):
        mine = [place for place in places if (steps[place - 1].contribution >= 0) is raises]
        drawn.add_bar(
            x=[steps[place - 1].contribution for place in mine],
            y=mine,
            base=[ends[place - 1] for place in mine],
            orientation="h",
            name=name,
            text=[_beside(link, steps[place - 1]) for place in mine],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                chart_theme.plain(f"{_label(steps[place - 1], cells)}: {step_text(link, steps[place - 1])}")
                for place in mine
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    _ends(drawn, explanation, link, len(steps))
    labels = ["average", *(_label(step, cells, short=True) for step in steps), "this row"]
    low, high = min(ends), max(ends)
    around = (high - low or 1.0) * PADDING
    drawn.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[chart_theme.plain(label) for label in labels],
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    drawn.update_xaxes(title=str(link), range=[low - around, high + around], zeroline=False)
    drawn.update_layout(
        height=ROW * len(labels) + 84,
        margin=MARGIN,
        barmode="overlay",
        bargap=0.35,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        dragmode=False,
    )
    return chart_theme.finish(drawn)


def _ends(drawn: go.Figure, explanation: RowExplanation, link: Link, steps: int) -> None:
    """The marks of the average and of the row, with their scores beside them."""
    for place, margin, score in (
        (0, explanation.base, explanation.base_score),
        (steps + 1, explanation.margin, explanation.score),
    ):
        said = score_text(link, score)
        drawn.add_scatter(
            x=[margin],
            y=[place],
            mode="markers+text",
            marker={"size": 11, "symbol": "diamond", "color": NEUTRAL},
            text=f"  {said}",
            textposition="middle right",
            textfont={"color": TEXT},
            cliponaxis=False,
            showlegend=False,
            hovertemplate=f"{link} {margin:,.4g}: {said}<extra></extra>",
        )


def _beside(link: Link, step: ColumnStep) -> str:
    if link.is_probability:
        return f"{step.contribution:+.2f} ({step.change * 100:+.1f} pts)"
    return f"{step.contribution:+,.3g}"


def _label(step: ColumnStep, cells: Mapping[str, str], short: bool = False) -> str:
    if step.column not in cells:
        return step.column
    name, cell = step.column, cells[step.column]
    return f"{_cut(name, NAME)} = {_cut(cell, VALUE)}" if short else f"{name} = {cell}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
