"""The hyperparameters of XGBoost as a form: presets, the guide's settings on top, all others in groups.

A field is one key of session state, so that a preset or an earlier job fills the form by setting keys.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from services import presets, training
from services.algorithms import words
from services.algorithms.algorithm import Hyperparameter, Interval
from services.algorithms.xgboost import XGBOOST
from services.prepared import PreparedData

TOP = (
    *("max_depth", "eta", "gamma", "min_child_weight", "subsample", "num_round"),
    *("objective", "eval_metric", "early_stopping_rounds"),
)
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


def key(name: str) -> str:
    """The key of a hyperparameter's field."""
    return f"hp_{name}"


def form(data: PreparedData) -> dict[str, str]:
    """Draw the form; what is set in it, in the algorithm's own strings."""
    if key("num_round") not in st.session_state:
        fill(training.GUIDE)
    _presets(data)
    said = {each.name: each for group in words.groups() for each in group.hyperparameters}
    given = _given(said)
    wrong = training.complaints(given)
    for start in range(0, len(TOP), 3):
        for column, name in zip(st.columns(3), TOP[start : start + 3], strict=True):
            with column:
                _field(said[name], wrong.get(name))
    for group in words.groups():
        shown = [each for each in group.hyperparameters if each.name not in TOP]
        named = sum(each.name in given for each in shown)
        if shown:
            refused = any(each.name in wrong for each in shown)
            label = f"{group.name}{f' · {named} set' if named else ''}{' · :red[look here]' if refused else ''}"
            with st.expander(label, key=f"group_{group.name}"):
                st.caption(group.says)
                for each in shown:
                    _row(each, wrong.get(each.name))
    return given


def fill(given: Mapping[str, str]) -> list[str]:
    """Set the fields to `given`, all others to nothing; the names of those that no field can hold."""
    strange = [name for name in given if name not in XGBOOST.hyperparameters and not name.startswith("_tuning")]
    for group in words.groups():
        for each in group.hyperparameters:
            value = None
            if each.name in given:
                value = _typed(XGBOOST.hyperparameters[each.name], given[each.name])
                strange += [each.name] if value is None else []
            listed = XGBOOST.hyperparameters[each.name].type == "CommaSeparatedList"
            st.session_state[key(each.name)] = value or [] if listed else value
    return strange


def _presets(data: PreparedData) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Begin with", width="content")
        for number, preset in enumerate(presets.presets(data)):
            st.button(
                preset.name,
                key=f"preset_{number}",
                help=preset.says,
                type="tertiary",
                icon=":material/tune:",
                on_click=_begin,
                args=(preset.hyperparameters,),
            )


def _begin(given: Mapping[str, str]) -> None:
    fill(given)


def _row(each: words.Words, complaint: str | None) -> None:
    field, sentence = st.columns([2, 3], vertical_alignment="center")
    with field:
        _field(each, complaint)
    example = f" E.g. `{each.example}`." if each.example else ""
    sentence.caption(f"{each.says}{example} {bounds(each)}")


def _field(each: words.Words, complaint: str | None) -> None:
    known = XGBOOST.hyperparameters[each.name]
    hint = f"default: {each.default}" if each.default else "none"
    options = {"key": key(each.name), "help": f"{each.says} {bounds(each)}", **KEPT}
    if known.type == "Integer":
        st.number_input(each.name, value=None, step=1, placeholder=hint, **options)
    elif known.type == "Continuous":
        st.number_input(each.name, value=None, step=_step(known.interval), placeholder=hint, format="%.10g", **options)
    elif known.type == "Categorical":
        choices = [choice for choice in known.choices if ":" in choice or each.name != "objective"]
        st.selectbox(each.name, choices, index=None, placeholder=hint, **options)
    elif known.type == "CommaSeparatedList":
        st.multiselect(each.name, known.choices, accept_new_options=True, placeholder=hint, **options)
    else:
        st.text_input(each.name, placeholder=hint, **options)
    if complaint:
        st.caption(f":red[:material/error: {complaint.partition(': ')[2]}]")


def _step(interval: Interval | None) -> float:
    return 0.05 if interval and interval.maximum is not None else 0.5


def bounds(each: words.Words) -> str:
    """ "0 to 1; default 0.3.": what the algorithm takes, in words."""
    interval = XGBOOST.hyperparameters[each.name].interval
    default = f"default {each.default}" if each.default else "needed" if each.name == "num_round" else "no default"
    if interval is None or XGBOOST.hyperparameters[each.name].type == "NestedList":
        return f"{default[0].upper()}{default[1:]}."
    low = f"above {interval.minimum:,.10g}" if interval.open_minimum else f"{interval.minimum or 0:,.10g}"
    if interval.maximum is None:
        return f"{low if interval.open_minimum else f'{low} or more'}; {default}.".capitalize()
    high = f"below {interval.maximum:,.10g}" if interval.open_maximum else f"{interval.maximum:,.10g}"
    return f"{low} to {high}; {default}.".capitalize()


def _given(said: Mapping[str, words.Words]) -> dict[str, str]:
    """What is set, the settings on top first."""
    names = [*TOP, *(name for name in said if name not in TOP)]
    values = {name: st.session_state.get(key(name)) for name in names}
    return {name: _text(value) for name, value in values.items() if value not in (None, "", [])}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value).strip()


def _typed(known: Hyperparameter, text: str) -> Any:
    """`text` as its field holds it; None when the field cannot."""
    try:
        if known.type == "Integer":
            return int(text)
        if known.type == "Continuous":
            return float(text)
    except ValueError:
        return None
    if known.type == "CommaSeparatedList":
        return text.split(",")
    return text if known.type != "Categorical" or text in known.choices else None
