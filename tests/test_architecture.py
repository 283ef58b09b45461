"""The house of docs/architecture.md, kept by its imports: arrows point one way, no file or folder outgrows its noun."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
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
# Parts of the tree, the innermost first, and what a file there may never import, however deep inside a function.
FORBIDDEN = {
    "services/local": ("pages", "streamlit", "services.aws", "sagemaker"),
    "services": ("pages", "streamlit", "services.local"),
    "pages/components": (*AWS_LIBRARIES, "services.local"),
    "pages": (*AWS_LIBRARIES, "services.local"),
    "": ("boto3", "botocore", "services.local"),
}
# Which packages of `services` a package may import; everybody may import `errors`.
SERVICES = {
    "aws": "",
    "algorithms": "",
    "instance_types": "",
    "visible_text": "",
    "settings": "aws",
    "service_health": "settings",
    "pricing": "aws",
    "data": "aws settings visible_text",
    "training": "aws algorithms instance_types pricing data",
    "endpoints": "aws algorithms data training",
    "evaluation": "aws algorithms data training endpoints",
    "tuning": "aws algorithms pricing data training evaluation",
    "registry": "aws algorithms data training evaluation",
    "inventory": "aws pricing",
    "costs": "aws pricing training inventory",
    "shutdown": "aws settings pricing training endpoints inventory costs",
    "lineage": "aws settings data training evaluation tuning registry shutdown",
    "iam": "aws inventory",
    "stored_documents": "aws data evaluation costs shutdown",
    "codegen": "aws visible_text pricing data training tuning registry",
    "local": "algorithms instance_types",
    # Programs whose command lines stand in people's crontabs, functions and scripts.
    "reaper": "shutdown",
    "rights": "iam",
}
# Which packages of `services/local` a package may import: those on its left, and the code of the algorithms.
LOCAL = {
    "protocol": "",
    "store": "protocol",
    "s3": "protocol store",
    "runtime": "protocol store",
    "algorithms": "protocol",
    "service": "protocol store s3 runtime",
    "api": "protocol store s3 runtime algorithms service",
    "jobs": "protocol store s3 runtime algorithms service api",
    "server": "protocol store s3 runtime algorithms service api jobs",
    "demo": "protocol store s3 runtime algorithms service api jobs server",
    "__main__": "protocol store s3 runtime algorithms service api jobs server demo",
}
# Which packages of `pages/components` a package may import.
COMPONENTS = {
    "queries": "",
    "shell": "queries",
    "launch": "queries shell",
    "shutdown": "queries shell",
    "endpoints": "queries shell shutdown",
    "predict": "queries shell",
    "costs": "queries shell",
    "data": "queries shell",
    "registry": "queries shell",
    "train": "queries shell launch",
    "history": "queries shell train",
    "tune": "queries shell launch",
    "evaluate": "queries shell launch predict",
}


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def for_types_only(file: Path) -> set[ast.AST]:
    """The nodes under `if TYPE_CHECKING`."""
    blocks = [
        node for node in ast.walk(tree(file)) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    return {node for block in blocks for node in ast.walk(block)}


def imported(file: Path, at_run_time: bool = False) -> set[str]:
    """Every module that `file` imports, with the names taken from packages."""
    modules = set()
    left_out = for_types_only(file) if at_run_time else set()
    for node in ast.walk(tree(file)):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import hides which package it enters"
            modules |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    return modules


def within(modules: set[str], *packages: str) -> set[str]:
    return {module for module in modules if any(f"{module}.".startswith(f"{package}.") for package in packages)}


def package_of(file: Path, folder: str) -> str:
    """The package (or module) right under `folder` that holds `file`; "" for a file elsewhere."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    depth = len(folder.split("/"))
    return parts[depth] if "/".join(parts[:depth]) == folder and parts[depth] != "__init__" else ""


def arrows(folder: str) -> Iterator[tuple[Path, str, str]]:
    """Every import from one package under `folder` of another: the file, from, to."""
    prefix = folder.replace("/", ".")
    for file in FILES:
        own = package_of(file, folder)
        if own:
            packages = {module.removeprefix(f"{prefix}.").split(".")[0] for module in within(imported(file), prefix)}
            yield from ((file, own, other) for other in packages - {own, "services", prefix})


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_pages_use_services_and_services_never_use_pages(file: Path) -> None:
    path = file.relative_to(ROOT).as_posix()
    part = next(part for part in FORBIDDEN if path.startswith(part))
    assert not within(imported(file), *FORBIDDEN[part])


