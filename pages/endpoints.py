"""Endpoints: deploy a model, send requests to it, and pause or delete it."""

import io
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
from services.data.recipe.recipe import Recipe
from services.endpoints.describe import Endpoint
from services.inventory.resources import ResourceKind

LEAD = "Deploy a model, send requests, and delete the endpoint when you are done: it bills for as long as it exists."
PAUSE_HELP = "Delete the endpoint but keep everything needed to resume it under its name"
PREVIEW = 200  # rows of a scored file on the screen
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
    from pages.components.queries.evaluations import method_label
    from services.data import prepared_data

    if not endpoint.job:
        st.info("This model was not trained here, so its columns are unknown.", icon=":material/help:")
        return
    job = job_queries.training_job(account, endpoint.job)
    data = prepared_data.trained_on(account, job.channels["train"])
    recipe = data_queries.recipe(account, data.name)
    row_tab, file_tab = st.tabs(["Predict one row", "Predict a file"])
    with row_tab, page_frame.panel():
        predict_row(account, endpoint, data, recipe)
    with file_tab, page_frame.panel():
        predict_file(account, endpoint, data, recipe)
    with st.container(horizontal=True):
        page_frame.next_step("evaluate", "Evaluate on test data", job=endpoint.job, how=method_label(endpoint.name))
        page_frame.next_step("costs", "Costs")


def predict_row(account: Account, endpoint: Endpoint, data: PreparedData, recipe: Recipe | None) -> None:
    """A form with a field for each column of a raw row."""
    import pandas as pd

    from services.endpoints.predict import features_of
    from services.evaluation import scoring

    with st.form("row", border=False):
        typed: dict[str, Any] = {}
        fields = recipe.inputs if recipe else data.features
        for start in range(0, len(fields), 5):
            for column, name in zip(st.columns(5), fields[start : start + 5], strict=False):
                with column:
                    typed[name] = cell(name, recipe)
        submitted = st.form_submit_button("Predict", key="predict_row", type="primary", icon=":material/bolt:")
    if submitted:
        features = features_of(pd.DataFrame([typed]), data, recipe, "Column values")
        limits = (endpoint.body_limit, endpoint.answers)
        score = float(scoring.through_endpoint(account, endpoint.name, features, None, *limits)[0])
        st.metric(formats.plain(f"Score for {data.target} = {data.classes[1]}"), f"{score:.6f}", border=True)
        verdict = data.classes[1] if score >= 0.5 else data.classes[0]
        predicted = f"Predicted class: {formats.plain(verdict)} (threshold 0.5)."
        st.caption(f"{predicted} Choose a better threshold on the Evaluate page.")


def cell(name: str, recipe: Recipe | None) -> float | str | None:
    """The field for one column: a number, a category that training rows have, or text; empty is a missing cell."""
    label, key = formats.plain(name), f"feature_{name}"
    categories = recipe.categories(name) if recipe else None
    if categories is not None:
        return st.selectbox(label, categories, index=None, key=key, placeholder="Missing", accept_new_options=True)
    if recipe and recipe.is_text(name):
        return st.text_input(label, key=key, placeholder="Missing") or None
    return st.number_input(label, value=None if recipe else 0.0, format="%.6g", key=key, placeholder="Missing")


def predict_file(account: Account, endpoint: Endpoint, data: PreparedData, recipe: Recipe | None) -> None:
    """A file's rows, scored in large batches, with a download."""
    from pages.components.queries import table_cache

    file = st.file_uploader(formats.plain(f"CSV file with the columns of {data.display_name}"), ["csv"], key="file")
    if not file:
        st.caption("The header must name the training columns; other columns stay in the result but are not sent.")
        return
    bar = st.progress(0.0, "Scoring")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{done:,} of {total:,} rows")

    rows = table_cache.scored(
        account, endpoint.name, endpoint.edition, file.file_id, file, endpoint, data, recipe, progress
    )
    bar.empty()
    for note in rows.attrs["notes"]:
        st.caption(f":material/info: {formats.plain(note)}")
    flagged = int((rows["score"] >= 0.5).sum())
    st.markdown(f"**{formats.count(len(rows), 'row')}** scored, **{flagged:,}** with a score of 0.5 or more.")
    st.dataframe(rows.nlargest(PREVIEW, "score"), hide_index=True)
    st.download_button(
        "Download with scores",
        lambda: written(rows),
        file_name=f"{file.name.rpartition('.')[0]}-scored.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download",
        on_click="ignore",
    )


def written(rows: Any) -> bytes:
    """`rows` as CSV; dates without a time of day stay so."""
    import pyarrow as pa
    from pyarrow import csv

    table = pa.Table.from_pandas(rows, preserve_index=False)
    for place, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type) and column.cast(pa.date32()).cast(column.type) == column:
            table = table.set_column(place, table.column_names[place], column.cast(pa.date32()))
    out = io.BytesIO()
    csv.write_csv(table, out)
    return out.getvalue()


with page_frame.page("Endpoints", LEAD) as account:
    content(account)
