"""The documents that SageDeck keeps in the account's bucket, as far as they cannot be read."""

import streamlit as st

from services import stored_documents
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError


@st.cache_data(ttl=60, show_spinner=False)
def unreadable(account: Account) -> list[UnreadableDocumentError]:
    """The documents of the account that cannot be read. Raises AwsError."""
    return stored_documents.unreadable(account)
