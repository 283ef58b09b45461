"""Values as Python source."""

import json
from typing import Any

WIDTH = 100  # characters of a line that a value may fill before it is broken


class Code(str):
    """An expression that stands among values."""


def literal(value: Any, depth: int = 0) -> str:
    """`value` as source that begins on a line indented `depth` times, broken where it is long."""
    if isinstance(value, str):
        return str(value) if isinstance(value, Code) else json.dumps(value, ensure_ascii=False)
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
