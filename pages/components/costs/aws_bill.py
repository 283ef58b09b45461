"""What AWS itself says about money, on a click only: a request to Cost Explorer costs a cent.

An answer, or a refusal, stays in the session until it is asked for again: no rerun of the page ever asks by itself.
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

SAID = "aws_said"  # key of the answers, by account and question


def section(account: Account) -> None:
    """The section: a button a question, and what was answered."""
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
    """Something to ask AWS: the button, what it is about, whom it asks and how the answer is shown."""

    key: str
    label: str
    icon: str
    about: str
    ask: Callable[[Account], Any]
    show: Callable[[Any], None]


def _question(account: Account, question: Question) -> None:
    said: dict[tuple[Account, str], Any] = st.session_state.setdefault(SAID, {})
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(question.label, key=f"ask_{question.key}", icon=question.icon):
            with st.spinner("Loading"):
                said[account, question.key] = _answer(account, question)
        st.caption(plain(question.about), width="stretch")
    answer = said.get((account, question.key))
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


def _idle(found: Sequence[IdleEndpoint]) -> None:
    if not found:
        st.success("Compute Optimizer finds no idle endpoint in this region.", icon=":material/check_circle:")
    for idle in found:
        spared = "" if idle.usd_a_month is None else f" Deleting it saves {dollars(idle.usd_a_month)} a month."
        days = count(idle.days, "day")
        st.warning(plain(f"**{idle.name}**, observed for {days}: {idle.finding.rstrip('.')}.{spared}"))


def _free_tier(found: Sequence[Allowance]) -> None:
    if not found:
        st.info("AWS lists no free-tier offer of SageMaker for this account.", icon=":material/info:")
    for each in found:
        region = f" in {each.region}" if each.region else ""
        used = f"{each.used:,.1f} of {each.limit:,.0f} {each.unit} used"
        then = "usage above the limit is billed" if each.share > 1 else f"{each.forecast:,.1f} by the end of the month"
        st.progress(min(1.0, each.share), plain(f"{each.description}{region}: {used}, {then}"))


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
