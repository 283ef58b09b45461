"""What a verdict is made of: statements, each with its level and what to do; and what is known beside the scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log10

from services.data.class_names import share_text
from services.errors import some
from services.evaluation.metrics import Interval
from services.evaluation.model_comparison import MetricDifference, ModelComparison

FEW = 20  # rows of a class below which its interval is the headline


class VerdictLevel(StrEnum):
    """How a statement speaks for the model."""

    GOOD = "good"
    CAUTION = "caution"  # true of some good models, too: to be looked at
    BAD = "bad"  # not to be used as it is


class RemedyPlace(StrEnum):
    """Where a statement's advice is followed."""

    TRAIN = "train"  # again, with other settings
    PREPARE = "prepare"  # the table again, with other columns or rows
    VALIDATION = "validation"  # look at validation rows
    APPROVED = "approved"  # open the approved model on the same rows


@dataclass(frozen=True)
class Statement:
    """A claim and, in plain words, the user's own counts it rests on.

    advice: what to do, a sentence; "" for nothing. remedy: where; None where it is on the same page.
    """

    level: VerdictLevel
    claim: str
    figures: str = ""
    advice: str = ""
    remedy: RemedyPlace | None = None

    @property
    def sentence(self) -> str:
        """ "Better than the majority rule: 431 of 500 rows right, against 45 %." """
        return f"{self.claim}: {self.figures}." if self.figures else f"{self.claim}."


@dataclass(frozen=True)
class Suspect:
    """A column that may tell what is to be predicted.

    alone: how well the column alone orders or separates the rows, from 0 to 1, as `predictive_power` has it.
    gain:  share of the gain of all the model's splits that it has; None where the model file is not read.
    """

    column: str
    alone: float
    gain: float | None = None


@dataclass(frozen=True)
class ApprovedModel:
    """The approved model, as the registry calls it, beside the one that is evaluated.

    comparison: of the approved model (before) with this one (after) on the same rows; None while it is not scored.
    is_same:    whether this is the approved model.
    """

    name: str
    comparison: ModelComparison | MetricDifference | None = None
    is_same: bool = False


@dataclass(frozen=True)
class EvaluatedRows:
    """The rows that were scored: a part of the set, or a labelled file that was added to it.

    has_learned: whether the model has learned from them. file: name of the labelled file; "" for a part.
    """

    split: str
    has_learned: bool = False
    file: str = ""

    def __str__(self) -> str:
        """ "test rows", "rows of may.csv"."""
        return f"rows of {self.file}" if self.file else f"{self.split} rows"

    def count(self, number: int) -> str:
        """ "1 test row", "1,204 rows of may.csv"."""
        return f"{noun(number, 'row')} of {self.file}" if self.file else noun(number, f"{self.split} row")


