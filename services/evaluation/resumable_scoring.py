"""Scoring a part of a set so that no row is scored twice: scores are looked up first, kept after, and gone on with."""

import time
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.endpoints.describe import Endpoint
from services.evaluation import kept_scores, scoring
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.kept_scores import KeptScores
from services.evaluation.scoring import PartlyScoredError, Progress, Split


@dataclass(frozen=True, eq=False)
class ScoredPart:
    """The rows of a part and their scores; `note` says why these could not be kept, "" where they are."""

    split: Split
    scores: NDArray[np.float64] = field(repr=False)
    note: str = ""


def find(
    account: Account, model: EvaluatedModel, data: PreparedData, part: str, way: str
) -> tuple[Split, KeptScores] | None:
    """The rows of a part and the scores that are kept of all of them; None where they are not.

    Raises DamagedScoresError, Problem where the rows cannot be read, AwsError.
    """
    place = kept_scores.address(account, model, data, part, way)
    kept = kept_scores.find(account, place) if place else None
    if not kept or not kept.complete:
        return None
    split = scoring.read_split(account, data, part)
    return (split, kept) if split.rows == kept.rows else None


def scored_before(account: Account, model: EvaluatedModel, data: PreparedData, part: str, way: str) -> int:
    """How many rows are scored already of a scoring that broke off. Raises DamagedScoresError, AwsError."""
    place = kept_scores.address(account, model, data, part, way)
    kept = kept_scores.find(account, place) if place else None
    return 0 if not kept or kept.complete else len(kept.scores)


def score(
    account: Account,
    model: EvaluatedModel,
    data: PreparedData,
    part: str,
    way: str,
    endpoint: Endpoint | None,
    now: datetime,
    progress: Progress | None = None,
) -> ScoredPart:
    """Score the rows of a part, by the model's file or through `endpoint`, and keep the scores.

    What an earlier call scored before the endpoint failed is not scored again. Raises PartlyScoredError, whose scores
    are kept; Problem for scores of another kind of model or that are no numbers; AwsError.
    """
    split, place = scoring.read_split(account, data, part), kept_scores.address(account, model, data, part, way)
    began = time.monotonic()

    def keep(scores: NDArray[np.float64]) -> str:
        return _keep(account, place, KeptScores(scores, split.rows, now, time.monotonic() - began))

    if endpoint is None:
        scores = scoring.from_artifact(account, model.uri, split.features)
    else:
        earlier = kept_scores.find(account, place) if place else None
        before = earlier.scores if earlier and not earlier.complete else None
        try:
            scores = scoring.through_endpoint(
                account, endpoint.name, split.features, progress, endpoint.body_limit, endpoint.answers, before
            )
        except PartlyScoredError as error:
            keep(error.scores)
            raise
    scoring.of_kind(scores, data, f"Model {model.name}")
    return ScoredPart(split, scores, keep(scores))


def keep(account: Account, model: EvaluatedModel, data: PreparedData, part: str, way: str, kept: KeptScores) -> str:
    """Keep scores that were made otherwise; returns why they could not be kept, "" where they are. Raises AwsError."""
    return _keep(account, kept_scores.address(account, model, data, part, way), kept)


def _keep(account: Account, place: Address | None, kept: KeptScores) -> str:
    """Scores are not lost because they cannot be kept: what was refused is said, and the page shows them."""
    if place is None:
        return ""
    try:
        kept_scores.keep(account, place, kept)
    except AwsError as error:
        return str(error)
    return ""
