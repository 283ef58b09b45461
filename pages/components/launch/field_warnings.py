"""What a launch would come to nothing by, shown at its field, with a button that mends it where one value does."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from pages.components.shell.formats import plain
from services.training.target_warnings import LaunchWarning


def show(warnings: Iterable[LaunchWarning], mend: Callable[[Mapping[str, str]], None]) -> None:
    """One sentence each; `mend` sets hyperparameters on the form."""
    for warning in warnings:
        st.caption(f":orange[:material/warning:] {plain(f'{warning.hyperparameter}: {warning.sentence}')}")
        if warning.remedy:
            values = ", ".join(f"{name} to {value}" for name, value in warning.remedy.items() if value)
            cleared = ", ".join(name for name, value in warning.remedy.items() if not value)
            said = [f"set {values}"] * bool(values) + [f"clear {cleared}"] * bool(cleared)
            st.button(
                plain(_sentence(" and ".join(said))),
                key=f"mend_{warning.hyperparameter}",
                type="tertiary",
                icon=":material/build:",
                on_click=mend,
                args=(warning.remedy,),
            )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
