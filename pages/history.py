"""History: every past training job, a page at a time; several beside each other; any of them again with changes."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.shell import formats, page_frame, status_badges
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.pricing.price_book import PriceBook
from services.training.history import SORTS, HistoryEntry, HistoryQuery

LEAD = "Find, compare and clone past training jobs."
STATUSES = ("Completed", "Failed", "Stopped", "InProgress", "Stopping")
SELDOM = ("Display name", "Tags", "Note")  # columns shown only when a job of the page has something in them
JOB_WIDTH = 236  # pixels; a name that SageDeck gives fits
KEPT: dict[str, Any] = {"bind": "query-params"}


def content(account: Account) -> None:
    """The page, top to bottom."""
    query = choose(account)
    with page_frame.panel():
        listed(account, query)
    with page_frame.panel():
        compare(account)


def choose(account: Account) -> HistoryQuery:
    """The filters."""
    with st.container(border=True):
        first, second = st.columns(4), st.columns(3, vertical_alignment="center")
        name = first[0].text_input("Name contains", key="named", **KEPT)
        status = first[1].selectbox("Status", STATUSES, index=None, placeholder="any", key="with_status", **KEPT)
        names = data_queries.prepared_names(account)
        shown = partial(data_queries.display_name, account)
        data = first[2].selectbox("Data set", names, index=None, placeholder="any", key="on", format_func=shown, **KEPT)
        titles = [algorithm.title for algorithm in ALGORITHMS]
        algorithm = first[3].selectbox("Algorithm", titles, index=None, placeholder="any", key="by", **KEPT)
        tag = second[0].text_input("Tag", key="tagged", placeholder="owner, or owner=me", **KEPT)
        sort = second[1].selectbox("Sort", list(SORTS), key="order", **KEPT)
        trials = second[2].toggle("Show trials of tuning jobs", key="trials", **KEPT)
    return HistoryQuery(name.strip(), status or "", data or "", tag.strip(), trials, sort, algorithm or "")


def listed(account: Account, query: HistoryQuery) -> None:
    """One page of the list, and the way to the pages beside it."""
    tokens = turned_to(query)
    with st.spinner("Loading"):
        results = job_queries.history(account, query, tokens[-1])
    if results.entries:
        table(account, results.entries, price_queries.book(account))
    elif results.following:
        st.info("No match on this page. Continue with older jobs.", icon=":material/search:")
    elif query == HistoryQuery():
        st.info("No training jobs yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Launch a training job")
    else:
        st.info("No jobs match. Clear a filter.", icon=":material/search_off:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(tokens) > 1 and st.button("Previous", key="back", icon=":material/chevron_left:"):
            tokens.pop()
            st.rerun()
        if results.following and st.button("Next", key="further", icon=":material/chevron_right:"):
            tokens.append(results.following)
            st.rerun()
        hidden = "" if query.trials else " Trials of tuning jobs are hidden."
        matches = f"{formats.count(len(results.entries))} of {formats.count(results.looked, 'job')}"
        st.caption(f"Page {len(tokens)}: {matches} match.{hidden}")


def turned_to(query: HistoryQuery) -> list[str | None]:
    """The tokens of the pages turned, the shown one last; another filter begins at the first page."""
    if st.session_state.get("history_asked") != query:
        st.session_state["history_asked"], st.session_state["history_tokens"] = query, [None]
    tokens: list[str | None] = st.session_state["history_tokens"]
    return tokens


def table(account: Account, entries: Sequence[HistoryEntry], book: PriceBook) -> None:
    """The jobs of a page; ticked ones are compared."""
    now, names = datetime.now(UTC), [entry.job.name for entry in entries]
    key = "history_" + hashlib.sha256(repr(names).encode()).hexdigest()[:12]  # a tick never slides to another job
    rows = [row(entry, now, book) | {"Data set": data_queries.display_name(account, entry.data)} for entry in entries]
    empty = {name for name in SELDOM if not any(cells[name] for cells in rows)}
    st.dataframe(
        [{name: cell for name, cell in cells.items() if name not in empty} for cells in rows],
        column_config={
            "Job": st.column_config.LinkColumn(display_text=r"job=(.+)$", width=JOB_WIDTH),
            "Status": status_badges.status_column(entry.job.status for entry in entries),
            "Cost": st.column_config.NumberColumn(format="$%.4f"),
            "Data set": st.column_config.TextColumn(width=120),
        },
        hide_index=True,
        height=status_badges.table_height(len(entries)),
        key=key,
        on_select=lambda: tick(key, names),
        selection_mode="multi-row",
        placeholder="–",
    )


def row(entry: HistoryEntry, now: datetime, book: PriceBook) -> dict[str, Any]:
    """A job as a row of the table."""
    from services.aws import tags
    from services.training import job_cost

    job = entry.job
    finals = [f"{name} {value:.4f}" for name, value in job.metrics.items() if name.startswith("validation:")]
    return {
        "Job": page_frame.address("train", job=job.name),
        "Display name": entry.title,
        "Status": status_badges.chip(job.status),
        "Final metric": ", ".join(finals),
        "Cost": job_cost.cost(job, book),
        "Took": formats.duration((job.ended - job.created).total_seconds()) if job.ended else "",
        "Started": formats.ago(job.created, now),
        "Data set": entry.data,
        "Algorithm": entry.algorithm,
        "Tags": tags.to_text(entry.tags),
        "Note": entry.note,
    }


def tick(key: str, names: Sequence[str]) -> None:
    """Take what is ticked on this page into the comparison, beside what was ticked on others."""
    ticked = [names[position] for position in st.session_state[key]["selection"]["rows"] if position < len(names)]
    others = [name for name in st.session_state.get("compare", []) if name not in names]
    st.session_state["compare"] = others + ticked


def compare(account: Account) -> None:
    """The jobs that are chosen, beside each other."""
    from pages.components.history import delete_artifacts, job_comparison

    chosen = st.session_state.get("compare") or st.query_params.get_all("compare")
    st.subheader("Compare", anchor=False)
    names = st.multiselect(
        "Jobs",
        chosen,
        key="compare",
        accept_new_options=True,
        placeholder="Select jobs above or type a name",
        label_visibility="collapsed",
        **KEPT,
    )
    jobs = [job_queries.training_job(account, name) for name in names]
    if len(jobs) > 1:
        job_comparison.beside(account, jobs)
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(formats.code(job.name), width="content")
            page_frame.next_step("train", "Open job", job=job.name)
            page_frame.next_step("train", "Clone job", again=job.name)
            delete_artifacts.button(job)
    delete_artifacts.dialog(account)


with page_frame.page("History", LEAD) as account:
    content(account)
