"""The statistics of a column as labels and texts, for whoever shows one column: the page and the report."""

from __future__ import annotations

from services.data.class_names import share_text
from services.data.profiling.column_profile import ColumnProfile
from services.data.profiling.number_column import NumberStatistics
from services.data.profiling.text_column import TextStatistics

COMPARED = ("Rows", "Missing", "Distinct", "Most frequent", "Mean", "Std", "Median", "Min", "Max", "First", "Last")
Facts = list[tuple[str, str]]


def facts(profile: ColumnProfile) -> Facts:
    """Label and text of each statistic that the column has."""
    present = profile.rows - profile.missing
    told = [
        ("Type", profile.kind),
        ("Rows", f"{profile.rows:,}"),
        ("Missing", _of(profile.missing, profile.rows)),
        ("Distinct", _of(profile.distinct, present)),
    ]
    if profile.top:
        value, cells = profile.top[0]
        told.append(("Most frequent", f"{value} ({share_text(cells / present)})"))
    if profile.numbers:
        told += _of_numbers(profile.numbers)
    if profile.texts:
        told += _of_texts(profile.texts)
    if profile.first:
        told += [("First", profile.first), ("Last", profile.last)]
    return told


def figure(number: float) -> str:
    """A statistic with six digits that carry something: "284,807", "1.9587", "1.7e+308"; "undefined" for NaN."""
    if number != number:
        return "undefined"
    if isinstance(number, int):
        return f"{number:,}"
    if abs(number) >= 1e15 or 0 < abs(number) < 1e-4:
        return f"{number:.5g}"
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.{max(0, 5 - len(f'{abs(number):.0f}'))}f}"


def _of(cells: int, whole: int) -> str:
    return f"{cells:,} ({share_text(cells / whole)})" if whole and cells else f"{cells:,}"


def _characters(count: str) -> str:
    return f"{count} {'character' if count == '1' else 'characters'}"


def _of_numbers(numbers: NumberStatistics) -> Facts:
    return [
        ("Mean", figure(numbers.mean)),
        ("Std", figure(numbers.std)),
        ("Min", figure(numbers.minimum)),
        ("25 %", figure(numbers.lower_quartile)),
        ("Median", figure(numbers.median)),
        ("75 %", figure(numbers.upper_quartile)),
        ("Max", figure(numbers.maximum)),
        ("Skew", figure(numbers.skew)),
        ("Zeros", _of(numbers.zeros, numbers.count)),
        ("Negatives", _of(numbers.negatives, numbers.count)),
        ("Outliers", _of(numbers.outliers, numbers.count)),
        ("Infinite", f"{numbers.infinite:,}"),
    ]


def _of_texts(texts: TextStatistics) -> Facts:
    return [
        ("Shortest", _characters(f"{texts.shortest:,}")),
        ("Mean length", _characters(f"{texts.mean_length:,.1f}")),
        ("Longest", _characters(f"{texts.longest:,}")),
        ("Blanks around", _of(texts.padded, texts.count)),
        ("Only blanks", _of(texts.blank, texts.count)),
        ("Case variants", f"{texts.case_variants:,}"),
        ("Numbers in text", _of(texts.numbers, texts.count)),
    ]
