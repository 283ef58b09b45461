"""What a person is told when something cannot be done: where, what was said, what to do.

Every expected failure below the screen is a `Problem`; the screen shows its one sentence and nothing else.
"""

from collections.abc import Sequence


class Problem(Exception):
    """Something a person can do something about.

    where:  the place or the step, e.g. "Training job xgb-7".
    said:   what went wrong there, in the words of whoever refused.
    remedy: what to do now, an imperative.
    """

    def __init__(self, where: str, said: str, remedy: str) -> None:
        self.where, self.said, self.remedy = where, said, remedy
        super().__init__(where, said, remedy)

    def __str__(self) -> str:
        return f"{self.where}: {_sentence(self.said)} {_sentence(self.remedy)}"


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of many names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
