"""Registry: which model of a kind is the approved one, what it was approved on, and what came after it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components.queries import registry as registry_queries
from pages.components.shell import formats, page_frame, status_badges, url_selection
from services.aws.account import Account
from services.registry.versions import ModelGroup, ModelVersion, VersionPage

LEAD = "Model versions with their data and metrics: compare, approve or reject them."
VERSIONS, REGISTER = "Versions", "Register"


def content(account: Account) -> None:
    """The page, top to bottom."""
    arrive()
    view = st.segmented_control(
        "View",
        [VERSIONS, REGISTER],
        key="registry_view",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    with page_frame.panel():
        if view == REGISTER:
            from pages.components.registry import register_form

            register_form.draw(account)
        else:
            groups(account)


def arrive() -> None:
    """Which view one comes to: what was just registered, the form for a job that was asked for, or the versions."""
    if "registered" in st.session_state:
        group, number = st.session_state.pop("registered")
        st.session_state["group"], st.query_params["version"] = group, str(number)
        for key in ("register", "at"):
            st.query_params.pop(key, None)
        st.session_state["registry_view"] = VERSIONS
        st.toast(f"Registered as version {number} of {group}", icon=":material/inventory_2:")
    elif url_selection.from_address("register"):
        st.session_state["registry_view"] = REGISTER
    elif "registry_view" not in st.session_state and "registry_view" not in st.query_params:
        st.session_state["registry_view"] = VERSIONS


def groups(account: Account) -> None:
    """The group that is looked at, its versions and one of them."""
    from pages.components.registry import version_details, version_dialogs

    known = {group.name: group for group in registry_queries.groups(account)}
    if not known:
        st.info("No model is registered yet.", icon=":material/inventory_2:")
        page_frame.next_step("evaluate", "Evaluate a model to register it")
        return
    group = known[choose(list(known))]
    approved = registry_queries.approved(account, group.name)
    with page_frame.panel():
        page = listed(account, group, approved)
        version = shown(account, group, page)
        if version:
            others = {each.arn: each for each in (approved, *page.versions) if each and each.arn != version.arn}
            version_details.show(account, version, list(others.values()))
    version_dialogs.dialog(account)


def choose(names: Sequence[str]) -> str:
    """The group that is looked at; it stays in the address when newer ones come."""
    asked = st.session_state.get("group") or st.query_params.get("group")
    if asked and asked not in names:
        st.warning(f"Group {asked} does not exist; it may have been deleted.", icon=":material/search_off:")
    st.session_state["group"] = asked if asked in names else names[0]
    name: str = st.selectbox("Group", names, key="group", on_change=newest)
    st.query_params["group"] = name
    return name


def newest() -> None:
    """Have the newest version shown: of another group the old number says nothing."""
    st.query_params.pop("version", None)


def shown(account: Account, group: ModelGroup, page: VersionPage) -> ModelVersion | None:
    """The version that is looked at, which may be on another page; None when there is none."""
    found = {str(each.number): each for each in page.versions}
    number = st.query_params.get("version", "")
    if number.isdigit() and number not in found:
        return registry_queries.version(account, group.version(int(number)))
    return found.get(number)


def listed(account: Account, group: ModelGroup, approved: ModelVersion | None) -> VersionPage:
    """One page of the versions, and the way to the pages beside it."""
    tokens = turned_to(group.name)
    page = registry_queries.versions(account, group.name, tokens[-1])
    if page.versions:
        table(page.versions, approved)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("This group has no versions.", icon=":material/inventory_2:")
            if len(tokens) == 1 and st.button("Delete group", key="delete_group", icon=":material/delete:"):
                from pages.components.registry import version_dialogs

                version_dialogs.ask("delete group", group.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(tokens) > 1 and st.button("Previous", key="back", icon=":material/chevron_left:"):
            tokens.pop()
            st.rerun()
        if page.following and st.button("Next", key="further", icon=":material/chevron_right:"):
            tokens.append(page.following)
            st.rerun()
    return page


def turned_to(group: str) -> list[str | None]:
    """The tokens of the pages turned, the shown one last; another group begins at its first page."""
    if st.session_state.get("registry_turned") != group:
        st.session_state["registry_turned"], st.session_state["registry_tokens"] = group, [None]
    tokens: list[str | None] = st.session_state["registry_tokens"]
    return tokens


def table(versions: Sequence[ModelVersion], approved: ModelVersion | None) -> None:
    """The versions of a page; the ticked one is shown below."""
    now, numbers = datetime.now(UTC), [str(each.number) for each in versions]
    if "version" not in st.query_params:
        st.query_params["version"] = numbers[0]
    number = st.query_params["version"]
    key = "versions_" + hashlib.sha256(repr([each.arn for each in versions]).encode()).hexdigest()[:12]
    ticked = [numbers.index(number)] if number in numbers else []
    st.session_state[key] = {"selection": {"rows": ticked, "columns": [], "cells": []}}
    st.dataframe(
        [row(each, approved, now) for each in versions],
        column_config={
            "Status": status_badges.status_column(each.approval for each in versions),
            "Training job": st.column_config.LinkColumn(display_text=r"job=(.+)$"),
        },
        hide_index=True,
        key=key,
        on_select=lambda: tick(key, numbers),
        selection_mode="single-row",
        placeholder="–",
    )


def row(each: ModelVersion, approved: ModelVersion | None, now: datetime) -> dict[str, Any]:
    """A version as a row of the table."""
    from pages.components.registry import metric_cards
    from services.registry import versions as model_versions

    told = {True: "same rows", False: "different rows", None: "unknown"}
    against = "this version" if approved and each.arn == approved.arn else ""
    return {
        "Version": each.number,
        "Status": status_badges.chip(each.approval),
        "Registered": formats.ago(each.created, now),
        **{metric_cards.title(name): f"{value:.4f}" for name, value in each.measures.items()},
        "Measured on": each.metadata.get(model_versions.MEASURED_ON, ""),
        "Data set": each.data,
        "Same data as approved version": against
        or (told[model_versions.same_data(each, approved)] if approved else ""),
        "Training job": page_frame.address("train", job=each.job) if each.job else None,
        "Note": each.note,
    }


def tick(key: str, numbers: Sequence[str]) -> None:
    """Show the version that is ticked."""
    for position in st.session_state[key]["selection"]["rows"]:
        st.query_params["version"] = numbers[position]


with page_frame.page("Registry", LEAD) as account:
    content(account)
