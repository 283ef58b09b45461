"""Tables that profiles are tried on: small made ones, and real ones where they lie beside the project."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.data.reading import file_reader
from tests.local_service import SHARED

REAL = ("abalone.csv", "hypothyroid.csv", "telco-customer-churn.csv", "winequality-white.csv")


def real(name: str) -> pd.DataFrame:
    """A real data set; skips the test where it is not there."""
    path: Path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return file_reader.read(path).frame


def mixed() -> pd.DataFrame:
    """Numbers, text, flags and dates with gaps, 500 rows."""
    random = np.random.default_rng(5)
    rows = 500
    number = random.normal(3, 2, rows)
    number[::7] = np.nan
    return pd.DataFrame(
        {
            "number": number,
            "whole": random.integers(-3, 40, rows),
            "few": random.integers(0, 3, rows).astype(float),
            "text": pd.Series(random.choice(["red", "green", "blue"], rows), dtype="str").where(
                random.random(rows) > 0.1
            ),
            "words": pd.Series([f"w{number % 70}" for number in range(rows)], dtype="str"),
            "flag": pd.Series(random.random(rows) > 0.5, dtype="boolean").where(random.random(rows) > 0.1),
            "day": pd.Series(pd.date_range("2026-01-01", periods=rows)).where(random.random(rows) > 0.1),
        }
    )


WIDE = "2,000 columns"
ODD: dict[str, Callable[[], pd.DataFrame]] = {
    "one row": lambda: pd.DataFrame({"n": [1.5], "t": ["x"], "d": pd.to_datetime(["2026-01-01"])}),
    "no rows": lambda: pd.DataFrame({"n": pd.Series([], dtype=float), "t": pd.Series([], dtype="str")}),
    "all missing": lambda: pd.DataFrame({"n": [np.nan] * 3, "t": pd.Series([None] * 3, dtype="str")}),
    "infinite": lambda: pd.DataFrame({"n": [np.inf, -np.inf, 1.0, np.nan], "only": [np.inf] * 4}),
    "the largest numbers": lambda: pd.DataFrame({"n": [1.7e308, -1.7e308, 0.0, 1.0], "m": [1e-300, 2e-300, 0, 3e-300]}),
    "large whole numbers": lambda: pd.DataFrame({"n": pd.Series([2**60, 2**60 + 1, None], dtype="Int64")}),
    "names that look alike": lambda: pd.DataFrame([[1, "x", 2.0], [2, "y", 3.0]], columns=["a", 1, "1"]),
    WIDE: lambda: pd.DataFrame(np.arange(6000).reshape(3, 2000) % 7).rename(columns=str),
    "cells of any kind": lambda: pd.DataFrame({"o": [1, "x", 2.5, None, True], "n": range(5)}),
}
ODD_CASES = [pytest.param(make, id=name, marks=pytest.mark.slow if name == WIDE else ()) for name, make in ODD.items()]
