"""What moves the scores of all rows: ranked columns beside their gain, a beeswarm, and how one column acts."""

import streamlit as st

from pages.components.evaluate.explain import charts, class_choice
from pages.components.predict import waterfall
from pages.components.queries.evaluation import explanations
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.queries.evaluation.explanations import Explained, ExplainedRows
from pages.components.shell import chart_theme, formats
from services.evaluation.explanation.link import Link
from services.evaluation.explanation.summary import ColumnImportance

GAIN = (
    "Contributions are of these rows: by how much a column moves their scores. Gain is of training: by how much the "
    "splits on a column lowered the loss on the training rows. It has no direction and favors columns with many values."
)


def show(key: Explained, choice: Choice, evaluation: Evaluation) -> None:
    """Everything over all rows, for one of several classes."""
    rows = _rows(key, evaluation)
    data = evaluation.data
    place = class_choice.choose(data, rows.contributions.base.size, "explain_class")
    ranked = explanations.importances(rows, place)
    said = _sentence(ranked[0], rows.contributions.link, class_choice.name(data, place))
    st.subheader(formats.plain(said), anchor=False)
    st.caption(_basis(rows, choice.rows))
    _ranking(ranked, rows)
    with st.container(border=True):
        st.markdown("##### Contributions by row")
        st.plotly_chart(
            charts.beeswarm(explanations.swarms(rows, place), rows.values, rows.contributions.link),
            key="beeswarm_chart",
            config=chart_theme.CONFIG,
            alt="Contributions of the most important columns, each dot some rows",
        )
        st.caption(
            "Each dot stands for rows that are alike; thicker is more rows, on a log scale. Blue is a low value of the "
            "column, orange a high one; text columns have diamonds, a color for each category, named on hover."
        )
    _dependence(place, rows, [one.column for one in ranked])
    _table(ranked, rows.contributions.link)


def _rows(key: Explained, evaluation: Evaluation) -> ExplainedRows:
    place = st.empty()

    def progress(done: int, rows: int) -> None:
        place.progress(done / rows, f"Explained {done:,} of {formats.count(rows, 'row')}")

    place.progress(0.0, f"Explaining {formats.count(len(evaluation.labels), 'row')}")
    try:
        return explanations.rows(key, evaluation.data, progress)
    finally:
        place.empty()


def _sentence(first: ColumnImportance, link: Link, of: str) -> str:
    moved = f"the score of {of}" if of else "the prediction"
    if not first.contribution:
        return f"No column moves {moved}: the model answers the same for every row."
    return f"{first.column} moves {moved} most: {effect_text(first, link)} on average."


def effect_text(one: ColumnImportance, link: Link) -> str:
    """ "by 1.2 log-odds, about 8 points of probability"."""
    if link.is_probability:
        return f"by {one.contribution:.3g} log-odds, about {one.effect * 100:.2g} points of probability"
    return f"by {one.effect if link is Link.LOG else one.contribution:,.3g}"


def _basis(rows: ExplainedRows, called: str) -> str:
    models = rows.contributions.models
    of = formats.plain(f"{rows.total:,} {called}")
    which = of if rows.rows == rows.total else f"A random sample of {rows.rows:,} of {of}"
    link = rows.contributions.link
    mean = f"; the mean of {models} fold models" if models > 1 else ""
    start = waterfall.score_text(link, float(link.scores(rows.contributions.base)[-1]))
    about = f" They start at {start}, {link.average}." if rows.contributions.base.size == 1 else ""
    return f"{which}{mean}. Unit of the contributions (XGBoost's SHAP values): {link}. {link.meaning}{about}"


def _ranking(ranked: tuple[ColumnImportance, ...], rows: ExplainedRows) -> None:
    shown = ranked[: explanations.SHOWN]
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("##### Mean contribution")
        st.plotly_chart(
            charts.bars(shown, [one.contribution for one in shown], f"mean size, {rows.contributions.link}"),
            key="importance_chart",
            config=chart_theme.CONFIG,
            alt="Mean size of the contributions by column",
        )
    with right.container(border=True):
        st.markdown("##### Gain in training")
        st.plotly_chart(
            charts.bars(shown, [100 * one.gain for one in shown], "% of the gain of all splits", place=1),
            key="gain_chart",
            config=chart_theme.CONFIG,
            alt="Share of each column in the gain of all splits",
        )
    more = f" The first {len(shown)} of {len(ranked)} columns are drawn; all are in the table below."
    st.caption(GAIN + (more if len(shown) < len(ranked) else ""))


def _dependence(place: int, rows: ExplainedRows, columns: list[str]) -> None:
    with st.container(border=True):
        column = st.selectbox("How a column acts", columns, key="explain_column", format_func=formats.plain)
        found, values = explanations.dependence(rows, place, column), rows.values[column]
        if found is None or values is None:
            st.info(
                "The values of this column cannot be told from the prepared rows: a step of the recipe changed them.",
                icon=":material/info:",
            )
            return
        st.plotly_chart(
            charts.dependence(found, column, values, rows.contributions.link),
            key="dependence_chart",
            config=chart_theme.CONFIG,
            alt="Contributions of a column by its value",
        )
        kind = "Boxes" if found.at is None else "The line is the median, the bands"
        st.caption(f"{kind} hold the middle 50 % of the rows with a value, {_outer(found.at is None)} 80 %.")


def _outer(is_boxes: bool) -> str:
    return "whiskers" if is_boxes else "the wide band"


def _table(ranked: tuple[ColumnImportance, ...], link: Link) -> None:
    effect = "Mean effect on the probability" if link.is_probability else "Mean effect on the prediction"
    with st.expander("All columns", icon=":material/table_rows:"):
        st.dataframe(
            [
                {
                    "Column": one.column,
                    "Mean contribution": one.contribution,
                    **({effect: one.effect} if link.is_curved else {}),
                    "Gain": one.gain,
                }
                for one in ranked
            ],
            column_config={
                "Mean contribution": st.column_config.NumberColumn(format="%.4g", help=f"Mean size, in {link}"),
                effect: st.column_config.NumberColumn(
                    format="%.4g", help="Change of the score, either way, by this column after all others"
                ),
                "Gain": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            },
            hide_index=True,
            key="importance_table",
        )
