"""A row predicted by the model file of a training job: free, without an endpoint."""

import streamlit as st

from pages.components.predict import decision_note, prediction_reasons, row_form, training_data
from pages.components.queries import data_sets as data_queries
from pages.components.shell import page_frame
from services import settings
from services.aws.account import Account
from services.training.jobs import TrainingJob


@st.fragment
def show(account: Account, job: TrainingJob) -> None:
    """An expander, whose content is only worked out while it is open."""
    box = st.expander("Predict a row", icon=":material/bolt:", key="predict_open", on_change="rerun")
    if box.open:
        with box, page_frame.panel():
            content(settings.as_now(account), job)


def content(account: Account, job: TrainingJob) -> None:
    """The form, or what to do where the model cannot be used here."""
    from pages.components.queries import models

    if job.algorithm and job.algorithm.model_file is None:
        title = job.algorithm.title
        st.info(
            f"Only the {title} container can read its model file: deploy it to predict rows.", icon=":material/info:"
        )
        page_frame.next_step("endpoints", "Deploy", job=job.name)
        return
    data = training_data.of_job(account, job)
    if data is None:
        return
    st.caption("Predicted by the model file on this computer: free, no endpoint. An empty field is a missing cell.")
    uri, recipe = job.model_uri or "", data_queries.recipe(account, data.name)
    applied = decision_note.show(account, data, [uri], job.name)
    row_form.show(
        account,
        data,
        recipe,
        lambda features: models.model(account, uri).scores(features),
        f"Model of {job.name}",
        applied.threshold,
        lambda features, cells: prediction_reasons.show(models.model(account, uri), features, cells, data, recipe),
    )
