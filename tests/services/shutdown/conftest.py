"""Settings of each test's own: a driver heeds the read-only mode that is saved there."""

from pathlib import Path

import pytest

from services import settings


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path / "settings")
    monkeypatch.delenv("SAGEDECK_READ_ONLY", raising=False)
