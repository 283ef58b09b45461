"""What a training job may also be launched with: spot capacity, checkpoints, shared files, tags."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.components.launch.compute_form import Compute
from pages.components.shell import formats
from services.aws import tags
from services.errors import Problem

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


@dataclass(frozen=True)
class Options:
    """The members of a TrainingPlan of the same names; `problem` is what is wrong with the tags as typed."""

    tags: dict[str, str]
    max_wait: int | None
    checkpoints: str | None
    sharded: bool
    problem: Problem | None


def choose(compute: Compute, saving: float | None) -> Options:
    """The options as chosen. `saving` is the share of the time that earlier spot jobs on the data were not billed."""
    with st.expander("Spot capacity, checkpoints, tags", key="options"):
        max_wait = _spot(compute, saving)
        checkpoints = _checkpoints()
        sharded = compute.instance_count > 1 and st.checkbox(
            "Split the training rows among the instances",
            key="train_sharded",
            help=(
                "Each instance trains on its own part (ShardedByS3Key), written at launch; otherwise each "
                "reads all rows"
            ),
            **KEPT,
        )
        text = st.text_input("Tags", key="train_tags", placeholder="project=fraud, owner=me", **KEPT)
        given, problem = _tags(text)
    return Options(given, max_wait, checkpoints, sharded, problem)


def _tags(text: str) -> tuple[dict[str, str], Problem | None]:
    try:
        return tags.parse(text), None
    except Problem as problem:
        st.caption(f":red[:material/error: {formats.plain(problem)}]")
        return {}, problem


def _spot(compute: Compute, saving: float | None) -> int | None:
    if not st.checkbox("Spot capacity", key="train_spot", help="Managed spot training", **KEPT):
        return None
    least = -(-compute.max_runtime // 60)
    st.session_state.setdefault("train_wait", 2 * least)
    minutes = st.number_input(
        "Maximum wait and run time (minutes)",
        step=10,
        key="train_wait",
        help="Waiting and running together (MaxWaitTimeInSeconds); the job ends when it gets no capacity for that long",
        **KEPT,
    )
    if minutes < least:
        st.caption(f":red[:material/error: Enter {least} minutes or more: the job's own time limit.]")
    here = "" if saving is None else f" Earlier spot jobs on this data set cost {formats.percent(saving)} less."
    st.caption(
        "Spare capacity: AWS bills up to 90 % less and may interrupt the job. The maximum below is the full "
        f"price.{here}"
    )
    st.caption(
        ":orange[:material/warning:] An interrupted XGBoost job starts over at round 0, with checkpoints too: image "
        "3.2-0 saves only its first round, and does not find it again."
    )
    return int(minutes) * 60


def _checkpoints() -> str | None:
    if not st.checkbox(
        "Save checkpoints",
        key="train_checkpoints",
        help="XGBoost keeps the model of its first round only, and Linear Learner none",
        **KEPT,
    ):
        return None
    return st.text_input(
        "Checkpoint location",
        key="train_checkpoint_uri",
        placeholder="default: a folder of the job in the bucket",
        **KEPT,
    ).strip()
