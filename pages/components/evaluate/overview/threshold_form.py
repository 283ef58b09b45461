"""The threshold of a model of two classes: the slider, what it is chosen by, and the decision that is saved.

Thresholds are chosen on validation rows: one chosen on test rows looks better there than it is.
"""

from dataclasses import replace
from math import isclose

import streamlit as st

from pages.components.evaluate.overview import aim_fields, cost_chart, decision_form
from pages.components.queries.evaluation import decisions, evaluations
from pages.components.queries.evaluation.evaluations import FILE, Choice, Evaluation
from pages.components.shell import chart_theme, formats, page_frame, url_selection
from services.data.prepared_data import PreparedData
from services.evaluation import model_ranking
from services.evaluation.decision import decision_wording
from services.evaluation.decision.expected_cost import CostMinimum, Costs
from services.evaluation.decision.saved_decision import DEFAULT_THRESHOLD, SavedDecision
from services.evaluation.decision.threshold_aims import Goal, ThresholdProposal
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Scored

SLIDER, GIVEN, OF = "threshold", "threshold_given", "threshold_of"  # session state: the widget, the address, the model
CHOSEN_ON = "validation"


def follow_address() -> None:
    """Have a threshold in the address decide on arrival; call it at the start of the page."""
    given = url_selection.from_address(SLIDER)
    if given:
        st.session_state.pop(SLIDER, None)
        st.session_state[GIVEN] = given


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> float:
    """Slider, aim, expected cost and decision; returns where the slider stands."""
    saved = None
    with st.container(border=True):
        with page_frame.panel():
            saved = decision_form.saved(choice.account, model)
            decision = saved.document if saved else None
            _begin(model, decision)
        threshold: float = st.slider(
            "Threshold: flag a row when its score is at least",
            0.0,
            1.0,
            DEFAULT_THRESHOLD,  # not in the address, so that Back leads to the choice before
            step=0.001,
            format="%g",
            key=SLIDER,
            bind="query-params",
        )
        with page_frame.panel():
            _choose(choice, evaluation, model, threshold, saved.etag if saved else None)
    return threshold


def current(choice: Choice, model: EvaluatedModel) -> float:
    """Where the slider stands, or would: for views that do not draw it."""
    _begin(model, decisions.applied(choice.account, model.uri).decision)
    threshold = float(st.session_state[SLIDER])
    st.session_state[SLIDER] = threshold  # or Streamlit forgets it while no slider is drawn
    return threshold


def _begin(model: EvaluatedModel, decision: SavedDecision | None) -> None:
    """Put the slider where the address says, or else the decision of this model, and the fields as they were for it."""
    given = _number(st.session_state.pop(GIVEN, ""))
    if st.session_state.get(OF) != model.uri:
        aim_fields.begin(decision)
    elif SLIDER in st.session_state and given is None:
        return
    st.session_state[OF] = model.uri
    usual = decision.threshold if decision else DEFAULT_THRESHOLD
    st.session_state[SLIDER] = usual if given is None else given


def _number(text: str) -> float | None:
    """A threshold in the address; None for what is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def _choose(choice: Choice, evaluation: Evaluation, model: EvaluatedModel, threshold: float, etag: str | None) -> None:
    """The aim, what it leads to and the form that saves it over the decision with this ETag."""
    goal, costs, proposal = None, None, None
    left, right = st.columns([2, 3], gap="large")
    with left:
        with page_frame.panel():
            goal = aim_fields.show()
            costs = goal.costs if goal and goal.costs else aim_fields.costs()
        rows = _rows_to_choose_on(choice, evaluation, model)
        if goal and rows:
            with page_frame.panel():
                proposal = decisions.proposal(*rows, goal)
                _offer(proposal, goal, rows, threshold)
    with right:
        if rows and costs and proposal and proposal.minimum:
            _chart(rows, costs, proposal.minimum, threshold)
    if costs:
        assert isinstance(evaluation.scored, Scored)
        said = decision_wording.cost_sentence(evaluation.scored.at(threshold), threshold, costs)
        st.markdown(f"**{formats.plain(choice.rows[0].upper() + choice.rows[1:])}.** {formats.plain(said)}")
    reached = proposal is not None and isclose(proposal.threshold, threshold)
    decision_form.show(rows or (choice, evaluation), model, threshold, goal if reached else None, costs, etag)


def _chart(rows: tuple[Choice, Evaluation], costs: Costs, minimum: CostMinimum, threshold: float) -> None:
    """The expected cost of the rows the threshold is chosen on."""
    scored = rows[1].scored
    assert isinstance(scored, Scored)
    curve = decisions.cost_curve(*rows, costs)
    figure = cost_chart.draw(curve, minimum, threshold, costs.of(scored.at(threshold)))
    st.plotly_chart(figure, key="cost_chart", config=chart_theme.CONFIG)
    counted = formats.plain(f"{scored.rows:,} {rows[0].rows}")
    st.caption(f"Expected cost of {counted}. Grey: not significantly above the lowest (95 %).")


def _offer(proposal: ThresholdProposal, goal: Goal, rows: tuple[Choice, Evaluation], threshold: float) -> None:
    """What the aim leads to, and the button that puts the slider there."""
    on = f"{proposal.confusion.rows:,} {rows[0].rows}"
    st.markdown(formats.plain(decision_wording.proposal_sentence(proposal, goal, on)))
    st.button(
        f"Use {proposal.threshold:g}",
        key="use_threshold",
        icon=":material/my_location:",
        on_click=_set_threshold,
        args=(proposal.threshold,),
        disabled=isclose(proposal.threshold, threshold),
    )


def _set_threshold(value: float) -> None:
    st.session_state[SLIDER] = value


def _rows_to_choose_on(
    choice: Choice, evaluation: Evaluation, model: EvaluatedModel
) -> tuple[Choice, Evaluation] | None:
    """The validation rows where they are scored, or else how to score them; other rows where there are no such."""
    shown = formats.plain(choice.rows)
    learned = model.job is not None and model_ranking.has_learned_validation(model.job)
    if learned or not evaluation.data.rows.get(CHOSEN_ON):
        why = "This model learned from the validation rows, too" if learned else "This data has no validation rows"
        chosen = f"the threshold is chosen on the {shown} and looks better on them than it is"
        st.caption(f":material/warning: {why}, so {chosen}.")
        return choice, evaluation
    if choice.split == CHOSEN_ON:
        return choice, evaluation
    on = replace(choice, split=CHOSEN_ON, file="")
    in_file = replace(on, method=FILE, edition="")
    for each in (on, in_file):
        found = evaluations.find(each)
        if found:
            st.caption(f"Shown: {shown}. The threshold is chosen on the validation rows.")
            return each, found
    why = "A threshold chosen on them would look better than it is; it is chosen on the validation rows."
    st.caption(f":material/info: Shown: {shown}. {why}")
    _offer_validation_rows(in_file, evaluation.data, model)
    return None


def _offer_validation_rows(choice: Choice, data: PreparedData, model: EvaluatedModel) -> None:
    """A button that scores the validation rows by the model file, or shows them where it cannot be read here."""
    if not model.is_read_here:
        if st.button("Show validation rows", key="show_validation", on_click=_show_validation):
            st.rerun()
    elif st.button("Score validation rows", key="score_to_choose", icon=":material/fact_check:"):
        with page_frame.panel(), st.spinner(f"Scoring {formats.count(data.rows[CHOSEN_ON], 'row')}"):
            if not evaluations.restore(choice, model, data):
                evaluations.score(choice, model, data)
            st.rerun()


def _show_validation() -> None:
    st.session_state["split"] = CHOSEN_ON
