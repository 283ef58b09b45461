"""The hyperparameters of an algorithm as a form: presets, the usual settings on top, all others in groups.

A field is one key of session state, so that a preset or an earlier job fills the form by setting keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from pages.components.launch import field_warnings
from pages.components.shell.formats import plain
from services.algorithms import field_help
from services.algorithms.algorithm import Algorithm, Hyperparameter, Interval
from services.data.prepared_data import PreparedData
from services.training import launch_warnings, presets, target_warnings
from services.training import plan as training_plan
from services.training.plan import TrainingPlan
from services.training.target_warnings import LaunchWarning

COUNTS = ("num_class", "num_classes")  # hyperparameters that are the number of classes
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


def key(name: str) -> str:
    """The key of a hyperparameter's field; no two algorithms have a name in common."""
    return f"hp_{name}"


def form(plan: TrainingPlan) -> TrainingPlan:
    """Draw the form of the plan's algorithm; the plan with what is set in it, in the algorithm's own strings."""
    algorithm, said = plan.algorithm, field_help.form(plan.algorithm)
    _follow(plan, said)
    _presets(plan)
    given = _given(said)
    plan = replace(plan, hyperparameters=given)
    notes = FieldNotes(training_plan.field_errors(plan), launch_warnings.of_settings(plan))
    for start in range(0, len(said.top), 3):
        names = said.top[start : start + 3]
        for column, name in zip(st.columns(3, vertical_alignment="bottom"), names, strict=True):
            with column:
                _field(plan, said.words[name], notes.errors.get(name))
        _warn(algorithm, notes.warnings_of(*names))
    for group in said.groups:
        shown = [each for each in group.hyperparameters if each.name not in said.top]
        if shown:
            with st.expander(_label(group, said.top, plan, notes), key=f"group_{group.name}"):
                st.caption(plain(group.description))
                for each in shown:
                    _row(plan, each, notes.errors.get(each.name))
                    _warn(algorithm, notes.warnings_of(each.name))
    return plan


def suits(algorithm: Algorithm, data: PreparedData) -> None:
    """Note that what is filled in is meant for such data, e.g. by an earlier job on them."""
    st.session_state[f"hp_suits_{algorithm.facts.stem}"] = (data.kind, len(data.classes))


def _follow(plan: TrainingPlan, said: field_help.Form) -> None:
    """The usual settings at first, and again for other data: of another kind, or as long as nobody changed a field."""
    algorithm, data = plan.algorithm, plan.data
    state, usual = st.session_state, presets.usual(algorithm, data)
    begun = f"begun_{algorithm.facts.stem}"  # what the form was filled with
    before = state.get(f"hp_suits_{algorithm.facts.stem}", (data.kind, len(data.classes)))
    shown, other = key(algorithm.needed[0]) in state, before[0] != data.kind
    if not shown or other or (_given(said) == state.get(begun) and state[begun] != usual):
        fill(algorithm, usual)
        state[begun] = usual
    elif before[1] != len(data.classes):
        _set(algorithm, {name: usual[name] for name in COUNTS if name in usual})
    if shown and other:
        st.caption(plain(f"{target_warnings.holds(data)}: filled with the usual settings for that."))
    suits(algorithm, data)


@dataclass(frozen=True)
class FieldNotes:
    """What is to be said beside the fields: errors by the field's name, and warnings."""

    errors: Mapping[str, str]
    warnings: tuple[LaunchWarning, ...]

    def warnings_of(self, *names: str) -> list[LaunchWarning]:
        """The warnings of these fields."""
        return [warning for warning in self.warnings if warning.hyperparameter in names]


def _label(group: field_help.FieldGroup, but: Sequence[str], plan: TrainingPlan, notes: FieldNotes) -> str:
    """What stands on a group while it is closed; the fields `but` are elsewhere."""
    names = [each.name for each in group.hyperparameters if each.name not in but]
    given = sum(name in plan.hyperparameters for name in names)
    label = f"{plain(group.name)}{f' · {given} set' if given else ''}"
    if notes.errors.keys() & set(names):
        return f"{label} · :red[correct this]"
    return f"{label} · :orange[:material/warning:] check this" if notes.warnings_of(*names) else label


def _warn(algorithm: Algorithm, warnings: Sequence[LaunchWarning]) -> None:
    field_warnings.show(warnings, partial(_set, algorithm))


def _set(algorithm: Algorithm, values: Mapping[str, str]) -> None:
    """Set these fields and leave the others."""
    for name, value in values.items():
        known = algorithm.hyperparameters[name]
        empty: list[str] | None = [] if known.type == "CommaSeparatedList" else None
        st.session_state[key(name)] = _typed(known, value) if value else empty


def fill(algorithm: Algorithm, given: Mapping[str, str]) -> list[str]:
    """Set the fields to `given`, all others to nothing; the names of those that no field can hold."""
    strange = [name for name in given if name not in algorithm.hyperparameters and not name.startswith("_tuning")]
    for name in field_help.form(algorithm).words:
        known, value = algorithm.hyperparameters[name], None
        if name in given:
            value = _typed(known, given[name])
            strange += [name] if value is None else []
        st.session_state[key(name)] = value or [] if known.type == "CommaSeparatedList" else value
    return strange


