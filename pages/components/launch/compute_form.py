"""The parts of a launch form that training and tuning share: data, instances, time limit, and what it will cost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import page_frame, url_selection
from pages.components.shell.formats import count, dollars, dollars_an_hour, plain
from services import instance_types
from services.algorithms import catalogue, field_help
from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import launch_budget
from services.costs.launch_budget import Launch
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem, some
from services.inventory.resources import ResourceKind
from services.pricing.price_book import Component, PriceBook
from services.training import estimates, failures
from services.training import launch as training_launch
from services.training.estimates import Estimate
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan

INSTANCE, SUCCESSOR = "ml.m4.xlarge", "ml.m5.xlarge"  # the guide's, and its like where that is not offered


@dataclass(frozen=True)
class Compute:
    """What a launch runs on; `max_runtime` in seconds."""

    instance_type: str
    instance_count: int
    max_runtime: int


def compute_of(plan: TrainingPlan) -> Compute:
    """What the plan runs on."""
    return Compute(plan.instance_type, plan.instance_count, plan.max_runtime)


def choose_data(account: Account) -> PreparedData | None:
    """The prepared data set to learn from; None, and the way to one, when there is none."""
    names = data_queries.prepared_names(account)
    if not names:
        st.info("No prepared data sets yet.", icon=":material/table_chart:")
        page_frame.next_step("data", "Prepare data")
        return None
    shown = partial(data_queries.display_name, account)
    data = data_queries.prepared_data(account, url_selection.choose("Data set", names, "data", format_func=shown))
    st.caption(plain(_described(data)))
    if (only := data.only_class("validation")) is not None:
        auc = "auc cannot be measured there (nan), and a search by it finds no objective"
        others = "what is measured there says nothing of the other classes"
        st.warning(
            plain(
                f"All {count(data.rows['validation'], 'validation row')} have {class_name(only)}: "
                f"{auc if data.kind is TargetKind.TWO_CLASSES else others}. Prepare the data with rows of "
                f"{'both' if data.kind is TargetKind.TWO_CLASSES else 'all'} classes in each split."
            ),
            icon=":material/warning:",
        )
    return data


def _described(data: PreparedData) -> str:
    """What the data set holds to learn from, in a sentence."""
    if data.kind is TargetKind.TWO_CLASSES:
        train, validation = (f" ({count(data.positives[split])} positive)" for split in ("train", "validation"))
        end = f"positive class: {data.classes[1]}"
    else:
        train, validation, end = "", "", f"{data.target}: a number"
        if data.classes:
            end = f"{data.target}: {len(data.classes)} classes, {some(data.classes)}"
    rows = f"{count(data.rows['train'], 'training row')}{train}, {count(data.rows['validation'], 'validation row')}"
    return f"{rows}{validation}; {end}."


def show_data_faults(account: Account, data: PreparedData) -> None:
    """What AWS would silently make of the first rows. Comes last on a page, into a place kept for it: it reads S3."""
    try:
        faults, rounding = data_queries.data_faults(account, data.name)
    except Problem as problem:
        faults, rounding = (), f"The first rows were not checked. {problem}"
    for fault in faults:
        st.warning(plain(fault), icon=":material/warning:")
    if rounding:
        st.caption(f":orange[:material/warning:] {plain(rounding)}")


def choose_compute(account: Account, prefix: str) -> Compute:
    """Instance type, count and time limit. `prefix` keeps the keys of two forms apart."""
    for what, usual in (("instances", 1), ("minutes", 60)):
        st.session_state.setdefault(f"{prefix}_{what}", usual)  # not as the field's own: an earlier job may fill it
    instance_type = choose_machine(account, f"{prefix}_instance", "Training")
    left, right = st.columns(2)
    # Without bounds of their own: a browser keeps the last good value silently when one is typed that passes them.
    instances = left.number_input("Instances", value=None, step=1, key=f"{prefix}_instances", persist_state="session")
    minutes = right.number_input(
        "Time limit (min)", value=None, step=5, key=f"{prefix}_minutes", persist_state="session"
    )
    return Compute(instance_type, int(instances or 0), int(minutes or 0) * 60)


def choose_machine(account: Account, key: str, use: Component) -> str:
    """An instance type for that use, of those that have a price; the guide's to begin with."""
    book = price_queries.book(account)
    types = book.instance_types(use)
    # Set with every run: a browser knows a choice by its words, and these change with the prices in them.
    chosen = next(name for name in (st.session_state.get(key), INSTANCE, SUCCESSOR, *types) if name in types)
    st.session_state[key] = chosen
    return st.selectbox(
        "Instance type", types, key=key, format_func=lambda name: _machine(name, use, book), persist_state="session"
    )


