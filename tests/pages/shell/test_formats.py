"""How numbers, money, times and sizes are written."""

from datetime import UTC, datetime, timedelta

import pytest

from pages.components.shell import formats

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "row", "1 row"), (0, "row", "0 rows"), (284_807, "row", "284,807 rows"), (1234, "", "1,234")],
)
def test_counts_agree_with_their_noun(number: int, noun: str, text: str) -> None:
    assert formats.count(number, noun) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "unknown"), (0, "$0.00"), (0.004, "<$0.01"), (0.23, "$0.23"), (1204.5, "$1,204.50")],
)
def test_money_is_never_nothing_when_it_is_unknown_or_small(amount: float | None, text: str) -> None:
    assert formats.dollars(amount) == text


def test_prices_an_hour_have_the_tenth_of_a_cent() -> None:
    assert (formats.dollars_an_hour(0.0464), formats.dollars_an_hour(None)) == ("$0.046/h", "unknown")


def test_a_rare_class_keeps_its_digits() -> None:
    shares = (0.001727, 0.034, 0.5, 0.99827, 0.0, 1.0)
    assert [*map(formats.percent, shares)] == ["0.17 %", "3.4 %", "50 %", "99.83 %", "0 %", "100 %"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (7205, "2 h"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "just now"), (9, "just now"), (10, "10 s ago"), (200, "3 min ago"), (200_000, "2 d ago")]
)
def test_how_long_ago_has_one_unit(seconds: float, text: str) -> None:
    assert formats.ago(NOW - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (8_100_000, "8.1 MB"), (2_500_000_000, "2.5 GB")],
)
def test_sizes_are_decimal_as_storage_is_billed(size: int, text: str) -> None:
    assert formats.size(size) == text


def test_dollars_open_no_formula() -> None:
    assert formats.plain("$1 and $2") == r"\$1 and \$2"
