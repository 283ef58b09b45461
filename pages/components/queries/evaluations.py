"""Finished evaluations, kept for an hour, so that a reload or a second browser shows them without scoring again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st
from cachetools import TTLCache
from numpy.typing import NDArray

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import batch_scoring, scoring
from services.evaluation.batch_scoring import BatchJob
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.evaluation.scoring import Split
from services.training.jobs import JobStatus, TrainingJob

WORST = 20  # rows of a number that are shown with their features
LIMIT, HOUR = 20, 3600.0  # evaluations of all sessions, and the seconds that each is kept
FILE, BATCH = "model file", "batch transform"  # no endpoint can have these names: they have spaces


@dataclass(frozen=True)
class Choice:
    """A model, a split and the scoring method: FILE (scored here), BATCH, or the name of an endpoint.

    edition: of the endpoint: what it scored before an update is not what it scores now.
    """

    account: Account
    job: str
    method: str
    data: str
    split: str
    edition: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Labels and scores of a split in file order, as `scoring` has them, and what they say, for the data's kind.

    worst: of numbers, the features of the rows that are furthest off, as an Arrow table, the worst first.
    """

    data: PreparedData
    labels: NDArray[Any]
    scores: NDArray[np.float64]
    scored: Scored | ScoredClasses | ScoredNumbers
    at: datetime
    worst: Any = None


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
    return job.algorithm is None or job.algorithm.model_file is not None


def evaluate_model(account: Account, job: TrainingJob, data: PreparedData, split: str) -> Evaluation:
    """The evaluation of a job's model: of its file, made now if there was none within the hour, or by batch transform.

    Raises NotScoredError for a model whose file cannot be scored here and that no batch transform has scored; Problem.
    """
    choice = Choice(account, job.name, FILE if free(job) else BATCH, data.name, split)
    evaluation = find(choice)
    if evaluation is None and free(job):
        rows = scoring.read_split(account, data, split)
        scores = scoring.from_artifact(account, job.model_uri or "", rows.features)
        evaluation = evaluate_rows(account, data, rows, scores)
    elif evaluation is None:
        batch_job = batch_scoring.find(account, job, data, split)
        if not batch_job or batch_job.status != JobStatus.COMPLETED:
            said = f"only its own container can score it, and the {split} rows have not been scored yet"
            raise NotScoredError(f"Model of {job.name}", said, "Score them with a batch transform on the Evaluate page")
        evaluation = evaluate_batch(account, batch_job, job, data, split)
    save(choice, evaluation)
    return evaluation


def latest(account: Account, job: str) -> tuple[str, Evaluation] | None:
    """The split and the evaluation of a job's model within the hour: test rows before others, then the newest."""
    of_job = [
        (choice.split, evaluation)
        for choice, evaluation in _saved().all()
        if (choice.account, choice.job) == (account, job) and choice.method in (FILE, BATCH)
    ]
    return max(of_job, key=lambda pair: (pair[0] == "test", pair[1].at), default=None)


def newest(account: Account) -> tuple[str, Evaluation] | None:
    """The job whose model was evaluated last within the hour, other than through an endpoint, and the evaluation."""
    of_account = [
        (choice.job, evaluation)
        for choice, evaluation in _saved().all()
        if choice.account == account and choice.method in (FILE, BATCH)
    ]
    return max(of_account, key=lambda pair: pair[1].at, default=None)


def evaluate_batch(
    account: Account, batch_job: BatchJob, job: TrainingJob, data: PreparedData, split: str
) -> Evaluation:
    """The evaluation by the answers of a completed batch transform job. Raises Problem, AwsError."""
    rows = scoring.read_split(account, data, split)
    return evaluate_rows(account, data, rows, batch_scoring.scores(account, batch_job, job, rows.rows))


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


class _Evaluations:
    """The evaluations of all sessions, whose threads read and write them at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept = TTLCache[Choice, Evaluation](LIMIT, HOUR)

    def find(self, choice: Choice) -> Evaluation | None:
        with self._lock:
            return self._kept.get(choice)

    def all(self) -> Iterable[tuple[Choice, Evaluation]]:
        with self._lock:
            return list(self._kept.items())

    def save(self, choice: Choice, evaluation: Evaluation) -> None:
        with self._lock:
            self._kept[choice] = evaluation

    def drop(self, choice: Choice) -> None:
        with self._lock:
            self._kept.pop(choice, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


@st.cache_resource(show_spinner=False)
def _saved() -> _Evaluations:
    return _Evaluations()
