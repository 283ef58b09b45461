"""The prices of the account's region, asked for in the background."""

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from services import settings
from services.aws.account import Account
from services.pricing.price_book import PriceBook
from services.pricing.price_list_api import PriceList, load_cached


@st.cache_resource(ttl="1h", show_spinner=False)
def price_list(account: Account) -> PriceList:
    """The prices of the account's region, asked for in the background when they are not fresh; refused for an hour."""
    return PriceList(account, _prices(), datetime.now(UTC))


def _prices() -> Path:
    return settings.DATA_FOLDER / "prices"


def book(account: Account) -> PriceBook:
    """The prices of the account's region, the best that are known by now."""
    return price_list(account).book()


def kept_book(account: Account) -> PriceBook:
    """The prices of the account's region as kept on disk: for asking every region, few of which have much to price."""
    return load_cached(account, _prices())
