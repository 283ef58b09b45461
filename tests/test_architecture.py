"""The house of DESIGN.md, kept by its imports: arrows point one way, and no file grows beyond one noun."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "streamlit_app.py",
    ROOT / "sagedeck.py",
    *(ROOT / "pages").rglob("*.py"),
    *(ROOT / "services").rglob("*.py"),
]
AWS_LIBRARIES = ("boto3", "botocore", "s3transfer", "sagemaker", "xgboost", "sqlite3")
# Rooms, the innermost first, and what a file in one may never import, however deep inside a function.
FORBIDDEN = {
    "services/local": ("pages", "streamlit", "services.aws.account", "sagemaker"),
    "services": ("pages", "streamlit", "services.local"),
    "pages/components": (*AWS_LIBRARIES, "services.local"),
    "pages": (*AWS_LIBRARIES, "services.local"),
    "": ("boto3", "botocore", "services.local"),
}


def imported(file: Path) -> set[str]:
    """Every module that `file` imports, with the names taken from packages."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import hides which room it enters"
            found |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def within(modules: set[str], *packages: str) -> set[str]:
    return {module for module in modules if any(f"{module}.".startswith(f"{package}.") for package in packages)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_arrows_point_one_way(file: Path) -> None:
    path = file.relative_to(ROOT).as_posix()
    room = next(room for room in FORBIDDEN if path.startswith(room))
    assert not within(imported(file), *FORBIDDEN[room])


def test_only_pages_themselves_are_entered_from_the_site_map() -> None:
    pages = {f"pages.{file.stem}" for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__"}
    assert not {str(file): found for file in FILES if (found := within(imported(file), *pages))}


def test_the_local_service_knows_nothing_of_ours_but_facts_of_algorithms_and_instances() -> None:
    allowed = ("services.local", "services.algorithms", "services.instance_types")
    for file in (ROOT / "services" / "local").rglob("*.py"):
        ours = within(imported(file), "services") - {"services"}
        assert not ours - within(ours, *allowed), file


def test_only_the_door_catches_what_botocore_raises() -> None:
    services = (ROOT / "services").rglob("*.py")
    outside = [file for file in services if "local" not in file.parts and file.parent.name != "aws"]
    assert not [file for file in outside if within(imported(file), "boto3", "botocore")]


def test_no_file_holds_two_nouns() -> None:
    assert not {str(file): lines for file in FILES if (lines := len(file.read_text().splitlines())) > 400}
