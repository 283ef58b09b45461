"""Tuning jobs, launched through the SageMaker SDK on a running local service and read back by boto3."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.training import jobs as training_jobs
from services.training.jobs import JobStatus
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning import plan as tuning_plan
from services.tuning import search_space
from services.tuning.jobs import TuningJob
from services.tuning.launch import BaselineRefusedError
from services.tuning.plan import StoppingCriteria, TuningPlan
from services.tuning.search_space import Choices, Range
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.training_factory import make_plan


def make_tuning_plan(data: PreparedData, rounds: int = 3, **given: Any) -> TuningPlan:
    """The guide's ranges, in four trials of few rounds."""
    job = replace(make_plan(data, num_round=str(rounds)), name=given.pop("name", None) or unique("tune"))
    return replace(TuningPlan(job, search_space.TUTORIAL_RANGES, tuning_plan.OBJECTIVE, True, "Random", 4, 2), **given)


def ended(account: Account, name: str) -> TuningJob:
    def look() -> TuningJob | None:
        job = tuning_jobs.describe(account, name)
        return None if job.status.active else job

    job: TuningJob = eventually(look)
    return job


@pytest.fixture(scope="module")
def job(account: Account, data: PreparedData) -> TuningJob:
    """A completed tuning job."""
    return ended(account, tuning_launch.launch(account, make_tuning_plan(data)))


def test_what_was_asked_for_is_what_the_job_says(job: TuningJob) -> None:
    assert (job.status, job.objective, job.maximise, job.strategy) == ("Completed", "validation:auc", True, "Random")
    assert (job.max_jobs, job.parallel, job.launched, job.done) == (4, 2, 4, 4)
    assert (job.instance_type, job.instance_count) == ("ml.m4.xlarge", 1)


def test_the_guides_ranges_come_back_as_they_were_given(job: TuningJob) -> None:
    assert set(job.ranges) == set(search_space.TUTORIAL_RANGES)


def test_every_trial_tells_what_it_tried_and_scored(job: TuningJob, account: Account) -> None:
    trials = tuning_jobs.trials(account, job.name)
    assert len(trials) == 4
    for trial in trials:
        assert trial.status == "Completed"
        assert trial.value is not None
        for each in search_space.TUTORIAL_RANGES:
            assert each.low <= float(trial.hyperparameters[each.name]) <= each.high


def test_what_had_ended_is_not_read_again(job: TuningJob, account: Account) -> None:
    whole = tuning_jobs.trials(account, job.name)
    altered = tuple(replace(trial, failure="kept") for trial in whole)
    assert tuning_jobs.trials(account, job.name, altered) == altered


def test_what_had_not_ended_is_read_again_in_its_place(job: TuningJob, account: Account) -> None:
    whole = tuning_jobs.trials(account, job.name)
    earlier = (whole[0], replace(whole[1], status=JobStatus.IN_PROGRESS, value=None))
    assert tuning_jobs.trials(account, job.name, earlier) == whole


@dataclass(frozen=True)
class LongSearch(Account):
    """A search of `count` trials, of which the newest two run; counts the pages that it is asked for."""

    count: int = 0
    pages_read: list[int] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (operation, parameters["SortOrder"]) == (
            "list_training_jobs_for_hyper_parameter_tuning_job",
            "Descending",
        )
        begin = int(parameters.get("NextToken", 0))
        self.pages_read.append(begin)
        numbers = range(self.count - begin, max(0, self.count - begin - parameters["MaxResults"]), -1)
        more = {"NextToken": str(begin + len(numbers))} if numbers[-1] > 1 else {}
        return {"TrainingJobSummaries": [self.trial(number) for number in numbers], **more}

    def trial(self, number: int) -> dict[str, Any]:
        status = "InProgress" if number > self.count - 2 else "Completed"
        return {"TrainingJobName": f"trial-{number}", "TrainingJobStatus": status, "TunedHyperParameters": {}}


def test_a_live_refresh_of_a_long_search_reads_only_the_page_that_changed() -> None:
    before, after = LongSearch("AWS", "us-east-1", count=740), LongSearch("AWS", "us-east-1", count=750)
    known = tuning_jobs.trials(before, "long")
    assert len(before.pages_read) == 8
    assert tuning_jobs.trials(after, "long", known) == tuning_jobs.trials(
        LongSearch("AWS", "us-east-1", count=750), "long"
    )
    assert after.pages_read == [0]


