"""Fills the form for the next search from one that has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.shell import page_frame, url_selection
from pages.components.tune import search_space_editor
from services.data import prepared_data
from services.training import presets
from services.tuning import search_space
from services.tuning.plan import IDENTICAL
from services.tuning.search_space import Range

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.jobs import TuningJob


def prefill(
    account: Account, job: TuningJob, wider: Sequence[Range] = (), remedy: Mapping[str, str] | None = None
) -> None:
    """The form as `job` was, started from its trials, with the ranges `wider` in place of its own; a callback.

    remedy: what all trials are given besides, whose search starts anew: the trials of `job` say nothing of it.
    """
    with page_frame.panel():
        algorithm, data = job.algorithm, prepared_data.trained_on(account, job.train_channel)
        usual = presets.usual(algorithm, data)
        state: dict[str, Any] = {
            "tune_view": "New search",
            "tune_algorithm": algorithm.title,
            "tune_parents": [] if remedy else [job.name],
            "tune_warm_start": IDENTICAL,
            "objective_metric": job.objective,
            "strategy": job.strategy,
            "max_jobs": max(1, job.max_jobs),
            "parallel": job.parallel,
            f"tune_suits_{algorithm.facts.stem}": (data.kind, len(data.classes)),
            f"tune_{algorithm.unit}s": algorithm.rounds({**usual, **job.fixed}),
        }
        shared = {**job.fixed, **(remedy or {})}
        replacements = {parameter.name: parameter for parameter in wider}
        varied = [
            replacements.get(parameter.name, parameter)
            for parameter in job.ranges
            if parameter.name in search_space.tunable(algorithm) and parameter.name not in (remedy or {})
        ]
        elsewhere = (algorithm.rounds_name, *algorithm.measuring(""))  # have fields of their own
        fixed = {name: value for name, value in shared.items() if name not in elsewhere and usual.get(name) != value}
        st.session_state.update(state | search_space_editor.state_of(algorithm, varied, fixed))
        url_selection.set_("data", data.name)
