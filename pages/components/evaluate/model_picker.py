"""The model to evaluate: of a training job, a search's best trial, a registered version, or an uploaded archive."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluation import models as model_queries
from pages.components.shell import formats, page_frame, url_selection
from services import settings
from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem
from services.evaluation import evaluated_model
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.models import uploaded_models
from services.registry.versions import ModelVersion
from services.training.jobs import TrainingJob

JOB, TRIAL, VERSION, UPLOADED = "Training job", "Best trial", "Registered version", "Uploaded file"
# The names in the address by which each is found again; of several in one address the first one counts.
ADDRESSES = {UPLOADED: ("model",), VERSION: ("version", "group"), TRIAL: ("tuning",), JOB: ("job",)}
KEY = "model_source"


def choose(account: Account) -> EvaluatedModel | None:
    """The boxes that choose a model; None, and the way to one, where there is none of that kind. Raises Problem."""
    named = [source for source, names in ADDRESSES.items() if any(map(url_selection.from_address, names))]
    st.session_state[KEY] = named[0] if named else st.session_state.get(KEY, JOB)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    source = row.segmented_control(
        "Model", [JOB, TRIAL, VERSION, UPLOADED], required=True, key=KEY, persist_state="session"
    )
    assert source
    for other, names in ADDRESSES.items():
        if other != source:
            for name in names:
                url_selection.clear(name)
    choosers: dict[str, Callable[[Account, Any], EvaluatedModel | None]] = {
        JOB: _of_job,
        TRIAL: _best_trial,
        VERSION: _version,
        UPLOADED: _uploaded,
    }
    return choosers[source](account, row)


def _of_job(account: Account, row: Any) -> EvaluatedModel | None:
    name = url_selection.completed_job(account, place=row)
    if name:
        return evaluated_model.of_job(job_queries.training_job(account, name))
    st.info("There is no completed training job to evaluate yet.", icon=":material/model_training:")
    page_frame.next_step("train", "Train a model")
    return None


def _best_trial(account: Account, row: Any) -> EvaluatedModel | None:
    searches = [search.name for search in job_queries.tuning_jobs(account) if search.completed]
    if not searches:
        st.info("There is no tuning job with a completed trial yet.", icon=":material/tune:")
        page_frame.next_step("tune", "Tune a model")
        return None
    search = job_queries.tuning_job(account, url_selection.choose("Tuning job", searches, "tuning", place=row))
    if not search.best:
        raise Problem(f"Tuning job {search.name}", "it has no best trial yet", "Wait until one has completed")
    value = "" if search.best_value is None else f", {search.objective} {search.best_value:.4g}"
    st.caption(formats.plain(f"Best trial: {search.best}{value}."))
    return evaluated_model.of_job(job_queries.training_job(account, search.best))


def _version(account: Account, row: Any) -> EvaluatedModel | None:
    groups = {group.name: group for group in registry_queries.groups(account)}
    if not groups:
        st.info("No model is registered yet.", icon=":material/inventory_2:")
        page_frame.next_step("registry", "Register a model")
        return None
    group = groups[url_selection.choose("Group", list(groups), "group", key="evaluated_group", place=row)]
    found = {str(one.number): one for one in registry_queries.versions(account, group.name, None).versions}
    if not found:
        st.info("This group has no versions.", icon=":material/inventory_2:")
        return None
    wanted = url_selection.get("version", "evaluated_version") or ""
    if wanted.isdigit() and wanted not in found:  # older than the first page of them
        found[wanted] = registry_queries.version(account, group.version(int(wanted)))
    number = url_selection.choose(
        "Version",
        list(found),
        "version",
        key="evaluated_version",
        place=row,
        width=220,
        format_func=lambda number: f"{number} ({found[number].approval.label})",
    )
    return of_version(found[number], _job_of(account, found[number]))


def of_version(version: ModelVersion, job: TrainingJob | None) -> EvaluatedModel:
    """The model of a registered version. Raises Problem where it names no file."""
    name = f"{version.group} {version}"
    if not version.model_uri:
        raise Problem(f"Model {name}", "it is registered without a model file", "Choose another version")
    return EvaluatedModel(name, version.model_uri, job, version.image, version.data)


def _job_of(account: Account, version: ModelVersion) -> TrainingJob | None:
    """The job that made the version's file; None where it is unknown, gone, or made another file."""
    if not version.job:
        return None
    try:
        job = job_queries.ended_training_job(account, version.job)
    except AwsError as error:
        if error.is_missing:
            return None
        raise
    return job if job.model_uri == version.model_uri else None


def _uploaded(account: Account, row: Any) -> EvaluatedModel | None:
    kept = {one.sha256: one for one in model_queries.uploaded(account)}
    if not kept:
        _uploader(account)
        return None
    chosen = url_selection.choose(
        "Uploaded file",
        list(kept),
        "model",
        key="uploaded_model",
        place=row,
        format_func=lambda digest: f"{kept[digest].name} ({digest[:6]})",
    )
    one = kept[chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        uploaded = formats.ago(one.uploaded, datetime.now(UTC))
        st.caption(
            formats.plain(f"{formats.size(one.size)}, {formats.count(one.columns, 'column')}, uploaded {uploaded}."),
            width="content",
        )
        with st.popover("Upload another", icon=":material/upload:"):
            _uploader(account)
    return uploaded_models.model_of(account, one)


def _uploader(account: Account) -> None:
    turn = st.session_state.setdefault("archive_turn", 0)  # another box after every file, so that none is kept twice
    limit = uploaded_models.LARGEST
    file = st.file_uploader(
        f"model.tar.gz of XGBoost, up to {limit // 1_000_000} MB",
        ["gz", "tgz"],
        key=f"archive_{turn}",
        max_upload_size=limit // 1_000_000,
        help="It is checked, then kept in S3 by its hash. Models that are Python pickles are refused",
    )
    if file:
        with page_frame.panel(), st.spinner("Checking the archive"):
            now = datetime.now(UTC)
            kept = uploaded_models.keep(settings.as_now(account), file, file.name, now)
            changed(account, "models")
            st.session_state["archive_turn"] = turn + 1
            url_selection.set_("model", kept.sha256, "uploaded_model")
            st.rerun()
