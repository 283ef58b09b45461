"""Columns that tell the target too well are found, and no others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from services.data.findings import leakage
from services.data.findings.finding import FindingKind, Severity
from services.data.preparation_plan import PreparationPlan
from services.data.target_kind import TargetKind
from tests.services.data.findings.examined import find, of_kind, real, sentence, train_of, uses

LEAKS = (FindingKind.LEAKAGE, FindingKind.AFTERWARDS)


def make_table(seed: int = 0, rows: int = 600) -> pd.DataFrame:
    """Columns of every kind that tell little or nothing of y."""
    random = np.random.default_rng(seed)
    target = random.random(rows) < 0.25
    return pd.DataFrame(
        {
            "duration": random.normal(size=rows),
            "size": random.normal(size=rows) + target / 2,
            "status": random.choice(["open", "closed", "lost"], rows),
            "town": [f"town {number}" for number in random.integers(0, 80, rows)],
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"),
            "rooms": random.integers(1, 6, rows),
            "gap": np.where(random.random(rows) < 0.6, np.nan, random.random(rows)),
            "y": np.where(target, "yes", "no"),
        }
    )


def leaks(frame: pd.DataFrame, target: str = "y", kind: TargetKind | None = None) -> dict[str, str]:
    return {finding.columns[0]: finding.sentence for finding in find(frame, target, kind) if finding.kind in LEAKS}


@pytest.mark.parametrize("seed", range(20))
def test_random_columns_raise_no_alarm(seed: int) -> None:
    assert leaks(make_table(seed)) == {}


@pytest.mark.parametrize("seed", range(20))
def test_random_columns_of_a_small_table_raise_no_alarm(seed: int) -> None:
    assert leaks(make_table(seed, rows=45)) == {}


@pytest.mark.parametrize("seed", range(20))
def test_random_columns_raise_no_alarm_with_several_classes_and_with_numbers(seed: int) -> None:
    frame = make_table(seed)
    random = np.random.default_rng(seed)
    assert leaks(frame.assign(y=random.choice(["a", "b", "c"], len(frame)))) == {}
    assert leaks(frame.assign(y=random.random(len(frame)))) == {}


def test_a_copy_of_the_target_in_other_words_is_found() -> None:
    frame = make_table()
    found = leaks(frame.assign(paid=frame["y"].map({"yes": "P", "no": "N"})))
    expected = "paid alone separates the classes without an error in 420 train rows. Is it a copy of y, or known only"
    assert list(found) == ["paid"]
    assert found["paid"].startswith(expected)


def test_a_copy_of_several_classes_is_found() -> None:
    frame = make_table().assign(y=np.random.default_rng(1).choice(["a", "b", "c"], 600))
    assert list(leaks(frame.assign(code=frame["y"].map({"a": 7, "b": 3, "c": 5})))) == ["code"]


def test_a_number_that_orders_the_rows_as_the_target_is_found() -> None:
    frame = make_table().assign(y=np.random.default_rng(1).random(600))
    frame["gross"] = frame["y"] * 1.19 + 3
    assert leaks(frame)["gross"].startswith(
        "gross alone orders the rows almost as y does: rank correlation 1.000 in 420"
    )


def test_cells_that_are_filled_for_one_class_only_are_found() -> None:
    frame = make_table()
    assert list(leaks(frame.assign(refund=frame["size"].where(frame["y"] == "yes")))) == ["refund"]


def test_a_code_whose_middle_value_is_one_class_is_found() -> None:
    frame = make_table()
    code = np.where(frame["y"] == "yes", 5, np.random.default_rng(1).choice([1, 9], len(frame)))
    assert list(leaks(frame.assign(code=code))) == ["code"]


def test_a_name_that_tells_of_an_outcome_is_named_where_the_column_is_the_strongest() -> None:
    frame = make_table()
    frame["duration"] += 2 * (frame["y"] == "yes")
    (found,) = of_kind(find(frame), FindingKind.AFTERWARDS)
    train = train_of(frame)
    area = roc_auc_score(train["y"] == "yes", train["duration"])
    assert found.columns == ("duration",)
    assert f"area under the ROC curve {area:.2f} (next: size," in found.sentence
    assert "Is it known before the prediction is made?" in found.sentence


def test_columns_that_tell_more_than_the_one_of_an_outcome_are_named_in_its_sentence() -> None:
    frame = make_table().assign(paid=lambda table: table["y"] == "yes")
    frame["duration"] += 2 * (frame["y"] == "yes")
    assert leaks(frame)["duration"].startswith("duration alone tells most about the target after paid: area under")


def test_a_name_that_tells_little_is_not_enough() -> None:
    frame = make_table()
    frame["status"] = np.where(np.random.default_rng(2).random(600) < 0.4, frame["y"], "open")
    assert leaks(frame) == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("callDuration_sec", ["call", "duration", "sec"]),
        ("Days-Elapsed", ["days", "elapsed"]),
        ("poutcome", ["poutcome"]),
    ],
)
def test_a_name_is_read_by_its_words(name: str, words: list[str]) -> None:
    assert leakage.name_words(name) == words


def test_only_train_rows_are_looked_at() -> None:
    """A column that is a copy in the other rows only tells nothing."""
    frame = make_table()
    train = train_of(frame).index
    copied = (frame["y"] == "yes").astype(float)
    copied.loc[train] = np.random.default_rng(1).random(len(train))
    assert leaks(frame.assign(later=copied)) == {}


def test_the_remedy_excludes_the_column_and_is_taken_back() -> None:
    frame = make_table().assign(paid=lambda table: table["y"] == "yes")
    (finding,) = of_kind(find(frame), FindingKind.LEAKAGE)
    (remedy,) = finding.remedies
    plan = remedy.apply(PreparationPlan())
    assert plan.options(uses(frame, "y"))["exclude"] == ["paid"]
    assert remedy.is_applied(plan)
    assert remedy.revert(plan) == PreparationPlan()
    assert finding.severity is Severity.DECIDE


@pytest.mark.slow
def test_the_length_of_a_call_is_named_in_bank_marketing() -> None:
    frame = real("bank-additional-full.csv")
    train = train_of(frame)
    area = roc_auc_score(train["y"] == "yes", train["duration"])
    said = sentence(find(frame), FindingKind.AFTERWARDS)
    assert said.startswith(f"duration alone tells most about the target: area under the ROC curve {area:.2f} (next: ")
    assert leaks(frame).keys() == {"duration"}


def test_the_index_that_defines_hypothyroidism_is_asked_about() -> None:
    assert leaks(real("hypothyroid.csv"), "class").keys() == {"FTI"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target"),
    [("telco-customer-churn.csv", "Churn"), ("abalone.csv", "rings"), ("winequality-white.csv", "quality")],
)
def test_sound_tables_raise_no_alarm(name: str, target: str) -> None:
    assert leaks(real(name), target) == {}
