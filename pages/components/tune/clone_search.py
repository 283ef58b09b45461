"""Fills the form for the next search from one that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.shell import page_frame, url_selection
from pages.components.tune import search_space_editor
from services.data import prepared_data
from services.training import presets
from services.tuning import search_space
from services.tuning.plan import IDENTICAL
from services.tuning.search_space import Choices, Range

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.jobs import TuningJob


def prefill(account: Account, job: TuningJob, wider: Sequence[Range] = ()) -> None:
    """The form as `job` was, started from its trials, with the ranges `wider` in place of its own; a callback."""
    with page_frame.panel():
        algorithm, data = job.algorithm, prepared_data.trained_on(account, job.train_channel)
        usual = presets.usual(algorithm, data)
        state: dict[str, Any] = {
            "tune_view": "New search",
            "tune_algorithm": algorithm.title,
            "tune_parents": [job.name],
            "tune_warm_start": IDENTICAL,
            "objective_metric": job.objective,
            "strategy": job.strategy,
            "max_jobs": max(1, job.max_jobs),
            "parallel": job.parallel,
            f"tune_{algorithm.unit}s": algorithm.rounds({**usual, **job.fixed}),
        }
        instead = {each.name: each for each in wider}
        known = set(search_space.tunable(algorithm))
        varied = [instead.get(each.name, each) for each in job.ranges if each.name in known]
        elsewhere = (algorithm.rounds_name, *algorithm.measuring(""))  # have fields of their own
        kept = {name: value for name, value in job.fixed.items() if name not in elsewhere and usual.get(name) != value}
        state[search_space_editor.settings_key(algorithm)] = [*(each.name for each in varied), *kept]
        for name, value in kept.items():
            state |= {f"vary_{name}": False, f"{name}_kept": search_space_editor.kept(algorithm, name, value)}
        for each in varied:
            state[f"vary_{each.name}"] = True
            if isinstance(each, Choices):
                state[f"{each.name}_values"] = ", ".join(each.values)
            else:
                number = int if each.integer else float
                state |= {
                    f"{each.name}_low": number(each.low),
                    f"{each.name}_high": number(each.high),
                    f"{each.name}_scale": each.scaling,
                }
        st.session_state.update(state)
        url_selection.set_("data", data.name)
