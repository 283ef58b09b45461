"""Evaluate: score held-out rows with a trained model, see how good it is, and choose the threshold of two classes."""

import streamlit as st

from pages.components.evaluate import batch_scoring, selection, views
from pages.components.evaluate import show_code as evaluate_code
from pages.components.predict import model_panel
from pages.components.queries import evaluations
from pages.components.queries.evaluations import BATCH, FILE, Choice, Evaluation
from pages.components.shell import code_block, formats, page_frame
from services.data.prepared_data import PreparedData
from services.endpoints import describe as endpoint_details
from services.evaluation import evaluated_model, scoring
from services.evaluation.evaluated_model import EvaluatedModel
from services.training.jobs import TrainingJob


def _score(choice: Choice, data: PreparedData, job: TrainingJob) -> Evaluation:
    rows = formats.count(data.rows[choice.split], "row")
    bar = st.progress(0.0, formats.plain(f"Reading {rows} of {data.display_name} …"))

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Scored {done:,} of {formats.count(total, 'row')}")

    try:
        split = scoring.read_split(choice.account, data, choice.split)
        bar.progress(0.1, f"Scoring {formats.count(split.rows, 'row')} …")
        if choice.method == FILE:
            scores = scoring.from_artifact(choice.account, job.model_uri or "", split.features)
        else:
            endpoint = endpoint_details.describe(choice.account, choice.method)
            scores = scoring.through_endpoint(
                choice.account, choice.method, split.features, progress, endpoint.body_limit, endpoint.answers
            )
    finally:
        bar.empty()
    return evaluations.evaluate_rows(choice.account, data, split, scores)


@st.fragment
def _result(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    with page_frame.panel():
        views.show(choice, evaluation, model)


with page_frame.page("Evaluate", "Score rows the model has not seen and see how good it is.") as account:
    chosen = selection.choose(account)
    if chosen:
        choice, data, job = chosen
        instance = batch_scoring.choose_instance(account) if choice.method == BATCH else ""
        if choice.method == BATCH:
            with page_frame.panel():
                batch_scoring.show(choice, job, data, instance)
        elif st.button("Score", key="score", type="primary", icon=":material/fact_check:"):
            with page_frame.panel():
                evaluations.save(choice, _score(choice, data, job))
        evaluation = evaluations.find(choice)
        if evaluation:
            _result(choice, evaluation, evaluated_model.of_job(job))
        if choice.method == FILE:
            model_panel.show(account, job)
        with st.expander("Show the code", icon=":material/code:"):
            code_block.show(evaluate_code.script(choice, data, job, selection.answers(choice, job), instance), "python")
        with st.container(horizontal=True):
            page_frame.next_step("endpoints", "Deploy", job=choice.job)
            page_frame.next_step("costs", "Costs")
