"""The verdict on a model of two classes: its ranking, its flags at a threshold, and what else is known of it."""

from collections.abc import Sequence

from services.data.class_names import share_text
from services.evaluation.metrics import Confusion, Scored
from services.evaluation.verdict import noise
from services.evaluation.verdict.statement import (
    FEW,
    ApprovedModel,
    EvaluatedRows,
    RemedyPlace,
    Statement,
    Suspect,
    VerdictLevel,
    against_approved,
    between,
    learned,
    noun,
    number,
    ordered,
    since_validation,
    too_good,
)

PERFECT, LEAK = 0.9995, 0.98  # ROC AUC of the model that is suspicious, and of a column alone that explains it


def verdict(
    scored: Scored,
    classes: Sequence[str],
    rows: EvaluatedRows,
    threshold: float,
    *,
    approved: ApprovedModel | None = None,
    validation: Scored | None = None,
    suspects: Sequence[Suspect] = (),
) -> tuple[Statement, ...]:
    """What is to be said, the weightiest first.

    classes:    how a sentence calls class 0 and class 1.
    validation: the same model's scores of validation rows, where `scored` is of test rows.
    suspects:   columns that may tell the class; wanted where `is_suspicious`.
    """
    if not scored.positives or not scored.negatives:
        only, other = classes if not scored.positives else classes[::-1]
        claim = f"All {rows.count(scored.rows)} are {only}"
        said, advice = f"nothing can be said of telling {other} apart", "Prepare the data with a stratified split."
        return (*learned(rows), Statement(VerdictLevel.CAUTION, claim, said, advice, RemedyPlace.PREPARE))
    return ordered(
        [
            *_perfect(scored, suspects),
            *learned(rows),
            *_few(scored, classes, rows),
            _ranking(scored, classes, rows),
            *_flags(scored.at(threshold), classes, threshold),
            *against_approved(approved, "average precision"),
            *_since(scored, validation, rows),
        ]
    )


def is_suspicious(scored: Scored) -> bool:
    """Whether the result is too good to be believed before the columns were looked at."""
    return scored.roc_auc is not None and scored.roc_auc >= LEAK and min(scored.positives, scored.negatives) >= FEW


def _perfect(scored: Scored, suspects: Sequence[Suspect]) -> list[Statement]:
    area = scored.roc_auc or 0.0
    leaks = any(suspect.alone >= LEAK for suspect in suspects)
    if not is_suspicious(scored) or (area < PERFECT and not leaks):
        return []
    how = "without an error" if area >= 1 - 1e-12 else f"almost without error (ROC AUC {area:.4f})"
    return [too_good(f"it separates the classes {how}", suspects, "ROC AUC", LEAK)]


def _few(scored: Scored, classes: Sequence[str], rows: EvaluatedRows) -> list[Statement]:
    """The interval as the headline where a class has few rows."""
    rarer, count = min(zip(classes, (scored.negatives, scored.positives), strict=True), key=lambda pair: pair[1])
    if count >= FEW:
        return []
    interval = scored.average_precision_interval
    lies = f". Average precision is anywhere from {between(interval)} (95 % interval)" if interval else ""
    return [
        Statement(
            VerdictLevel.CAUTION,
            f"Too few rows of {rarer} to say",
            f"{count} of {rows.count(scored.rows)}{lies}",
            "Prepare the data with more rows, or with a larger share of them here.",
            RemedyPlace.PREPARE,
        )
    ]


