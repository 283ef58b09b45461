"""The browser of the journeys, and the home of someone whose one AWS profile leads to moto."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.visitor import Visitor, chromium, close_windows, dashboard
from tests.moto_account import running_aws
from tests.profiles import KEYS


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    """A headless browser."""
    with chromium() as found:
        yield found


@pytest.fixture
def aws_url() -> Iterator[str]:
    """The address of an AWS of the test's own, which holds nothing yet."""
    with running_aws() as url:
        yield url


@pytest.fixture
def aws_home(aws_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of someone with one AWS profile, "work", which leads there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    (folder / ".aws").mkdir(parents=True)
    settings = {**KEYS, "region": "us-east-1", "endpoint_url": aws_url}
    lines = ["[profile work]", *(f"{name} = {value}" for name, value in settings.items())]
    (folder / ".aws" / "config").write_text("\n".join(lines))
    return folder


@pytest.fixture
def on_aws(aws_home: Path, running: Browser) -> Iterator[Visitor]:
    """A visitor of a dashboard of that home, who has not opened a page yet."""
    with dashboard(aws_home) as address:
        yield Visitor(running, address)
        close_windows(running)
