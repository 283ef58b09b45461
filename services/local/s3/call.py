"""One S3 request, read: which bucket and key it names, and what it says beside them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from services.local.s3.errors import S3Error
from services.local.s3.objects import ObjectStore
from services.local.s3.uploads import Upload, Uploads

# Headers of an upload that its downloads answer with.
STORED_HEADERS = {
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
}
NUMBER = re.compile(r"\d{1,9}", re.ASCII)
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
DEFAULT_TYPE = "binary/octet-stream"


@dataclass(frozen=True)
class S3Call:
    """A path-style request; `bucket` and `key` are empty where it names none. Header names are lower case."""

    store: ObjectStore
    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def uploads(self) -> Uploads:
        """The unfinished uploads of the store."""
        return Uploads(self.store)

    def upload(self) -> Upload:
        """The unfinished upload that the query names. Raises NoSuchUpload."""
        return self.uploads.require(self.bucket, self.key, self.query["uploadId"])

    def number(self, name: str, default: int) -> int:
        """A whole number of the query, not negative. Raises InvalidArgument."""
        return self._number(name, self.query.get(name, str(default)))

    def header_number(self, name: str, default: int) -> int:
        """A whole number among the headers, not negative. Raises InvalidArgument."""
        return self._number(name, self.headers.get(name, str(default)))

    def _number(self, name: str, value: str) -> int:
        if not NUMBER.fullmatch(value):
            raise S3Error("InvalidArgument", f"{name} must be a whole number, not negative, of at most 9 digits.", 400)
        return int(value)

    def stored_headers(self) -> dict[str, str]:
        """The headers to store with an object. Raises InvalidArgument."""
        stored = {
            name: sendable(name, value)
            for name, value in self.headers.items()
            if name in STORED_HEADERS or name.startswith("x-amz-meta-")
        }
        codings = [coding.strip() for coding in stored.pop("content-encoding", "").split(",")]
        codings = [coding for coding in codings if coding not in ("", "aws-chunked")]
        if codings:
            stored["content-encoding"] = ",".join(codings)
        return {"content-type": DEFAULT_TYPE, **stored}

    def copy_source(self) -> tuple[str, str]:
        """Bucket and key that x-amz-copy-source names. Raises InvalidArgument."""
        source, _, version = self.headers["x-amz-copy-source"].partition("?")
        bucket, _, key = decode_path(source).removeprefix("/").partition("/")
        if version not in ("", "versionId=null") or not key:
            raise S3Error("InvalidArgument", "The copy source must be a bucket and a key, without a version.", 400)
        return bucket, key


def read_call(request: Request, store: ObjectStore) -> S3Call:
    """The request as a Call; x-amz-* in the query of a presigned address are headers. Raises InvalidURI."""
    path = request.scope["raw_path"].decode("latin-1").removeprefix("/")
    bucket, _, key = path.partition("/")
    query = request.query_params
    presigned = {name.lower(): value for name, value in query.items() if name.lower().startswith("x-amz-")}
    headers = {**presigned, **request.headers}
    return S3Call(store, request.method, decode_path(bucket), decode_path(key), query, headers)


def sendable(name: str, value: str) -> str:
    """`value`, if a header can have it: the fields of a form and the query of an address may hold anything.

    Raises InvalidArgument.
    """
    if not HEADER_VALUE.fullmatch(value):
        raise S3Error("InvalidArgument", f"Header value cannot be represented using ISO-8859-1: {name}", 400)
    return value


def decode_path(text: str) -> str:
    """Percent-encoded UTF-8 as text; a plus sign is a plus sign. Raises InvalidURI."""
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI", "The path is not percent-encoded UTF-8.", 400) from None
