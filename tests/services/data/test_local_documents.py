"""Documents on this computer: none is lost, and a damaged one stops nothing for long."""

from pathlib import Path

import pytest

from services.data import local_documents, preparation_plan
from services.data.preparation_plan import PreparationPlan
from services.data.reading import corrections
from services.data.table_sources import sources
from services.errors import Problem

OF = ("file", "rows.csv")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(preparation_plan, "FOLDER", tmp_path / "plans")
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "datasets")
    return tmp_path


def damage(path: Path, content: bytes = b"{") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_what_is_written_reads_back(folder: Path) -> None:
    plan = PreparationPlan(drop_missing_target=True)
    preparation_plan.save(OF, plan)
    assert preparation_plan.load(OF) == plan


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": 99}', b'{"split": {"seed": "many"}}'])
def test_a_plan_that_cannot_be_read_is_named_and_set_aside(folder: Path, content: bytes) -> None:
    path = folder / "plans" / local_documents.file_name(OF)
    damage(path, content)
    with pytest.raises(Problem, match=f"^Document {path}: .* It was set aside as {path.name}.unreadable-"):
        preparation_plan.load(OF)
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == content
    assert preparation_plan.load(OF) == PreparationPlan()


def test_corrections_that_cannot_be_read_are_set_aside_too(folder: Path) -> None:
    damage(folder / "datasets" / "corrections" / local_documents.file_name(OF))
    with pytest.raises(Problem, match="It was set aside as"):
        corrections.load(OF)
    assert corrections.load(OF) == corrections.AS_FOUND
