"""A labelled file as rows to evaluate: columns by name, labels as the model knows them, what is left out is said."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from services.data.recipe import recipe as recipes
from services.data.recipe.encoding import OneHot
from services.data.sets import raw_rows
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import labelled_rows, scoring
from tests.services.evaluation.test_scoring import CLASSES, make_account, make_data

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TWO = make_data(classes=("legitimate", "fraud"))


def make_table(labels: list[object]) -> pd.DataFrame:
    rows = len(labels)
    return pd.DataFrame({"hour": np.arange(rows), "Class": labels, "amount": np.arange(rows) / 2, "note": "x"})


def test_columns_may_stand_in_any_order_beside_others() -> None:
    found = labelled_rows.read(make_table(["fraud", "legitimate", "fraud"]), TWO, None, "File may.csv")
    assert found.labels.tolist() == [1, 0, 1]
    assert found.features.to_pydict() == {"amount": [0.0, 0.5, 1.0], "hour": [0.0, 1.0, 2.0]}
    assert found.notes == ()


def test_missing_columns_are_named() -> None:
    with pytest.raises(Problem, match="1 of the model's 2 columns are missing: hour"):
        labelled_rows.read(make_table(["fraud"]).drop(columns="hour"), TWO, None, "File may.csv")


def test_a_file_without_the_label_is_one_sentence() -> None:
    with pytest.raises(Problem, match=r"File may.csv: it has no column Class, which holds the labels\."):
        labelled_rows.read(make_table(["fraud"]).drop(columns="Class"), TWO, None, "File may.csv")


def test_a_file_whose_labels_are_all_empty_is_refused() -> None:
    with pytest.raises(Problem, match="column Class, which holds the labels, is empty"):
        labelled_rows.read(make_table([None, None]), TWO, None, "File may.csv")


def test_rows_without_a_label_are_left_out_and_counted() -> None:
    found = labelled_rows.read(make_table(["fraud", None, "legitimate"]), TWO, None, "File may.csv")
    assert found.labels.tolist() == [1, 0]
    assert found.features["hour"].to_pylist() == [0.0, 2.0]
    assert found.notes == ("1 row without a label was left out.",)


def test_labels_unseen_in_training_are_named_and_left_out() -> None:
    found = labelled_rows.read(make_table(["fraud", "disputed", "disputed"]), TWO, None, "File may.csv")
    assert found.labels.tolist() == [1]
    assert found.notes == ("2 rows with labels not seen in training were left out: disputed (2).",)


def test_a_file_without_any_known_label_is_refused() -> None:
    with pytest.raises(Problem, match="no label of column Class was seen in training, such as maybe"):
        labelled_rows.read(make_table(["maybe", "maybe"]), TWO, None, "File may.csv")


def test_all_other_classes_are_the_negative_one_of_a_set_made_so() -> None:
    data = make_data(classes=("not fraud", "fraud"))
    found = labelled_rows.read(make_table(["fraud", "lost card", "stolen"]), data, None, "File may.csv")
    assert (found.labels.tolist(), found.notes) == ([1, 0, 0], ())


def test_codes_stand_for_classes_that_are_words() -> None:
    found = labelled_rows.read(make_table([1, 0, 1]), TWO, None, "File may.csv")
    assert found.labels.tolist() == [1, 0, 1]
    assert found.notes == ("Class holds the codes of the classes: 0 is legitimate, 1 is fraud.",)


def test_numbers_name_classes_that_are_numbers() -> None:
    found = labelled_rows.read(make_table([2.0, 1.0]), make_data(classes=("1", "2")), None, "File may.csv")
    assert found.labels.tolist() == [1, 0]


def test_labels_of_several_classes_are_their_places() -> None:
    data = make_data(kind=TargetKind.CLASSES, classes=CLASSES)
    assert labelled_rows.read(make_table(["high", "low"]), data, None, "x").labels.tolist() == [2, 0]


def test_labels_of_a_number_are_that_number_however_it_is_written() -> None:
    data = make_data(kind=TargetKind.NUMBER, classes=())
    assert labelled_rows.read(make_table(["1,5", "2,25"]), data, None, "x").labels.tolist() == [1.5, 2.25]


def test_labels_that_are_no_numbers_are_refused_for_a_number() -> None:
    with pytest.raises(Problem, match="column Class does not hold numbers only"):
        labelled_rows.read(make_table(["many", "few"]), make_data(kind=TargetKind.NUMBER, classes=()), None, "x")


def test_raw_rows_pass_the_recipe_of_the_set() -> None:
    raw = pd.DataFrame({"country": ["de", "fr", "de", "fr"], "amount": [1.0, 2.0, 3.0, 4.0]})
    recipe, _ = recipes.fit([OneHot(column="country")], raw, np.array([0, 1, 0, 1]), 1)
    rows = raw.iloc[:2].assign(Class=["fraud", "legitimate"])
    found = labelled_rows.read(rows, TWO, recipe, "File may.csv")
    assert tuple(found.features.column_names) == recipe.features
    assert sum(found.features[name][0].as_py() for name in recipe.features if name.startswith("country")) == 1.0


def test_a_kept_file_is_one_more_part_of_the_set() -> None:
    account = make_account()
    rows = labelled_rows.read(make_table(["fraud", None, "legitimate"]), TWO, None, "File may.csv")
    kept = labelled_rows.keep(account, TWO, rows, "may.csv", "a" * 64, NOW)
    data = labelled_rows.with_parts(TWO, labelled_rows.listed(account, TWO))
    split = scoring.read_split(account, data, kept.part)
    assert (split.labels == rows.labels).all()
    assert split.features.equals(rows.features)
    assert (data.rows[kept.part], data.positives[kept.part], data.class_rows[kept.part]) == (2, 1, (1, 1))


def test_the_raw_rows_of_a_kept_file_are_those_with_a_label() -> None:
    account, table = make_account(), make_table(["fraud", None, "legitimate"]).assign(client=["a", "b", "c"])
    rows = labelled_rows.read(table, TWO, None, "File may.csv")
    kept = labelled_rows.keep(account, TWO, rows, "may.csv", "a" * 64, NOW)
    found = raw_rows.read(account, labelled_rows.with_parts(TWO, labelled_rows.listed(account, TWO)), kept.part)
    assert found.is_raw
    assert found.take([0, 1])["client"].to_pylist() == ["a", "c"]