def _ranking(scored: Scored, classes: Sequence[str], rows: EvaluatedRows) -> Statement:
    positive, area, score = classes[1], scored.roc_auc or 0.0, noise.rank_score(scored)
    again = "Train with other settings, or add columns that say more."
    if scored.scores[0] == scored.scores[-1]:
        claim = f"It gives every row the same score, {number(float(scored.scores[0]))}"
        return Statement(VerdictLevel.BAD, claim, "it has learned nothing", again, RemedyPlace.TRAIN)
    counts = f"{scored.positives:,} of {rows.count(scored.rows)} are {positive}"
    auc = f"ROC AUC {number(area)}{_in(scored.roc_auc_interval)} against 0.5"
    if noise.is_below(score):
        figures = f"{auc}, so {positive} is ranked low; {counts}"
        advice = "Check which class is positive and whether the columns come in the order of training."
        return Statement(VerdictLevel.BAD, "Worse than a random ranking", figures, advice, RemedyPlace.PREPARE)
    if not noise.is_above(score):
        level = VerdictLevel.BAD if min(scored.positives, scored.negatives) >= FEW else VerdictLevel.CAUTION
        return Statement(level, "Not told apart from a random ranking", f"{auc}; {counts}", again, RemedyPlace.TRAIN)
    if min(scored.positives, scored.negatives) < FEW:
        claim = "Perhaps better than a random ranking, as far as so few rows tell"
        return Statement(VerdictLevel.CAUTION, claim, auc)
    average = f"{number(scored.average_precision or 0.0)}{_in(scored.average_precision_interval)}"
    base = number(scored.positives / scored.rows)
    figures = f"average precision {average} against {base}; {counts}"
    return Statement(VerdictLevel.GOOD, "Better than a random ranking", figures)


def _flags(at: Confusion, classes: Sequence[str], threshold: float) -> list[Statement]:
    """What its flags are worth beside flags at random, and its errors beside those of the majority rule."""
    positive, where = classes[1], f"at threshold {threshold:g}"
    if not at.flagged:
        figures = f"all {noun(at.positives, 'row')} of {positive} are missed"
        return [Statement(VerdictLevel.CAUTION, f"Flags no row {where}", figures, "Choose a lower threshold.")]
    base, interval = at.positives / at.rows, at.precision_interval or (0.0, 1.0)
    flagged = (
        f"{at.tp:,} of {noun(at.flagged, 'flagged row')} {'is' if at.tp == 1 else 'are'} {positive} "
        f"({share_text(at.tp / at.flagged)}), against {share_text(base)} of all rows"
    )
    if interval[1] < base:
        claim, advice = f"Worse than flagging at random {where}", "Choose another threshold, or train again."
        return [Statement(VerdictLevel.BAD, claim, flagged, advice, RemedyPlace.TRAIN)]
    if interval[0] <= base and at.flagged < at.rows:
        return [Statement(VerdictLevel.CAUTION, f"Not told apart from flagging at random {where}", flagged)]
    return [_majority(at, classes, where)]


def _majority(at: Confusion, classes: Sequence[str], where: str) -> Statement:
    is_rare = at.positives <= at.rows - at.positives
    usual, rarer = classes if is_rare else classes[::-1]
    gained, lost = (at.tp, at.fp) if is_rare else (at.tn, at.fn)
    of_rule = min(at.positives, at.rows - at.positives)
    figures = f"{noun(at.fp + at.fn, 'error')}; always answering {usual} makes {of_rule:,}"
    score = noise.discordant_score(gained, lost)
    if noise.is_above(score):
        return Statement(VerdictLevel.GOOD, f"Better than the majority rule {where}", figures)
    claim = "More errors than" if noise.is_below(score) else "Not told apart from"
    advice = f"That is right only where missing {rarer} costs more than a false alarm: choose the threshold by cost."
    return Statement(VerdictLevel.CAUTION, f"{claim} the majority rule {where}", figures, advice)


def _since(scored: Scored, validation: Scored | None, rows: EvaluatedRows) -> list[Statement]:
    """By average precision and ROC AUC, whichever fell beyond noise; by average precision where neither did."""
    if validation is None:
        return []
    measured = [
        ("average precision", "average_precision", "average_precision_interval"),
        ("ROC AUC", "roc_auc", "roc_auc_interval"),
    ]
    found = []
    for title, value, interval in measured:
        before, after = (getattr(one, value) for one in (validation, scored))
        within = [getattr(one, interval) for one in (validation, scored)]
        if all(within):
            change = noise.difference(before, within[0], after, within[1])
            found.append(since_validation(rows, title, before, after, change))
    worse = [one for one in found if one.level is not VerdictLevel.GOOD]
    return (worse or found)[:1]


def _in(interval: tuple[float, float] | None) -> str:
    return f" (95 % interval {between(interval)})" if interval else ""
