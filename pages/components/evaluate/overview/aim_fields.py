"""What a threshold is chosen by: the aim, and the fields of each."""

from typing import Any

import streamlit as st

from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.saved_decision import SavedDecision
from services.evaluation.decision.threshold_aims import Aim, Goal

LABELS = {
    Aim.COST: "Cost",
    Aim.RECALL: "Recall",
    Aim.PRECISION: "Precision",
    Aim.CAPACITY: "Capacity",
    Aim.F_BETA: "F-beta",
}
USUAL = {Aim.RECALL: 90.0, Aim.PRECISION: 80.0, Aim.CAPACITY: 100.0, Aim.F_BETA: 1.0}
FIELD = 170  # pixels
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
AIM, MISS, ALARM, GAIN, PER = "aim", "cost_miss", "cost_false_alarm", "gain_hit", "capacity_per"
PERS = {1000: "1,000 rows", 0: "all of these rows"}


def begin(decision: SavedDecision | None) -> None:
    """Fill the fields as the decision of a model was taken; what is typed stays where there is none."""
    if decision is None:
        return
    if decision.costs:
        costs = decision.costs
        st.session_state.update({MISS: costs.miss, ALARM: costs.false_alarm, GAIN: costs.hit_gain})
    if decision.aim in LABELS:
        st.session_state[AIM] = decision.aim
        if decision.aim in USUAL:
            share = decision.aim in (Aim.RECALL, Aim.PRECISION)
            st.session_state[_key(decision.aim)] = decision.value * (100 if share else 1)
        if decision.aim is Aim.CAPACITY:
            st.session_state[PER] = decision.per


def show() -> Goal | None:
    """The control and the fields of its aim; None while they are empty. Raises Problem for costs that cannot be."""
    st.session_state.setdefault(AIM, Aim.COST)
    options: dict[str, Any] = {"required": True, **KEPT}
    aim: Aim = st.segmented_control("Aim", list(LABELS), format_func=LABELS.__getitem__, key=AIM, **options)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if aim is Aim.COST:
            return _costs()
        if aim is Aim.CAPACITY:
            return _capacity()
        if aim is Aim.F_BETA:
            beta = _field(aim, "Beta", 0.0, None, "1 weighs precision and recall alike, 2 recall twice as much")
            return Goal(aim, beta)
        what = "positives that are flagged" if aim is Aim.RECALL else "flagged rows that are positive"
        return Goal(aim, _field(aim, f"{LABELS[aim]} at least (%)", 0.0, 100.0, f"Share of the {what}") / 100)


def costs() -> Costs | None:
    """The costs as they were typed, whichever aim is shown; None while they are not. Raises Problem."""
    miss, alarm = st.session_state.get(MISS), st.session_state.get(ALARM)
    if miss is None or alarm is None:
        return None
    return Costs(miss, alarm, st.session_state.get(GAIN) or 0.0)


def _costs() -> Goal | None:
    labels = {
        MISS: ("A miss costs ($)", "What a positive row costs that is not flagged"),
        ALARM: ("A false alarm costs ($)", "What it costs to flag a negative row, such as its review"),
        GAIN: (
            "A hit gains ($)",
            "What flagging a positive row gains, beyond the miss that it avoids; empty for nothing",
        ),
    }
    for key, (label, meaning) in labels.items():
        st.number_input(label, 0.0, value=None, key=key, placeholder="0", width=FIELD, help=meaning, **KEPT)
    typed = costs()
    if typed is None:
        st.caption("Enter what a miss and a false alarm cost to see the cheapest threshold.")
        return None
    return Goal(Aim.COST, costs=typed)


def _capacity() -> Goal:
    rows = _field(Aim.CAPACITY, "Flag at most (rows)", 0.0, None, "How many flagged rows can be reviewed", step=1.0)
    st.session_state.setdefault(PER, 1000)
    per = st.selectbox("Out of", list(PERS), format_func=PERS.__getitem__, key=PER, width=FIELD, **KEPT)
    return Goal(Aim.CAPACITY, rows, per)


def _field(aim: Aim, label: str, least: float, most: float | None, meaning: str, **options: Any) -> float:
    st.session_state.setdefault(_key(aim), USUAL[aim])
    number = st.number_input(
        label, least, most, key=_key(aim), format="%g", width=FIELD, help=meaning, **options, **KEPT
    )
    return number or 0.0


def _key(aim: Aim) -> str:
    return f"aim_{aim.name.lower()}"
