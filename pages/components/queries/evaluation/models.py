"""Models loaded into this process, so that a row is predicted without fetching the file again; and those uploaded."""

import streamlit as st

from pages.components.queries import table_cache
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem
from services.evaluation import model_file
from services.evaluation.model_file import LoadedModel
from services.evaluation.models import uploaded_models
from services.evaluation.models.uploaded_models import UploadedModelDocument


def model(account: Account, model_uri: str) -> LoadedModel:
    """The model of a training job's model.tar.gz. Raises Problem when it is gone or cannot be used, AwsError."""
    try:
        version = table_cache.version(account, Address.parse(model_uri))
    except AwsError as error:
        if error.is_missing:
            raise Problem(f"Model {model_uri}", "the file was deleted", "Train the model again") from error
        raise
    return _model(account, model_uri, version)


@st.cache_resource(ttl=3600, max_entries=5, show_spinner=False)
def _model(account: Account, model_uri: str, version: str) -> LoadedModel:
    return model_file.load(account, model_uri)


@st.cache_data(ttl=30, show_spinner=False)
def uploaded(account: Account) -> list[UploadedModelDocument]:
    """The archives that people uploaded, the newest first. Raises AwsError."""
    return uploaded_models.listed(account)
