"""The launch form of a search."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components import queries
from services.aws import Account

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
NARROW: dict[str, Any] = {"width": 112, **KEPT}


def new_job(account: Account) -> None:
    """The launch form."""
    from pages.components import launching
    from services import scripts, training, tuning_plan

    st.subheader("New tuning job", anchor=False)
    data = launching.choose_data(account)
    if not data:
        return
    if "tuning_name" not in st.session_state:
        st.session_state["tuning_name"] = f"{data.name[:18].rstrip('-')}-{datetime.now(UTC):%y%m%d-%H%M}"
    name = st.text_input("Name", key="tuning_name", max_chars=tuning_plan.NAME_LENGTH, **KEPT)
    ranges = choose_ranges()
    objective, maximise, strategy = choose_objective()
    a, b, c = st.columns(3)
    most = int(a.number_input("Jobs", 1, 500, 9, key="max_jobs", **KEPT))
    parallel = int(b.number_input("At a time", 1, 10, 3, key="parallel", **KEPT))
    rounds = int(c.number_input("Rounds", 1, 100_000, 100, key="tune_rounds", **KEPT))
    compute = launching.choose_compute("tune")
    fixed = {**training.GUIDE, "num_round": str(rounds), "eval_metric": objective.partition(":")[2]}
    plan = tuning_plan.TuningPlan(
        training.TrainingPlan(name, data, fixed, compute.instance_type, compute.instance_count, compute.max_runtime),
        ranges,
        objective,
        maximise,
        strategy,
        most,
        parallel,
    )
    st.caption(
        "Not varied: " + ", ".join(f"{key} {fixed[key]}" for key in fixed if key not in {r.name for r in ranges})
    )
    launching.show_cost(compute, most, launching.usual_seconds(account, data))
    if st.button("Launch tuning", key="launch_tuning", type="primary", icon=":material/play_arrow:"):
        with st.spinner("Launching"):
            st.session_state["launched_tuning"] = tuning_plan.launch(account, plan)
        queries.tuning_jobs.clear()
        queries.inventory.clear()
        st.rerun()
    with st.expander("Show the code"):
        st.code(scripts.tuning(account, plan), language="python")


def choose_ranges() -> tuple[Any, ...]:
    """The ranges as typed; the guide's to begin with."""
    from services import search_space

    chosen = []
    for each in search_space.GUIDE:
        step: Any = 1 if each.integer else 0.1
        number = int if each.integer else float
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            varied = st.checkbox(each.name, value=True, key=f"vary_{each.name}", width="stretch", **KEPT)
            low = st.number_input("From", value=number(each.low), step=step, key=f"{each.name}_low", **NARROW)
            high = st.number_input("To", value=number(each.high), step=step, key=f"{each.name}_high", **NARROW)
        if varied:
            chosen.append(search_space.Range(each.name, low, high, each.integer))
    return tuple(chosen)


def choose_objective() -> tuple[str, bool, str]:
    """Metric, whether it is maximised, strategy."""
    from services import tuning_plan
    from services.algorithms.hyperparameters import tuning_metrics

    directions = {metric.name: metric.direction for metric in tuning_metrics()}
    left, right = st.columns(2)
    names = [name for name in directions if name.partition(":")[2] in BINARY]
    objective = left.selectbox(
        "Objective", names, index=names.index(tuning_plan.OBJECTIVE), key="objective_metric", **KEPT
    )
    strategy = right.selectbox("Strategy", tuning_plan.STRATEGIES, key="strategy", **KEPT)
    return objective, directions[objective] == "Maximize", strategy


BINARY = {
    *("auc", "aucpr", "logloss", "error", "accuracy", "balanced_accuracy"),
    *("f1", "f1_binary", "precision", "recall", "rmse", "mae"),
}
