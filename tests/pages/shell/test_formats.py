"""How numbers, money, times and sizes are written."""

from datetime import UTC, datetime, timedelta

import pytest

from pages.components.shell import chart_theme, formats

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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$1 and $2", r"\$1 and \$2"),
        ("![a](b) [c](d)", r"!\[a\](b) \[c\](d)"),
        (":red[x] class:red", r"\:red\[x\] class\:red"),
        ("**b** _i_ ~s~ `c`", r"\*\*b\*\* \_i\_ \~s\~ \`c\`"),
        ("<b>x</b> &lt;", r"\<b>x\</b> \&lt;"),
        ("a | b", r"a \| b"),
        (r"\[x\]", r"\\\[x\\\]"),
        ("# one\n\n- two", r"\# one - two"),
        ("1. one", r"1\. one"),
        ("---", r"\---"),
        ("safe\u202egpj.exe", r"safe\<U+202E>gpj.exe"),
        ("zero\u200bwidth\x00\ud800", r"zero\<U+200B>width\<U+0000>\<U+D800>"),
    ],
)
def test_markdown_in_the_text_of_an_account_is_text(text: str, shown: str) -> None:
    assert formats.plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see http://a.example/x.", "see `http://a.example/x`."),
        ("HTTPS://a www.a.example me@a.example", "`HTTPS://a` `www.a.example` `me@a.example`"),
        (":smile: :material_home:", "`:smile:` `:material_home:`"),
        ("a -> b >= c", "a `->` b `>=` c"),
        ("[http://a](http://b)`", r"\[`http://a`\]`(http://b`)\`"),
        (":material/home: x:material/y", r"\:material\/home: x\:material\/y"),
        ("arn:aws:iam::1:role/x", "`arn:aws:iam::1:role/x`"),
    ],
)
def test_what_no_backslash_protects_stands_as_code(text: str, shown: str) -> None:
    assert formats.plain(text) == shown


@pytest.mark.parametrize(
    "sentence",
    [
        "Training job fraud-7: the role's policy lacks it. Ask for it.",
        "max_depth 5.5 is not in 0 to 10, at 12:30:45 (s3://bucket/a b.csv)",
        "<1 % & more; 45 flagged: 44 correct!",
    ],
)
def test_an_ordinary_sentence_stays_as_it_is(sentence: str) -> None:
    assert formats.plain(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fraud-7", "`fraud-7`"),
        ("a`b``c", "``` a`b``c ```"),
        ("two\nlines\u202e", "`two lines<U+202E>`"),
        (":material/home:", r"\:material\/home:"),
        ("", ""),
    ],
)
def test_a_name_stands_as_code_whatever_is_in_it(text: str, shown: str) -> None:
    assert formats.code(text) == shown


def test_html_and_templates_in_the_text_of_a_chart_are_text() -> None:
    text = "<a href='http://a'>x</a> &lt; %{y}\u202e"
    shown = "&lt;a href='http://a'&gt;x&lt;/a&gt; &amp;lt; &#37;{y}&lt;U+202E&gt;"
    assert chart_theme.plain(text) == shown
