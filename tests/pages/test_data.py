"""The Data page, from a choice to prepared data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components import queries
from services import datasets, settings
from services.inventory import Inventory
from tests.services.fake_s3 import FakeS3

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
PAGE = str(Path(__file__).parents[2] / "pages" / "data.py")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeS3:
    """An account whose S3 is a dictionary, and a data folder that is empty."""
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    monkeypatch.setattr(queries, "inventory", lambda account: Inventory(WHEN, (), ()))
    monkeypatch.setattr(datasets, "FOLDER", tmp_path)
    monkeypatch.delenv("SAGEDECK_CARD_FRAUD", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    return account


def open_page(source: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["source"] = source
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.main.markdown, *page.main.caption])


def upload(content: bytes, name: str = "rows.csv") -> AppTest:
    page = open_page("Upload")
    page.file_uploader(key="upload").set_value((name, content, "text/csv"))
    return page.run()
