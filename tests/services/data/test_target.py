"""What a target is, why, and which labels its cells become."""

import numpy as np
import pandas as pd
import pytest

from services.data import split as data_split
from services.data import target
from services.data.target import Target
from services.data.target_kind import TargetKind
from services.errors import Problem

RANDOM = np.random.default_rng(11)
TWO, SEVERAL, NUMBER = TargetKind.TWO_CLASSES, TargetKind.CLASSES, TargetKind.NUMBER


def column(*cells: object) -> pd.Series:
    return pd.Series(list(cells), name="y")


def read(cells: pd.Series, kind: TargetKind | None = None, positive: str | None = None, drop: bool = False) -> Target:
    return target.read(cells.to_frame(), "y", kind, positive, drop)


def refusal(cells: pd.Series, kind: TargetKind | None = None, positive: str | None = None) -> str:
    with pytest.raises(Problem) as caught:
        read(cells, kind, positive)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        (column("yes", "no", "no"), TWO, "y holds 2 different values: no and yes."),
        (column(0, 1, None), TWO, "y holds 2 different values: 0 and 1."),
        (column(*"abcab"), SEVERAL, "y holds 3 different texts."),
        (column(*range(3, 10)), SEVERAL, "y holds 7 different whole numbers."),
        (column(*range(1, 30)), NUMBER, "y holds 29 different whole numbers, 1 to 29."),
        (column(0.5, 1.25, 7000.0), NUMBER, "y holds 3 different numbers, 0.5 to 7,000."),
        (column("1.234,50", "7,25", "12"), NUMBER, "y holds 3 different numbers, 7.25 to 1,234."),
        (column(*pd.date_range("2026-01-01", periods=4)), SEVERAL, "y holds 4 different dates."),
    ],
)
def test_a_target_is_suggested_with_its_own_figures(cells: pd.Series, kind: TargetKind, reason: str) -> None:
    suggested = target.suggest(cells)
    assert (suggested.kind, suggested.reason) == (kind, reason)
    assert kind in suggested.kinds


def test_few_whole_numbers_may_be_told_to_be_anything() -> None:
    assert set(target.suggest(column(3, 5, 9)).kinds) == {*TargetKind}


def test_texts_are_never_numbers() -> None:
    assert target.suggest(column("a", "b", "c")).kinds == (SEVERAL, TWO)


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (column(10, 9, 2, 9), ("2", "9", "10")),
        (column(10.0, 9.0, 2.0, 9.0), ("2", "9", "10")),
        (column("10", "9", "b", "9"), ("10", "9", "b")),
    ],
)
def test_several_classes_keep_their_names_in_order(cells: pd.Series, classes: tuple[str, ...]) -> None:
    read_target = read(cells, SEVERAL)
    assert read_target.classes == classes
    names = [str(int(cell)) if isinstance(cell, float) else str(cell) for cell in cells]
    assert [classes[label] for label in read_target.labels] == names


def test_one_class_stands_against_all_others() -> None:
    read_target = read(column(*"abca"), TWO, "b")
    assert (read_target.classes, read_target.labels.tolist()) == (("not b", "b"), [0, 1, 0, 0])


def test_without_a_positive_class_the_rarest_is_coded_as_1() -> None:
    assert read(column("m", "b", "b")).labels.tolist() == [1, 0, 0]


def test_numbers_stay_as_they_are_also_where_they_are_written_as_text() -> None:
    numbers = RANDOM.normal(size=50)
    assert read(column(*numbers)).labels.tolist() == numbers.tolist()
    assert read(column("1.234,50", "7,25", "12"), NUMBER).labels.tolist() == [1234.5, 7.25, 12.0]
    assert read(column(3, 5, 3), NUMBER).labels.tolist() == [3, 5, 3]


def test_cells_that_stand_for_no_number_are_counted_as_missing() -> None:
    cells = column("1,5", "?", "2,5", "3,5")
    assert refusal(cells, NUMBER).startswith("Target y: 1 of 4 cells are empty.")
    assert read(cells, NUMBER, drop=True).labels.tolist() == [1.5, 2.5, 3.5]


@pytest.mark.parametrize("cell", [np.inf, -np.inf, 1e39])
def test_numbers_that_a_model_cannot_hold_are_refused(cell: float) -> None:
    said = "Target y: 1 of 3 numbers is infinite or beyond 3.4e38. Leave out these rows, or choose another column."
    assert refusal(column(0.5, 1.5, cell), NUMBER) == said


@pytest.mark.parametrize(
    ("cells", "kind", "said"),
    [
        (column("a", "b", "7"), NUMBER, "2 of its 3 different values are no numbers: a, b."),
        (column("a", "b"), SEVERAL, "it has only two classes. Predict it as two classes."),
        (column(2, 2), NUMBER, "it holds only one number, 2."),
        (column(None, None), None, "all its cells are empty."),
        (column(*(f"v{number}" for number in range(101))), None, "it has 101 different values, and at most 100"),
        (column(*"abcdefg"), TWO, "it has no class z. Choose one of a, b, c, d, e and 2 more."),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(cells: pd.Series, kind: TargetKind | None, said: str) -> None:
    assert f"Target y: {said}" in refusal(cells, kind, "z" if kind is TWO else None)


def test_a_class_that_is_not_in_the_train_part_is_refused() -> None:
    shuffled = pd.Series(range(100)).sample(frac=1, random_state=1729).to_numpy()
    cells = np.array(["a", "b"] * 50, dtype=object)
    cells[shuffled[-1]] = "rare"
    frame = pd.DataFrame({"x": range(100), "y": cells})
    with pytest.raises(Problem, match=r"^Target y: no row of class rare is in the train part\. Choose another random"):
        data_split.split(frame, "y", None)


def test_rows_of_each_class_and_empty_cells_are_counted() -> None:
    frame = pd.DataFrame({"x": [None, 1.0] * 50, "z": range(100), "y": [*"abcb"] * 25})
    splits = data_split.split(frame, "y", None)
    assert tuple(map(sum, zip(*splits.class_rows.values(), strict=True))) == (25, 50, 25)
    assert splits.missing_cells == {"x": 50}
