"""What a person is told when something cannot be done: where, what was said, what to do.

Every expected failure below the screen is a `Problem`; the screen shows its one sentence and nothing else.
"""


class Problem(Exception):
    """Something a person can do something about.

    where:  the place or the step, e.g. "Training job xgb-7".
    said:   what went wrong there, in the words of whoever refused.
    remedy: what to do now, an imperative.
    """

    def __init__(self, where: str, said: str, remedy: str) -> None:
        self.where, self.said, self.remedy = where, said, remedy
        super().__init__(f"{where}: {_sentence(said)} {_sentence(remedy)}")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
