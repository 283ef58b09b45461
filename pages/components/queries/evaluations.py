"""Finished evaluations, kept for an hour, so that a reload or a second browser shows them without scoring again."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation import batch_scoring, scoring
from services.evaluation.batch_scoring import BatchJob
from services.evaluation.metrics import Scored
from services.training.jobs import JobStatus, TrainingJob

KEPT = 20
FILE, BATCH = "model file", "batch transform"  # no endpoint can have these names: they have spaces


@dataclass(frozen=True)
class Choice:
    """What was judged, and by which way: FILE when the model file was scored here, BATCH, or an endpoint's name."""

    account: Account
    job: str
    way: str
    data: str
    split: str


@dataclass(frozen=True)
class Evaluation:
    """Labels and scores of a split in file order, (rows,) each, and the same sorted once for every threshold."""

    data: PreparedData
    labels: NDArray[np.int8]
    scores: NDArray[np.float64]
    scored: Scored
    at: datetime


def method_label(way: str) -> str:
    """A way of scoring as a person chooses it, and as it stands in the page's address."""
    return {FILE: "Model file (free)", BATCH: "Batch transform"}.get(way, f"Endpoint {way}")


def find(choice: Choice) -> Evaluation | None:
    """The evaluation of this choice, if there was one within the hour."""
    return _kept().get(choice)


def drop(choice: Choice) -> None:
    """Forget the evaluation of this choice, which is made anew."""
    _kept().pop(choice, None)


def keep(choice: Choice, evaluation: Evaluation) -> None:
    """Remember an evaluation; the oldest gives way."""
    kept = _kept()
    kept.pop(choice, None)
    kept[choice] = evaluation
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)


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
    known = find(choice)
    if known is None and free(job):
        rows = scoring.read_split(account, data, split)
        known = new_evaluation(data, rows.labels, scoring.from_artifact(account, job.model_uri or "", rows.features))
    elif known is None:
        done = batch_scoring.find(account, job, data, split)
        if not done or done.status != JobStatus.COMPLETED:
            said = f"only its own container can score it, and the {split} rows have not been scored yet"
            raise NotScoredError(f"Model of {job.name}", said, "Score them with a batch transform on the Evaluate page")
        known = evaluate_batch(account, done, job, data, split)
    keep(choice, known)
    return known


def latest(account: Account, job: str) -> tuple[str, Evaluation] | None:
    """The split and the evaluation of a job's model within the hour: test rows before others, then the newest."""
    found = [
        (choice.split, known)
        for choice, known in _kept().items()
        if (choice.account, choice.job) == (account, job) and choice.way in (FILE, BATCH)
    ]
    return max(found, key=lambda each: (each[0] == "test", each[1].at), default=None)


def evaluate_batch(account: Account, done: BatchJob, job: TrainingJob, data: PreparedData, split: str) -> Evaluation:
    """The evaluation by the answers of a completed batch transform job. Raises Problem, AwsError."""
    rows = scoring.read_split(account, data, split)
    return new_evaluation(data, rows.labels, batch_scoring.scores(account, done, job, rows.rows))


def new_evaluation(data: PreparedData, labels: NDArray[np.int8], scores: NDArray[np.float64]) -> Evaluation:
    """An evaluation from now. Raises Problem for scores that are no probabilities."""
    return Evaluation(data, labels, scores, Scored.of(labels, scores), datetime.now(UTC))


def forget() -> None:
    """Forget all evaluations."""
    _kept().clear()


@st.cache_resource(ttl="1h", show_spinner=False)
def _kept() -> dict[Choice, Evaluation]:
    return {}
