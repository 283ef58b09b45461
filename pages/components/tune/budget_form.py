"""The parts of a search's form that say when it ends, what it may cost, and what it starts from and is held against."""

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components.launch.compute_form import Compute
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.shell import formats, page_frame
from services.aws.account import Account
from services.training.jobs import JobStatus
from services.training.plan import TrainingPlan
from services.tuning import plan as tuning_plan
from services.tuning.plan import IDENTICAL, TRANSFER, StoppingCriteria

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
OWN, EARLIER, NONE = "Launch a baseline job", "Use an earlier job", "None"
WARM = {IDENTICAL: "Same data and algorithm", TRANSFER: "Other data or algorithm"}


def choose_ending(strategy: str, objective: str) -> StoppingCriteria:
    """When the search stops by itself before its last trial."""
    with st.expander("Early stopping"):
        left, right = st.columns(2)
        target = left.number_input(
            formats.plain(f"Stop at target value ({objective})"),
            value=None,
            step=0.01,
            format="%g",
            key="tune_target",
            placeholder="no target",
            **KEPT,
        )
        patience = right.number_input(
            "Stop after trials without improvement",
            tuning_plan.LEAST_PATIENCE,
            value=None,
            key="tune_patience",
            placeholder="never",
            **KEPT,
        )
        convergence = st.checkbox(
            "Stop when SageMaker expects no improvement", key="tune_convergence", help="ConvergenceDetected", **KEPT
        )
        early = False
        if strategy == "Hyperband":
            st.caption("Hyperband stops poor trials early on its own.")
        else:
            early = st.checkbox(
                "Stop poor trials early",
                key="tune_early_stopping",
                help="TrainingJobEarlyStoppingType",
                **KEPT,
            )
    return StoppingCriteria(target, None if patience is None else int(patience), convergence, None, early)


def limit_money(account: Account, ending: StoppingCriteria, compute: Compute, parallel: int) -> StoppingCriteria | None:
    """The ending with a limit in dollars, if one is set; None when that cannot be kept, which is said at the field."""
    dollars = st.number_input(
        "Budget limit ($)",
        0.0,
        value=None,
        step=1.0,
        format="%.2f",
        key="tune_money",
        placeholder="no limit",
        help="Becomes a time limit of the search (MaxRuntimeInSeconds), which SageMaker enforces",
        **KEPT,
    )
    if dollars is None:
        return ending
    with page_frame.panel():
        rate = price_queries.book(account).usd_per_hour(compute.instance_type, "Training")
        seconds = tuning_plan.seconds_for(dollars, rate, compute.instance_count, parallel)
        together = formats.dollars_an_hour(rate * compute.instance_count * parallel if rate else None)
        st.caption(
            formats.plain(
                f"SageMaker stops the search after {formats.duration(seconds)}: "
                f"{formats.count(parallel, 'parallel trial')} on {compute.instance_count} × "
                f"{compute.instance_type} cost {together}. A baseline job and the time to stop are extra."
            )
        )
        return replace(ending, max_runtime=seconds)
    return None


def choose_parents(account: Account) -> tuple[tuple[str, ...], str]:
    """Earlier searches whose trials this one starts from, and how they are alike."""
    ended = [job.name for job in job_queries.tuning_jobs(account) if not job.status.active]
    if not ended:
        return (), IDENTICAL
    with st.expander("Warm start from earlier searches"):
        if "tune_parents" in st.session_state:  # of another account, or gone from the list
            st.session_state["tune_parents"] = [name for name in st.session_state["tune_parents"] if name in ended]
        parents = st.multiselect(
            "Searches", ended, max_selections=tuning_plan.MOST_PARENTS, key="tune_parents", placeholder="none", **KEPT
        )
        kind = st.radio(
            "Warm start type",
            list(WARM),
            format_func=WARM.__getitem__,
            key="tune_warm_start",
            horizontal=True,
            help="With the same data and algorithm, their best trial counts as a result of this search, too",
            **KEPT,
        )
    return tuple(parents), kind


def choose_baseline(account: Account, plan: TrainingPlan) -> TrainingPlan | str | None:
    """What the best trial will be held against, on rows that neither has seen."""
    st.session_state.setdefault("tune_baseline_kind", OWN)
    kind = st.segmented_control(
        "Baseline",
        [OWN, EARLIER, NONE],
        key="tune_baseline_kind",
        required=True,
        help="A model without tuning, to measure what the search improved",
        **KEPT,
    )
    if kind == OWN:
        settings = ", ".join(f"{name} {value}" for name, value in plan.hyperparameters.items())
        st.caption(formats.plain(f"One more training job with the fixed settings: {settings}."))
        return replace(plan, name=f"{plan.name}-baseline")
    if kind == NONE:
        st.caption("Without a baseline the improvement cannot be measured.")
        return None
    done = [job.name for job in job_queries.training_jobs(account) if job.status == JobStatus.COMPLETED]
    if not done:
        st.info("There is no completed training job yet.", icon=":material/info:")
        return None
    return str(st.selectbox("Training job", done, key="tune_baseline_job"))
