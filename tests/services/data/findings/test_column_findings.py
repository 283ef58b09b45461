"""Gaps, constants, identifiers, stray cells: each with the table's own numbers and what can be done."""

import numpy as np
import pandas as pd
import pytest

from services.data.findings.finding import Finding, FindingKind, Severity
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import Encoding
from tests.services.data.findings.examined import find, of_kind, real, sentence, uses

ROWS = 200


def make_table(**more: object) -> pd.DataFrame:
    random = np.random.default_rng(4)
    return pd.DataFrame({"size": random.normal(size=ROWS), **more, "y": random.integers(0, 2, ROWS)})


def only(frame: pd.DataFrame, kind: FindingKind) -> Finding:
    (finding,) = of_kind(find(frame), kind)
    return finding


def mended(frame: pd.DataFrame, kind: FindingKind) -> dict[str, object]:
    """What the plan makes of the table once the finding's first remedy is applied."""
    plan = only(frame, kind).remedies[0].apply(PreparationPlan())
    return plan.options(uses(frame, "y"))


def test_a_sound_table_has_no_finding() -> None:
    assert find(make_table()) == ()


def test_missing_cells_are_counted_by_column_the_most_first() -> None:
    some, more = np.ones(ROWS) * range(ROWS), np.ones(ROWS) * range(ROWS)
    some[:10], more[:50] = np.nan, np.nan
    assert sentence(find(make_table(some=some, more=more)), FindingKind.MISSING) == (
        "2 columns have missing cells: more 50 (25 %), some 10 (5.0 %). They stay empty, which XGBoost takes."
    )


