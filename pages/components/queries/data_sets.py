"""The prepared data sets of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from services.aws.account import Account
from services.data import first_rows
from services.data import prepared_data as prepared_data_sets
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.data.sets import set_comparison, set_rows
from services.data.sets.set_comparison import SetDrift
from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd


@st.cache_data(ttl=10, show_spinner=False)
def prepared_names(account: Account) -> list[str]:
    """The prepared data sets. Raises AwsError."""
    return prepared_data_sets.names(account)


@st.cache_data(ttl=60, show_spinner=False)
def display_names(account: Account) -> dict[str, str]:
    """What each prepared data set is called on the screen, by its name. Raises AwsError."""
    return prepared_data_sets.display_names(account)


def display_name(account: Account, name: str) -> str:
    """What a data set is called on the screen; `name` where there is none of it or it cannot be read."""
    try:
        return display_names(account).get(name, name)
    except Problem:
        return name


@st.cache_data(ttl=60, show_spinner=False)
def prepared_data(account: Account, name: str) -> PreparedData:
    """One prepared data set. Raises Problem."""
    return prepared_data_sets.load(account, name)


@st.cache_data(ttl=60, show_spinner=False)
def recipe(account: Account, name: str) -> Recipe | None:
    """How raw rows become the features of a prepared data set; None where they are as they were. Raises Problem."""
    return prepared_data_sets.load_recipe(account, prepared_data(account, name))


@st.cache_data(ttl=600, max_entries=20, show_spinner=False)
def preview(account: Account, name: str, split: str) -> pd.DataFrame:
    """The first rows of a split, with the names of its columns and classes. Raises Problem."""
    return set_rows.preview(account, prepared_data(account, name), split)


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def drift(account: Account, before: str, after: str) -> SetDrift:
    """What changed from one data set to another. Raises Problem."""
    return set_comparison.compare(account, prepared_data(account, before), prepared_data(account, after))


@st.cache_data(ttl=60, show_spinner=False)
def data_faults(account: Account, name: str) -> tuple[tuple[str, ...], str | None]:
    """What AWS would silently make of the first rows of a set: see `faults` and `rounding`. Raises Problem."""
    data = prepared_data(account, name)
    channels = [first_rows.read(account, data, split) for split in ("train", "validation")]
    return first_rows.faults(channels, data.features), first_rows.rounding(channels, data.features)
