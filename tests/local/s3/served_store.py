"""A served object store and short calls on it, for the tests of this folder."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.client import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.local.s3.objects import ObjectStore
from services.local.s3.rest import handle
from services.local.store.database import Database

MB = 1 << 20


@dataclass(frozen=True)
class Store:
    """A store that is being served: its port, a client of it, and the folder with its bytes."""

    objects: ObjectStore
    folder: Path
    port: int
    client: Any

    def files(self) -> list[Path]:
        """Every file on the disk that holds bytes of objects, parts or what is on its way in."""
        return [path for name in ("objects", "incoming") for path in (self.folder / name).rglob("*") if path.is_file()]


def open_store(folder: Path) -> ObjectStore:
    return ObjectStore(Database(folder / "service.sqlite"), folder)


def application(objects: ObjectStore) -> Starlette:
    """An application over `objects`, which may be exchanged for others in its state."""

    async def answer(request: Request) -> Response:
        return await handle(request, request.app.state.objects)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "PUT", "POST", "HEAD", "DELETE"])])
    app.state.objects = objects
    return app


def client_of(port: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    """The port at which `app` is served."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def put(store: Store, *keys: str, body: bytes = b"bytes") -> None:
    for key in keys:
        store.client.put_object(Bucket="bucket", Key=key, Body=body)


def read(store: Store, key: str, **arguments: Any) -> bytes:
    body = store.client.get_object(Bucket="bucket", Key=key, **arguments)["Body"]
    with body:
        data: bytes = body.read()
        return data


def keys(store: Store) -> list[str]:
    return [stored.key for stored in store.objects.list("bucket", "")]


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def send(
    store: Store, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status of a request that boto3 would not send, and the error code in its answer."""
    connection = HTTPConnection("127.0.0.1", store.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        code = re.search(r"<Code>(\w+)</Code>", response.read().decode(errors="replace"))
        return response.status, code[1] if code else ""
    finally:
        connection.close()


def begin(store: Store, key: str = "key") -> dict[str, str]:
    upload = store.client.create_multipart_upload(Bucket="bucket", Key=key)
    return {"Bucket": "bucket", "Key": key, "UploadId": upload["UploadId"]}


def upload_parts(store: Store, upload: dict[str, str], *bodies: bytes) -> list[dict[str, Any]]:
    return [
        {"PartNumber": number, "ETag": store.client.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, start=1)
    ]
