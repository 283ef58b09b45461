"""What to know about the table before it is prepared: a line each, with the buttons that mend it in the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.components.data import plan_state
from pages.components.data.recipe import steps_editor
from pages.components.queries import findings as finding_queries
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, page_frame
from services.data.findings.finding import Finding, Severity
from services.data.preparation_plan import PreparationPlan

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

LINE = (7, 3)  # widths of a sentence and its buttons
HEIGHT = 320  # pixels of a few findings
DRAWN = "findings_of"  # in session state: the table and target whose findings are on screen
SHOWN = 8  # findings that are shown at once; more of them open by a click


class State(StrEnum):
    """How a finding stands, in words."""

    DECIDE = Severity.DECIDE
    INFORMATION = Severity.INFORMATION
    DONE = "done"
    IGNORED = "ignored"


BADGES = {
    State.DECIDE: ":orange-badge[:material/help: Decide]",
    State.INFORMATION: ":blue-badge[:material/info: Info]",
    State.DONE: ":green-badge[:material/check: Done]",
}


@dataclass(frozen=True)
class Place:
    """Where the findings of a table and target are drawn once all else is."""

    of: tuple[str, ...]
    lines: DeltaGenerator
    waiting: DeltaGenerator


def place(choice: Choice, target: str) -> Place:
    """Reserve the place of the findings; at first with about their height, so that nothing jumps when they come."""
    of, lines = (*choice.identity, target), st.container()
    lines.subheader("Findings", anchor=False)
    waiting = lines.empty()
    if st.session_state.get(DRAWN) != of:
        waiting.skeleton(HEIGHT)
    return Place(of, lines, waiting)


def show(reserved: Place, choice: Choice, rows: pd.DataFrame, target: str) -> None:
    """The findings, what waits for a decision first. Drawn last, so that nothing waits for them."""
    with reserved.lines, page_frame.panel():
        plan = plan_state.current(reserved.of)
        try:
            suggested = table_cache.column_uses(choice.identity, rows)
            rows = steps_editor.rows_left(choice, rows, target, plan)
            identity = steps_editor.left(choice, plan).identity
            found = finding_queries.findings(identity, target, plan, rows, suggested)
        finally:
            reserved.waiting.empty()
            st.session_state[DRAWN] = reserved.of
        draw(found, plan, rows.shape[1])


def draw(found: Sequence[Finding], plan: PreparationPlan, columns: int) -> None:
    """The findings under a headline that counts them; those that somebody ignores are folded away."""
    states = [state(finding, plan) for finding in found]
    st.markdown(f"**{headline(states, columns)}**")
    shown = [number for number, one in enumerate(states) if one is not State.IGNORED]
    for number in shown[:SHOWN]:
        _line(number, found[number], states[number], plan)
    if shown[SHOWN:]:
        with st.expander(f"Show {formats.count(len(shown) - SHOWN, 'more finding')}", key="more_findings"):
            for number in shown[SHOWN:]:
                _line(number, found[number], states[number], plan)
    if State.IGNORED in states:
        label = f"Show {formats.count(states.count(State.IGNORED), 'ignored finding')}"
        _button(label, "show_ignored", plan.model_copy(update={"ignored": ()}), ":material/visibility:", "tertiary")


def state(finding: Finding, plan: PreparationPlan) -> State:
    """How a finding stands under a plan."""
    if finding.key in plan.ignored:
        return State.IGNORED
    if any(remedy.is_applied(plan) for remedy in finding.remedies):
        return State.DONE
    return State(finding.severity)


def headline(states: Sequence[State], columns: int) -> str:
    """ "6 findings: 1 to decide, 5 for information", "No problems found in 20 columns"."""
    if not states:
        return f"No problems found in {formats.count(columns, 'column')}"
    parts = [f"{states.count(one)} {one}" for one in State if one in states]
    return f"{formats.count(len(states), 'finding')}: {', '.join(parts)}"


def _line(number: int, finding: Finding, stands: State, plan: PreparationPlan) -> None:
    applied = [remedy for remedy in finding.remedies if remedy.is_applied(plan)]
    words, buttons = st.columns(LINE, vertical_alignment="center")
    outcome = applied[0].done if applied else finding.default
    words.markdown(f"{BADGES[stands]} {formats.plain(finding.sentence)}{f' **{outcome}.**' if outcome else ''}")
    with buttons.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if applied:
            _button("Undo", f"undo_{number}", applied[0].revert(plan), ":material/undo:")
            return
        for nth, remedy in enumerate(finding.remedies):
            _button(remedy.label, f"remedy_{number}_{nth}", remedy.apply(plan))
        ignored = plan.model_copy(update={"ignored": (*plan.ignored, finding.key)})
        _button("Ignore", f"ignore_{number}", ignored, kind="tertiary")


def _button(
    label: str,
    key: str,
    plan: PreparationPlan,
    icon: str | None = None,
    kind: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button that takes another plan."""
    st.button(label, key=key, type=kind, icon=icon, on_click=plan_state.change, args=(plan,))
