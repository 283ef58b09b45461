"""What the Tune page asks about a search and works out of its trials, remembered; apart from `account.py`, which every
page imports before its title, because the arithmetic here takes longer to import.

Every query is keyed by the account; of what has ended nothing changes any more, so that is kept for an hour.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import comparisons, evaluations
from pages.components.queries.evaluation.evaluations import Evaluation
from services.aws.account import Account
from services.aws.s3 import Address
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import model_comparison, scoring
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.evaluation.verdict.several_classes import row_losses
from services.training import learning_curves
from services.training.learning_curves import LearningCurve
from services.tuning import chart_data, constant_answer, failed_trials, fanova, importance
from services.tuning import jobs as tuning_jobs
from services.tuning.constant_answer import WEIGHTS, ConstantAnswer
from services.tuning.failed_trials import FailedTrials
from services.tuning.fanova import ExplainedVariation
from services.tuning.importance import Importances
from services.tuning.jobs import Trial, TuningJob
from services.tuning.search_space import SearchedParameter

KEPT = 20


def trials(account: Account, job: TuningJob) -> tuple[Trial, ...]:
    """Every training job of a tuning job, in the order they were launched. Raises AwsError."""
    return (_running_trials if job.status.active else _ended_trials)(account, job.name)


@st.cache_resource(ttl=2, show_spinner=False)
def _running_trials(account: Account, name: str) -> tuple[Trial, ...]:
    return _read(account, name)


@st.cache_resource(ttl="1h", max_entries=KEPT, show_spinner=False)
def _ended_trials(account: Account, name: str) -> tuple[Trial, ...]:
    return _read(account, name)


def _read(account: Account, name: str) -> tuple[Trial, ...]:
    memory = _memory(account, name)
    memory["trials"] = tuning_jobs.trials(account, name, memory.get("trials", ()))
    return memory["trials"]


@st.cache_resource(ttl="1h", max_entries=KEPT, show_spinner=False)
def _memory(account: Account, name: str) -> dict[str, tuple[Trial, ...]]:
    """The last answer, so that only what has not ended is asked for again."""
    return {}


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def curves(account: Account, names: tuple[str, ...]) -> dict[str, LearningCurve]:
    """The learning curves of training jobs that have ended. Raises AwsError."""
    return learning_curves.read(account, names, datetime.now(UTC))


def importances(account: Account, job: TuningJob, trials: Sequence[Trial]) -> Importances | None:
    """Which settings matter; while the search runs, worked out anew after every ten trials only."""
    scored = [trial for trial in trials if trial.value is not None]
    counted = len(scored) // 10 * 10 if job.status.active else len(scored)
    return _importances(account, job.name, counted, job, scored[:counted])


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def _importances(
    account: Account, name: str, counted: int, _job: TuningJob, _scored: Sequence[Trial]
) -> Importances | None:
    return importance.importances(chart_data.settings(_job.ranges, _scored), _scored)


def explained_variation(account: Account, job: TuningJob, trials: Sequence[Trial]) -> ExplainedVariation | str:
    """What each setting explains on its own, by fANOVA, or in words why that cannot be told.

    While the search runs it is worked out anew after every ten trials only.
    """
    searched = chart_data.settings(job.ranges, trials)
    if obstacle := fanova.obstacle(searched, trials):
        return obstacle
    scored = [trial for trial in trials if trial.value is not None]
    counted = len(scored) // 10 * 10 if job.status.active else len(scored)
    return _explained(account, job.name, counted, searched, scored[:counted])


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def _explained(
    account: Account, name: str, counted: int, _searched: Sequence[SearchedParameter], _scored: Sequence[Trial]
) -> ExplainedVariation:
    return fanova.explained(_searched, _scored)


def failed_to_learn(account: Account, job: TuningJob, trials: Sequence[Trial]) -> FailedTrials | None:
    """The trials of a search that has ended that are no better than a constant answer. Raises AwsError."""
    metric = job.objective.partition(":")[2]
    try:
        data = prepared_data.trained_on(account, job.train_channel)
    except Problem:  # of data prepared elsewhere or deleted; the comparison with the baseline says so
        return failed_trials.find(job, trials, None, constant_answer.of_ranking(metric))
    if data.kind is TargetKind.NUMBER:
        return failed_trials.find(job, trials, data, _of_numbers(account, data.address, metric, data))
    weighted = not {*job.fixed, *(name for trial in trials for name in trial.hyperparameters)}.isdisjoint(WEIGHTS)
    return failed_trials.find(job, trials, data, constant_answer.of_classes(metric, data, weighted))


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def _of_numbers(account: Account, address: Address, metric: str, _data: PreparedData) -> ConstantAnswer | None:
    constants = scoring.training_constants(account, _data)
    if constants is None or not _data.rows["validation"]:
        return None
    return constant_answer.of_numbers(metric, constants, scoring.read_split(account, _data, "validation").labels)


@st.cache_data(ttl=60, show_spinner=False)
def baseline(account: Account, job: TuningJob) -> str | None:
    """The training job that a tuning job is measured against. Raises AwsError."""
    return tuning_jobs.baseline(account, job)


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def comparison(account: Account, before: str, after: str, split: str, _data: PreparedData) -> ModelComparison | None:
    """What the model of one training job gained over that of another, on these rows. Raises Problem, AwsError."""
    old, new = _evaluated(account, before, after, split, _data)
    return model_comparison.compare_models(old.labels, old.scores, new.scores)


@st.cache_data(ttl="1h", max_entries=KEPT, show_spinner=False)
def difference(
    account: Account, before: str, after: str, split: str, _data: PreparedData
) -> tuple[MetricDifference | None, MetricDifference | None]:
    """Accuracy of both models on these rows and, where both answer probabilities, their log loss.

    Of a number their mean absolute errors, and None. Raises Problem, AwsError.
    """
    old, new = _evaluated(account, before, after, split, _data)
    losses = [row_losses(each.labels, each.scores) for each in (old, new) if isinstance(each.scored, ScoredClasses)]
    known = [each for each in losses if each is not None]
    loss = model_comparison.paired_difference(*known) if len(known) == 2 else None
    return comparisons.of_rows(old, new), loss


def _evaluated(account: Account, before: str, after: str, split: str, data: PreparedData) -> list[Evaluation]:
    jobs = (job_queries.training_job(account, name) for name in (before, after))
    return [evaluations.evaluate_model(account, job, data, split) for job in jobs]
