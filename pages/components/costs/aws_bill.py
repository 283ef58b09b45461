"""Billing data from AWS, on a click only: a request to Cost Explorer costs a cent.

An answer, or an error, stays in the session until the button is clicked again: a rerun never sends a request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.shell.formats import count, dollars, plain
from services.aws.account import Account
from services.costs.aws_bill import USD_A_REQUEST, Allowance, Bill, IdleEndpoint
from services.errors import Problem

ANSWERS = "aws_said"  # key of the answers, by account and question


def section(account: Account) -> None:
    """The section: a button per question, and its answer."""
    with st.container(border=True):
        st.subheader("Billing data from AWS", anchor=False)
        if not account.bills:
            st.caption(
                "On an AWS account, the bill, idle endpoints and the free tier are shown here. Nothing is "
                "billed on this computer."
            )
            return
        for question in QUESTIONS:
            _question(account, question)


@dataclass(frozen=True)
class Question:
    """A request to AWS: its button, description, query, and how the answer is shown."""

    key: str
    label: str
    icon: str
    about: str
    ask: Callable[[Account], Any]
    show: Callable[[Any], None]


def _question(account: Account, question: Question) -> None:
    answers: dict[tuple[Account, str], Any] = st.session_state.setdefault(ANSWERS, {})
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(question.label, key=f"ask_{question.key}", icon=question.icon):
            with st.spinner("Loading"):
                answers[account, question.key] = _answer(account, question)
        st.caption(plain(question.about), width="stretch")
    answer = answers.get((account, question.key))
    if isinstance(answer, Problem):
        st.error(plain(str(answer)), icon=":material/error:")
    elif answer is not None:
        question.show(answer)


def _answer(account: Account, question: Question) -> Any:
    try:
        return question.ask(account)
    except Problem as problem:
        return problem


def _spend(spend: Bill) -> None:
    requests = f"{count(spend.requests, 'request')}, {dollars(spend.requests * USD_A_REQUEST)}"
    st.metric(f"SageMaker, {spend.since:%-d} to {spend.until:%-d %B %Y}", dollars(spend.usd))
    st.caption(
        plain(
            "All regions of this account, after credits. Cost Explorer is up to a day behind; its figures "
            f"are estimates until the month is closed. This took {requests}."
        )
    )
    if spend.charges:
        st.dataframe(
            [
                {
                    "Usage type": charge.usage_type,
                    "Used": f"{charge.quantity:,.2f} {charge.unit}",
                    "Cost": charge.usd,
                }
                for charge in spend.charges
            ],
            key="real_spend",
            hide_index=True,
            column_config={
                "Cost": st.column_config.ProgressColumn(
                    format="$%.2f", min_value=0.0, max_value=max(spend.charges[0].usd, USD_A_REQUEST)
                )
            },
        )


def _idle(endpoints: Sequence[IdleEndpoint]) -> None:
    if not endpoints:
        st.success("Compute Optimizer finds no idle endpoint in this region.", icon=":material/check_circle:")
    for endpoint in endpoints:
        saving = "" if endpoint.usd_a_month is None else f" Deleting it saves {dollars(endpoint.usd_a_month)} a month."
        days = count(endpoint.days, "day")
        finding = plain(f", observed for {days}: {endpoint.finding.rstrip('.')}.{saving}")
        st.warning(f"**{plain(endpoint.name)}**{finding}")


def _free_tier(allowances: Sequence[Allowance]) -> None:
    if not allowances:
        st.info("AWS lists no free-tier offer of SageMaker for this account.", icon=":material/info:")
    for allowance in allowances:
        region = f" in {allowance.region}" if allowance.region else ""
        used = f"{allowance.used:,.1f} of {allowance.limit:,.0f} {allowance.unit} used"
        forecast = (
            "usage above the limit is billed"
            if allowance.share > 1
            else f"{allowance.forecast:,.1f} by the end of the month"
        )
        st.progress(min(1.0, allowance.share), plain(f"{allowance.description}{region}: {used}, {forecast}"))


QUESTIONS = (
    Question(
        "spend",
        plain(f"Get the bill (${USD_A_REQUEST})"),
        ":material/receipt_long:",
        f"This month's actual cost so far, from Cost Explorer. AWS charges {dollars(USD_A_REQUEST)} per request.",
        cost_queries.month_to_date,
        _spend,
    ),
    Question(
        "idle",
        "Find idle endpoints",
        ":material/mode_cool:",
        "Endpoints of this region that AWS Compute Optimizer finds idle. Free.",
        cost_queries.idle_endpoints,
        _idle,
    ),
    Question(
        "free_tier",
        "Show the free tier",
        ":material/redeem:",
        "How much of SageMaker's free tier was used this month. Free.",
        cost_queries.free_tier,
        _free_tier,
    ),
)
