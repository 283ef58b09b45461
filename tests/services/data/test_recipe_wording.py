"""A recipe as a person reads it."""

from services.data.recipe import wording
from services.data.recipe.recipe import MissingValues, Numbers, OneHot


def test_steps_of_a_kind_are_one_sentence_that_names_their_columns() -> None:
    steps = (
        MissingValues(column="bill", values=("?",)),
        OneHot(column="plan"),
        Numbers(column="bill"),
        OneHot(column="city"),
    )
    assert wording.sentences(steps) == ("Missing values: bill.", "One hot: plan, city.", "Numbers: bill.")