class ParallelStart(Account):
    """A search whose trials were created in the same second, so that SageMaker lists them in any order."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        names = ("cells-003-0a1b2c3d", "cells-001-9f8e7d6c", "cells-002-00000000")
        listed = [
            {"TrainingJobName": name, "TrainingJobStatus": "Failed", "TunedHyperParameters": {}} for name in names
        ]
        return {"TrainingJobSummaries": listed}


def test_trials_are_numbered_as_sagemaker_numbers_them_however_it_lists_them() -> None:
    found = tuning_jobs.trials(ParallelStart("AWS", "us-east-1"), "cells")
    assert [trial.name.split("-")[1] for trial in found] == ["001", "002", "003"]


def test_the_best_trial_is_the_highest(job: TuningJob, account: Account) -> None:
    scores = {trial.name: trial.value or 0.0 for trial in tuning_jobs.trials(account, job.name)}
    assert job.best_value == max(scores.values())
    assert job.best is not None
    assert scores[job.best] == job.best_value


def test_a_trial_is_a_training_job_that_names_its_tuning_job(job: TuningJob, account: Account) -> None:
    assert job.best is not None
    best = training_jobs.describe(account, job.best)
    assert best.tuning_job == job.name
    assert best.hyperparameters["num_round"] == "3"


def test_the_list_tells_how_far_each_job_is(job: TuningJob, account: Account) -> None:
    line = next(each for each in tuning_jobs.summaries(account) if each.name == job.name)
    assert (line.status, line.strategy, line.completed, line.max_jobs) == ("Completed", "Random", 4, 4)


def test_the_lowest_is_best_when_it_is_minimised(account: Account, data: PreparedData) -> None:
    plan = make_tuning_plan(data, objective="validation:logloss", maximise=False, max_jobs=2)
    plan = replace(plan, training=make_plan(data, num_round="3", eval_metric="logloss"))
    plan = replace(plan, training=replace(plan.training, name=unique("low")))
    job = ended(account, tuning_launch.launch(account, plan))
    assert job.best_value == min(trial.value or 0.0 for trial in tuning_jobs.trials(account, job.name))


def test_a_stopped_tuning_job_ends_stopped(account: Account, data: PreparedData) -> None:
    name = tuning_launch.launch(account, make_tuning_plan(data, rounds=100_000))
    eventually(lambda: tuning_jobs.trials(account, name))
    tuning_jobs.stop(account, name)
    assert ended(account, name).status == "Stopped"


def test_a_refused_baseline_is_said_to_be_the_baseline_and_its_search_to_have_started(
    account: Account, data: PreparedData
) -> None:
    plan = make_tuning_plan(data, rounds=100_000)
    gone = replace(data, name="gone", address=data.address / "gone")
    with pytest.raises(BaselineRefusedError) as raised:
        tuning_launch.launch(account, replace(plan, baseline=replace(plan.training, data=gone)))
    name = plan.training.name
    assert str(raised.value) == (
        f"Baseline of {name}: its training files were deleted; the search itself has started. "
        "Choose a baseline job when the search has ended."
    )
    assert tuning_jobs.describe(account, name).status.active
    tuning_jobs.stop(account, name)


def test_a_baseline_that_is_known_to_be_refused_starts_no_search(account: Account, data: PreparedData) -> None:
    plan = make_tuning_plan(data)
    wrong = replace(plan.training, hyperparameters={**plan.training.hyperparameters, "eta": "9"})
    with pytest.raises(Problem, match="Hyperparameters"):
        tuning_launch.launch(account, replace(plan, baseline=wrong))
    assert plan.training.name not in {each.name for each in tuning_jobs.summaries(account)}


def test_a_taken_name_is_one_sentence_with_the_way_out(job: TuningJob, account: Account, data: PreparedData) -> None:
    with pytest.raises(Problem, match=r"^Create hyper parameter tuning job on This computer") as raised:
        tuning_launch.launch(account, make_tuning_plan(data, name=job.name))
    assert raised.value.remedy == "Choose another name: SageMaker does not reuse names"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "a" * 33}, "its name has 33 characters. Use at most 32."),
        ({"name": "two words"}, "Job name 'two words': it may hold letters"),
        ({"ranges": ()}, "the search space is empty. Add at least one range."),
        ({"ranges": (Range("eta", 0.9, 0.1),)}, "Range of eta: its minimum is above its maximum. Swap the two."),
        ({"ranges": (Range("eta", 0.1, 1.5),)}, "Hyperparameters: .*eta.*Correct the value"),
        ({"ranges": (Range("max_depth", -1, 3, integer=True),)}, "Hyperparameters: .*max_depth.*Correct the value"),
        ({"ranges": (Range("eta", 0, 1, scaling="Logarithmic"),)}, "Range of eta: a logarithmic scale starts above 0"),
        ({"ranges": (Choices("max_depth", ("3", "deep")),)}, "Hyperparameters: .*max_depth.*'deep'"),
        ({"strategy": "Grid"}, "a grid search needs lists of values. List the values of each setting."),
        ({"strategy": "Hyperband", "resources": (5, 2)}, "minimum rounds are above the maximum rounds. Swap the two."),
        ({"parents": tuple("abcdef")}, "a warm start takes at most 5 searches. Choose fewer."),
        ({"parallel": 5}, "there are more parallel trials than trials. Lower the number of parallel trials."),
        ({"objective": "validation:luck"}, "Hyperparameters: .*validation:luck"),
    ],
)
def test_what_every_trial_would_fail_of_is_refused_before_the_launch(
    data: PreparedData, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence):
        tuning_plan.validate(make_tuning_plan(data, **given))


def test_a_range_of_one_value_is_allowed(data: PreparedData) -> None:
    tuning_plan.validate(make_tuning_plan(data, ranges=(Range("eta", 0.3, 0.3),)))


@pytest.mark.parametrize(
    ("dollars", "price", "instances", "parallel", "seconds"),
    [(0.36, 0.24, 1, 3, 1800), (1.0, 0.24, 2, 3, 2500), (0.05, 0.23, 1, 2, 391), (1e6, 0.24, 1, 1, 15_768_000)],
)
def test_dollars_are_turned_into_time_with_every_instance_busy(
    dollars: float, price: float, instances: int, parallel: int, seconds: int
) -> None:
    found = tuning_plan.seconds_for(dollars, price, instances, parallel)
    assert found == seconds
    assert price * instances * parallel * found / 3600 <= dollars


def test_the_dollars_that_are_asked_for_are_enough() -> None:
    with pytest.raises(Problem, match=r"Enter \$0.03 or more") as raised:
        tuning_plan.seconds_for(0.01, 0.24, 1, 3)
    assert raised.value.said == "$0.01 pays for 50 s; the shortest time limit of a search is 120 s"
    assert tuning_plan.seconds_for(0.03, 0.24, 1, 3) >= tuning_plan.SHORTEST


def test_an_unknown_price_cannot_be_limited() -> None:
    with pytest.raises(Problem, match="the price of this instance type is unknown"):
        tuning_plan.seconds_for(5, None, 1, 1)


def test_the_time_that_a_search_may_take_is_what_sagemaker_was_told(account: Account, data: PreparedData) -> None:
    plan = make_tuning_plan(data, rounds=100_000, stopping=StoppingCriteria(max_runtime=120))
    name = tuning_launch.launch(account, plan)
    assert tuning_jobs.describe(account, name).max_runtime == 120
    tuning_jobs.stop(account, name)


def test_a_choice_comes_back_as_it_was_given(account: Account, data: PreparedData) -> None:
    choice = Choices("max_depth", ("2", "3"))
    found = ended(account, tuning_launch.launch(account, make_tuning_plan(data, ranges=(choice,))))
    assert found.ranges == (choice,)
    assert {trial.hyperparameters["max_depth"] for trial in tuning_jobs.trials(account, found.name)} <= set(
        choice.values
    )


def test_what_the_trials_share_and_learn_from_is_told(job: TuningJob, data: PreparedData) -> None:
    assert (job.fixed["gamma"], job.fixed["num_round"]) == ("4", "3")
    assert "eta" not in job.fixed
    assert job.train_channel == data.channel("train")


def test_a_baseline_is_remembered_by_sagemaker(job: TuningJob, account: Account) -> None:
    assert tuning_jobs.baseline(account, job) is None
    tuning_jobs.set_baseline(account, job, "earlier")
    assert tuning_jobs.baseline(account, job) == "earlier"


@pytest.mark.parametrize(
    ("ending", "baseline", "dollars"),
    [
        (StoppingCriteria(), None, 0.16),  # four trials of ten minutes at $0.24 an hour
        (StoppingCriteria(max_runtime=600), None, 0.08),  # two at a time for ten minutes
        (StoppingCriteria(max_runtime=86_400), None, 0.16),
        (StoppingCriteria(), "an earlier job", 0.16),
    ],
)
def test_a_search_costs_at_most_its_trials_or_its_time(
    data: PreparedData, ending: StoppingCriteria, baseline: str | None, dollars: float
) -> None:
    assert tuning_plan.maximum_cost(
        make_tuning_plan(data, stopping=ending, baseline=baseline), LIST_PRICES
    ) == pytest.approx(dollars)


def test_a_baseline_launched_beside_a_search_is_in_its_price(data: PreparedData) -> None:
    plan = make_tuning_plan(data)
    assert tuning_plan.maximum_cost(replace(plan, baseline=plan.training), LIST_PRICES) == pytest.approx(0.2)


def test_a_search_of_unknown_price_has_no_most(data: PreparedData) -> None:
    plan = make_tuning_plan(data)
    unknown = replace(plan, training=replace(plan.training, instance_type="ml.z9.xlarge"))
    assert tuning_plan.maximum_cost(unknown, LIST_PRICES) is None
