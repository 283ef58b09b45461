"""Read-only mode holds for what was drawn before it was switched on: dialogs, and fragments with buttons."""

import ast
from collections.abc import Iterator

import pytest

from services import settings
from services.aws.account import Account
from tests.pages.app import PAGES

DIALOG = "st.dialog"
# Bodies of fragments with a button that changes something.
FRAGMENTS = {"shutdown_runs._draw", "train/job_monitor.watch", "tune/job_monitor.live", "rehearsal._watch"}


def drawn_apart() -> Iterator[tuple[str, ast.FunctionDef]]:
    """The dialogs and the fragments, by file and name."""
    for file in sorted(PAGES.rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                name = f"{file.relative_to(PAGES / 'components') if 'components' in file.parts else file}"
                name = f"{name.removesuffix('.py')}.{function.name}"
                dialog = any(ast.unparse(decorator).startswith(DIALOG) for decorator in function.decorator_list)
                if dialog or name.endswith(tuple(FRAGMENTS)):
                    yield name, function


def test_every_dialog_and_fragment_that_changes_something_asks_for_the_mode_of_now() -> None:
    found = dict(drawn_apart())
    assert len(found) == 9 + len(FRAGMENTS)
    stale = [name for name, function in found.items() if "settings.as_now(account)" not in ast.unparse(function)]
    assert stale == []


@pytest.mark.parametrize("on", [True, False])
def test_an_account_is_in_the_mode_of_now(on: bool) -> None:
    settings.save_read_only(on)
    assert settings.as_now(Account("AWS", "us-east-1", read_only=not on)) == Account("AWS", "us-east-1", read_only=on)
