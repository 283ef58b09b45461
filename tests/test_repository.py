"""What a stranger relies on before reading code: licence, lock files, README's commands, one sentence on Windows."""

import re
import shlex
import subprocess
import sys

import pytest

from tests.local_service import PROJECT

README = (PROJECT / "README.md").read_text()
MAKEFILE = (PROJECT / "Makefile").read_text()
LOCKED = ("requirements", "requirements-dev", "requirements-clients", "requirements-mutants", "requirements-peers")
PAPERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
ON_WINDOWS = "SageDeck does not run on Windows itself. Install WSL (wsl --install) and start it in the Linux shell."


def pins(name: str) -> dict[str, set[str]]:
    """Name -> versions of the lines `name==version` in a requirements or lock file; several where Pythons differ."""
    found: dict[str, set[str]] = {}
    for line in (PROJECT / name).read_text().splitlines():
        if pin := re.match(r"([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", line):
            found.setdefault(re.sub(r"[-_.]+", "-", pin[1]).lower(), set()).add(pin[2])
    return found


def commands(text: str) -> list[list[str]]:
    """The words of each command in the indented blocks of a Markdown text; what `$(...)` runs is one of them."""
    lines = re.findall(r"(?<=\n)    (\S.*)", text)
    inner = [command for line in lines for command in re.findall(r"\$\(([^)]*)\)", line)]
    return [shlex.split(part, comments=True) for line in [*lines, *inner] for part in line.split(" && ")]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Python with these arguments, in the project's folder."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("name", LOCKED)
def test_every_pin_is_locked_as_it_is_pinned(name: str) -> None:
    pinned, locked = pins(f"{name}.txt"), pins(f"{name}.lock")
    assert pinned
    assert {package: locked.get(package) for package in pinned} == pinned, "run `make lock`"


def test_the_tests_run_on_the_packages_that_people_get() -> None:
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")
    mutants = {name: versions for name, versions in pins("requirements-mutants.lock").items() if name in development}
    assert mutants == {name: development[name] for name in mutants}


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (PROJECT / f"{name}.lock").read_text()
    packages = re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert not re.search(r"://|--index-url|--find-links", text)


def test_make_installs_nothing_but_what_is_locked() -> None:
    installed = re.findall(r"\$\(INSTALL\) -r (\S+)", MAKEFILE)
    own = ["requirements-clients.lock", "requirements-dev.lock", "requirements-mutants.lock"]
    assert installed == [*own, "requirements-peers.lock", "requirements.lock", "requirements-dev.lock"]
    assert re.search(r"^INSTALL := pip install .*--require-hashes$", MAKEFILE, re.MULTILINE)


def test_the_licence_is_there() -> None:
    text = (PROJECT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0" in text
    assert "Copyright The SageDeck authors" in text


@pytest.mark.parametrize("paper", PAPERS)
def test_what_is_linked_is_there(paper: str) -> None:
    text = (PROJECT / paper).read_text()
    linked = {link.partition("#")[0] for link in re.findall(r"(?:\]\(|src=\")([^)\"]+)", text)} - {""}
    assert linked
    assert not [link for link in linked if not (PROJECT / link).exists()]
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)", README, re.MULTILINE)}
    assert set(re.findall(r"\]\((?:README\.md)?#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("paper", PAPERS)
def test_what_commands_name_exists(paper: str) -> None:
    text = (PROJECT / paper).read_text()
    inline = re.findall(r"`((?:make|\.venv/bin/|SAGEDECK_READ_ONLY=1 make) ?[^`]*)`", text)
    for words in [*commands(text), *map(shlex.split, inline)]:
        line = " ".join(words)
        if target := re.search(r"\bmake ([a-z-]+)", line):
            assert re.search(rf"^{target[1]}:", MAKEFILE, re.MULTILINE), line
        for file in re.findall(r"(?:streamlit run|pip install .*-r|pytest) (\S+)", line):
            assert (PROJECT / file).is_file(), line


def test_the_local_service_has_the_commands_that_readme_names() -> None:
    named = {words[words.index("services.local") + 1] for words in commands(README) if "services.local" in words}
    offered = re.search(r"\{([^}]*)\}", run("-m", "services.local", "--help").stdout)
    assert named
    assert offered
    assert named <= set(offered[1].split(","))


def test_without_make_one_does_what_make_run_does() -> None:
    section = README.partition("## Without make\n")[2].partition("\n## ")[0]
    creates, installs, starts = commands(section)
    assert creates == ["python3", "-m", "venv", ".venv"]
    assert installs == shlex.split(".venv/bin/python -m pip install --require-hashes -r requirements.lock")
    assert " ".join(starts).removeprefix(".venv/bin/") in MAKEFILE.partition("\nrun:")[2].partition("\n\n")[0]


@pytest.mark.parametrize(
    "start",
    ["run_path('sagedeck.py')", "run_module('services.local', run_name='__main__')"],
    ids=["sagedeck", "services.local"],
)
def test_windows_is_told_in_one_sentence(start: str) -> None:
    missing = "sys.modules.update(fcntl=None, streamlit=None)"  # importing them fails
    program = f"import runpy, sys; sys.platform = 'win32'; {missing}; runpy.{start}"
    done = run("-c", program)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (1, "", ON_WINDOWS)
