"""The editor of what a search varies: a row a setting, each with its range, or with the value it keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shell.formats import plain
from services.algorithms.algorithm import Algorithm
from services.data.prepared_data import PreparedData
from services.tuning import search_space
from services.tuning.search_space import Choices, Range, SearchedParameter

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
NARROW: dict[str, Any] = {"width": 88, **KEPT}


@dataclass(frozen=True)
class Edited:
    """What was typed: what is varied, and the settings that keep a value; None is the algorithm's own default.

    places: below the row of each setting, for what is to be said of it.
    """

    ranges: tuple[SearchedParameter, ...]
    kept: dict[str, str | None]
    places: dict[str, DeltaGenerator]


def settings_key(algorithm: Algorithm) -> str:
    """The key of the list of settings that were chosen; each algorithm's list is kept."""
    return f"tune_settings_{algorithm.facts.stem}"


def edit(algorithm: Algorithm, usual_values: Mapping[str, str], grid: bool) -> Edited:
    """Every setting that was chosen, see `search_preset_buttons.py`. A grid tries lists of values.

    usual_values: what a setting keeps that is not varied, when nobody says otherwise.
    """
    key, tunable = settings_key(algorithm), search_space.tunable(algorithm)
    elsewhere = (
        algorithm.rounds_name,
        *algorithm.measuring(""),
        "_tuning_objective_metric",
    )  # have fields of their own
    others = [name for name in algorithm.hyperparameters if name not in (*tunable, *elsewhere)]
    names = st.multiselect("Settings", [*tunable, *others], key=key, help="Tunable settings first", **KEPT)
    ranges: list[SearchedParameter] = []
    fixed: dict[str, str | None] = {}
    places: dict[str, DeltaGenerator] = {}
    for name in names:
        if name in others:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
                st.markdown(name, width="stretch")
                fixed[name] = _text(name, "This setting cannot be tuned")
            places[name] = st.container()
            continue
        usual = search_space.recommended(algorithm, name)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            st.session_state.setdefault(f"vary_{name}", True)
            varied = st.checkbox(name, key=f"vary_{name}", width="stretch", **KEPT)
            if not varied:
                fixed[name] = _kept(algorithm, usual, usual_values.get(name))
            elif grid or isinstance(usual, Choices):
                ranges.append(_values(usual))
            else:
                ranges.append(_range(usual))
        if varied:
            _explain(ranges[-1])
        places[name] = st.container()
    return Edited(tuple(ranges), fixed, places)


def state_of(algorithm: Algorithm, ranges: Sequence[SearchedParameter], fixed: Mapping[str, str]) -> dict[str, object]:
    """The session state of an editor with these ranges, and with these settings that keep a value."""
    state: dict[str, object] = {settings_key(algorithm): [*(searched.name for searched in ranges), *fixed]}
    for name, value in fixed.items():
        state |= {f"vary_{name}": False, f"{name}_kept": kept(algorithm, name, value)}
    for searched in ranges:
        state |= {
            f"vary_{searched.name}": True,
            f"{searched.name}_values": ", ".join(search_space.grid_values(searched)),
        }
        if isinstance(searched, Range):
            number = int if searched.integer else float
            state |= {
                f"{searched.name}_low": number(searched.low),
                f"{searched.name}_high": number(searched.high),
                f"{searched.name}_scale": searched.scaling,
            }
    return state


def keep(algorithm: Algorithm, values: Mapping[str, str]) -> None:
    """Have these settings keep a value, in the list of settings where they are not; a callback."""
    state = st.session_state
    listed = state[settings_key(algorithm)]
    state[settings_key(algorithm)] = [*listed, *(name for name in values if name not in listed)]
    for name, value in values.items():
        state[f"vary_{name}"] = False
        state[f"{name}_kept"] = kept(algorithm, name, value) if value else "" if not _numeric(algorithm, name) else None


def suits(algorithm: Algorithm, data: PreparedData) -> None:
    """Note that what is filled in is meant for such data."""
    st.session_state[_marker(algorithm)] = (data.kind, len(data.classes))


