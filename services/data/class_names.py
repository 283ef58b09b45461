"""How the classes of a target column are named: in a table, and in a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def class_name(name: str) -> str:
    """A class as a sentence calls it: "fraud" is fraud, but "1" and "yes" are class 1 and class yes."""
    bare = name.replace(".", "", 1).lstrip("+-").isdigit() or name.lower() in {"yes", "no", "true", "false", "y", "n"}
    return f"class {name}" if bare else name


def share_text(share: float) -> str:
    """A share of 1 as percent with the decimals that carry something: "30 %", "3.4 %", "0.17 %", "99.83 %".

    Two significant digits, also of what is missing to the whole.
    """
    percent = share * 100
    small = min(abs(percent), abs(100 - percent))
    if small == 0 or small >= 9.95:
        return f"{percent:.0f} %"
    return f"{percent:.{max(0, 1 - math.floor(math.log10(small)))}f} %"


def class_of(value: object) -> str:
    """A cell of a target as the name of its class: 1.0 and 1 are the same class "1"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def class_names(target: pd.Series) -> pd.Series:
    """The target as class names; missing cells stay missing."""
    distinct = target.dropna().unique()
    return target.map({value: class_of(value) for value in distinct})


def all_but(name: str) -> str:
    """The name of all other classes together."""
    return f"not {name}"


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Different names of classes sorted: as numbers where all are, otherwise as text."""
    distinct = sorted({*names})
    try:
        return tuple(sorted(distinct, key=float))
    except ValueError:
        return tuple(distinct)


def number_text(value: float) -> str:
    """A number of a table for a sentence, four digits of it at least: "1,234", "9.934", "0.075", "1.2e-07"."""
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.4g}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}"