def _presets(plan: TrainingPlan) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Preset", width="content")
        for number, preset in enumerate(presets.presets(plan.algorithm, plan.data)):
            st.button(
                plain(preset.name),
                key=f"preset_{number}",
                help=plain(preset.description),
                type="tertiary",
                icon=":material/tune:",
                on_click=_begin,
                args=(plan.algorithm, preset.hyperparameters),
            )


def _begin(algorithm: Algorithm, given: Mapping[str, str]) -> None:
    fill(algorithm, given)


def _row(plan: TrainingPlan, each: field_help.FieldHelp, complaint: str | None) -> None:
    field, sentence = st.columns([2, 3], vertical_alignment="center")
    with field:
        _field(plan, each, complaint)
    example = f" E.g. `{each.example}`." if each.example else ""
    sentence.caption(f"{plain(each.description)}{example} {plain(bounds(plan.algorithm, each))}")


def _field(plan: TrainingPlan, each: field_help.FieldHelp, complaint: str | None) -> None:
    algorithm = plan.algorithm
    known = algorithm.hyperparameters[each.name]
    name = plain(each.name)
    hint = f"default: {each.default}" if each.default else "none"
    choices, unmeasured = _choices(plan, known)
    help_text = f"{each.description} {bounds(algorithm, each)}{unmeasured}"
    options = {"key": key(each.name), "help": plain(help_text), **KEPT}
    if known.words and known.interval:
        typed = st.session_state.get(key(each.name))
        offered = dict.fromkeys([*known.words, *([typed] if typed else [])])
        st.selectbox(name, offered, index=None, placeholder=hint, accept_new_options=True, **options)
    elif known.type == "Integer":
        st.number_input(name, value=None, step=1, placeholder=hint, **options)
    elif known.type == "Continuous":
        st.number_input(name, value=None, step=_step(known.interval), placeholder=hint, format="%.10g", **options)
    elif known.type in ("Categorical", "Boolean"):
        st.selectbox(name, [*choices, *known.words], index=None, placeholder=hint, **options)
    elif known.type == "CommaSeparatedList":
        wrong = algorithm.miscounted(plan.hyperparameters)
        sound = [choice for choice in known.choices if choice not in wrong]
        st.multiselect(name, sound, accept_new_options=True, placeholder=hint, **options)
    else:
        st.text_input(name, placeholder=hint, **options)
    if complaint:
        st.caption(f":red[:material/error: {plain(complaint)}]")


def _choices(plan: TrainingPlan, known: Hyperparameter) -> tuple[list[Any], str]:
    """What a field offers, with what an earlier job had, and what is to be said of what it does not."""
    if known.name != "objective":
        return list(known.choices), ""
    objectives = [choice for choice in known.choices if ":" in choice]
    left_out = target_warnings.not_evaluated(objectives, plan.data.kind)
    set_before = st.session_state.get(key(known.name))
    offered = [choice for choice in objectives if choice not in left_out or choice == set_before]
    return offered, f" Not offered, as their scores cannot be evaluated on this target: {', '.join(left_out)}."


def _step(interval: Interval | None) -> float:
    return 0.05 if interval and interval.maximum is not None else 0.5


def bounds(algorithm: Algorithm, each: field_help.FieldHelp) -> str:
    """ "0 to 1; default 0.3.": what the algorithm takes, in words."""
    known = algorithm.hyperparameters[each.name]
    default = f"default {each.default}" if each.default else "needed" if known.required else "no default"
    if known.interval is None or known.type == "NestedList":
        return f"{default[0].upper()}{default[1:]}."
    spoken = f"{', '.join(known.words)}, or " if known.words else ""
    return f"{spoken}{_numbers(known.interval)}; {default}.".capitalize()


def _numbers(interval: Interval) -> str:
    """ "above 0", "0 to 1", "1 or more"."""
    if interval.minimum is None:
        return "any number"
    low = f"above {interval.minimum:,.10g}" if interval.open_minimum else f"{interval.minimum:,.10g}"
    if interval.maximum is None:
        return low if interval.open_minimum else f"{low} or more"
    return f"{low} to {'below ' if interval.open_maximum else ''}{interval.maximum:,.10g}"


def _given(said: field_help.Form) -> dict[str, str]:
    """What is set, the settings on top first."""
    names = [*said.top, *(name for name in said.words if name not in said.top)]
    values = {name: st.session_state.get(key(name)) for name in names}
    return {name: _text(value) for name, value in values.items() if value not in (None, "", [])}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value).strip()


def _typed(known: Hyperparameter, text: str) -> Any:
    """`text` as its field holds it; None when the field cannot."""
    if known.words and known.interval:
        return text
    try:
        if known.type == "Integer":
            return int(text)
        if known.type == "Continuous":
            return float(text)
    except ValueError:
        return None
    if known.type == "CommaSeparatedList":
        return text.split(",")
    if known.type == "Boolean":
        text = text.lower()
    if known.type in ("Boolean", "Categorical"):
        return text if text in (*known.choices, *known.words) else None
    return text
