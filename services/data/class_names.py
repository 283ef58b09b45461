"""How the classes of a target column are named: in a table, and in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def class_name(name: str) -> str:
    """A class as a sentence calls it: "fraud" is fraud, but "1" and "yes" are class 1 and class yes."""
    bare = name.replace(".", "", 1).lstrip("+-").isdigit() or name.lower() in {"yes", "no", "true", "false", "y", "n"}
    return f"class {name}" if bare else name


def class_of(value: object) -> str:
    """A cell of a target as the name of its class: 1.0 and 1 are the same class "1"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def class_names(target: pd.Series) -> pd.Series:
    """The target as class names; missing cells stay missing."""
    distinct = target.dropna().unique()
    return target.map({value: class_of(value) for value in distinct})
