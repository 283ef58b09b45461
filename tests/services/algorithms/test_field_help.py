"""What a form says of each hyperparameter."""

from itertools import combinations

import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.algorithms.field_help import form
from services.algorithms.xgboost import XGBOOST
from services.training.presets import templates

EVERY = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
FOR_ITSELF = {"_tuning_objective_metric"}
SPOKEN = {"", "from the data", "none", "by objective", "by booster", "never", "all"}


def complete(algorithm: Algorithm) -> dict[str, str]:
    """The least that the algorithm takes."""
    return {name: templates(algorithm)[0].hyperparameters[name] for name in algorithm.needed}


@EVERY
def test_every_hyperparameter_a_person_may_set_is_in_one_group(algorithm: Algorithm) -> None:
    named = [each.name for group in form(algorithm).groups for each in group.hyperparameters]
    assert len(named) == len(set(named))
    assert set(named) == algorithm.hyperparameters.keys() - FOR_ITSELF


@EVERY
def test_every_hyperparameter_has_a_plain_sentence(algorithm: Algorithm) -> None:
    assert all(each.description.endswith(".") for each in form(algorithm).words.values())


@EVERY
def test_every_default_is_a_value_the_algorithm_takes(algorithm: Algorithm) -> None:
    settable = [each for each in form(algorithm).words.values() if each.default not in SPOKEN]
    # AWS's own table gives this one a default outside of its range.
    settable = [each for each in settable if each.name != "prob_buffer_row"]
    for each in settable:
        algorithm.checked({**complete(algorithm), each.name: each.default})
    assert len(settable) > 35


@EVERY
def test_the_default_that_is_said_is_the_one_the_container_takes(algorithm: Algorithm) -> None:
    known = {name: each.default for name, each in algorithm.hyperparameters.items() if each.default is not None}
    assert {name: form(algorithm).words[name].default for name in known} == known


@EVERY
def test_the_settings_on_top_fill_rows_of_three(algorithm: Algorithm) -> None:
    top = form(algorithm).top
    assert len(top) % 3 == 0
    assert set(top) <= form(algorithm).words.keys()


def test_every_example_is_a_value_the_algorithm_takes() -> None:
    examples = {each.name: each.example for each in form(XGBOOST).words.values() if each.example}
    for name, example in examples.items():
        XGBOOST.checked({"num_round": "1", "tree_method": "exact", name: example})
    assert examples


def test_no_two_algorithms_have_a_field_of_one_name() -> None:
    for one, other in combinations(ALGORITHMS, 2):
        assert one.hyperparameters.keys() & other.hyperparameters.keys() == FOR_ITSELF
