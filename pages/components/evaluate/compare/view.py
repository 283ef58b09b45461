"""The view "Compare": another model of the same data on the same rows, at one operating point."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.evaluate import other_models
from pages.components.queries.evaluation import comparisons
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.shell import formats
from services.data.target_kind import TargetKind
from services.evaluation import wording
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Scored
from services.evaluation.model_comparison import FEW, MetricDifference, ModelComparison
from services.evaluation.operating_points import OperatingPoint, PointComparison, PointKind

FIELD = 220  # pixels
SHARES = dict.fromkeys(("Threshold", "Precision", "Recall"), st.column_config.NumberColumn(format="%.3f"))
RECALL = 0.8  # at first, where the threshold finds nothing


def of_two_classes(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Which model finds more, alarms less and costs less where both do the same work."""
    other, before = _other(choice, evaluation)
    scored = evaluation.scored
    if not other or before is None or not isinstance(scored, Scored):
        return
    point = _choose_point(scored)
    found = comparisons.at_point(point, before, evaluation)
    st.subheader(formats.plain(headline(point, found, model.name, other)), anchor=False)
    st.dataframe(_models(point, found, (other, model.name)), column_config=SHARES, hide_index=True)
    st.dataframe(_differences(point, found), hide_index=True)
    ranking = comparisons.ranking(before, evaluation)
    few = (
        " Its rarer class has few rows, so the ranges are wide."
        if min(scored.positives, scored.negatives) < FEW
        else ""
    )
    st.caption(
        formats.plain(
            f"Differences are {model.name} minus {other}, with their 95 % interval over 1,000 draws of the "
            f"{formats.count(scored.rows, choice.split + ' row')}; each draw chooses both thresholds anew.{few}"
        )
    )
    if ranking:
        st.caption(formats.plain(ranking_sentence(ranking, model.name, other)))


def of_other_targets(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Accuracy or mean absolute error of both models."""
    other, before = _other(choice, evaluation)
    if not other or before is None:
        return
    found, is_number = comparisons.of_rows(before, evaluation), evaluation.data.kind is TargetKind.NUMBER
    rows = formats.count(len(evaluation.labels), f"{choice.split} row")
    if found is None:
        st.info(f"{rows} are too few to tell the models apart.", icon=":material/help:")
        return
    verdict = _verdict(found, model.name, other, lower_is_better=is_number)
    st.subheader(formats.plain(verdict), anchor=False)
    moved = wording.moved(found, "the mean absolute error" if is_number else "accuracy", is_number)
    st.markdown(formats.plain(f"From {other} to {model.name}, {moved}, on {rows}."))


def headline(point: OperatingPoint, found: PointComparison, name: str, other: str) -> str:
    """What the model is better or worse at: "At a recall of 0.80, a raises fewer false alarms than b"."""
    measure, more, less = {
        PointKind.RECALL: ("false alarms", "raises more false alarms than", "raises fewer false alarms than"),
        PointKind.FLAGGED: ("missed positives", "misses more positives than", "misses fewer positives than"),
        PointKind.COST: ("cost of errors", "costs more than", "costs less than"),
    }[point.kind]
    place = {
        PointKind.RECALL: f"At a recall of {point.value:.2f}",
        PointKind.FLAGGED: f"With {formats.count(point.value, 'flagged row')}",
        PointKind.COST: "At the least cost of each",
    }[point.kind]
    difference = found.differences[measure]
    if not difference.is_significant:
        return f"{place}, {name} and {other} are not told apart in {measure}."
    return f"{place}, {name} {more if difference.gain > 0 else less} {other}."


def ranking_sentence(found: ModelComparison, name: str, other: str) -> str:
    """Average precision and ROC AUC, which need no operating point."""
    moves = [
        f"{metric} {difference.before:.3f} → {difference.after:.3f} ({_signed(difference.low, 3)} to "
        f"{_signed(difference.high, 3)})"
        for metric, difference in (("average precision", found.average_precision), ("ROC AUC", found.roc_auc))
    ]
    return f"Over all thresholds, from {other} to {name}: {', '.join(moves)}."


def _other(choice: Choice, evaluation: Evaluation) -> tuple[str | None, Evaluation | None]:
    name = other_models.choose_one(choice, evaluation.data)
    found = other_models.evaluated(choice, evaluation.data, [name]) if name else {}
    return name, found.get(name or "")


def _choose_point(scored: Scored) -> OperatingPoint:
    now = scored.at(float(st.session_state.get("threshold", 0.5)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Operating point", list(PointKind), default=PointKind.RECALL, required=True, key="point"
        )
        if kind is PointKind.RECALL:
            recall = st.number_input(
                "Recall", 0.01, 1.0, round(now.recall or RECALL, 2) or RECALL, 0.01, key="point_recall", width=FIELD
            )
            return OperatingPoint(kind, recall)
        if kind is PointKind.FLAGGED:
            flagged = st.number_input(
                "Flagged rows", 1, scored.rows, max(1, now.flagged), key="point_flagged", width=FIELD
            )
            return OperatingPoint(kind, flagged)
        miss = st.number_input("Cost of a missed positive", 0.0, value=10.0, key="point_miss", width=FIELD)
        alarm = st.number_input("Cost of a false alarm", 0.0, value=1.0, key="point_alarm", width=FIELD)
        return OperatingPoint(kind, 0.0, miss, alarm)


def _models(point: OperatingPoint, found: PointComparison, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "Model": name,
            "Threshold": threshold if matrix.flagged else None,
            "Flagged": matrix.flagged,
            "Correct": matrix.tp,
            "False alarms": matrix.fp,
            "Missed": matrix.fn,
            "Precision": matrix.precision,
            "Recall": matrix.recall,
            **({"Cost of errors": point.cost(matrix)} if point.kind is PointKind.COST else {}),
        }
        for name, threshold, matrix in zip(names, found.thresholds, found.matrices, strict=True)
    ]


def _differences(point: OperatingPoint, found: PointComparison) -> list[dict[str, str]]:
    return [
        {
            "Metric": name.capitalize(),
            "Difference": _signed(each.gain, digits),
            "95 % interval": f"{_signed(each.low, digits)} to {_signed(each.high, digits)}",
            "": "beyond noise" if each.is_significant else "within noise",
        }
        for name, each in found.differences.items()
        if point.kind is PointKind.COST or name != "cost of errors"
        for digits in [3 if name in ("precision", "recall") else 0]
    ]


def _signed(value: float, digits: int) -> str:
    text = f"{value:+,.{digits}f}"
    return f"{0:.{digits}f}" if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def _verdict(found: MetricDifference, name: str, other: str, lower_is_better: bool) -> str:
    if not found.is_significant:
        return f"{name} and {other} are not told apart."
    better = (found.gain < 0) == lower_is_better
    return f"{name} is {'better' if better else 'worse'} than {other}."