@pytest.mark.parametrize(("folder", "allowed"), [("services", SERVICES), ("pages/components", COMPONENTS)])
def test_a_package_imports_only_those_it_may(folder: str, allowed: Mapping[str, str]) -> None:
    free = {"errors"} if folder == "services" else set()
    used = {(own, other): file for file, own, other in arrows(folder) if other not in free and own not in free}
    assert not {arrow: str(file) for arrow, file in used.items() if arrow[1] not in allowed[arrow[0]].split()}


@pytest.mark.parametrize("allowed", [SERVICES, COMPONENTS])
def test_packages_import_each_other_in_one_direction(allowed: Mapping[str, str]) -> None:
    order = TopologicalSorter({own: others.split() for own, others in allowed.items()}).static_order()
    assert set(order) == set(allowed)


def test_packages_of_the_local_service_import_only_those_on_their_left() -> None:
    used = {(own, other): str(file) for file, own, other in arrows("services/local")}
    assert not {arrow: file for arrow, file in used.items() if arrow[1] not in LOCAL[arrow[0]].split()}
    places = {package: place for place, package in enumerate(LOCAL)}
    assert all(places[other] < places[own] for own, others in LOCAL.items() for other in others.split())


def test_modules_import_each_other_in_one_direction() -> None:
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in FILES}
    graph = {
        name: {other for other in imported(file, at_run_time=True) if other in modules}
        for name, file in modules.items()
    }
    assert set(TopologicalSorter(graph).static_order()) == set(modules)


def test_only_pages_themselves_are_entered_from_the_site_map() -> None:
    pages = {f"pages.{file.stem}" for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__"}
    assert not {str(file): entered for file in FILES if (entered := within(imported(file), *pages))}


def test_only_the_door_to_aws_catches_what_botocore_raises() -> None:
    services = (ROOT / "services").rglob("*.py")
    outside = [file for file in services if "local" not in file.parts and file.parent.name != "aws"]
    assert not [file for file in outside if within(imported(file), "boto3", "botocore")]


def called(file: Path) -> set[str]:
    """The names of all attributes that `file` reads, e.g. of `st.cache_data`."""
    return {node.attr for node in ast.walk(tree(file)) if isinstance(node, ast.Attribute)}


def test_only_queries_keep_caches_and_only_changed_clears_them() -> None:
    queries = ROOT / "pages" / "components" / "queries"
    outside = [file for file in FILES if queries not in file.parents]
    assert not [file for file in outside if called(file) & {"cache_data", "cache_resource"}]
    functions = {
        node.name
        for file in queries.glob("*.py")
        for node in tree(file).body
        if isinstance(node, ast.FunctionDef) and any("cache" in ast.dump(mark) for mark in node.decorator_list)
    }
    cleared = [
        (str(file), ast.unparse(node))
        for file in outside
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "clear"
        and ast.unparse(node.func.value).rpartition(".")[2] in functions
    ]
    assert not cleared


def test_pages_begin_shutdowns_and_never_make_their_calls() -> None:
    pages = [file for file in FILES if "pages" in file.relative_to(ROOT).parts]
    assert not [str(file) for file in pages if within(imported(file), "services.shutdown.driver")]
    assert not [str(file) for file in pages if called(file) & {"execute", "settle", "apply_rules"}]


def test_no_public_class_name_stands_twice_in_services() -> None:
    names = Counter(
        node.name
        for file in (ROOT / "services").rglob("*.py")
        for node in tree(file).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert not [name for name, count in names.items() if count > 1]


def test_a_folder_has_at_most_twenty_modules() -> None:
    modules = defaultdict[str, int](int)
    for file in FILES:
        modules[str(file.parent)] += file.stem != "__init__"
    assert not {folder: count for folder, count in modules.items() if count > 20}


def test_there_are_at_most_thirteen_pages() -> None:
    assert len([file for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__"]) <= 13


def test_no_file_holds_two_nouns() -> None:
    assert not {str(file): lines for file in FILES if (lines := len(file.read_text().splitlines())) > 400}
