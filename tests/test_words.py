"""Words that were retired from the screen stay retired: what people read is in the trade's words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What was said once, each with what is said now.
RETIRED = {
    r"\bthings?\b": "resource, or what it is",
    r"\b[Gg]uide's\b|\bthe guide\b": "AWS tutorial",
    r"\b[Jj]udged?\b": "evaluate",
    r"\b[Pp]ark(ed|s|ing)?\b": "pause",
    r"[Bb]ring back|brought back": "resume",
    r"\bspared?\b": "save",
    r"\bobeys?\b|\bobeyed\b": "run",
    r"[Bb]last limit": "confirm above",
    r"[Rr]ead again": "verified",
    r"told from chance|than guessing": "no significant improvement, random baseline",
    r"rightly left": "true negatives",
    r"[Hh]eld against": "baseline",
    r"\bOne by one\b|\bTwo by two\b": "slices, contour",
    r"What it (tries|may take)|Not varied|They had|What came of it": "search space, budget, fixed settings, results",
    r"Loosen the filter|At the end\b": "clear a filter, final metric",
    r"Stop(s)? by itself": "auto-shutdown rule",
    r"Nothing is scaled or filled|Class to find|It becomes 1": "no scaling, positive class, coded as 1",
    r"so it is no class": "classification needs a column with few values",
    r"What it is worth|Look beyond|Weighing": "performance, wider ranges, computing",
    r"[Mm]eanwhile": "in the meantime",
}
LABELS = {"Keep", "Way", "Seed", "Called", "Call it", "Further", "Look at it", "At a time", "Money"}  # as a whole
SCREEN = [
    *(ROOT / "pages").rglob("*.py"),
    *(path for path in (ROOT / "services").rglob("*.py") if "local" not in path.parts),
]
PAPERS = [ROOT / name for name in ("README.md", "docs/schedules.md", "docs/iam/README.md")]


def said(file: Path) -> Iterator[tuple[int, str]]:
    """The text of `file` that may come to the screen: literals of more than a word, without docstrings and code."""
    tree = ast.parse(file.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in docstrings:
            continue
        if (" " in node.value or node.value[:1].isupper()) and "import " not in node.value:
            yield node.lineno, node.value


@pytest.mark.parametrize("file", SCREEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_retired_word_comes_to_the_screen(file: Path) -> None:
    texts = list(said(file))
    found = [
        (line, text, instead) for line, text in texts for word, instead in RETIRED.items() if re.search(word, text)
    ]
    assert not found
    assert not [(line, text) for line, text in texts if text in LABELS]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_no_retired_word_stands_in_the_papers(paper: Path) -> None:
    text = paper.read_text()
    assert not {word: instead for word, instead in RETIRED.items() if re.search(word, text)}
