"""The Data page of an account whose S3 is a dictionary."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.data import plan_state
from pages.components.shell import page_frame, shutdown_runs
from services import settings
from services.data import preparation_plan
from services.data.table_sources import sources as data_sources
from tests.services.fake_s3 import FakeS3

PAGE = str(Path(__file__).parents[2] / "pages" / "data.py")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeS3:
    """An account whose S3 is a dictionary, and a data folder that is empty."""
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    monkeypatch.setattr(page_frame, "_show_rate", lambda account, meter: None)  # asks of more than this account has
    monkeypatch.setattr(shutdown_runs, "banner", lambda account, with_results: None)  # so does this
    monkeypatch.setattr(data_sources, "FOLDER", tmp_path)
    monkeypatch.setattr(preparation_plan, "FOLDER", tmp_path / "plans")
    monkeypatch.delenv("SAGEDECK_CARD_FRAUD", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    return account


def open_page(source: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=150)
    page.query_params["source"] = source
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.main.markdown, *page.main.caption])


def table_with(page: AppTest, column: str) -> pd.DataFrame:
    """The first table on the page that has a column."""
    return next(table.value for table in page.dataframe if column in table.value)


def mixed_table() -> bytes:
    lines = (f"{number * 3},{'red' if number % 3 else 'blue'},A-{number},{number % 2}\n" for number in range(30))
    return f"size,colour,key,ill\n{''.join(lines)}".encode()


def editor_key(page: AppTest) -> str:
    return f"columns_used_{page.session_state[plan_state.REVISION]}"


def upload(content: bytes, name: str = "rows.csv") -> AppTest:
    page = open_page("Upload")
    page.file_uploader(key="upload").set_value((name, content, "text/csv"))
    return page.run()


def manifest(account: FakeS3, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(account.objects[f"s3://bucket/sagedeck/data/{name}/manifest.json"])
    return found


COLOURS = b"size,colour,ill\n" + b"1,red,0\n2,blue,1\n3,red,1\n" * 10
