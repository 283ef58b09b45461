"""Rows that stand twice are counted as pandas counts them."""

import numpy as np
import pandas as pd
import pytest

from services.data.findings import row_findings
from services.data.findings.finding import FindingKind, Severity
from services.data.preparation_plan import PreparationPlan
from tests.services.data.findings.examined import find, of_kind, real, sentence


def make_table(rows: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "size": random.normal(size=rows),
            "colour": [None if gap else "red" for gap in random.random(rows) < 0.3],
            "y": random.integers(0, 2, rows),
        }
    )


def in_two_parts(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Rows of validation and test that are train rows, too, and all rows of the part; by pandas."""
    shuffled = frame.sample(frac=1, random_state=1729)
    cuts = [int(0.7 * len(frame)), int(0.9 * len(frame))]
    train, validation, test = np.split(np.arange(len(frame)), cuts)
    known = set(shuffled.iloc[train].astype(object).where(shuffled.notna(), None).itertuples(index=False, name=None))
    rows = list(shuffled.astype(object).where(shuffled.notna(), None).itertuples(index=False, name=None))
    return {
        name: (sum(rows[place] in known for place in places), len(places))
        for name, places in (("validation", validation), ("test", test))
    }


def test_rows_that_repeat_an_earlier_one_are_counted() -> None:
    frame = pd.concat([make_table(), make_table().iloc[:30]], ignore_index=True)
    assert sentence(find(frame), FindingKind.DUPLICATES) == "30 of 330 rows (9.1 %) repeat an earlier row."


def test_rows_of_two_parts_are_counted_in_each() -> None:
    frame = pd.concat([make_table(), make_table().iloc[:60]], ignore_index=True)
    counts = in_two_parts(frame)
    (finding,) = of_kind(find(frame), FindingKind.ACROSS_SPLIT)
    for part, (shared, rows) in counts.items():
        assert f"{shared} of {rows} {part} rows (" in finding.sentence
    assert finding.severity is Severity.DECIDE


def test_an_identifier_does_not_make_rows_differ() -> None:
    frame = pd.concat([make_table(), make_table().iloc[:30]], ignore_index=True)
    frame["key"] = [f"A-{number}" for number in range(330)]
    said = "30 of 330 rows (9.1 %) repeat an earlier row (apart from key, left out)."
    assert sentence(find(frame), FindingKind.DUPLICATES) == said


def test_rows_that_differ_in_the_target_are_no_duplicates() -> None:
    frame = make_table()
    assert of_kind(find(pd.concat([frame, frame.assign(y=1 - frame["y"])])), FindingKind.DUPLICATES) == []


def test_missing_cells_and_both_zeros_are_equal() -> None:
    frame = pd.DataFrame({"a": [0.0, -0.0, np.nan, np.nan, 1.0], "b": ["x", "x", None, None, "x"]})
    hashes = row_findings.row_hashes(frame, ["a", "b"])
    assert [hashes[0] == hashes[1], hashes[2] == hashes[3], hashes[0] == hashes[4]] == [True, True, False]


def test_a_header_among_the_rows_is_named_with_its_place() -> None:
    frame = make_table().astype(str)
    frame.loc[57] = list(frame.columns)
    said = "Row 58 repeats the header, so that all columns are text. Delete it in the file and choose the file again."
    assert sentence(find(frame), FindingKind.REPEATED_HEADER) == said


def test_a_table_of_text_without_such_a_row_is_no_finding() -> None:
    assert of_kind(find(make_table().astype(str)), FindingKind.REPEATED_HEADER) == []


@pytest.mark.parametrize(
    ("name", "target", "left_out"),
    [
        ("bank-additional-full.csv", "y", ()),
        ("hypothyroid.csv", "class", ()),
        ("telco-customer-churn.csv", "Churn", ("customerID",)),
        ("winequality-white.csv", "quality", ()),
        pytest.param("creditcard.csv.gz", "Class", (), marks=pytest.mark.slow),
    ],
)
def test_duplicates_of_well_known_tables_are_those_that_pandas_counts(
    name: str, target: str, left_out: tuple[str, ...]
) -> None:
    frame = real(name)
    count = int(frame.drop(columns=list(left_out)).duplicated().sum())
    assert sentence(find(frame, target), FindingKind.DUPLICATES).startswith(f"{count:,} of {len(frame):,} rows (")


def test_rows_of_two_parts_of_well_known_tables_are_those_that_python_counts() -> None:
    frame = real("winequality-white.csv")
    said = sentence(find(frame, "quality"), FindingKind.ACROSS_SPLIT)
    for part, (shared, rows) in in_two_parts(frame).items():
        assert f"{shared} of {rows} {part} rows (" in said


def test_repeated_rows_are_dropped_though_an_identifier_differs() -> None:
    rows = [{"who": f"A-{number}", "size": number % 20, "y": number % 2} for number in range(60)]
    frame = pd.DataFrame(rows)
    (finding,) = of_kind(find(frame), FindingKind.DUPLICATES)
    (step,) = finding.remedies[0].apply(PreparationPlan()).row_steps
    assert finding.sentence == "40 of 60 rows (67 %) repeat an earlier row (apart from who, left out)."
    assert len(step.apply(frame, "y")) == 20
