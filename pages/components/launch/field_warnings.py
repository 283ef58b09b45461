"""What a launch would come to nothing by, shown at its field, with a button that mends it where one value does."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from pages.components.shell.formats import plain
from services.training.launch_warnings import LaunchWarning


def show(warnings: Iterable[LaunchWarning], mend: Callable[[Mapping[str, str]], None]) -> None:
    """One sentence each; `mend` sets hyperparameters on the form."""
    for warning in warnings:
        st.caption(f":orange[:material/warning:] {plain(f'{warning.hyperparameter}: {warning.sentence}')}")
        if warning.remedy:
            values = ", ".join(f"{name} to {value}" for name, value in warning.remedy.items())
            st.button(
                plain(f"Set {values}"),
                key=f"mend_{warning.hyperparameter}",
                type="tertiary",
                icon=":material/build:",
                on_click=mend,
                args=(warning.remedy,),
            )
