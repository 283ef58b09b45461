"""The view "Report": everything that was decided on, as one file, attached to the model's version in the registry."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.evaluate import verdict_panel
from pages.components.evaluate.slices import slice_view
from pages.components.queries import data_sets as data_queries
from pages.components.queries import prices as price_queries
from pages.components.queries import registry as registry_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluation import decisions
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.shell import formats, page_frame
from services.evaluation import curves
from services.evaluation.decision import decision_wording
from services.evaluation.decision.saved_decision import AppliedThreshold, SavedDecision
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Curve, Scored
from services.html_report import Line
from services.registry import decision_report, model_metrics
from services.registry.decision_report import DecisionReport
from services.registry.model_metrics import Rows
from services.training import job_cost


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """What the report holds, its download and the version it is attached to."""
    report = made(choice, evaluation, model)
    headings = [section.heading.lower() for section in decision_report.sections(report)]
    st.markdown(
        f"One HTML file on **{formats.plain(model.name)}** for those who decide and those who ask later: "
        f"{', '.join(headings[:-1])} and {headings[-1]}."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download report",
            lambda: decision_report.as_html(report, datetime.now(UTC)),
            f"{model.name}-report.html",
            "text/html",
            key="decision_report",
            icon=":material/download:",
            on_click="ignore",
        )
        if model.job:
            _attachment(choice, report, model.job.name)


def made(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> DecisionReport:
    """The report of the evaluation that is shown."""
    account, data = choice.account, evaluation.data
    rows = Rows(data.name, choice.split, data.channel(choice.split))
    applied = decisions.applied(account, model.uri) if isinstance(evaluation.scored, Scored) else AppliedThreshold()
    decision = applied.decision
    threshold = decision.threshold if decision else float(st.session_state.get("threshold", applied.threshold))
    book = price_queries.book(account)
    return DecisionReport(
        name=model.name,
        model_uri=model.uri,
        job=model.job,
        data=data,
        recipe=data_queries.recipe(account, data.name),
        quality=model_metrics.of_scored(evaluation.scored, rows, data.classes, threshold),
        verdict=[one.sentence for one in verdict_panel.statements(choice, evaluation, model)],
        decision=_decision(evaluation, decision, choice.rows) if decision else [applied.fault] if applied.fault else [],
        slices=slice_view.report_table(choice, evaluation, threshold),
        curves=_curves(evaluation),
        usd=job_cost.cost(model.job, book) if model.job else None,
    )


def _attachment(choice: Choice, report: DecisionReport, job: str) -> None:
    version = registry_queries.registered(choice.account, job)
    if version is None:
        page_frame.next_step("registry", "Register the model to attach it", register=job)
        return
    named = formats.plain(f"{version} of {version.group}")
    if st.button(f"Attach to {named}", key="attach_report", icon=":material/attach_file:"):
        now = datetime.now(UTC)
        decision_report.attach(choice.account, version, decision_report.as_html(report, now), now)
        changed(choice.account, "registry")
        st.success(f"The report is attached to {named}.", icon=":material/check:")


def _decision(evaluation: Evaluation, decision: SavedDecision, rows: str) -> list[str]:
    """The saved decision, and what it costs on the rows of the report, where costs were given."""
    assert isinstance(evaluation.scored, Scored)
    told = decision_wording.decision_sentences(decision)
    if decision.money:
        at = evaluation.scored.at(decision.threshold)
        told.append(f"On the {rows}: {decision_wording.cost_sentence(at, decision.threshold, decision.money)}")
    return told


def _curves(evaluation: Evaluation) -> list[Line]:
    if not isinstance(evaluation.scored, Scored):
        return []
    drawn = (
        ("Precision and recall", "recall", "precision", evaluation.scored.pr_curve),
        ("ROC", "false positive rate", "recall", evaluation.scored.roc_curve),
        ("Gains", "share of rows flagged", "share of positives found", curves.gains(evaluation.scored)),
    )
    return [_line(title, x, y, curve) for title, x, y, curve in drawn if len(curve.x)]


def _line(title: str, x: str, y: str, curve: Curve) -> Line:
    return Line(title, x, y, curve.x.tolist(), curve.y.tolist())
