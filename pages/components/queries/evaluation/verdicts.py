"""What a verdict needs beside the scores: the approved model, the validation scores, the suspects, and the looks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.queries.evaluation import comparisons, evaluations
from pages.components.queries.evaluation.evaluations import BATCH, FILE, Choice, Evaluation
from pages.components.queries.kept_results import KeptResults
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.data.sets import looks
from services.data.sets.looks import RowLooksDocument
from services.errors import Problem
from services.evaluation import evaluated_model, model_file, model_ranking, scoring
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.kept_scores import DamagedScoresError
from services.evaluation.metrics import Scored
from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.evaluation.model_ranking import ModelRanking
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.verdict import suspects as suspect_columns
from services.evaluation.verdict.statement import Suspect
from services.registry.versions import ModelVersion
from services.training.jobs import TrainingJob

GROUPS = 25  # of the registry, the newest, that are looked through
VALUES, DAY = 1000, 86_400.0  # of validation scores that are kept, and for how many seconds


@st.cache_data(ttl=10, show_spinner=False)
def looks_at_test(account: Account, name: str, _data: PreparedData) -> RowLooksDocument:
    """How often the test rows of a set were looked at. Raises Problem, AwsError."""
    return looks.read(account, _data)


def count_look(account: Account, data: PreparedData, model: str, scored: datetime) -> RowLooksDocument:
    """All looks at the test rows, with this one, which is counted once. Raises Problem, AwsError."""
    known = looks_at_test(account, data.name, data)
    if known.has(model, scored):
        return known
    counted = looks.count(account, data, model, scored)
    looks_at_test.clear(account, data.name, data)
    return counted


@st.cache_data(ttl=60, show_spinner=False)
def approved_on(account: Account, data: str) -> ModelVersion | None:
    """The approved version that learned from the set, of the group that has the set's name or else the newest one.

    Raises Problem, AwsError.
    """
    names = [group.name for group in registry_queries.groups(account)][:GROUPS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: registry_queries.approved(account, name), names))
    of_data = [version for version in found if version and version.data == data]
    return max(of_data, key=lambda version: (version.group == data, version.created), default=None)


def kept(account: Account, job: str, data: str, split: str) -> Evaluation | None:
    """A job's scores of these rows, where they are kept: by its model file or a batch transform."""
    choices = (Choice(account, job, method, data, split) for method in (FILE, BATCH))
    return next((found for choice in choices if (found := evaluations.find(choice))), None)


def of_validation(choice: Choice, model: EvaluatedModel, data: PreparedData) -> Evaluation | None:
    """The scores of validation rows by the model whose scores of other rows are shown; None where they are not kept.

    Raises Problem, AwsError.
    """
    if choice.split in ("train", "validation") or not data.rows.get("validation"):
        return None
    on = replace(choice, split="validation", file="")
    return _restored(on, model, data) or _restored(replace(on, method=FILE, edition=""), model, data)


def comparison(version: ModelVersion, choice: Choice, after: Evaluation) -> ModelComparison | MetricDifference | None:
    """What a model gained over a registered version on the same rows; None while that is not scored.

    Raises Problem, AwsError.
    """
    if not version.job:
        return None
    job = job_queries.ended_training_job(choice.account, version.job)
    on = replace(choice, job=version.job, method=FILE if evaluations.free(job) else BATCH, edition="", model="")
    other = _restored(on, evaluated_model.of_job(job), after.data)
    if other is None or len(other.labels) != len(after.labels):
        return None
    if isinstance(after.scored, Scored):
        return comparisons.ranking(other, after)
    return comparisons.of_rows(other, after)


def _restored(choice: Choice, model: EvaluatedModel, data: PreparedData) -> Evaluation | None:
    with suppress(DamagedScoresError):  # they have been removed
        return evaluations.find(choice) or evaluations.restore(choice, model, data)
    return None


def suspects(choice: Choice, model: EvaluatedModel, data: PreparedData) -> tuple[Suspect, ...]:
    """The columns that tell most of the target in the rows of a choice. Raises Problem, AwsError."""
    return _suspects(choice.account, model.uri, data.name, choice.split, model, data)


@st.cache_data(ttl="1h", max_entries=50, show_spinner="Looking for columns that tell too much")
def _suspects(
    account: Account, uri: str, name: str, split: str, _model: EvaluatedModel, _data: PreparedData
) -> tuple[Suspect, ...]:
    rows = scoring.read_split(account, _data, split)
    loaded = None
    if _model.job is None or evaluations.free(_model.job):
        with suppress(Problem):  # without the gain, the columns are still known
            loaded = model_file.load(account, uri)
    return suspect_columns.find(rows, _data, loaded)


def ranking(account: Account, data: PreparedData) -> ModelRanking:
    """The completed models of the set by their validation rows. Raises AwsError."""
    found = model_ranking.candidates(job_queries.completed_on(account, str(data.address)))
    for job, _ in found:
        evaluation = kept(account, job.name, data.name, "validation")
        if evaluation and not model_ranking.has_learned_validation(job):
            _values().save((account, data.name, job.name), _value(evaluation))
    known = {job.name: _values().find((account, data.name, job.name)) for job, _ in found}
    return model_ranking.rank(found, data.kind, {name: value for name, value in known.items() if value is not None})


def score_validation(account: Account, data: PreparedData, jobs: Sequence[TrainingJob]) -> list[Problem]:
    """Score the validation rows with the model files of these jobs, for `ranking`; what could not be scored."""
    problems = list[Problem]()
    for job in jobs:
        try:
            evaluation = evaluations.evaluate_model(account, job, data, "validation")
        except AwsError:
            raise
        except Problem as problem:
            problems.append(problem)
        else:
            _values().save((account, data.name, job.name), _value(evaluation))
    return problems


@st.cache_resource(show_spinner=False)
def _values() -> KeptResults[tuple[Account, str, str], float]:
    """What the validation scores came to, by account, set and job: longer than the scores are kept."""
    return KeptResults(VALUES, DAY)


def _value(evaluation: Evaluation) -> float:
    """See `model_ranking.SCORED`."""
    scored = evaluation.scored
    if isinstance(scored, ScoredNumbers):
        return scored.rmse
    return scored.accuracy if isinstance(scored, ScoredClasses) else scored.average_precision or 0.0
