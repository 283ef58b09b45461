"""What a record of the account holds comes to Markdown only through `plain` or `code`; charts have their own `plain`.

Read off the calls themselves. What functions put together is held by the pages opened with planted text
(test_planted_text.py).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "pages").rglob("*.py"))
# Streamlit's calls that draw Markdown: how many of their first arguments, beside `help` and what has a name below.
CALLS = {"metric": 3, "progress": 2} | dict.fromkeys(
    (
        *(
            "badge",
            "caption",
            "error",
            "header",
            "info",
            "markdown",
            "subheader",
            "success",
            "title",
            "toast",
            "warning",
        ),
        *("button", "checkbox", "download_button", "expander", "file_uploader", "form_submit_button", "multiselect"),
        *("number_input", "page_link", "pills", "popover", "radio", "segmented_control", "selectbox", "slider"),
        *("spinner", "tabs", "text_area", "text_input", "toggle"),
    ),
    1,
)
NAMED = {"help", "label", "text", "delta", "value", "body"}
# Members of our records that hold words of the account, the data or the address, and what exceptions are called.
WORDS = {
    *("address", "arn", "checkpoints", "classes", "description", "detail", "failure", "finding", "folders", "image"),
    *("instance_type", "message", "model_uri", "name", "note", "objective", "owner", "reason", "said", "sentence"),
    *("shared", "source", "target", "title", "users", "why"),
}
PROBLEMS = {"problem", "error", "unreadable", "refusal", "unscored"}
TEXT = {"plain", "code"}


def live(node: ast.AST) -> Iterator[str]:
    """The words in an expression that are not made text."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TEXT:
        return
    if isinstance(node, ast.IfExp):  # its test is not drawn
        yield from (*live(node.body), *live(node.orelse))
        return
    if (isinstance(node, ast.Attribute) and node.attr in WORDS) or (isinstance(node, ast.Name) and node.id in PROBLEMS):
        yield ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from live(child)


def drawn(function: ast.AST) -> Iterator[ast.expr]:
    """What a function hands to Markdown; a name stands for what is assigned to it there."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            if ast.unparse(node.func.value).endswith("charts"):  # our own, of the same name
                continue
            arguments = [*node.args[: CALLS[node.func.attr]], *(k.value for k in node.keywords if k.arg in NAMED)]
            for argument in arguments:
                yield from assigned.get(argument.id, []) if isinstance(argument, ast.Name) else [argument]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_words_of_the_account_are_made_text_where_they_are_drawn(file: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
    assert not [word for function in functions for expression in drawn(function) for word in live(expression)]
