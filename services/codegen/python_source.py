"""Values as Python source."""

import json
from typing import Any

from services import visible_text

WIDTH = 100  # characters of a line that a value may fill before it is broken
LINE_ENDS = "\x85\u2028\u2029"  # of some editors, beside those that JSON escapes


class Code(str):
    """An expression that stands among values."""


def literal(value: Any, depth: int = 0) -> str:
    """`value` as source that begins on a line indented `depth` times, broken where it is long."""
    if isinstance(value, str):
        return str(value) if isinstance(value, Code) else _string(value)
    if not isinstance(value, dict | list):
        return repr(value)
    items = [literal(each, depth + 1) for each in value]
    if isinstance(value, dict):
        items = [f"{name}: {literal(each, depth + 1)}" for name, each in zip(items, value.values(), strict=True)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    flat = f"{opening}{', '.join(items)}{closing}"
    if "\n" not in flat and len(flat) + 4 * depth <= WIDTH:
        return flat
    inner = "    " * (depth + 1)
    return opening + "".join(f"\n{inner}{item}," for item in items) + f"\n{'    ' * depth}{closing}"


def _string(value: str) -> str:
    """A string in double quotes; what an editor would not show stands as its code point, for nobody to be misled."""
    return "".join(
        f"\\U{ord(each):08x}" if visible_text.is_hidden(each) or each in LINE_ENDS else each
        for each in json.dumps(value, ensure_ascii=False)
    )
