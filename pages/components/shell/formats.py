"""How numbers, money, times and sizes are written on the screen; one place, so that all pages agree."""

import re
from datetime import datetime

from services.data.class_names import share_text
from services.visible_text import inline_code, visible

# What Streamlit's Markdown gives a meaning: words, of which some have one however they are escaped, and characters.
TOKEN = re.compile(r":material/|(?:(?!:material/)[^\s`\[\]|$])+|[`\[\]|$]")
REPLACED = re.compile(r"https?://|www\.|\w@|:(?!\d\d?:)[\w+-]+:|\A(?:<->|->|<-|--|[<>~]=)\Z", re.IGNORECASE)
SYNTAX = re.compile(r"[\\*~`\[\]|$]|:(?=[A-Za-z])|<(?=[A-Za-z/!?])|&(?=[#A-Za-z])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
LEADING = re.compile(r"\A(\s*(?:\d+(?=[.)](?:\s|\Z)))?)([#>=+.)-])")


def count(number: float, noun: str = "") -> str:
    """ "1 row", "284,807 rows"; the plural of `noun` takes an s."""
    return f"{number:,.0f}{f' {noun}' if noun else ''}{'' if number == 1 or not noun else 's'}"


def dollars(amount: float | None) -> str:
    """ "$0.23", "$1,204.50", "<$0.01"; None is "unknown", never nothing."""
    if amount is None:
        return "unknown"
    return "<$0.01" if 0 < amount < 0.01 else f"${amount:,.2f}"


def dollars_an_hour(rate: float | None) -> str:
    """ "$0.230/h"; prices an hour need the tenth of a cent."""
    return "unknown" if rate is None else f"${rate:,.3f}/h"


def percent(share: float) -> str:
    """A share of 1 as percent: "30 %", "3.4 %", "0.17 %"; see `share_text`."""
    return share_text(share)


def duration(seconds: float) -> str:
    """ "45 s", "3 min 20 s", "2 h 5 min", "3 d 4 h": two units at most."""
    seconds = round(seconds)
    units = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
    largest = next((index for index, (_, size) in enumerate(units) if seconds >= size), len(units) - 1)
    parts: list[str] = []
    for name, size in units[largest : largest + 2]:
        amount, seconds = divmod(seconds, size)
        if amount or not parts:
            parts.append(f"{amount} {name}")
    return " ".join(parts)


def ago(moment: datetime, now: datetime) -> str:
    """ "just now", "3 min ago", "2 d ago": one unit."""
    seconds = (now - moment).total_seconds()
    return "just now" if seconds < 10 else f"{' '.join(duration(seconds).split()[:2])} ago"


def size(count_of_bytes: float) -> str:
    """ "8.1 MB": decimal units, as storage is billed."""
    if count_of_bytes < 1000:
        return f"{count_of_bytes:.0f} B"
    power = 1 if count_of_bytes < 1e6 else 2 if count_of_bytes < 1e9 else 3
    return f"{count_of_bytes / 1000**power:,.1f} {' kMG'[power]}B"


def plain(text: object) -> str:
    """`text` of the account, the data or the address for wherever Streamlit draws Markdown: read as it was written.

    It is one line, and no syntax, directive, icon, formula, HTML or link comes of it. A word that Streamlit replaces
    even where it is escaped (an address, `:smile:`, `->`) is drawn as code.
    """
    line = re.sub(r"\s+", " ", visible(text))
    return LEADING.sub(r"\g<1>\\\g<2>", TOKEN.sub(_as_read, line))


def code(text: object) -> str:
    """`text` as inline code in Markdown, e.g. a name to copy."""
    return plain(text) if ":material/" in str(text) else inline_code(text)  # Streamlit draws an icon even there


def _as_read(token: re.Match[str]) -> str:
    word = token[0]
    if word == ":material/":
        return r"\:material\/"
    core = word.rstrip(".,:;!?)")  # what ends a sentence is no part of an address in it
    if REPLACED.search(core):
        return f"`{core}`{word[len(core) :]}"
    return f"`{word}`" if REPLACED.search(word) else SYNTAX.sub(r"\\\g<0>", word)