def follow(algorithm: Algorithm, data: PreparedData) -> None:
    """Forget the values that settings were given for data of another kind: objectives, metrics, weights of classes."""
    state, meant_for = st.session_state, (data.kind, len(data.classes))
    if state.get(_marker(algorithm), meant_for) != meant_for:
        for name in algorithm.hyperparameters:
            state.pop(f"{name}_kept", None)
        chosen, tunable = state.get(settings_key(algorithm), []), search_space.tunable(algorithm)
        state[settings_key(algorithm)] = [name for name in chosen if name in tunable]
    suits(algorithm, data)


def _marker(algorithm: Algorithm) -> str:
    return f"tune_suits_{algorithm.facts.stem}"


def _kept(algorithm: Algorithm, usual: SearchedParameter, usual_value: str | None) -> str | None:
    if isinstance(usual, Range) and _numeric(algorithm, usual.name):
        return _value(usual, usual_value)
    return _text(usual.name, "A word or a number")


def _numeric(algorithm: Algorithm, name: str) -> bool:
    """Whether the field of what a setting keeps takes a number, and no word."""
    parameter = algorithm.hyperparameters[name]
    return bool(parameter.tunable and parameter.recommended and not parameter.words)


def kept(algorithm: Algorithm, name: str, value: str) -> Any:
    """`value` as the field of what a setting keeps holds it."""
    if not _numeric(algorithm, name):
        return value
    return int(float(value)) if algorithm.hyperparameters[name].type == "Integer" else float(value)


def _range(usual: Range) -> Range:
    number, step = (int, 1) if usual.integer else (float, 0.1)
    ends = []
    for end, label in (("low", "From"), ("high", "To")):
        key = f"{usual.name}_{end}"
        st.session_state.setdefault(key, number(getattr(usual, end)))
        ends.append(st.number_input(label, step=step, key=key, format=None if usual.integer else "%g", **NARROW))
    st.session_state.setdefault(f"{usual.name}_scale", usual.scaling)
    scalings = search_space.SCALINGS[: 3 if usual.integer else 4]
    scaling = st.selectbox("Scale", scalings, key=f"{usual.name}_scale", **{**KEPT, "width": 136})
    return Range(usual.name, ends[0], ends[1], usual.integer, scaling)


def _values(usual: SearchedParameter) -> Choices:
    st.session_state.setdefault(f"{usual.name}_values", ", ".join(search_space.grid_values(usual)))
    text = st.text_input("Values", key=f"{usual.name}_values", help="Separated by commas", **{**KEPT, "width": 300})
    return Choices(usual.name, tuple(value.strip() for value in text.split(",") if value.strip()))


def _value(usual: Range, usual_value: str | None) -> str | None:
    number = int if usual.integer else float
    st.session_state.setdefault(f"{usual.name}_kept", None if usual_value is None else number(float(usual_value)))
    value = st.number_input(
        "Fixed value",
        value=None,
        step=1 if usual.integer else 0.1,
        format=None if usual.integer else "%g",
        key=f"{usual.name}_kept",
        placeholder="default",
        help="Empty: the algorithm's default",
        **NARROW,
    )
    return None if value is None else f"{value:g}"


def _text(name: str, why: str) -> str | None:
    """A setting that keeps a value, as the algorithm takes it."""
    text = st.text_input("Fixed value", key=f"{name}_kept", placeholder="default", help=why, **{**KEPT, "width": 320})
    return text.strip() or None


def _explain(searched: SearchedParameter) -> None:
    """What is wrong with a row, or else what its scale means."""
    fault = searched.fault() or search_space.at_edge(searched)
    if fault:
        st.caption(f":red[:material/error: {plain(f'{searched.name}: {fault}.')}]")
    elif isinstance(searched, Range) and (quarters := search_space.quartile_ranges(searched)):
        st.caption(plain(f"{searched.name}: {spread(quarters)}"))


def spread(quarters: tuple[float, ...]) -> str:
    """What a scale means, in a sentence."""
    low, first, middle, third, high = (f"{value:.3g}" for value in quarters)
    return f"quartiles of random trials: {low} to {first}, to {middle}, to {third}, to {high}."