def _machine(name: str, use: Component, book: PriceBook) -> str:
    """ "ml.m4.xlarge · 4 vCPU, 16 GiB · $0.240/h"."""
    processors, memory = instance_types.vcpus(name), instance_types.memory(name)
    size = f"{processors} vCPU, {memory:g} GiB · " if processors and memory else ""
    return f"{name} · {size}{dollars_an_hour(book.usd_per_hour(name, use))}"


def show_cost(account: Account, compute: Compute, jobs: int, expected: Estimate | None, unit: str) -> None:
    """Expected and maximum cost of `jobs` jobs, before the click. `expected` is of one job; `unit` of its rounds."""
    rate = price_queries.book(account).usd_per_hour(compute.instance_type, "Training")
    most = dollars(maximum_cost(account, compute, jobs))
    limit = f"maximum {most} (time limit{'s' if jobs > 1 else ''})"
    if expected is None or rate is None:
        usual = "No estimate yet"
    else:
        cost = dollars(rate * compute.instance_count * min(expected.seconds, compute.max_runtime) / 3600 * jobs)
        scaled = f", scaled by {unit}s" if expected.scaled else ""
        usual = f"Expected {cost}, median of {count(expected.jobs, 'completed job')} on this data set{scaled}"
    st.caption(f":material/payments: {plain(f'{usual}; {limit}.')}")


def launch_within_budget(account: Account, launch: Launch, start: Callable[[], str]) -> str:
    """The name of what `start` launches, unless the limits in Settings forbid it. Raises Problem, AwsError."""
    try:
        return launch_budget.launch(account, launch, datetime.now(UTC), price_queries.book(account), start)
    finally:
        changed(account, "launch budget")


def launch(account: Account, plan: TrainingPlan) -> bool:
    """Start the job, unless a limit forbids it, for the page to turn to; whether it did. A refusal is explained."""
    with show_failure_help(), st.spinner("Launching"):
        wanted = Launch(ResourceKind.TRAINING_JOB, plan.name, maximum_cost(account, compute_of(plan), 1))
        st.session_state["launched"] = launch_within_budget(
            account, wanted, lambda: training_launch.launch(account, plan)
        )
        changed(account, "training")
        return True
    return False


@contextmanager
def show_failure_help() -> Iterator[None]:
    """Round a launch: a refusal is shown with what it probably means, and the form stays as it is."""
    try:
        yield
    except Problem as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        meaning(problem.said)


def meaning(reason: str) -> None:
    """What a refusal or a failure probably means, and the fix; nothing for words that are not known."""
    explanation = failures.explain(reason)
    if explanation:
        link = f" [Open Service Quotas]({explanation.link})" if explanation.link else ""
        st.info(f"**{plain(explanation.sentence)}** {plain(explanation.fix)}{link}", icon=":material/lightbulb:")


def offers(account: Account, instance_type: str) -> bool:
    """Whether the form has that instance type."""
    return instance_type in price_queries.book(account).instance_types("Training")


def maximum_cost(account: Account, compute: Compute, jobs: int) -> float | None:
    """What `jobs` jobs cost at most; None when the price is unknown."""
    book = price_queries.book(account)
    return book.maximum_of_launch(compute.instance_type, compute.instance_count, compute.max_runtime, jobs)


def usual_seconds(
    account: Account, data: PreparedData, algorithm: Algorithm, compute: Compute, given: Mapping[str, str]
) -> Estimate | None:
    """What one job with the hyperparameters `given` will probably take, for `show_cost`, by earlier ones on `data`.

    None when there was none like it, or when earlier ones cannot be searched: that is told, and forbids no launch.
    """
    try:
        rounds = algorithm.rounds(given)
    except ValueError:  # the form says so
        return None
    past = earlier_jobs(account, data)
    if isinstance(past, AwsError):
        st.caption(f":material/visibility_off: {plain(f'Earlier jobs are not counted in an estimate. {past}')}")
        return None
    alike = [job for job in past if job.algorithm == algorithm]
    machines = (compute.instance_type, compute.instance_count)
    return estimates.expected_cost(alike, str(data.address), machines, rounds)


def earlier_jobs(account: Account, data: PreparedData) -> list[TrainingJob] | AwsError:
    """The completed jobs on a data set, for estimates; or why they cannot be searched."""
    try:
        return job_queries.completed_on(account, str(data.address))
    except AwsError as error:
        return error


def choose_algorithm(key: str) -> Algorithm:
    """Which algorithm learns, and what it is good for."""
    titles = [algorithm.title for algorithm in ALGORITHMS]
    st.session_state.setdefault(key, titles[0])
    title = st.segmented_control("Algorithm", titles, key=key, required=True, persist_state="session")
    chosen = catalogue.titled(title or titles[0])
    st.caption(plain(field_help.form(chosen).description))
    return chosen