def ordered(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """What is bad comes first; the rest stays in its order."""
    return tuple(sorted(statements, key=lambda one: one.level is not VerdictLevel.BAD))


def learned(rows: EvaluatedRows) -> list[Statement]:
    """The caution that the model knows the rows; nothing where it does not."""
    if not rows.has_learned:
        return []
    claim, figures = f"The model has learned from these {rows}", "every number here is too good"
    if rows.split == "validation":
        return [Statement(VerdictLevel.CAUTION, claim, figures, "Only the test rows are new to it.")]
    advice = "Evaluate it on rows that it has not seen."
    return [Statement(VerdictLevel.CAUTION, claim, figures, advice, RemedyPlace.VALIDATION)]


def too_good(figures: str, suspects: Iterable[Suspect], measure: str, limit: float) -> Statement:
    """What is to be said of a result that is suspiciously perfect. limit: from which on a column alone is the cause."""
    claim, level = "Suspiciously good", VerdictLevel.CAUTION
    ranked = sorted(suspects, key=lambda one: (one.alone, one.gain or 0), reverse=True)
    advice = "Is it known before the prediction is made? If not, prepare the data without it and train again."
    leaks = [one for one in ranked if one.alone >= limit]
    leading = max(ranked, key=lambda one: one.gain or 0, default=None)
    if leaks:
        level, first, others = VerdictLevel.BAD, leaks[0], [one.column for one in leaks[1:]]
        also = f", and so nearly {'do' if len(others) > 1 else 'does'} {some(others, 3)}" if others else ""
        alone = f"alone it reaches {measure} {down(first.alone)} on these rows"
        figures += f". The likely leak is {first.column}: {alone}{also}"
    elif leading and leading.gain:
        figures += f". It relies most on {leading.column} ({share_text(leading.gain)} of its gain)"
    else:
        advice = "Look for a column that is known only afterwards."
    return Statement(level, claim, figures, advice, RemedyPlace.PREPARE)


def against_approved(approved: ApprovedModel | None, metric: str, low_is_better: bool = False) -> list[Statement]:
    """Whether it is better than the approved model, on the same rows; nothing where no model is approved."""
    if approved is None:
        return []
    if approved.is_same:
        return [Statement(VerdictLevel.GOOD, f"This is the approved model, {approved.name}")]
    named, found = f"the approved model, {approved.name}", approved.comparison
    if found is None:
        figures = "it was not scored on these rows"
        advice = "Score these rows with it, too."
        return [Statement(VerdictLevel.CAUTION, f"Not compared with {named}", figures, advice, RemedyPlace.APPROVED)]
    moved = found.average_precision if isinstance(found, ModelComparison) else found
    figures = change_text(metric, moved.before, moved.after, (moved.low, moved.high))
    if not moved.is_significant:
        advice = "It gains nothing that these rows can tell."
        return [Statement(VerdictLevel.CAUTION, f"Not told apart from {named}", figures, advice)]
    if (moved.gain < 0) == low_is_better:
        return [Statement(VerdictLevel.GOOD, f"Better than {named}", figures)]
    return [Statement(VerdictLevel.BAD, f"Worse than {named}", figures, "Leave that one in use.")]


def since_validation(
    rows: EvaluatedRows, metric: str, before: float, after: float, change: Interval, low_is_better: bool = False
) -> Statement:
    """How what was measured on validation rows (before) came out on test rows (after); `change` is its interval."""
    worse = change[0] > 0 if low_is_better else change[1] < 0
    figures = change_text(metric, before, after, change)
    if worse:
        claim = f"Worse on {rows} than on validation rows, beyond noise"
        advice = "Its settings may fit the validation rows by chance, or the test rows are of another time or place."
        return Statement(VerdictLevel.CAUTION, claim, figures, advice)
    return Statement(VerdictLevel.GOOD, f"No worse on {rows} than on validation rows", figures)


def change_text(metric: str, before: float, after: float, change: Interval) -> str:
    """ "accuracy 0.861 against 0.843 (95 % interval of the difference +0.004 to +0.032)"."""
    within = f"95 % interval of the difference {between(change, signed=True)}"
    return f"{metric} {number(after)} against {number(before)} ({within})"


def number(value: float, signed: bool = False) -> str:
    """Three decimals for a share, three significant digits for what is larger: "0.843", "12.3", "1,240"."""
    size = abs(value)
    digits = 3 if size < 10 else max(0, 2 - floor(log10(size)))
    if 0 < size < 0.0005:
        text = f"{value:{'+' if signed else ''}.2g}"
    else:
        text = f"{value:{'+' if signed and round(value, digits) else ''},.{digits}f}"
    return text.replace("-", "−")


def between(interval: Interval, signed: bool = False) -> str:
    """ "0.812 to 0.871"."""
    return " to ".join(number(end, signed) for end in interval)


def down(value: float) -> str:
    """A value near 1 rounded down, so that only 1 itself is 1."""
    return f"{floor(value * 1000 + 1e-9) / 1000:.3f}"


def noun(count: int, singular: str) -> str:
    """ "1 row", "1,204 rows"."""
    return f"{count:,} {singular}{'' if count == 1 else 's'}"
