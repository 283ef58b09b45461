"""What a form says of each hyperparameter."""

from services.algorithms.words import groups
from services.algorithms.xgboost import XGBOOST


def test_every_hyperparameter_a_person_may_set_is_in_one_group() -> None:
    named = [each.name for group in groups() for each in group.hyperparameters]
    assert len(named) == len(set(named))
    assert set(named) == XGBOOST.hyperparameters.keys() - {"_tuning_objective_metric"}


def test_every_default_is_a_value_the_algorithm_takes() -> None:
    spoken = {"", "from the data", "none", "by objective", "by booster", "never", "all"}
    settable = [each for group in groups() for each in group.hyperparameters if each.default not in spoken]
    # AWS's own table gives this one a default outside of its range.
    settable = [each for each in settable if each.name != "prob_buffer_row"]
    for each in settable:
        XGBOOST.checked({"num_round": "1", each.name: each.default})
    assert len(settable) > 35


def test_every_example_is_a_value_the_algorithm_takes() -> None:
    examples = {each.name: each.example for group in groups() for each in group.hyperparameters if each.example}
    for name, example in examples.items():
        XGBOOST.checked({"num_round": "1", "tree_method": "exact", name: example})
    assert examples
