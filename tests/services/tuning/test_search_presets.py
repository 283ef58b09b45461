"""What a search begins with: recommended ranges, or the AWS tutorial's."""

from dataclasses import replace

import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.data.target_kind import TargetKind
from services.training import presets as training_presets
from services.tuning import launch_warnings, search_presets
from services.tuning import plan as tuning_plan
from services.tuning.plan import TuningPlan
from services.tuning.search_presets import SearchPreset
from services.tuning.search_space import Range
from tests.services.training.test_launch_warnings import make_plan

FRAUD = make_plan({}, positives=348, rows=199_364).data
EVEN = make_plan({}).data
CLASSES = replace(
    EVEN, kind=TargetKind.CLASSES, classes=("a", "b", "c"), positives={}, class_rows={"train": (400, 300, 300)}
)
NUMBER = replace(EVEN, kind=TargetKind.NUMBER, classes=(), positives={})


def planned(preset: SearchPreset, algorithm: Algorithm = XGBOOST, data: object = FRAUD) -> TuningPlan:
    """The search that the form launches with a preset."""
    job = replace(make_plan({}), data=data, algorithm=algorithm)  # type: ignore[arg-type]
    aim = algorithm.objectives(job.data.kind)[0]
    given = {**training_presets.usual(algorithm, job.data), **preset.fixed, **algorithm.measuring(aim.name)}
    job = replace(job, hyperparameters={**given, algorithm.rounds_name: str(preset.rounds)})
    return TuningPlan(job, preset.ranges, aim.name, aim.direction == "Maximize", "Bayesian", 9, 3)


def test_small_steps_on_a_logarithmic_scale_and_early_stopping_come_first() -> None:
    first = search_presets.presets(XGBOOST, EVEN)[0]
    assert first.ranges[0] == Range("eta", 0.01, 0.3, scaling="Logarithmic")
    assert first.fixed == {"early_stopping_rounds": "30"}


def test_the_tutorials_ranges_are_offered_as_they_are() -> None:
    tutorial = search_presets.presets(XGBOOST, FRAUD)[1]
    assert (tutorial.name, dict(tutorial.fixed), tutorial.rounds) == ("AWS tutorial ranges", {}, 100)
    assert tutorial.ranges == (
        Range("eta", 0, 1),
        Range("min_child_weight", 0, 10),
        Range("alpha", 0, 2),
        Range("max_depth", 1, 10, integer=True),
    )


def test_of_a_rare_class_the_recommended_search_limits_its_steps_and_says_so() -> None:
    first = search_presets.presets(XGBOOST, FRAUD)[0]
    assert first.fixed["max_delta_step"] == "1"
    assert "yes is rare" in first.description


def test_the_recommended_search_of_card_fraud_is_not_warned_of_and_the_tutorials_is() -> None:
    warned = [
        [warning.hyperparameter for warning in launch_warnings.of_search(planned(preset))]
        for preset in search_presets.presets(XGBOOST, FRAUD)
    ]
    assert warned == [[], ["eta"]]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
@pytest.mark.parametrize("data", [FRAUD, EVEN, NUMBER], ids=["rare", "even", "number"])
def test_every_preset_can_be_launched_as_it_stands(algorithm: Algorithm, data: object) -> None:
    for preset in search_presets.presets(algorithm, data):  # type: ignore[arg-type]
        tuning_plan.validate(planned(preset, algorithm, data))


def test_presets_of_several_classes_can_be_launched_as_they_stand() -> None:
    for preset in search_presets.presets(XGBOOST, CLASSES):
        tuning_plan.validate(planned(preset, XGBOOST, CLASSES))


def test_another_algorithm_has_its_own_ranges_only() -> None:
    (only,) = search_presets.presets(LINEAR_LEARNER, EVEN)
    assert {each.name for each in only.ranges} == set(LINEAR_LEARNER.usual_ranges)


def test_a_search_space_is_called_by_its_presets_name() -> None:
    recommended, tutorial = (preset.ranges for preset in search_presets.presets(XGBOOST, EVEN))
    named = [search_presets.name_of(XGBOOST, ranges) for ranges in (recommended, tutorial, tutorial[:2])]
    assert named == ["Recommended ranges", "AWS tutorial ranges", None]


def test_a_search_after_a_training_keeps_what_the_training_was_given() -> None:
    first = make_plan({"objective": "binary:logistic", "num_round": "7", "early_stopping_rounds": "3"})
    job, ranges = search_presets.after(first, "validation:auc")
    assert ranges == search_presets.presets(XGBOOST, first.data)[0].ranges
    assert job.hyperparameters == {
        **{"objective": "binary:logistic", "num_round": "7", "early_stopping_rounds": "3"},
        "eval_metric": "auc",
    }
