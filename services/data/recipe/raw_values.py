"""The raw cells that prepared features came from, column by column, as far as the features tell them. Pure.

A recipe changes each raw column by itself, so that its cells can be told from its own features: the category of its
column of 1, the date of its parts, the number before its logarithm. What a step has lost (the value of a clipped or a
filled cell) stays as the model sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from services.data.recipe.cleaning import DateParts, Log, Numbers, Rename
from services.data.recipe.encoding import MISSING_CODE, UNKNOWN_CODE, Frequency, OneHot, Ordinal
from services.data.recipe.recipe import AnyStep, Recipe
from services.data.recipe.step import MISSING
from services.data.recipe.target_encoding import TargetEncoding

Features = Mapping[str, NDArray[np.float64]]
"""Prepared rows by column: (rows,) each, NaN for a missing cell."""

OTHER = "another value"  # a category that no training row has
MATCHING = 9  # decimals to which an encoding of a file is that of a category


@dataclass(frozen=True, eq=False)
class RawValues:
    """The cells of one raw column.

    numbers:    (rows,) NaN for a missing cell; of categories their places, of dates seconds since 1970.
    categories: the names of categories, the last of which may be OTHER; empty for numbers and dates.
    is_date:    whether the numbers are dates.
    decimal:    the decimal sign of numbers that the raw table has as text; "" for any other column.
    note:       what the numbers are where they are not the raw cells; "" where they are.
    """

    numbers: NDArray[np.float64]
    categories: tuple[str, ...] = ()
    is_date: bool = False
    decimal: str = ""
    note: str = ""

    def cell(self, place: int) -> float | str | None:
        """A cell as a person types it, and as the recipe takes it; None for a missing one or where it is not told."""
        number = float(self.numbers[place])
        if np.isnan(number) or self.note:
            return None
        if self.categories:
            name = self.categories[int(number)]
            return None if name == OTHER else name
        if self.is_date:
            return self.text(place)
        return f"{number:.12g}".replace(".", self.decimal) if self.decimal else number

    def text(self, place: int) -> str:
        """A cell as it is shown."""
        return self.text_of(float(self.numbers[place]))

    def text_of(self, number: float) -> str:
        """One of the `numbers` as it is shown: "1,204.5", "clerk", "2024-12-24", "missing"."""
        if np.isnan(number):
            return "missing"
        if self.categories:
            return self.categories[int(number)]
        if self.is_date:
            date = datetime.fromtimestamp(number, UTC)
            return f"{date:%Y-%m-%d}" if not (date.hour or date.minute) else f"{date:%Y-%m-%d %H:%M}"
        shown = f"{number:,.6g}"
        return f"{shown} ({self.note})" if self.note else shown


def raw_values(features: Features, recipe: Recipe | None) -> dict[str, RawValues | None]:
    """The cells of each raw column, in the order of the raw row; None where the features do not tell them."""
    if recipe is None:
        return {name: RawValues(cells) for name, cells in features.items()}
    return {name: _values(name, features, recipe) for name in recipe.inputs}


def _values(column: str, features: Features, recipe: Recipe) -> RawValues | None:
    steps = [*recipe.steps_over(column)]
    name = next((step.to for step in reversed(steps) if isinstance(step, Rename)), column)
    encoder = next((step for step in reversed(steps) if isinstance(step, ENCODERS)), None)
    if isinstance(encoder, OneHot):
        return _of_one_hot(encoder, features)
    if isinstance(encoder, DateParts):
        return _of_parts(encoder, features)
    if isinstance(encoder, TargetEncoding) and encoder.classes:
        return _of_codes([features.get(one) for one in encoder.names], _encodings(encoder))
    if name not in features:
        return None
    cells = features[name]
    if isinstance(encoder, Ordinal):
        codes = {MISSING_CODE: MISSING, UNKNOWN_CODE: OTHER, **dict(enumerate(encoder.categories))}
        return _of_codes([cells], {(float(code),): text for code, text in codes.items()})
    if isinstance(encoder, (Frequency, TargetEncoding)):
        note = "target encoding" if isinstance(encoder, TargetEncoding) else "share of training rows"
        return _of_codes([cells], _encodings(encoder)) or RawValues(cells, note=note)
    return _of_numbers(cells, steps, features)


ENCODERS = (OneHot, Ordinal, Frequency, TargetEncoding, DateParts)


def _of_numbers(cells: NDArray[np.float64], steps: Sequence[AnyStep], features: Features) -> RawValues:
    decimal = ""
    for step in reversed(steps):
        indicator = features.get(f"{step.column}_missing")
        if isinstance(step, Log):
            cells = np.copysign(np.expm1(np.abs(cells)), cells)
        elif isinstance(step, Numbers):
            decimal = step.decimal
        elif indicator is not None:
            cells = np.where(indicator == 1, np.nan, cells)
    return RawValues(cells, decimal=decimal)


def _of_one_hot(step: OneHot, features: Features) -> RawValues | None:
    flags = [features.get(name) for name in step.names.values()]
    if not flags or any(flag is None for flag in flags):
        return None
    table = np.column_stack([flag for flag in flags if flag is not None])
    names = [*step.names, OTHER]
    places = np.where(table.any(axis=1), table.argmax(axis=1), len(step.names)).astype(float)
    return _categories(places, names)


def _of_parts(step: DateParts, features: Features) -> RawValues | None:
    year, month, day = (features.get(f"{step.column}_{part}") for part in ("year", "month", "day"))
    if year is None or month is None or day is None:
        return None
    present = ~(np.isnan(year) | np.isnan(month) | np.isnan(day))
    seconds = np.full(len(year), np.nan)
    months = (year[present].astype(int) - 1970) * 12 + month[present].astype(int) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(int) + day[present].astype(int) - 1
    seconds[present] = days * 86_400.0
    hour = features.get(f"{step.column}_hour")
    return RawValues(seconds if hour is None else seconds + np.nan_to_num(hour) * 3600, is_date=True)


def _encodings(step: Frequency | TargetEncoding) -> dict[tuple[float, ...], str | None]:
    """Which category has an encoding; None for an encoding of several."""
    if isinstance(step, Frequency):
        encodings = [(step.shares, 0.0)]
    else:
        encodings = [*step.of_classes] or [(step.shares, step.share)]
    columns, unknown = [shares for shares, _ in encodings], [share for _, share in encodings]
    found: dict[tuple[float, ...], str | None] = {}
    for text in columns[0]:
        key = tuple(round(column[text], MATCHING) for column in columns)
        found[key] = None if key in found else text
    found.setdefault(tuple(round(share, MATCHING) for share in unknown), OTHER)
    return found


def _of_codes(
    columns: Sequence[NDArray[np.float64] | None], names: Mapping[tuple[float, ...], str | None]
) -> RawValues | None:
    """Categories by what encodes them; None unless every row has the encoding of just one."""
    present = [column for column in columns if column is not None]
    if len(present) < len(columns):
        return None
    distinct, places = np.unique(np.round(np.column_stack(present), MATCHING), axis=0, return_inverse=True)
    texts = [names.get(tuple(map(float, row))) for row in distinct]
    if any(text is None for text in texts):
        return None
    order = sorted({text for text in texts if text is not None and text != OTHER}) + [OTHER] * (OTHER in texts)
    codes = np.array([order.index(text) for text in texts if text is not None], dtype=float)
    return _categories(codes[places.reshape(-1)], order)


def _categories(places: NDArray[np.float64], names: Sequence[str]) -> RawValues:
    """Categories by their place; that of missing cells becomes a missing cell, and an unused OTHER is left out."""
    if MISSING in names:
        missing = names.index(MISSING)
        places = np.where(places == missing, np.nan, places - (places > missing))
        names = [name for name in names if name != MISSING]
    used = names if (places == len(names) - 1).any() or names[-1] != OTHER else names[:-1]
    return RawValues(places, tuple(used))
