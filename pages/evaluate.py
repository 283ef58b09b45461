"""Evaluate: score held-out rows with a trained model, see how good it is, and choose the threshold of two classes."""

import streamlit as st

from pages.components.evaluate import batch_scoring, model_table, selection, verdict_panel, views
from pages.components.evaluate import show_code as evaluate_code
from pages.components.predict import model_panel
from pages.components.queries import decisions, evaluations
from pages.components.queries.evaluations import BATCH, FILE, Choice, Evaluation
from pages.components.shell import code_block, formats, page_frame
from services.data.prepared_data import PreparedData
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.kept_scores import DamagedScoresError


def _score(choice: Choice, data: PreparedData, model: EvaluatedModel) -> None:
    """Score the rows under a progress bar; the evaluation is then found by its choice."""
    rows = formats.count(data.rows[choice.split], "row")
    bar = st.progress(0.0, formats.plain(f"Scoring {rows} of {data.display_name} …"))

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Scored {done:,} of {formats.count(total, 'row')}")

    try:
        evaluations.score(choice, model, data, progress)
    finally:
        bar.empty()


def _find(choice: Choice, model: EvaluatedModel, data: PreparedData) -> Evaluation | None:
    """The evaluation of this choice, from memory or by the scores in S3; what is damaged of these is said."""
    try:
        return evaluations.find(choice) or evaluations.restore(choice, model, data)
    except DamagedScoresError as damaged:
        st.warning(formats.plain(damaged), icon=":material/broken_image:")
        return None


def _score_button(choice: Choice, data: PreparedData, model: EvaluatedModel, is_evaluated: bool) -> bool:
    """Score, or what is left of a scoring that broke off; whether the rows have been scored now."""
    label = "Score again" if is_evaluated else "Score"
    done = 0 if is_evaluated or not choice.edition else evaluations.scored_before(choice, model, data)
    if done:
        rows = formats.count(data.rows[choice.split], "row")
        st.caption(f":material/resume: {done:,} of {rows} are scored already; scoring goes on from there.")
    if not st.button(label, key="score", type="secondary" if is_evaluated else "primary", icon=":material/fact_check:"):
        return False
    with page_frame.panel():
        _score(choice, data, model)
        return True
    return False


@st.fragment
def _result(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    with page_frame.panel():
        if evaluation.note:
            st.caption(f":material/cloud_off: Shown, but not kept in S3. {formats.plain(evaluation.note)}")
        views.show(choice, evaluation, model)


with page_frame.page("Evaluate", "Score rows the model has not seen and see how good it is.") as account:
    chosen = selection.choose(account)
    if chosen:
        choice, data, model = chosen
        with page_frame.panel():
            model_table.show(choice, data)
        size = data.rows[choice.split], len(data.features)
        instance = batch_scoring.choose_instance(account, *size) if choice.method == BATCH else ""
        evaluation = _find(choice, model, data)
        if model.job and choice.method == BATCH:
            with page_frame.panel():
                batch_scoring.show(choice, model.job, data, instance)
        elif _score_button(choice, data, model, evaluation is not None):
            st.rerun()
        if evaluation:
            with page_frame.panel():
                verdict_panel.show(choice, evaluation, model)
            _result(choice, evaluation, model)
        if model.job and choice.method == FILE:
            model_panel.show(account, model.job)
        with st.expander("Show the code", icon=":material/code:"):
            applied = decisions.applied(account, model.uri)
            script = evaluate_code.script(choice, data, model, selection.answers(choice, model), instance, applied)
            code_block.show(script, "python")
        with st.container(horizontal=True):
            if model.job:
                page_frame.next_step("endpoints", "Deploy", job=model.job.name)
            page_frame.next_step("costs", "Costs")
