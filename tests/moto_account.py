"""An AWS of the tests' own, behind a profile: moto, which knows nothing of the local service."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@contextmanager
def running_aws() -> Iterator[str]:
    """The address of one that runs, and at its end forgets everything: moto keeps it for the whole process."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    yield url
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    server.stop()
