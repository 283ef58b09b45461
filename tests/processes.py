"""The processes below a running service, as Linux lists them in /proc."""

from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that `pid` started, oldest first."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except FileNotFoundError:
        return []
    return sorted(int(child) for text in lists for child in text.split())


def fork_server(service: int) -> int:
    """The process that forks jobs and model servers."""
    found = [child for child in children(service) if b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return found[0]


def tree(pid: int) -> list[int]:
    """`pid` and everything below it."""
    return [pid, *(below for child in children(pid) for below in tree(child))]


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
