"""The parts of a launch form that training and tuning share: data, instances, time limit, and what it will cost."""

from dataclasses import dataclass

import streamlit as st

from pages.components import frame, queries
from pages.components.formats import count, dollars, dollars_an_hour, duration
from services import pricing
from services.aws import Account
from services.prepared import PreparedData
from services.problems import Problem

INSTANCE = "ml.m4.xlarge"  # the guide's


@dataclass(frozen=True)
class Compute:
    """What a launch runs on; `max_runtime` in seconds."""

    instance_type: str
    instance_count: int
    max_runtime: int


def choose_data(account: Account) -> PreparedData | None:
    """The prepared data set to learn from; None, and the way to one, when there is none."""
    names = queries.prepared_names(account)
    if not names:
        st.info("No data is prepared yet.", icon=":material/table_chart:")
        frame.next_step("data", "Choose and prepare data")
        return None
    if st.session_state.get("data") not in names:
        st.session_state.pop("data", None)
    name = st.selectbox("Data set", names, key="data", bind="query-params")
    data = queries.prepared_data(account, name)
    st.caption(
        f"{count(data.rows['train'], 'row')} to learn from, {count(data.rows['validation'], 'row')} to validate on; "
        f"{count(data.positives['train'])} and {count(data.positives['validation'])} of them are "
        f"class {data.classes[1]}."
    )
    return data


def choose_compute(prefix: str) -> Compute:
    """Instance type, count and time limit. `prefix` keeps the keys of two forms apart."""
    types = pricing.instance_types("Training")
    left, middle, right = st.columns([2, 1, 1])
    instance_type = left.selectbox(
        "Instance type",
        types,
        index=types.index(INSTANCE),
        key=f"{prefix}_instance",
        format_func=lambda name: f"{name} · {dollars_an_hour(pricing.usd_per_hour(name, 'Training'))}",
        persist_state="session",
    )
    instances = middle.number_input("Instances", 1, 20, 1, key=f"{prefix}_instances", persist_state="session")
    minutes = right.number_input("Max minutes", 1, 40_320, 60, key=f"{prefix}_minutes", persist_state="session")
    return Compute(instance_type, int(instances), int(minutes) * 60)


def show_cost(compute: Compute, jobs: int, expected_seconds: float | None) -> None:
    """Expected and maximum cost of `jobs` jobs, before the click. `expected_seconds` is of one job."""
    rate = pricing.usd_per_hour(compute.instance_type, "Training")
    most = pricing.maximum_of_launch(compute.instance_type, compute.instance_count, compute.max_runtime, jobs)
    limit = f"at most {dollars(most)} if {'each' if jobs > 1 else 'it'} runs into its time limit"
    if expected_seconds is None or rate is None:
        expected = "No earlier job on this data tells how long it takes"
    else:
        usual = rate * compute.instance_count * expected_seconds / 3600 * jobs
        expected = f"Expected {dollars(usual)}, as the last job on this data took {duration(expected_seconds)}"
    st.caption(f":material/payments: {expected}; {limit}.".replace("$", r"\$"))


def usual_seconds(account: Account, data: PreparedData) -> float | None:
    """How long the last completed job on this data was billed; None when there was none among the latest ten."""
    done = [job.name for job in queries.training_jobs(account) if job.status == "Completed"][:10]
    for name in done:
        job = queries.training_job(account, name)
        if job.channels.get("train") == data.channel("train") and job.billable_seconds:
            return float(job.billable_seconds)
    return None


def written(text: str) -> dict[str, str]:
    """The hyperparameters in "name = value" lines. Raises Problem for another line."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    for name, equals, value in pairs:
        if not (name.strip() and equals and value.strip()):
            raise Problem("More hyperparameters", f"{name.strip()!r} has no value", "Write a line as: name = value")
    return {name.strip(): value.strip() for name, _, value in pairs}
