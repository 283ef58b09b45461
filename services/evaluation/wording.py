"""A confusion matrix as a sentence with the user's own counts."""

from services.data.class_names import class_name
from services.evaluation.metrics import Confusion


def sentence(confusion: Confusion, classes: tuple[str, str]) -> str:
    """The result in words: "Of 100 flagged, 87 are fraud; 13 real ones were missed." """
    return f"{_found(confusion, class_name(classes[1]))}; {_missed(confusion)}."


def _found(confusion: Confusion, name: str) -> str:
    flagged, tp = confusion.flagged, confusion.tp
    if not flagged:
        return "Nothing is flagged"
    if flagged == 1:
        return f"The only one flagged is {'' if tp else 'not '}{name}"
    if tp == flagged:
        return f"All {flagged:,} flagged are {name}"
    return f"Of {flagged:,} flagged, {'none is' if not tp else '1 is' if tp == 1 else f'{tp:,} are'} {name}"


def _missed(confusion: Confusion) -> str:
    if not confusion.positives:
        return "there was none to find"
    if not confusion.fn:
        return "none was missed"
    return "1 real one was missed" if confusion.fn == 1 else f"{confusion.fn:,} real ones were missed"
