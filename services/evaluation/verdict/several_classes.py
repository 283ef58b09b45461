"""The verdict on a model of several classes: beside the majority rule, class by class, and its probabilities."""

from collections.abc import Sequence

import numpy as np

from services.data.class_names import share_text
from services.errors import some
from services.evaluation import class_metrics, model_comparison
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.metrics import Counts, Floats, log_losses
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

MORE = "Prepare the data with more rows, or merge rare classes."
PERFECT, LEAK = 0.98, 0.98  # lower end of the accuracy's interval; area under the ROC curve of a column alone


def verdict(
    scored: ScoredClasses,
    classes: Sequence[str],
    rows: EvaluatedRows,
    *,
    losses: Floats | None = None,
    approved: ApprovedModel | None = None,
    validation: ScoredClasses | None = None,
    suspects: Sequence[Suspect] = (),
) -> tuple[Statement, ...]:
    """What is to be said, the weightiest first.

    classes: how a sentence calls them.
    losses:  what its probabilities cost, row by row, beside those of the classes' shares, see `loss_gains`.
    """
    return ordered(
        [
            *_perfect(scored, suspects),
            *learned(rows),
            *_few(scored, classes, rows),
            _majority(scored, classes, rows),
            *_rare(scored, classes),
            *_never_predicted(scored, classes),
            *_probabilities(scored, losses),
            *against_approved(approved, "accuracy"),
            *_since(scored, validation, rows),
        ]
    )


def is_suspicious(scored: ScoredClasses) -> bool:
    """Whether the result is too good to be believed before the columns were looked at."""
    low, _ = scored.accuracy_interval or (0.0, 1.0)
    return low >= PERFECT


def row_losses(labels: Counts, scores: Floats) -> Floats | None:
    """(rows,) of -log of the probability of the actual class; None where the model answers no probabilities."""
    if scores.ndim == 1:
        return None
    return log_losses(scores[np.arange(len(labels)), labels.astype(np.int64)])


def loss_gains(labels: Counts, scores: Floats) -> Floats | None:
    """(rows,) of the loss of answering the classes' shares for every row, minus the model's; None without scores."""
    losses = row_losses(labels, scores)
    if losses is None:
        return None
    places = labels.astype(np.int64)
    shares = np.bincount(places) / len(places)
    gains: Floats = -np.log(shares[places]) - losses
    return gains


def _perfect(scored: ScoredClasses, suspects: Sequence[Suspect]) -> list[Statement]:
    if not is_suspicious(scored):
        return []
    errors = scored.rows - scored.correct
    if errors > scored.rows / 1000 and not any(suspect.alone >= LEAK for suspect in suspects):
        return []
    return [too_good(f"{noun(errors, 'error')} in {noun(scored.rows, 'row')}", suspects, "ROC AUC", LEAK)]


def _few(scored: ScoredClasses, classes: Sequence[str], rows: EvaluatedRows) -> list[Statement]:
    """The interval as the headline where the rows of all classes are few."""
    if not _are_all_few(scored):
        return []
    figures = f"{rows.count(scored.rows)} of {len(classes)} classes"
    figures += f". Accuracy is anywhere from {between(scored.accuracy_interval or (0.0, 1.0))} (95 % interval)"
    return [Statement(VerdictLevel.CAUTION, "Too few rows to say", figures, MORE, RemedyPlace.PREPARE)]


def _rare(scored: ScoredClasses, classes: Sequence[str]) -> list[Statement]:
    """The classes of which alone too little can be said."""
    few = [(name, one) for name, one in zip(classes, scored.by_class, strict=True) if one.rows < class_metrics.FEW]
    if not few or _are_all_few(scored):
        return []
    listed = some([f"{name} ({noun(one.rows, 'row')})" for name, one in few])
    figures = f"{'its' if len(few) == 1 else 'their'} precision and recall are rough"
    claim = f"Too few rows to say much of {listed}"
    return [Statement(VerdictLevel.CAUTION, claim, figures, MORE, RemedyPlace.PREPARE)]


def _are_all_few(scored: ScoredClasses) -> bool:
    return all(one.rows < class_metrics.FEW for one in scored.by_class) and scored.rows < FEW * len(scored.by_class)


def _majority(scored: ScoredClasses, classes: Sequence[str], rows: EvaluatedRows) -> Statement:
    """Beside always answering the most frequent class, paired on the same rows."""
    usual = scored.most_frequent
    of_usual = scored.by_class[usual]
    score = noise.discordant_score(scored.correct - of_usual.correct, of_usual.rows - of_usual.correct)
    right = f"{scored.correct:,} of {rows.count(scored.rows)} right ({share_text(scored.accuracy)})"
    figures = f"{right}, against {share_text(scored.most_frequent_share)} for always answering {classes[usual]}"
    if noise.is_above(score):
        return Statement(VerdictLevel.GOOD, "Better than the majority rule", figures)
    advice = "Train with other settings, or add columns that say more."
    if noise.is_below(score):
        return Statement(VerdictLevel.BAD, "Worse than the majority rule", figures, advice, RemedyPlace.TRAIN)
    return Statement(VerdictLevel.CAUTION, "Not told apart from the majority rule", figures, advice, RemedyPlace.TRAIN)


def _never_predicted(scored: ScoredClasses, classes: Sequence[str]) -> list[Statement]:
    missed = [
        f"{name} ({noun(one.rows, 'row')})"
        for name, one in zip(classes, scored.by_class, strict=True)
        if one.rows and not one.predicted
    ]
    if not missed:
        return []
    advice = "Merge rare classes, or add rows of them."
    return [Statement(VerdictLevel.CAUTION, "Never predicted", some(missed), advice, RemedyPlace.PREPARE)]


def _probabilities(scored: ScoredClasses, gains: Floats | None) -> list[Statement]:
    if gains is None or scored.log_loss is None:
        return []
    found = model_comparison.paired_difference(np.zeros(len(gains)), gains)
    figures = f"log loss {number(scored.log_loss)} against {number(scored.log_loss_of_shares)}"
    if found is None or not found.is_significant:
        return []
    shares = "answering each class's share for every row"
    if found.gain > 0:
        return [Statement(VerdictLevel.GOOD, f"Its probabilities fit better than {shares}", figures)]
    claim, advice = f"Its probabilities fit worse than {shares}", "Train fewer rounds or with a lower eta."
    return [Statement(VerdictLevel.CAUTION, claim, figures, advice, RemedyPlace.TRAIN)]


def _since(scored: ScoredClasses, validation: ScoredClasses | None, rows: EvaluatedRows) -> list[Statement]:
    if validation is None:
        return []
    before, after = validation.accuracy_interval, scored.accuracy_interval
    if not before or not after:
        return []
    change = noise.difference(validation.accuracy, before, scored.accuracy, after)
    return [since_validation(rows, "accuracy", validation.accuracy, scored.accuracy, change)]
