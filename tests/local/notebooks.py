"""Runs a Jupyter notebook cell by cell in a kernel of its own, as somebody does who opened it in a prepared shell."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from tests.local_service import LocalService


def run(local: LocalService, notebook: Path, folder: Path, **variables: str) -> dict[str, str]:
    """What each cell of a copy in `folder` printed and showed, by the cell's id; the first cell that raises fails."""
    file = Path(shutil.copy(notebook, folder))
    homes = {name: str(folder) for name in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", "--timeout=300", str(file)],
        env={**local.environment(), **homes, **variables},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cells = nbformat.read(file, as_version=4).cells
    return {cell.id: "\n".join(map(_text, cell.get("outputs", []))) for cell in cells}


def _text(output: nbformat.NotebookNode) -> str:
    """What an output says, other than the warnings and log lines on stderr."""
    if output.output_type == "stream":
        return str(output.text) if output.name == "stdout" else ""
    return str(output.get("data", {}).get("text/plain", "")) if output.output_type == "execute_result" else ""
