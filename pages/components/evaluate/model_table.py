"""The models of a data set by their validation rows: which is the best, and a link to each."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import evaluations, verdicts
from pages.components.queries.evaluations import Choice
from pages.components.shell import formats, page_frame
from services.data.prepared_data import PreparedData
from services.evaluation import model_ranking
from services.evaluation.model_ranking import ModelRanking, RankedModel

MOST = 20  # models that one click scores


def show(choice: Choice, data: PreparedData) -> None:
    """The table, folded; nothing where the set has one model or no validation rows."""
    if not data.rows.get("validation"):
        return
    ranking = verdicts.ranking(choice.account, data)
    if len(ranking.models) < 2:
        return
    best = ranking.best
    if best and choice.job and choice.split == "test" and best.job.name != choice.job:
        said = (
            f"{best.job.name} is better on validation rows{_by(ranking, choice)}. Test rows are for the chosen model."
        )
        st.caption(f":orange[:material/warning:] {formats.plain(said)}")
    label = f"Models of this data set: {len(ranking.models)}"
    with st.expander(
        f"{label}, best on validation rows: {formats.plain(best.job.name)}" if best else label,
        icon=":material/leaderboard:",
        key="model_table",
    ):
        _table(choice, ranking)
        with page_frame.panel():
            _score_all(choice, data, ranking)


def _table(choice: Choice, ranking: ModelRanking) -> None:
    st.dataframe(
        [
            {
                "Model": page_frame.address("evaluate", job=model.job.name, split="validation"),
                "Choice": _word(model, choice, ranking),
                _title(ranking) or "Validation": model.value,
                "Kind": f"best of {formats.count(model.trials, 'trial')}" if model.trials else "training job",
                "Trained": formats.ago(model.job.created, datetime.now(UTC)),
            }
            for model in ranking.models
        ],
        column_config={
            "Model": st.column_config.LinkColumn(display_text=r"job=([^&]+)", width=240),
            _title(ranking): st.column_config.NumberColumn(format="%.4f"),
        },
        hide_index=True,
        placeholder="–",
    )


def _by(ranking: ModelRanking, choice: Choice) -> str:
    """ " (auc 0.951 against 0.945)"; "" where the model that is shown has no such metric."""
    shown = next((model.value for model in ranking.models if model.job.name == choice.job), None)
    if shown is None or ranking.best is None or ranking.best.value is None:
        return ""
    return f" ({_title(ranking)} {ranking.best.value:.4g} against {shown:.4g})"


def _title(ranking: ModelRanking) -> str:
    return ranking.metric.removeprefix(model_ranking.VALIDATION)


def _word(model: RankedModel, choice: Choice, ranking: ModelRanking) -> str:
    words = ["best"] * (model == ranking.best) + ["shown"] * (model.job.name == choice.job)
    return ", ".join(words)


def _score_all(choice: Choice, data: PreparedData, ranking: ModelRanking) -> None:
    """How they are ranked, and the button that makes all comparable."""
    metric = model_ranking.SCORED[data.kind]
    if ranking.metric:
        best = "highest" if ranking.is_maximised else "lowest"
        st.caption(formats.plain(f"Ranked by the {best} {ranking.metric}. Test rows play no part in it."))
    else:
        st.caption("No two of these models have a metric in common.")
    left = [
        model.job
        for model in ranking.models
        if (model.value is None or ranking.metric != metric)
        and evaluations.free(model.job)
        and not model_ranking.has_learned_validation(model.job)
    ][:MOST]
    if left and st.button(
        f"Rank all by {metric} of validation rows (free)", key="rank_on_validation", icon=":material/leaderboard:"
    ):
        with st.spinner(f"Scoring validation rows with {formats.count(len(left), 'model')}"):
            problems = verdicts.score_validation(choice.account, data, left)
        if not problems:
            st.rerun()
        for problem in problems:
            st.caption(f":orange[:material/warning:] {formats.plain(problem)}")
