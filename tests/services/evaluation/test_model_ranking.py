"""Models are chosen on validation rows: how those of one data set are ranked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from services.data.target_kind import TargetKind
from services.evaluation import model_ranking
from services.training.jobs import TrainingJob
from tests.pages.test_evaluate import make_training_job
from tests.services.training_factory import WHEN

TWO = TargetKind.TWO_CLASSES
AIM = {"_tuning_objective_metric": "validation:auc"}


def make_job(
    name: str, metrics: Mapping[str, float], search: str | None = None, channel: str = "train", hours: int = 0
) -> TrainingJob:
    return replace(
        make_training_job(),
        name=name,
        metrics=metrics,
        tuning_job=search,
        hyperparameters=AIM if search else {},
        channels={"train": f"s3://bucket/sagedeck/data/cards/{channel}/"},
        created=WHEN + timedelta(hours=hours),
    )


def test_models_are_ranked_by_the_validation_metric_that_most_of_them_measured() -> None:
    jobs = [
        make_job("one", {"validation:auc": 0.8, "validation:logloss": 0.1}),
        make_job("two", {"validation:auc": 0.9}),
        make_job("three", {"validation:logloss": 0.2}),
        make_job("four", {"validation:auc": 0.7}),
    ]
    found = model_ranking.rank(model_ranking.candidates(jobs), TWO, {})
    assert found.metric == "validation:auc"
    assert [model.job.name for model in found.models] == ["two", "one", "four", "three"]
    assert found.best
    assert found.best.job.name == "two"


def test_the_lowest_error_is_the_best() -> None:
    jobs = [make_job("one", {"validation:rmse": 2.0}), make_job("two", {"validation:rmse": 1.0})]
    found = model_ranking.rank(model_ranking.candidates(jobs), TargetKind.NUMBER, {})
    assert [model.job.name for model in found.models] == ["two", "one"]


def test_scores_of_all_validation_rows_win_over_what_the_jobs_measured() -> None:
    jobs = [make_job("one", {"validation:auc": 0.8}), make_job("two", {"validation:auc": 0.9})]
    found = model_ranking.rank(model_ranking.candidates(jobs), TWO, {"one": 0.6, "two": 0.5})
    assert (found.metric, found.models[0].job.name) == ("average precision", "one")


def test_only_the_best_trial_of_a_search_is_a_candidate_with_the_number_of_trials() -> None:
    jobs = [
        make_job("own", {"validation:auc": 0.8}, hours=1),
        *(make_job(f"search-{value}", {"validation:auc": value}, "search") for value in (0.5, 0.9, 0.7)),
        make_job("search-failed", {}, "search"),
    ]
    assert [(job.name, trials) for job, trials in model_ranking.candidates(jobs)] == [("own", 0), ("search-0.9", 4)]


def test_a_model_that_learned_the_validation_rows_is_not_ranked_by_them() -> None:
    jobs = [
        make_job("final", {"validation:auc": 0.999}, channel="train-and-validation"),
        make_job("one", {"validation:auc": 0.8}),
        make_job("two", {"validation:auc": 0.7}),
    ]
    found = model_ranking.rank(model_ranking.candidates(jobs), TWO, {})
    assert found.best
    assert found.best.job.name == "one"
    assert found.models[-1].value is None


def test_models_without_a_common_metric_have_no_best() -> None:
    jobs = [make_job("one", {"validation:auc": 0.8}), make_job("two", {"validation:logloss": 0.2})]
    found = model_ranking.rank(model_ranking.candidates(jobs), TWO, {})
    assert (found.metric, found.best) == ("", None)