def test_what_becomes_of_gaps_in_text_is_said() -> None:
    colours = ["red", None, "blue", "red"] * (ROWS // 4)
    said = "colour: 50 of 200 cells (25 %) are missing. In text a missing cell is a category of its own."
    assert sentence(find(make_table(colour=colours)), FindingKind.MISSING) == said


def test_a_mostly_missing_column_can_be_left_out() -> None:
    frame = make_table(gap=[1.5, 2.5] + [np.nan] * (ROWS - 2))
    assert sentence(find(frame), FindingKind.MOSTLY_MISSING) == "gap: 198 of 200 cells (99.0 %) are missing."
    assert mended(frame, FindingKind.MOSTLY_MISSING)["exclude"] == ["gap"]


def test_cells_taken_for_missing_are_counted_and_can_be_kept() -> None:
    frame = make_table(job=["cook", "?", "clerk", "nurse"] * (ROWS // 4))
    said = "job: ? in 50 of 200 cells (25 %) seems to stand for no value."
    assert sentence(find(frame), FindingKind.DISGUISED_MISSING) == said
    steps = mended(frame, FindingKind.DISGUISED_MISSING)["steps"]
    assert [step.kind for step in steps] == ["one_hot"]  # type: ignore[attr-defined]


def test_values_that_somebody_keeps_are_no_longer_counted_as_missing() -> None:
    frame = make_table(months=[999.0] * 60 + [float("nan")] * 60 + [float(number % 12) for number in range(80)])
    assert sentence(find(frame), FindingKind.MOSTLY_MISSING) == "months: 120 of 200 cells (60 %) are missing."
    kept = find(frame, months=())
    assert "months: 60 of 200 cells (30 %) are missing." in sentence(kept, FindingKind.MISSING)
    assert of_kind(kept, FindingKind.DISGUISED_MISSING)


def test_a_column_that_is_mostly_taken_for_missing_is_one_finding_with_both_remedies() -> None:
    (finding,) = find(make_table(months=[999.0] * 150 + [float(number % 12) for number in range(50)]))
    assert [remedy.label for remedy in finding.remedies] == ["Keep as values", "Exclude column"]


def test_cells_taken_for_missing_are_told_once() -> None:
    frame = make_table(job=["cook", "?", "clerk", "nurse"] * (ROWS // 4))
    assert [finding.kind for finding in find(frame)] == [FindingKind.DISGUISED_MISSING]


def test_other_words_that_somebody_takes_for_missing_are_counted() -> None:
    frame = make_table(job=["cook", "?", "clerk", "nurse"] * (ROWS // 4))
    said = "job: 50 of 200 cells (25 %) are missing."
    assert sentence(find(frame, job=("cook",)), FindingKind.MISSING).startswith(said)


def test_an_empty_column_is_said_to_be_left_out() -> None:
    finding = only(make_table(gap=None), FindingKind.EMPTY)
    assert (finding.sentence, finding.default) == ("gap has no value in any of 200 rows.", "Left out")


def test_constant_columns_are_left_out_together() -> None:
    frame = make_table(source="web", version=3)
    said = "2 columns have one value only: source = web, version = 3. Nothing can be learned from that."
    assert sentence(find(frame), FindingKind.CONSTANT) == said
    assert mended(frame, FindingKind.CONSTANT)["exclude"] == ["source", "version"]


def test_an_almost_constant_column_is_counted() -> None:
    frame = make_table(flag=["no"] * (ROWS - 1) + ["yes"])
    said = "flag has almost one value only: no in 199 of 200 cells (99.50 %)."
    assert sentence(find(frame), FindingKind.ALMOST_CONSTANT) == said


def test_an_identifier_is_said_to_be_left_out_and_can_be_used() -> None:
    frame = make_table(key=[f"A-{number}" for number in range(ROWS)])
    said = "key is an identifier: 200 different values in 200 rows."
    assert sentence(find(frame), FindingKind.IDENTIFIER) == said
    assert mended(frame, FindingKind.IDENTIFIER)["exclude"] == []


def test_row_labels_that_were_saved_with_the_table_are_left_out() -> None:
    finding = only(make_table(**{"Unnamed: 0": range(ROWS)}), FindingKind.ROW_NUMBERS)
    said = "Unnamed: 0 is another whole number in every row, 0 to 199, as a table saved with its row labels has."
    assert (finding.sentence, finding.severity) == (said, Severity.INFORMATION)


def test_row_labels_with_gaps_would_be_used_and_can_be_left_out() -> None:
    frame = make_table(**{"Unnamed: 0": np.arange(ROWS) * 3})
    assert only(frame, FindingKind.ROW_NUMBERS).severity is Severity.DECIDE
    assert mended(frame, FindingKind.ROW_NUMBERS)["exclude"] == ["Unnamed: 0"]


def test_numbers_with_stray_words_can_be_read_as_numbers() -> None:
    amounts = [str(number / 4) for number in range(ROWS - 3)] + ["n.b.", "n.b.", "none yet"]
    frame = make_table(amount=amounts)
    said = 'amount: 197 of its cells are numbers, 3 are not, such as "n.b.". '
    assert sentence(find(frame), FindingKind.MIXED_CELLS).startswith(said)
    options = mended(frame, FindingKind.MIXED_CELLS)
    assert [step.kind for step in options["steps"]] == ["numbers"]  # type: ignore[attr-defined]


def test_codes_with_leading_zeros_are_no_numbers_with_stray_words() -> None:
    frame = make_table(postcode=[f"0{number % 50 + 100}" for number in range(ROWS - 1)] + ["abroad"])
    assert of_kind(find(frame), FindingKind.MIXED_CELLS) == []


def test_spellings_that_differ_in_capitals_or_spaces_are_named() -> None:
    frame = make_table(colour=["Red", "red", "light  blue", "light blue", "green"] * (ROWS // 5))
    said = "colour: 2 values are written in several ways, differing in capitals or spaces only, such as Red and red."
    assert sentence(find(frame), FindingKind.SPELLINGS) == said


def test_spellings_of_the_target_are_named() -> None:
    frame = make_table().assign(y=["Yes", "yes", "No", "no"] * (ROWS // 4))
    assert only(frame, FindingKind.SPELLINGS).columns == ("y",)


def test_dates_that_can_be_read_in_two_ways_wait_for_a_decision() -> None:
    dates = [f"{number % 12 + 1:02d}/{number % 11 + 1:02d}/2025" for number in range(ROWS)]
    frame = make_table(since=dates)
    finding = only(frame, FindingKind.DATE_ORDER)
    assert finding.severity is Severity.DECIDE
    (use,) = (use for use in uses(frame, "y") if use.name == "since")
    assert finding.remedies[0].apply(PreparationPlan()).choice(use).becomes is Encoding.MONTH_FIRST


def test_dates_of_one_reading_are_no_finding() -> None:
    dates = [f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/2025" for number in range(ROWS)]
    assert of_kind(find(make_table(since=dates)), FindingKind.DATE_ORDER) == []


@pytest.mark.slow
@pytest.mark.parametrize("column", ["T3", "TSH", "age"])
def test_missing_cells_of_hypothyroid_are_those_that_pandas_counts(column: str) -> None:
    frame = real("hypothyroid.csv")
    missing = int(pd.to_numeric(frame[column], errors="coerce").isna().sum())
    assert f"{column} {missing} (" in sentence(find(frame, "class"), FindingKind.MISSING)


@pytest.mark.slow
def test_the_blanks_of_total_charges_and_the_customer_number_are_found_in_churn() -> None:
    found = find(real("telco-customer-churn.csv"), "Churn")
    said = "TotalCharges: 11 of 7,043 cells (0.16 %) are missing. They stay empty, which XGBoost takes."
    assert sentence(found, FindingKind.MISSING) == said
    said = "customerID is an identifier: 7,043 different values in 7,043 rows."
    assert sentence(found, FindingKind.IDENTIFIER) == said


@pytest.mark.slow
def test_months_that_mean_never_are_found_in_bank_marketing() -> None:
    frame = real("bank-additional-full.csv")
    count = int((frame["pdays"] == 999).sum())
    said = f"pdays: 999 in {count:,} of {len(frame):,} cells (96.3 %) seems to stand for no value."
    assert sentence(find(frame), FindingKind.DISGUISED_MISSING) == said
