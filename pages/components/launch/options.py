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
    """The options as chosen. `saving` is the share of the time that earlier spot jobs here were not billed."""
    with st.expander("Spot capacity, checkpoints, tags", key="options"):
        max_wait = _spot(compute, saving)
        checkpoints = _checkpoints(spot=max_wait is not None)
        sharded = compute.instance_count > 1 and st.checkbox(
            "Share the training rows among the instances",
            key="train_sharded",
            help="Each learns from a file of its own (ShardedByS3Key), cut at launch; otherwise each reads all",
            **KEPT,
        )
        text = st.text_input("Tags", key="train_tags", placeholder="project=fraud, owner=me", **KEPT)
        given, problem = _tags(text)
    return Options(given, max_wait, checkpoints, sharded, problem)


def _tags(text: str) -> tuple[dict[str, str], Problem | None]:
    try:
        return tags.parse(text), None
    except Problem as problem:
        st.caption(f":red[:material/error: {problem}]")
        return {}, problem


def _spot(compute: Compute, saving: float | None) -> int | None:
    if not st.checkbox("Spot capacity", key="train_spot", help="Managed spot training", **KEPT):
        return None
    least = -(-compute.max_runtime // 60)
    st.session_state.setdefault("train_wait", 2 * least)
    minutes = st.number_input(
        "Wait and run, minutes at most",
        step=10,
        key="train_wait",
        help="Together; the job ends when it has not got or kept capacity for so long (MaxWaitTimeInSeconds)",
        **KEPT,
    )
    if minutes < least:
        st.caption(f":red[:material/error: Give it the {least} minutes that running may take, or more.]")
    here = "" if saving is None else f" Earlier spot jobs here were billed {formats.percent(saving, 0)} less."
    st.caption(
        "Capacity that nobody else wants just now: AWS bills up to 90 % less for it and may take it away while the "
        f"job runs. The maximum below stays the full price.{here}"
    )
    return int(minutes) * 60


def _checkpoints(spot: bool) -> str | None:
    if not st.checkbox(
        "Keep checkpoints",
        key="train_checkpoints",
        help="A job that loses its instance goes on from the last one instead of from the start",
        **KEPT,
    ):
        if spot:
            st.caption("Without checkpoints an interrupted job starts again from round 0.")
        return None
    return st.text_input(
        "Checkpoints go to", key="train_checkpoint_uri", placeholder="a folder of the job's own in the bucket", **KEPT
    ).strip()
