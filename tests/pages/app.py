"""Opening a page over a real local service, and reading what it says."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from services import settings
from services.aws.errors import AwsError

PAGES = Path(__file__).parents[2] / "pages"
REFUSED = AwsError("Read on AWS, us-east-1", "not authorized", "Ask for the permission", "AccessDeniedException")
NAMES = (
    "start",
    "data",
    "train",
    "tune",
    "history",
    "evaluate",
    "registry",
    "endpoints",
    "costs",
    "connection",
    "settings",
)


def refuse(*_: Any, **__: Any) -> NoReturn:
    """In place of a request that somebody may not make; what is said then is `str(REFUSED)`."""
    raise REFUSED


def stand_at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have This computer be the service of the data folder `folder`."""
    monkeypatch.setattr(settings, "DATA_FOLDER", folder)
    monkeypatch.setattr(settings, "LOCAL_FILES", (folder / "aws" / "config", folder / "aws" / "credentials"))


def open_page(name: str, **query: str) -> AppTest:
    """The page of that name, with what its address selects and nothing remembered."""
    st.cache_data.clear()
    for looked in (inventory_queries.region_scan, inventory_queries.other_regions_scan, cost_queries.jobs_of_month):
        looked.clear()
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=150)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def chosen(page: AppTest, key: str) -> str:
    """What a selectbox shows."""
    value = page.selectbox(key=key).value
    assert value
    return str(value)


def metrics(page: AppTest) -> dict[str, str]:
    """The numbers shown large, by their labels as they are read, without the sidebar."""
    return {metric.label.replace("\\", ""): metric.value for metric in page.main.metric}


def errors(page: AppTest) -> list[str]:
    """The sentences of errors in the page itself, without the sidebar."""
    return [error.value for error in page.main.error]


def words(page: AppTest) -> str:
    """Everything the page says in running text."""
    spoken = [*page.main.markdown, *page.main.caption, *page.main.info, *page.main.success]
    return "\n".join(str(element.value) for element in spoken)
