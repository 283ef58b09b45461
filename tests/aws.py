"""An AWS of the tests' own, behind a profile: moto, which knows nothing of the local service."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@contextmanager
def running_aws() -> Iterator[str]:
    """The address of one that runs."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
