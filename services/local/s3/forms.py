"""Uploads by a browser's form: its fields come first and are checked before a byte of the file is kept.

Source: Amazon S3 API reference, "POST Object" and "Browser-based uploads using POST".
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.local.s3.bodies import Digests
from services.local.s3.call import S3Call, read_call, sendable
from services.local.s3.documents import to_xml
from services.local.s3.errors import S3Error
from services.local.s3.files import Incoming
from services.local.s3.objects import ObjectStore, StoredObject
from services.local.s3.post_policy import allowed_sizes

FIELDS_LIMIT = 20_000  # bytes of all fields before the file
REDIRECT = "success_action_redirect"
STATUS = {"200": 200, "201": 201}


class _Form:
    """A multipart/form-data body as it comes: `fields` by lower-case name, then bytes of the file to `take`."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None  # set when the file begins
        self._file_ended = False
        self._name, self._value, self._content, self._left = "", bytearray(), bytearray(), FIELDS_LIMIT
        self._header, self._header_value = b"", b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read the next bytes of the body. Raises MalformedPOSTRequest, MaxPostPreDataLengthExceeded."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _malformed() from None

    def end(self) -> None:
        """The body has ended. Raises MalformedPOSTRequest when that is too early."""
        try:
            self._parser.finalize()
        except FormParserError:
            raise _malformed() from None
        if not self._file_ended:
            raise _invalid("POST requires exactly one file upload per request.")

    def take(self) -> bytes:
        """The bytes of the file that have come since the last call."""
        content = bytes(self._content)
        self._content.clear()
        return content

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._header_value)
            self._name = options.get(b"name", b"").decode(errors="replace").lower()
            if self._name == "file" and not self._file_ended:
                self.file_name = options.get(b"filename", b"").decode(errors="replace")
        self._header = self._header_value = b""

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self.file_name is None:
            self._left -= end - start
            if self._left < 0:
                message = "Your POST request fields preceding the upload file were too large."
                raise S3Error("MaxPostPreDataLengthExceeded", message, 400)
            self._value += data[start:end]
        elif not self._file_ended:
            self._content += data[start:end]

    def _on_part_end(self) -> None:
        if self.file_name is None:
            self.fields[self._name] = self._value.decode(errors="replace")
            self._value.clear()
        self._file_ended = self.file_name is not None


async def post_object(
    request: Request, store: ObjectStore, verify: Callable[[Mapping[str, str]], None], now: float
) -> Response:
    """POST Object: what a form's file part holds becomes an object, if `verify` knows its policy and that allows it."""
    _, options = parse_options_header(request.headers["content-type"])
    if b"boundary" not in options:
        raise _malformed()
    form, address = _Form(options[b"boundary"]), read_call(request, store)
    with store.files.incoming() as incoming:
        checked: _Checked | None = None
        async for chunk in request.stream():
            form.feed(chunk)
            if form.file_name is not None:
                if checked is None:
                    checked = await run_in_threadpool(_check, form, address, verify, now)
                if content := form.take():
                    await run_in_threadpool(checked.write, incoming, content)
        form.end()
        assert checked
        return await run_in_threadpool(checked.keep, incoming)


class _Checked:
    """An upload whose fields are allowed: where it goes, and how many bytes it may have."""

    def __init__(self, call: S3Call, sizes: tuple[int, int]) -> None:
        self._call, self._sizes, self._digests = call, sizes, Digests(call.headers)

    def write(self, incoming: Incoming, content: bytes) -> None:
        """Keep the next bytes. Raises EntityTooLarge."""
        incoming.write(content)
        self._digests.update(content)
        if incoming.size > self._sizes[1]:
            message = f"Your proposed upload exceeds the maximum allowed size, {self._sizes[1]} bytes."
            raise S3Error("EntityTooLarge", message, 400)

    def keep(self, incoming: Incoming) -> Response:
        """The answer, once the object is stored. Raises EntityTooSmall, BadDigest, NoSuchBucket."""
        if incoming.size < self._sizes[0]:
            message = f"Your proposed upload is smaller than the minimum allowed size, {self._sizes[0]} bytes."
            raise S3Error("EntityTooSmall", message, 400)
        call, checksums = self._call, self._digests.verified({})
        stored = call.store.put(call.bucket, call.key, incoming, {**call.stored_headers(), **checksums})
        return _answer(call, stored)


def _check(form: _Form, address: S3Call, verify: Callable[[Mapping[str, str]], None], now: float) -> _Checked:
    if not form.fields.get("key"):
        raise _invalid(
            "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields."
        )
    verify(form.fields)
    sendable(REDIRECT, form.fields.get(REDIRECT, ""))
    sizes = allowed_sizes(form.fields, address.bucket, now)
    address.store.require_bucket(address.bucket)
    key = form.fields["key"].replace("${filename}", form.file_name or "")
    return _Checked(S3Call(address.store, "POST", address.bucket, key, {}, form.fields), sizes)


def _answer(call: S3Call, stored: StoredObject) -> Response:
    place, etag = f"/{call.bucket}/{quote(call.key)}", f'"{stored.etag}"'
    headers = {"ETag": etag, "Location": place}
    if redirect := call.headers.get(REDIRECT):
        query = urlencode({"bucket": call.bucket, "key": call.key, "etag": etag})
        return Response(
            status_code=303, headers={**headers, "Location": f"{redirect}{'&' if '?' in redirect else '?'}{query}"}
        )
    status = STATUS.get(call.headers.get("success_action_status", ""), 204)
    if status != 201:
        return Response(status_code=status, headers=headers)
    document = {"Location": place, "Bucket": call.bucket, "Key": call.key, "ETag": etag}
    return Response(to_xml("PostResponse", document), status, headers, media_type="application/xml")


def _malformed() -> S3Error:
    return S3Error("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", 400)


def _invalid(message: str) -> S3Error:
    return S3Error("InvalidArgument", message, 400)
