"""How the margin of a model, to which contributions add up, becomes its score, and what its unit means in words. Pure.

Source of the objectives and their links: XGBoost's documentation, "XGBoost Parameters", Learning Task Parameters.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Link(StrEnum):
    """What a margin is; its value is the unit of a contribution."""

    LOGISTIC = "log-odds"  # of the positive class of two
    SOFTMAX = "log-odds of the class"  # a margin for each of several classes
    LOG = "log of the prediction"  # counts, amounts, hazards
    RAW = "log-odds (the score itself)"  # binary:logitraw
    HINGE = "margin"  # above 0 is the positive class
    IDENTITY = "units of the target"

    @property
    def meaning(self) -> str:
        """What a contribution of a certain size does, a sentence."""
        return {
            Link.LOGISTIC: "A contribution of +0.69 doubles the odds, one of -0.69 halves them; 0 log-odds is 50 %.",
            Link.SOFTMAX: "A contribution of +0.69 doubles the odds of the class against each other class.",
            Link.LOG: "A contribution of +0.69 doubles the predicted number, one of -0.69 halves it.",
            Link.RAW: "A contribution of +0.69 doubles the odds; this model answers log-odds, not probabilities.",
            Link.HINGE: "A row whose margin is above 0 is predicted to be positive.",
            Link.IDENTITY: "A contribution is what a column adds to the predicted number.",
        }[self]

    @property
    def average(self) -> str:
        """What contributions start from, for a sentence."""
        return {
            Link.LOGISTIC: "the average log-odds in training",
            Link.SOFTMAX: "the average log-odds in training",
            Link.LOG: "the average in training",
            Link.RAW: "the average log-odds in training",
            Link.HINGE: "the average margin in training",
            Link.IDENTITY: "the average prediction in training",
        }[self]

    @property
    def is_probability(self) -> bool:
        """Whether scores are probabilities."""
        return self in (Link.LOGISTIC, Link.SOFTMAX)

    @property
    def is_curved(self) -> bool:
        """Whether the same contribution changes the score by more or less, depending on the others."""
        return self.is_probability or self is Link.LOG

    def scores(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scores of (..., classes) margins, of the same shape."""
        if self is Link.LOGISTIC:
            logistic: NDArray[np.float64] = 0.5 * (1 + np.tanh(margins / 2))  # which never overflows
            return logistic
        if self is Link.SOFTMAX:
            powers = np.exp(margins - margins.max(axis=-1, keepdims=True))
            shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
            return shares
        if self is Link.LOG:
            return np.exp(margins)
        return (margins > 0).astype(float) if self is Link.HINGE else margins


def link_of(objective: str) -> Link:
    """The link of one of XGBoost's objectives."""
    if objective.startswith("multi:"):
        return Link.SOFTMAX
    return {
        "binary:logistic": Link.LOGISTIC,
        "reg:logistic": Link.LOGISTIC,
        "binary:logitraw": Link.RAW,
        "binary:hinge": Link.HINGE,
        "count:poisson": Link.LOG,
        "reg:gamma": Link.LOG,
        "reg:tweedie": Link.LOG,
        "survival:cox": Link.LOG,
        "survival:aft": Link.LOG,
    }.get(objective, Link.IDENTITY)
