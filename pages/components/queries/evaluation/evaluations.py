"""Finished evaluations: in memory for an hour, above the scores that stay in S3 (`services/evaluation/kept_scores.py`).

A reload or a second browser shows them without reading anything; after a restart the scores are read, not made again.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.queries.kept_results import KeptResults
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.endpoints import describe as endpoint_details
from services.errors import Problem
from services.evaluation import batch_scoring, evaluated_model, resumable_scoring, scoring
from services.evaluation.batch_scoring import BatchJob
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.kept_scores import DamagedScoresError, KeptScores
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.evaluation.scoring import Progress, Split
from services.training.jobs import JobStatus, TrainingJob

WORST = 20  # rows of a number that are shown with their features
LIMIT, HOUR = 20, 3600.0  # evaluations of all sessions, and the seconds that each is kept
FILE, BATCH = "model file", "batch transform"  # no endpoint can have these names: they have spaces


@dataclass(frozen=True)
class Choice:
    """A model, a part of a set and the scoring method: FILE (scored here), BATCH, or the name of an endpoint.

    job:     the training job that made the model; "" for a model from elsewhere.
    split:   a split of the set, or a labelled file that was added to it (`labelled_rows.py`).
    edition: of the endpoint: what it scored before an update is not what it scores now.
    model:   address of the file of a model that no job made; "" for a job's own.
    file:    name of the labelled file; "" for a split.
    """

    account: Account
    job: str
    method: str
    data: str
    split: str
    edition: str = ""
    model: str = ""
    file: str = ""

    @property
    def rows(self) -> str:
        """What the rows are called, after their number: "test rows", "rows of may.csv"."""
        return f"rows of {self.file}" if self.file else f"{self.split} rows"

    @property
    def way(self) -> str:
        """What makes the scores beside the model's file and the rows, for `kept_scores.address`."""
        return f"endpoint {self.method} {self.edition}" if self.edition else self.method


@dataclass(frozen=True)
class Evaluation:
    """Labels and scores of a split in file order, as `scoring` has them, and what they say, for the data's kind.

    worst: of numbers, the features of the rows that are furthest off, as an Arrow table, the worst first.
    note:  why the scores could not be kept in S3; "" where they are.
    """

    data: PreparedData
    labels: NDArray[Any]
    scores: NDArray[np.float64]
    scored: Scored | ScoredClasses | ScoredNumbers
    at: datetime
    worst: Any = None
    note: str = ""


def method_label(method: str) -> str:
    """The label of a scoring method; also its value in the address of the page."""
    return {FILE: "Model file (free)", BATCH: "Batch transform"}.get(method, f"Endpoint {method}")


def find(choice: Choice) -> Evaluation | None:
    """The evaluation of this choice, if there was one within the hour."""
    return _saved().find(choice)


def drop(choice: Choice) -> None:
    """Remove the evaluation of this choice, before the rows are scored again."""
    _saved().drop(choice)


def save(choice: Choice, evaluation: Evaluation) -> None:
    """Save an evaluation; what was looked at least is removed beyond LIMIT."""
    _saved().save(choice, evaluation)


class NotScoredError(Problem):
    """A model that only its own container can score, and has not yet scored these rows."""


def free(job: TrainingJob) -> bool:
    """Whether the model file can be scored here; only XGBoost's can."""
    return evaluated_model.of_job(job).is_read_here


def evaluate_model(account: Account, job: TrainingJob, data: PreparedData, split: str) -> Evaluation:
    """The evaluation of a job's model: by kept scores, of its file now where there are none, or by batch transform.

    Raises NotScoredError for a model whose file cannot be scored here and that no batch transform has scored; Problem.
    """
    choice = Choice(account, job.name, FILE if free(job) else BATCH, data.name, split)
    model = evaluated_model.of_job(job)
    with suppress(DamagedScoresError):  # they have been removed
        evaluation = find(choice) or restore(choice, model, data)
        if evaluation:
            return evaluation
    if free(job):
        return score(choice, model, data)
    batch_job = batch_scoring.find(account, job, data, split)
    if not batch_job or batch_job.status != JobStatus.COMPLETED:
        said = f"only its own container can score it, and the {split} rows have not been scored yet"
        raise NotScoredError(f"Model of {job.name}", said, "Score them with a batch transform on the Evaluate page")
    evaluation = evaluate_batch(choice, batch_job, job, data)
    save(choice, evaluation)
    return evaluation


