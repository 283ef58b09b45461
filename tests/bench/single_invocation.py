"""Invoking with one row: the time of a request through an endpoint, over the same to an app that answers a constant.

Both are asked over one kept connection each, by turns, with a request that was signed beforehand; both run on uvicorn,
in a process of their own.
"""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from statistics import median
from types import TracebackType
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from services.local.protocol.identity import keys
from tests.local_service import PROJECT, LocalService, eventually

REQUESTS = 400
BATCH = 20  # requests to one side, before the other has its turn
ROW = b"1,2,3\n"
BARE_APP = """
import socket, sys, uvicorn

async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/csv"), (b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"0.5\\n"})

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or Nagle's algorithm waits
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listener])
"""


class SingleInvocation:
    """Both sides, over an endpoint whose model takes at least as many features as `ROW` has."""

    def __init__(self, local: LocalService, endpoint: str) -> None:
        self._local, self._path = local, f"/endpoints/{endpoint}/invocations"

    def __enter__(self) -> "SingleInvocation":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._process = subprocess.Popen([sys.executable, "-c", BARE_APP, str(port)], cwd=PROJECT)
        eventually(lambda: _accepts(port))
        ours = urlsplit(self._local.url)
        self._ours = http.client.HTTPConnection(str(ours.hostname), ours.port)
        self._bare = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = self._signed()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ours.close()
        self._bare.close()
        self._process.terminate()
        self._process.wait()

    def _signed(self) -> dict[str, str]:
        own = keys(self._local.folder)
        request = AWSRequest("POST", f"{self._local.url}{self._path}", {"Content-Type": "text/csv"}, ROW)
        SigV4Auth(Credentials(own.access, own.secret), "sagemaker", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def seconds(self) -> tuple[float, float]:
        """Medians of ours and of the bare app's."""
        ours, bare = list[float](), list[float]()
        for _ in range(REQUESTS // BATCH):
            ours += [_ask(self._ours, self._path, self._headers) for _ in range(BATCH)]
            bare += [_ask(self._bare, self._path, self._headers) for _ in range(BATCH)]
        return median(ours), median(bare)


def _ask(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> float:
    began = time.perf_counter()
    connection.request("POST", path, ROW, dict(headers))
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    return time.perf_counter() - began


def _accepts(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0
