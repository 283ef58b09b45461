"""The search spaces that the form begins with, a button each; the first is filled in until somebody changes it."""

import streamlit as st

from pages.components.shell.formats import plain
from pages.components.tune import search_space_editor
from services.algorithms.algorithm import Algorithm
from services.data.prepared_data import PreparedData
from services.tuning import search_presets
from services.tuning.search_presets import SearchPreset


def follow(algorithm: Algorithm, data: PreparedData) -> None:
    """Fill the form in at first, and again for other data as long as it stands as a preset filled it in."""
    offered = search_presets.presets(algorithm, data)
    before: SearchPreset | None = st.session_state.get(_begun(algorithm))
    if search_space_editor.settings_key(algorithm) not in st.session_state:
        fill(algorithm, offered[0])
    elif before and before not in offered and _stands(algorithm, before):
        fill(algorithm, next((preset for preset in offered if preset.name == before.name), offered[0]))
    elif not (before and _stands(algorithm, before)):
        return
    search_space_editor.suits(algorithm, data)


def show(algorithm: Algorithm, data: PreparedData) -> None:
    """The buttons, and what is filled in."""
    offered = search_presets.presets(algorithm, data)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Preset", width="content")
        for number, preset in enumerate(offered):
            st.button(
                plain(preset.name),
                key=f"search_preset_{number}",
                help=plain(preset.description),
                type="tertiary",
                icon=":material/tune:",
                on_click=fill,
                args=(algorithm, preset),
            )
    shown = next((preset for preset in offered if _stands(algorithm, preset)), None)
    st.caption(plain(f"{shown.name}: {shown.description}." if shown else "Your own search space."))


def fill(algorithm: Algorithm, preset: SearchPreset) -> None:
    """Fill the form in; also a callback."""
    st.session_state.update(_state(algorithm, preset))
    st.session_state[_begun(algorithm)] = preset


def _begun(algorithm: Algorithm) -> str:
    """The key of the preset that was filled in last."""
    return f"tune_begun_{algorithm.facts.stem}"


def _stands(algorithm: Algorithm, preset: SearchPreset) -> bool:
    """Whether the form is as the preset fills it in."""
    return all(st.session_state.get(key) == value for key, value in _state(algorithm, preset).items())


def _state(algorithm: Algorithm, preset: SearchPreset) -> dict[str, object]:
    state = search_space_editor.state_of(algorithm, preset.ranges, preset.fixed)
    return {**state, f"tune_{algorithm.unit}s": preset.rounds}
