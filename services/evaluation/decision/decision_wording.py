"""A threshold's money and reason as sentences with the user's own counts."""

from services.data.class_names import share_text
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.saved_decision import SavedDecision
from services.evaluation.decision.threshold_aims import Aim, Goal, ThresholdProposal
from services.evaluation.metrics import Confusion
from services.evaluation.model_comparison import FEW

PRECISE = 100  # dollars from which on cents carry nothing


def money(amount: float) -> str:
    """ "$1,620", "$12.50", "−$300"."""
    text = f"{abs(amount):,.2f}" if abs(amount) < PRECISE and round(amount, 2) % 1 else f"{abs(amount):,.0f}"
    return f"−${text}" if amount < 0 and text != "0" else f"${text}"


def cost_sentence(at: Confusion, threshold: float, costs: Costs) -> str:
    """What the rows cost at a threshold, and what flagging none or all of them would.

    "At 0.31: 12 false alarms cost $120, 3 misses $1,500: $1,620 for 2,848 rows; flagging none costs …, all ….".
    """
    parts = [
        f"{_counted(at.fp, 'false alarm', 'false alarms')} cost {money(costs.false_alarm * at.fp)}",
        f"{_counted(at.fn, 'miss', 'misses')} {money(costs.miss * at.fn)}",
    ]
    if costs.hit_gain:
        parts.append(f"{_counted(at.tp, 'hit gains', 'hits gain')} {money(costs.hit_gain * at.tp)}")
    negatives = at.rows - at.positives
    none, every = Confusion(0, 0, at.positives, negatives), Confusion(at.positives, negatives, 0, 0)
    return (
        f"At {threshold:g}: {', '.join(parts)}: {money(costs.of(at))} for {_counted(at.rows, 'row', 'rows')}; "
        f"flagging none costs {money(costs.of(none))}, flagging all {money(costs.of(every))}."
    )


def proposal_sentence(proposal: ThresholdProposal, goal: Goal, rows: str) -> str:
    """What a goal leads to on the rows it is chosen on, e.g. "2,848 validation rows"."""
    at = proposal.confusion
    if proposal.minimum:
        low, high = proposal.minimum.threshold_interval
        least, most = proposal.minimum.cost_interval
        few = "" if at.positives >= FEW else f" With {_counted(at.positives, 'positive', 'positives')} this is rough."
        return (
            f"Lowest on {rows} at {proposal.threshold:g}: {money(proposal.minimum.cost)} "
            f"(95 % interval {money(least)} to {money(most)}). "
            f"From {low:.3g} to {high:.3g} the cost is not significantly higher.{few}"
        )
    recall, precision = at.recall or 0, at.precision
    right = "" if precision is None else f", {share_text(precision)} of them right"
    flagged = _counted(at.flagged, "row", "rows")
    return f"On {rows}, {proposal.threshold:g} flags {flagged}{right}, and finds {share_text(recall)} of the positives."


def reason(goal: Goal, rows: str) -> str:
    """Why a threshold was chosen, for whoever reads the decision later."""
    if goal.aim is Aim.COST and goal.costs:
        gain = f", a hit gains {money(goal.costs.hit_gain)}" if goal.costs.hit_gain else ""
        errors = f"a miss costs {money(goal.costs.miss)}, a false alarm {money(goal.costs.false_alarm)}{gain}"
        return f"Lowest expected cost on {rows}: {errors}"
    of = f"of {goal.per:,} rows" if goal.per else "rows"
    return {
        Aim.RECALL: f"Finds at least {share_text(goal.value)} of the positives on {rows}",
        Aim.PRECISION: f"At least {share_text(goal.value)} of the flagged rows are right on {rows}",
        Aim.CAPACITY: f"At most {goal.value:,.0f} {of} can be reviewed; chosen on {rows}",
        Aim.F_BETA: f"Best F-beta with beta {goal.value:g} on {rows}",
    }.get(goal.aim, f"Set by hand on {rows}")


def decision_sentences(decision: SavedDecision) -> list[str]:
    """A saved decision for those who did not take it."""
    return [
        f"Rows that score {decision.threshold:g} or more are {decision.positive}: {decision.reason.rstrip('.')}.",
        f"Decided by {decision.decided_by} on {decision.decided_at:%Y-%m-%d %H:%M} UTC, on {decision.chosen_on} of "
        f"{decision.chosen_on.data}.",
        "The model and its endpoint return scores; SageDeck and the scripts it shows apply the decision.",
    ]


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
