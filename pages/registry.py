"""Registry: the versions of each model, their data, metrics and approval; and the form that registers a model."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import registry as registry_queries
from pages.components.shell import formats, page_frame, status_badges, url_selection
from services.aws.account import Account
from services.registry.versions import ModelGroup, ModelVersion, VersionPage

LEAD = "Model versions with their data and metrics: compare, approve or reject them."
VERSIONS, REGISTER = "Versions", "Register"


def content(account: Account) -> None:
    """The page, top to bottom."""
    select_view()
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
            show_group(account)


def select_view() -> None:
    """Choose the view: the version just registered, the form for the job in the address, or the versions."""
    if "registered" in st.session_state:
        group, number = st.session_state.pop("registered")
        st.session_state["group"], st.query_params["version"] = group, str(number)
        for key in ("register", "at"):
            st.query_params.pop(key, None)
        st.session_state["registry_view"] = VERSIONS
        st.toast(formats.plain(f"Registered as version {number} of {group}"), icon=":material/inventory_2:")
    elif url_selection.from_address("register"):
        st.session_state["registry_view"] = REGISTER
    elif "registry_view" not in st.session_state and "registry_view" not in st.query_params:
        st.session_state["registry_view"] = VERSIONS


def show_group(account: Account) -> None:
    """The selected group, its versions and the selected version."""
    from pages.components.registry import version_details, version_dialogs

    by_name = {group.name: group for group in registry_queries.groups(account)}
    if not by_name:
        st.info("No model is registered yet.", icon=":material/inventory_2:")
        page_frame.next_step("evaluate", "Evaluate a model to register it")
        return
    group = by_name[choose_group(list(by_name))]
    approved = registry_queries.approved(account, group.name)
    with page_frame.panel():
        page = show_versions(account, group, approved)
        version = selected_version(account, group, page)
        if version:
            others = {other.arn: other for other in (approved, *page.versions) if other and other.arn != version.arn}
            version_details.show(account, version, list(others.values()))
    version_dialogs.dialog(account)


def choose_group(names: Sequence[str]) -> str:
    """The selected group, which stays selected when newer groups appear."""
    selected = st.session_state.get("group") or st.query_params.get("group")
    if selected and selected not in names:
        st.warning(
            formats.plain(f"Group {selected} does not exist; it may have been deleted."), icon=":material/search_off:"
        )
    st.session_state["group"] = selected if selected in names else names[0]
    name: str = st.selectbox("Group", names, key="group", on_change=select_latest)
    st.query_params["group"] = name
    return name


def select_latest() -> None:
    """Select the latest version: a version number of one group means nothing in another."""
    st.query_params.pop("version", None)


def selected_version(account: Account, group: ModelGroup, page: VersionPage) -> ModelVersion | None:
    """The selected version, which may be on another page of the table; None when there is none."""
    on_page = {str(version.number): version for version in page.versions}
    number = st.query_params.get("version", "")
    if number.isdigit() and number not in on_page:
        return registry_queries.version(account, group.version(int(number)))
    return on_page.get(number)


def show_versions(account: Account, group: ModelGroup, approved: ModelVersion | None) -> VersionPage:
    """One page of the versions as a table, with buttons for the previous and the next page."""
    tokens = page_tokens(group.name)
    page = registry_queries.versions(account, group.name, tokens[-1])
    if page.versions:
        table(page.versions, approved)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("This group has no versions.", icon=":material/inventory_2:")
            if len(tokens) == 1 and st.button("Delete group", key="delete_group", icon=":material/delete:"):
                from pages.components.registry import version_dialogs

                version_dialogs.open_dialog("delete group", group.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(tokens) > 1 and st.button("Previous", key="back", icon=":material/chevron_left:"):
            tokens.pop()
            st.rerun()
        if page.following and st.button("Next", key="further", icon=":material/chevron_right:"):
            tokens.append(page.following)
            st.rerun()
    return page


def page_tokens(group: str) -> list[str | None]:
    """The tokens of the pages up to the shown one; another group begins at its first page."""
    if st.session_state.get("registry_turned") != group:
        st.session_state["registry_turned"], st.session_state["registry_tokens"] = group, [None]
    tokens: list[str | None] = st.session_state["registry_tokens"]
    return tokens


def table(versions: Sequence[ModelVersion], approved: ModelVersion | None) -> None:
    """The versions of a page; the selected one is shown below the table."""
    now, numbers = datetime.now(UTC), [str(version.number) for version in versions]
    if "version" not in st.query_params:
        st.query_params["version"] = numbers[0]
    number = st.query_params["version"]
    key = "versions_" + hashlib.sha256(repr([version.arn for version in versions]).encode()).hexdigest()[:12]
    selected = [numbers.index(number)] if number in numbers else []
    st.session_state[key] = {"selection": {"rows": selected, "columns": [], "cells": []}}
    st.dataframe(
        [
            row(version, approved, now) | {"Data set": data_queries.display_name(account, version.data)}
            for version in versions
        ],
        column_config={
            "Status": status_badges.status_column(version.approval.label for version in versions),
            "Training job": st.column_config.LinkColumn(display_text=r"job=(.+)$"),
        },
        hide_index=True,
        key=key,
        on_select=lambda: select(key, numbers),
        selection_mode="single-row",
        placeholder="–",
    )


def row(version: ModelVersion, approved: ModelVersion | None, now: datetime) -> dict[str, Any]:
    """A version as a row of the table."""
    from services.registry import model_metrics
    from services.registry import versions as model_versions

    same_data = {True: "same rows", False: "different rows", None: "unknown"}
    is_approved = approved is not None and version.arn == approved.arn
    return {
        "Version": version.number,
        "Status": status_badges.chip(version.approval.label),
        "Registered": formats.ago(version.created, now),
        **{
            model_metrics.title(name): f"{value:.4f}"
            for name, value in version.measures.items()
            if name not in model_metrics.HIDDEN
        },
        "Threshold": version.metadata.get(model_versions.DECISION, ""),
        "Measured on": version.metadata.get(model_versions.MEASURED_ON, ""),
        "Data set": version.data,
        "Data vs approved": (
            "this version"
            if is_approved
            else same_data[model_versions.same_data(version, approved)]
            if approved
            else ""
        ),
        "Training job": page_frame.address("train", job=version.job) if version.job else None,
        "Note": version.note,
    }


def select(key: str, numbers: Sequence[str]) -> None:
    """Select the version of the selected row."""
    for position in st.session_state[key]["selection"]["rows"]:
        st.query_params["version"] = numbers[position]


with page_frame.page("Registry", LEAD) as account:
    content(account)
