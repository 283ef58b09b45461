"""The saved decisions of models, and the thresholds proposed for an aim: worked out once, not at every slider move."""

import streamlit as st

from pages.components.queries import jobs
from pages.components.queries.evaluations import Choice, Evaluation
from services.aws.account import Account
from services.aws.documents import Stored
from services.data.prepared_data import PreparedData
from services.evaluation.decision import expected_cost, saved_decision, threshold_aims
from services.evaluation.decision.expected_cost import Costs, ExpectedCostCurve
from services.evaluation.decision.saved_decision import AppliedThreshold, CostsMembers, SavedDecision
from services.evaluation.decision.threshold_aims import Goal, ThresholdProposal
from services.evaluation.metrics import Scored

LATEST = 5  # models of a data set whose decisions are looked at


@st.cache_data(ttl=30, show_spinner=False)
def decision(account: Account, model_uri: str) -> Stored[SavedDecision] | None:
    """The decision saved beside a model. Raises UnusableDecisionError, AwsError."""
    return saved_decision.read(account, model_uri)


@st.cache_data(ttl=30, show_spinner=False)
def applied(account: Account, *model_uris: str) -> AppliedThreshold:
    """The threshold for the scores of these models, usually one."""
    return saved_decision.applied(account, {*model_uris})


def costs_on(account: Account, data: PreparedData) -> CostsMembers | None:
    """The costs of the newest decision for one of the latest models trained on a data set; None without one.

    Raises Problem, AwsError.
    """
    trained = sorted(jobs.completed_on(account, str(data.address)), key=lambda job: job.created, reverse=True)
    for job in trained[:LATEST]:
        found = decision(account, job.model_uri) if job.model_uri else None
        if found and found.document.costs:
            return found.document.costs
    return None


def proposal(choice: Choice, evaluation: Evaluation, goal: Goal) -> ThresholdProposal:
    """The threshold that meets a goal on evaluated rows. Raises Problem where none does."""
    assert isinstance(evaluation.scored, Scored)
    return _proposal(_name(choice, evaluation), repr(goal), evaluation.scored, goal)


def cost_curve(choice: Choice, evaluation: Evaluation, costs: Costs) -> ExpectedCostCurve:
    """The expected cost of evaluated rows over all thresholds."""
    assert isinstance(evaluation.scored, Scored)
    return _cost_curve(_name(choice, evaluation), repr(costs), evaluation.scored, costs)


def _name(choice: Choice, evaluation: Evaluation) -> tuple[str, ...]:
    """What tells evaluations apart."""
    account = choice.account
    place = (account.title, account.profile or "", account.region)
    rows = (choice.data, choice.split, evaluation.at.isoformat())
    return (*place, choice.job, choice.model, choice.method, choice.edition, *rows)


@st.cache_data(ttl=3600, max_entries=200, show_spinner="Choosing the threshold")
def _proposal(evaluation: tuple[str, ...], goal: str, _scored: Scored, _goal: Goal) -> ThresholdProposal:
    return threshold_aims.propose(_scored, _goal)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def _cost_curve(evaluation: tuple[str, ...], costs: str, _scored: Scored, _costs: Costs) -> ExpectedCostCurve:
    return expected_cost.curve(_scored, _costs)
