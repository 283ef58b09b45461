"""Endpoints: deploy a model, send requests to it, and pause or delete it."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components.endpoints import paused_endpoints
from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, formats, launch_reservation, page_frame, status_badges, url_selection
from pages.components.shutdown import dialog as shutdown_dialog
from pages.components.shutdown import progress as shutdown_progress
from services.aws.account import Account
from services.costs import commitments
from services.costs.launch_budget import Launch
from services.data.prepared_data import PreparedData
from services.endpoints.describe import Endpoint
from services.inventory.resources import ResourceKind

LEAD = "Deploy a model, send requests, and delete the endpoint when you are done: it bills for as long as it exists."
PAUSE_HELP = "Delete the endpoint but keep everything needed to resume it under its name"
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


def content(account: Account) -> None:
    """The page, top to bottom."""
    if "deployed" in st.session_state:
        url_selection.set_("endpoint", st.session_state.pop("deployed"))
    with page_frame.panel():
        shutdown_progress.result(account, only_of_this_tab=True)
    form, shown = st.columns([2, 3], gap="large")
    with form, st.container(border=True), page_frame.panel():
        deploy(account)
    with shown:
        with page_frame.panel():
            endpoints(account)
        with page_frame.panel():
            paused_endpoints.paused_list(account)


def deploy(account: Account) -> None:
    """The form that creates an endpoint."""
    from pages.components.launch import compute_form
    from services.codegen import boto3_scripts
    from services.endpoints import deploy as endpoint_deployment

    st.subheader("Deploy a model", anchor=False)
    chosen = url_selection.completed_job(account, key="deploy_job")
    if not chosen:
        st.info("There is no completed training job to deploy yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return
    job = job_queries.training_job(account, chosen)
    name = st.text_input("Endpoint name", job.name[:48].rstrip("-"), key=f"endpoint_name_{job.name}", **KEPT)
    instance = compute_form.choose_machine(account, "endpoint_instance", "Hosting")
    count = int(st.number_input("Instances", 1, 20, 1, key="endpoint_instances", width=140, **KEPT))
    each = price_queries.book(account).usd_per_hour(instance, "Hosting")
    rate = (each or 0.0) * count
    maximum = commitments.rest_of_day(None if each is None else rate, datetime.now(UTC))
    money = f"{formats.dollars_an_hour(rate)}, {formats.dollars(rate * 24)} a day, until it is deleted"
    st.caption(f":material/payments: {formats.plain(money)}; there is no maximum.")
    launch_reservation.show(account, maximum)
    if st.button("Deploy", key="deploy", type="primary", icon=":material/rocket_launch:"):

        def start() -> str:
            endpoint_deployment.deploy(account, job, name, instance, count, datetime.now(UTC))
            return name

        wanted = Launch(ResourceKind.ENDPOINT, name, maximum)
        st.session_state["deployed"] = compute_form.launch_within_budget(account, wanted, start)
        changed(account, "endpoints")
        st.rerun()
    with st.expander("Show the code"):
        code_block.show(boto3_scripts.deployment_script(account, job, name, instance, count), "python")


def endpoints(account: Account) -> None:
    """The list of endpoints and the selected one."""
    st.subheader("Endpoints", anchor=False)
    names = [endpoint.name for endpoint in endpoint_queries.endpoints(account)]
    if not names:
        st.info("No endpoints, no cost.", icon=":material/rocket_launch:")
        return
    name = url_selection.choose("Endpoint", names, "endpoint")
    endpoint = endpoint_queries.endpoint(account, name)
    changing = endpoint.status.changing
    st.fragment(run_every=2 if changing else None, key="watch")(watch)(account, name, changing)
    if endpoint.status == "InService" and not (endpoint.hosts_components or endpoint.hosts_many_models):
        with page_frame.panel():
            predict(account, endpoint)
    shutdown_dialog.dialog(account)
    paused_endpoints.dialog(account)


def watch(account: Account, name: str, was_changing: bool) -> None:
    """Status of one endpoint, live while it changes."""
    with page_frame.panel():
        endpoint = endpoint_queries.endpoint(account, name)
        if was_changing and not endpoint.status.changing:
            changed(account, "endpoints")
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badges.status_badge(endpoint.status)
            machines = ", ".join(variant.runs_on for variant in endpoint.variants)
            st.caption(f"{formats.plain(machines)}, since {formats.ago(endpoint.created, datetime.now(UTC))}")
            can_pause = endpoint.status == "InService" and not endpoint.hosts_components
            if can_pause and st.button(
                "Pause endpoint", key="pause_endpoint", icon=":material/local_parking:", help=PAUSE_HELP
            ):
                paused_endpoints.open_for(name)
                st.rerun()
            if st.button("Delete", key="delete_endpoint", icon=":material/delete:"):
                changed(account, "resources")
                running = inventory_queries.inventory(account).resources
                shutdown_dialog.open_for(
                    resource for resource in running if (resource.kind, resource.name) == (ResourceKind.ENDPOINT, name)
                )
                st.rerun()
        if endpoint.failure:
            st.error(formats.plain(f"Endpoint {name}: {endpoint.failure}"), icon=":material/error:")
        for variant in endpoint.variants:
            if variant.multi_model:
                st.caption(f"Serves the models under {formats.code(variant.model_uri or '')}")
            elif variant.model:
                st.caption(f"Serves {formats.code(variant.model)}")
        for component in endpoint.components:
            where = formats.plain(f"{component.variant}: {component.status}")
            st.caption(f"Inference component {formats.code(component.name)} on {where}")
        if endpoint.hosts_components:
            said = "It serves inference components: it cannot be paused, and no rows can be scored here."
            st.info(f"{said} Send requests with InvokeEndpoint and InferenceComponentName.", icon=":material/info:")
        if endpoint.hosts_many_models:
            said = "It serves many models, so no rows can be scored here."
            st.info(f"{said} Send requests with InvokeEndpoint and TargetModel.", icon=":material/info:")


def predict(account: Account, endpoint: Endpoint) -> None:
    """One row from a form, or a whole file."""
    from pages.components.predict import decision_note, file_form, row_form
    from pages.components.queries.evaluation.evaluations import method_label
    from services.evaluation import scoring

    data = data_behind(account, endpoint)
    if data is None:
        return
    recipe = data_queries.recipe(account, data.name)
    applied = decision_note.show(account, data, endpoint.model_uris, endpoint.job)
    row_tab, file_tab = st.tabs(["Predict one row", "Predict a file"])
    with row_tab, page_frame.panel():
        limits = (endpoint.body_limit, endpoint.answers)
        row_form.show(
            account,
            data,
            recipe,
            lambda features: scoring.through_endpoint(account, endpoint.name, features, None, *limits),
            f"Endpoint {endpoint.name}",
            applied.threshold,
        )
    with file_tab, page_frame.panel():
        file_form.show(account, endpoint, data, recipe, applied.threshold)
    with st.container(horizontal=True):
        if endpoint.job:
            how = method_label(endpoint.name)
            page_frame.next_step("evaluate", "Evaluate on test data", job=endpoint.job, split="test", how=how)
        page_frame.next_step("costs", "Costs")


def data_behind(account: Account, endpoint: Endpoint) -> PreparedData | None:
    """The prepared data of the model behind an endpoint; None until it is chosen, where it is unknown."""
    from pages.components.predict import training_data
    from services.errors import Problem

    if endpoint.job:
        return training_data.of_job(account, job_queries.training_job(account, endpoint.job))
    said = "its model was not trained here, so its columns are unknown"
    unknown = Problem(f"Endpoint {endpoint.name}", said, "Choose or prepare a data set with the same columns")
    return training_data.choose(account, unknown, endpoint.name)


with page_frame.page("Endpoints", LEAD) as account:
    content(account)
