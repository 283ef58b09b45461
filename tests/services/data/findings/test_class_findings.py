"""Rare classes, parts with too few rows, and rows without a target; numbers equal an independent count."""

import numpy as np
import pandas as pd
import pytest

from services.data.findings.finding import FindingKind, Severity
from services.data.preparation_plan import PreparationPlan
from tests.services.data.findings.examined import find, of_kind, real, sentence, train_of


def make_table(rows: int, rare: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"size": np.random.default_rng(1).normal(size=rows), "y": ["yes"] * rare + ["no"] * (rows - rare)}
    )


def test_a_rare_class_is_counted_with_the_weight_that_training_begins_with() -> None:
    frame = make_table(2000, 200)
    train = train_of(frame)["y"].value_counts()
    (finding,) = of_kind(find(frame), FindingKind.IMBALANCE)
    assert finding.sentence == (
        "Class yes is rare: 200 of 2,000 rows (10 %, 1 to 9.0). "
        f"A weight of {train['no'] / train['yes']:.4g} for class yes in training makes both classes count alike."
    )
    assert finding.severity is Severity.INFORMATION


def test_the_weight_is_that_of_the_class_that_is_to_be_found() -> None:
    frame = make_table(2000, 200)
    train = train_of(frame)["y"].value_counts()
    said = sentence(find(frame, positive="no"), FindingKind.IMBALANCE)
    assert f"A weight of {train['yes'] / train['no']:.4g} for class no in training" in said


def test_weighting_is_one_click_and_taken_back() -> None:
    (finding,) = of_kind(find(make_table(2000, 200)), FindingKind.IMBALANCE)
    plan = finding.remedies[0].apply(PreparationPlan())
    assert plan == PreparationPlan(weighted=True)
    assert finding.remedies[0].revert(plan) == PreparationPlan()


def test_a_class_below_a_twentieth_waits_for_a_decision() -> None:
    (finding,) = of_kind(find(make_table(2000, 80)), FindingKind.IMBALANCE)
    assert finding.severity is Severity.DECIDE


def test_classes_of_like_size_are_no_finding() -> None:
    assert of_kind(find(make_table(2000, 500)), FindingKind.IMBALANCE) == []


def test_a_part_with_hardly_any_row_of_a_class_is_named() -> None:
    frame = make_table(400, 20)
    shuffled = frame.sample(frac=1, random_state=1729)["y"]
    parts = {"validation": shuffled.iloc[280:360], "test": shuffled.iloc[360:]}
    counts = {name: int((part == "yes").sum()) for name, part in parts.items()}
    said = " and ".join(f"{count} of {len(parts[name])} {name} rows" for name, count in counts.items() if count < 5)
    assert sentence(find(frame), FindingKind.FEW_ROWS_OF_CLASS) == (
        f"Few rows of class yes: {said}. "
        "With fewer than 10 train, 5 validation or 5 test rows of a class, results depend on chance."
    )


def test_a_class_of_several_with_few_rows_is_counted_by_part() -> None:
    labels = ["a"] * 300 + ["b"] * 300 + ["c"] * 6
    frame = pd.DataFrame({"size": np.random.default_rng(1).normal(size=606), "y": labels})
    shuffled = frame.sample(frac=1, random_state=1729)["y"] == "c"
    rows = [int(part.sum()) for part in np.split(shuffled, [424, 545])]
    assert sentence(find(frame), FindingKind.RARE_CLASSES) == (
        "1 of 3 classes has fewer than 10 train rows, or none to be measured by: "
        f"c ({rows[0]} train, {rows[1]} validation, {rows[2]} test)."
    )


def test_rows_without_a_target_are_dropped_by_one_click() -> None:
    frame = make_table(400, 100)
    frame.loc[:7, "y"] = None
    (finding,) = of_kind(find(frame), FindingKind.MISSING_TARGET)
    assert finding.sentence == "8 of 400 rows (2.0 %) have no y: nothing can be learned from them."
    assert finding.remedies[0].apply(PreparationPlan()).drop_missing_target


def test_a_table_too_small_to_be_divided_says_so_as_preparing_it_would() -> None:
    assert sentence(find(make_table(2, 1)), FindingKind.SPLIT) == (
        "Split validation: no row of 2 is left for it. Use a larger table or another share."
    )


@pytest.mark.parametrize("kept", [0, 1])
def test_a_target_of_one_class_or_none_stops_no_other_finding(kept: int) -> None:
    frame = make_table(60, 60 * kept).assign(empty=None)
    frame["y"] = frame["y"].where(frame["y"] == "yes")
    assert [finding.kind for finding in find(frame)] == [FindingKind.EMPTY]


@pytest.mark.slow
def test_card_fraud_is_imbalanced_1_to_578() -> None:
    frame = real("creditcard.csv.gz")
    counts = frame["Class"].astype(str).value_counts()
    assert f"492 of 284,807 rows (0.17 %, 1 to {counts.iloc[0] / counts.iloc[1]:.0f})" in sentence(
        find(frame, "Class"), FindingKind.IMBALANCE
    )


def test_the_rarest_of_white_wines_qualities_are_named() -> None:
    frame = real("winequality-white.csv")
    shuffled = frame.sample(frac=1, random_state=1729)["quality"]
    rows = [int((part == 9).sum()) for part in np.split(shuffled, [int(0.7 * 4898), int(0.9 * 4898)])]
    said = sentence(find(frame, "quality"), FindingKind.RARE_CLASSES)
    assert said.endswith(f"9 ({rows[0]} train, {rows[1]} validation, {rows[2]} test).")
