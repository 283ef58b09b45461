"""On which rows a search is compared with its baseline: validation rows, and test rows for the trial that is chosen."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import verdicts
from pages.components.shell import formats
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation import model_ranking
from services.tuning.jobs import TuningJob


def choose(account: Account, job: TuningJob, baseline: str, data: PreparedData) -> str:
    """ "validation" or "test": of a set or a baseline whose validation rows cannot tell, always the latter."""
    known = job_queries.training_job(account, baseline)
    if not data.rows.get("validation") or model_ranking.has_learned_validation(known):
        return "test"
    chosen: str = st.segmented_control(
        "Compare on rows",
        ["validation", "test"],
        default="validation",
        required=True,
        key=f"compared_on_{job.name}",
        help="Each comparison on test rows is counted: what is chosen by them is measured too well by them",
    )
    return chosen


def note(account: Account, job: TuningJob, data: PreparedData, names: tuple[str, ...], split: str) -> None:
    """What the rows can tell of models that were compared on them; counts the looks at test rows."""
    scored = {name: found for name in names if (found := verdicts.kept(account, name, data.name, split))}
    if len(scored) < len(set(names)):
        return
    if split == "validation":
        trials = formats.count(job.done, "trial")
        said = f"The best of {trials} was chosen by these rows, so its figures are a little too good."
        st.caption(formats.plain(said))
        return
    try:
        for name, found in scored.items():
            verdicts.count_look(account, data, name, found.at)
        looks = verdicts.looks_at_test(account, data.name, data)
    except Problem as problem:
        st.caption(formats.plain(f"These looks at the test rows were not counted. {problem}"))
        return
    times, models = formats.count(len(looks.looks), "time"), formats.count(looks.models, "model")
    st.caption(formats.plain(f"Test rows of {data.display_name} were looked at {times}, by {models}."))