def restore(choice: Choice, model: EvaluatedModel, data: PreparedData) -> Evaluation | None:
    """The evaluation by the scores that are kept in S3; None where they are not all there.

    Raises DamagedScoresError for scores that were there and had to be removed; Problem, AwsError.
    """
    found = resumable_scoring.find(choice.account, model, data, choice.split, choice.way)
    if not found:
        return None
    split, kept = found
    evaluation = replace(evaluate_rows(choice.account, data, split, kept.scores), at=kept.at)
    save(choice, evaluation)
    return evaluation


def scored_before(choice: Choice, model: EvaluatedModel, data: PreparedData) -> int:
    """How many rows an endpoint that failed has scored already. Raises DamagedScoresError, AwsError."""
    return resumable_scoring.scored_before(choice.account, model, data, choice.split, choice.way)


def score(choice: Choice, model: EvaluatedModel, data: PreparedData, progress: Progress | None = None) -> Evaluation:
    """Score the rows by the model's file or through the endpoint, keep the scores, and remember the evaluation.

    Raises PartlyScoredError when an endpoint failed, after which the next call goes on; Problem, AwsError.
    """
    endpoint = endpoint_details.describe(choice.account, choice.method) if choice.edition else None
    made = resumable_scoring.score(
        choice.account, model, data, choice.split, choice.way, endpoint, datetime.now(UTC), progress
    )
    evaluation = replace(evaluate_rows(choice.account, data, made.split, made.scores), note=made.note)
    save(choice, evaluation)
    return evaluation


def latest(account: Account, job: str) -> tuple[str, Evaluation] | None:
    """The split and the evaluation of a job's model within the hour: test rows before others, then the newest."""
    of_job = [
        (choice.split, evaluation)
        for choice, evaluation in _saved().all()
        if (choice.account, choice.job) == (account, job) and choice.method in (FILE, BATCH) and not choice.file
    ]
    return max(of_job, key=lambda pair: (pair[0] == "test", pair[1].at), default=None)


def newest(account: Account) -> tuple[str, Evaluation] | None:
    """The job whose model was evaluated last within the hour, other than through an endpoint, and the evaluation."""
    of_account = [
        (choice.job, evaluation)
        for choice, evaluation in _saved().all()
        if choice.account == account and choice.job and choice.method in (FILE, BATCH)
    ]
    return max(of_account, key=lambda pair: pair[1].at, default=None)


def evaluate_batch(choice: Choice, batch_job: BatchJob, job: TrainingJob, data: PreparedData) -> Evaluation:
    """The evaluation by the answers of a completed batch transform job, which are kept. Raises Problem, AwsError."""
    account, ended = choice.account, batch_job.ended or datetime.now(UTC)
    rows = scoring.read_split(account, data, choice.split)
    scores = batch_scoring.scores(account, batch_job, job, rows.rows)
    evaluation = replace(evaluate_rows(account, data, rows, scores), at=ended)
    seconds = (ended - batch_job.created).total_seconds()
    kept = KeptScores(scores, rows.rows, ended, seconds)
    note = resumable_scoring.keep(account, evaluated_model.of_job(job), data, choice.split, choice.way, kept)
    return replace(evaluation, note=note)


def evaluate_rows(account: Account, data: PreparedData, rows: Split, scores: NDArray[np.float64]) -> Evaluation:
    """The evaluation of a split by its scores. Raises Problem for scores of another kind of model, AwsError."""
    evaluation = new_evaluation(data, rows.labels, scores, scoring.training_constants(account, data))
    if not isinstance(evaluation.scored, ScoredNumbers):
        return evaluation
    return replace(evaluation, worst=rows.features.take(evaluation.scored.worst(WORST)))


def new_evaluation(
    data: PreparedData, labels: NDArray[Any], scores: NDArray[np.float64], constants: Constants | None = None
) -> Evaluation:
    """An evaluation from now; of a number beside `constants`. Raises Problem for scores of another kind of model."""
    scores = scoring.of_kind(scores, data, "Evaluation")
    scored: Scored | ScoredClasses | ScoredNumbers
    if data.kind is TargetKind.CLASSES:
        scored = ScoredClasses.of(labels, scores, len(data.classes))
    elif data.kind is TargetKind.NUMBER:
        scored = ScoredNumbers.of(labels, scores, constants or Constants.of(labels))
    else:
        scored = Scored.of(labels, scores)
    return Evaluation(data, labels, scores, scored, datetime.now(UTC))


def clear() -> None:
    """Remove all evaluations."""
    _saved().clear()


@st.cache_resource(show_spinner=False)
def _saved() -> KeptResults[Choice, Evaluation]:
    return KeptResults(LIMIT, HOUR)
