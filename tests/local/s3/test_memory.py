"""Memory of the service during large transfers."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.s3.served_store import (
    MB,
    client_of,
)

SERVES = """
import sys
from pathlib import Path
import uvicorn
from tests.local.s3.served_store import application, open_store
uvicorn.run(application(open_store(Path(sys.argv[1]))), fd=int(sys.argv[2]), log_level="error", lifespan="off")
"""


def resident(pid: int, measure: str) -> int:
    """Bytes of memory of a process: VmRSS now, VmHWM at its highest."""
    match = re.search(rf"{measure}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match
    return int(match[1]) * 1024


@pytest.mark.slow
def test_memory_does_not_grow_with_the_size_of_an_upload(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, descriptor = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-c", SERVES, str(tmp_path), str(descriptor)]
        with subprocess.Popen(command, pass_fds=[descriptor]) as process:
            try:
                grown = growth_by_transfer(port, process.pid, tmp_path / "large")
            finally:
                process.terminate()
    assert grown < 100 * MB


def growth_by_transfer(port: int, pid: int, large: Path) -> int:
    """How much the server's memory rose at its highest while 600 MB went up, and came down again."""
    with large.open("wb") as file:
        file.truncate(600 * MB)
    client = client_of(port)
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="small", Body=b"x")
    before = resident(pid, "VmRSS")
    with large.open("rb") as file:
        client.put_object(Bucket="bucket", Key="large", Body=file)
    client.upload_file(str(large), "bucket", "parts")
    client.download_file("bucket", "parts", os.devnull)
    client.close()
    return resident(pid, "VmHWM") - before
