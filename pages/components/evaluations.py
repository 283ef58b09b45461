"""Finished evaluations, kept for an hour, so that a reload or a second browser shows them without scoring again."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from services import scoring
from services.aws import Account
from services.evaluation import Scored
from services.prepared import PreparedData
from services.training import TrainingJob

KEPT = 20


@dataclass(frozen=True)
class Choice:
    """What was judged: `endpoint` is None when the model file was scored here."""

    account: Account
    job: str
    endpoint: str | None
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


def find(choice: Choice) -> Evaluation | None:
    """The evaluation of this choice, if there was one within the hour."""
    return _kept().get(choice)


def keep(choice: Choice, evaluation: Evaluation) -> None:
    """Remember an evaluation; the oldest gives way."""
    kept = _kept()
    kept.pop(choice, None)
    kept[choice] = evaluation
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)


def of_model(account: Account, job: TrainingJob, data: PreparedData, split: str) -> Evaluation:
    """The evaluation of a job's model file, made now if there was none within the hour. Raises Problem, AwsError."""
    choice = Choice(account, job.name, None, data.name, split)
    known = find(choice)
    if known is None:
        rows = scoring.read_split(account, data, split)
        scores = scoring.from_artifact(account, job.model_uri or "", rows.features)
        known = Evaluation(data, rows.labels, scores, Scored.of(rows.labels, scores), datetime.now(UTC))
        keep(choice, known)
    return known


def latest(account: Account, job: str) -> tuple[str, Evaluation] | None:
    """The split and the evaluation of a job's model file within the hour: test rows before others, then the newest."""
    found = [
        (choice.split, known)
        for choice, known in _kept().items()
        if (choice.account, choice.job, choice.endpoint) == (account, job, None)
    ]
    return max(found, key=lambda each: (each[0] == "test", each[1].at), default=None)


def forget() -> None:
    """Forget all evaluations."""
    _kept().clear()


@st.cache_resource(ttl="1h", show_spinner=False)
def _kept() -> dict[Choice, Evaluation]:
    return {}
