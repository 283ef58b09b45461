"""The part of JSONPath that SageMaker's DataProcessing knows, applied to a record: a list of cells or a JSON value.

`$` is the whole; then steps `.name`, `['a','b']`, `[1]`, `[-1]`, `[1:3]` and `[0,5:]`, in any order.
Source: SageMaker developer guide, "Associate Prediction Results with Input Records".
"""

import re
from collections.abc import Callable
from typing import Any

Step = Callable[[Any], Any]
_PART = r"(?:-?\d+)?\s*:\s*(?:-?\d+)?|-?\d+"  # a slice or an index
_STEP = re.compile(
    r"\.(?P<name>\w[\w-]*)"
    r"|\[\s*(?P<names>(?:'[^']*'|\"[^\"]*\")(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"))*)\s*\]"
    rf"|\[\s*(?P<parts>(?:{_PART})(?:\s*,\s*(?:{_PART}))*)\s*\]"
)


class JsonPath:
    """A parsed expression. Raises ValueError for one that is not understood."""

    def __init__(self, text: str) -> None:
        self._text, self._steps = text, list(_steps(text))

    def __call__(self, record: Any) -> Any:
        """What the expression selects of `record`. Raises ValueError when it is not there."""
        try:
            for step in self._steps:
                record = step(record)
        except (KeyError, IndexError, TypeError):
            raise ValueError(f"{self._text} selects nothing in the record") from None
        return record


def _steps(text: str) -> list[Step]:
    position, steps = 1, []
    while position < len(text) or text[:1] != "$":
        match = _STEP.match(text, position) if text[:1] == "$" else None
        if not match:
            raise ValueError(
                f"{text} is not a supported JSONPath. Supported: $, .name, ['a','b'], [1], [0,2], [1:3], [0,5:]"
            )
        steps.append(_step(match))
        position = match.end()
    return steps


def _step(match: re.Match[str]) -> Step:
    if match["name"]:
        name = match["name"]
        return lambda value: value[name]
    if match["names"]:
        names = [first or second for first, second in re.findall(r"'([^']*)'|\"([^\"]*)\"", match["names"])]
        return lambda value: value[names[0]] if len(names) == 1 else {name: value[name] for name in names}
    parts = [_part(part) for part in match["parts"].split(",")]
    if len(parts) == 1:
        return lambda value: value[parts[0]]
    return lambda value: [
        item for part in parts for item in (value[part] if isinstance(part, slice) else [value[part]])
    ]


def _part(text: str) -> int | slice:
    if ":" not in text:
        return int(text)
    low, high = (int(end) if end.strip() else None for end in text.split(":"))
    return slice(low, high)
