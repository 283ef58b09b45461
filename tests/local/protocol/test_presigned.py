"""Addresses and forms that their owner signed for somebody without keys: boto3's, of both signature versions."""

import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from tests.local.factories import unique
from tests.local_service import LocalService

BUCKET = "presigned"
VERSIONS = ("default", "s3v4")
Answer = tuple[int, str]


def client(local: LocalService, version: str) -> Any:
    """A client that presigns as boto3 does by default, which is Version 2, or as it is told."""
    s3 = local.client("s3", **({} if version == "default" else {"signature_version": version}))
    s3.create_bucket(Bucket=BUCKET)
    return s3


def send(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Status of an answer and its text, or the code of an error."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        code = re.search(r"<Code>(\w+)</Code>", refused.read().decode())
        return refused.code, code[1] if code else ""


def presign(s3: Any, operation: str, seconds: int = 60, **parameters: str) -> str:
    url: str = s3.generate_presigned_url(operation, {"Bucket": BUCKET, **parameters}, seconds)
    return url


def body_of(s3: Any, key: str) -> bytes:
    content: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def test_boto3_presigns_by_default_with_version_2(local: LocalService) -> None:
    assert "AWSAccessKeyId=" in presign(client(local, "default"), "get_object", Key="key")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("key", ["plain.csv", "a b/ü+&=?#.csv"])
def test_a_presigned_get_opens(local: LocalService, version: str, key: str) -> None:
    s3 = client(local, version)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"shared")
    assert send("GET", presign(s3, "get_object", Key=key)) == (200, "shared")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_get_may_say_how_it_is_answered(local: LocalService, version: str) -> None:
    s3 = client(local, version)
    s3.put_object(Bucket=BUCKET, Key="report", Body=b"a,b")
    url = presign(s3, "get_object", Key="report", ResponseContentDisposition='attachment; filename="a b.csv"')
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a b.csv"'


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_put_writes(local: LocalService, version: str) -> None:
    s3, key = client(local, version), unique("put")
    url = presign(s3, "put_object", Key=key, ContentType="text/csv")
    assert send("PUT", url, b"sent", {"Content-Type": "text/csv"}) == (200, "")
    assert (body_of(s3, key), s3.head_object(Bucket=BUCKET, Key=key)["ContentType"]) == (b"sent", "text/csv")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_put_is_for_the_content_type_it_was_signed_with(local: LocalService, version: str) -> None:
    url = presign(client(local, version), "put_object", Key=unique("put"), ContentType="text/csv")
    assert send("PUT", url, b"sent", {"Content-Type": "text/html"}) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_delete_deletes(local: LocalService, version: str) -> None:
    s3, key = client(local, version), unique("delete")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert send("DELETE", presign(s3, "delete_object", Key=key)) == (204, "")


@pytest.mark.parametrize(
    ("method", "change", "code"),
    [
        ("PUT", (".csv", ".csv"), "SignatureDoesNotMatch"),
        ("GET", ("one.csv", "two.csv"), "SignatureDoesNotMatch"),
        ("GET", ("Signature=", "Signature=0"), "SignatureDoesNotMatch"),
        ("GET", ("AWSAccessKeyId=", "AWSAccessKeyId=%C3%BC"), "InvalidAccessKeyId"),
        ("GET", ("Expires=", "Expires=0"), "SignatureDoesNotMatch"),
        ("GET", ("Expires=", "Expires=x"), "AccessDenied"),
    ],
    ids=["another method", "another key", "a wrong signature", "an unknown owner", "another end", "no end"],
)
def test_a_version_2_address_opens_nothing_else(
    local: LocalService, method: str, change: tuple[str, str], code: str
) -> None:
    url = presign(client(local, "default"), "get_object", Key="one.csv").replace(*change)
    assert send(method, url, b"" if method == "PUT" else None) == (403, code)


def test_a_version_2_address_expires(local: LocalService) -> None:
    assert send("GET", presign(client(local, "default"), "get_object", -1, Key="key")) == (403, "AccessDenied")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects", "get_bucket_location"])
def test_a_presigned_address_of_a_bucket_opens(local: LocalService, version: str, operation: str) -> None:
    status, _ = send("GET", presign(client(local, version), operation))
    assert status == 200


def test_a_presigned_address_of_a_bucket_opens_no_other(local: LocalService) -> None:
    url = presign(client(local, "default"), "list_objects_v2").replace(f"/{BUCKET}?", "/another?")
    assert send("GET", url) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/presigned"), ("GET", "/presigned/key"), ("PUT", "/presigned/key")]
)
def test_an_unsigned_request_is_refused_in_the_words_of_s3(local: LocalService, method: str, path: str) -> None:
    assert send(method, local.url + path) == (403, "AccessDenied")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_unsigned_upload_of_curl_is_refused_in_the_words_of_s3(local: LocalService, method: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # what `curl --data` says of anything
    assert send(method, f"{local.url}/presigned/key", b"1,2,3", headers) == (403, "AccessDenied")


def test_a_browsers_question_from_another_origin_is_answered_as_of_a_bucket_without_cors(local: LocalService) -> None:
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}
    assert send("OPTIONS", f"{local.url}/presigned/key", None, headers) == (403, "AccessForbidden")


def test_the_headers_of_version_2_are_refused_as_in_new_regions(local: LocalService) -> None:
    headers = {"Authorization": "AWS AKIAANY:c2lnbmF0dXJl"}
    assert send("GET", f"{local.url}/presigned/key", None, headers) == (400, "InvalidRequest")


# ---- forms


def multipart(fields: dict[str, str], content: bytes, file_name: str = "local.csv") -> tuple[bytes, dict[str, str]]:
    """The body that a browser sends of a form, and its headers."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\nContent-Type: text/html\r\n\r\n'
    )
    body = "".join([*parts, head]).encode() + content + b"\r\n--b--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


def post(form: dict[str, Any], content: bytes = b"posted", **changes: str) -> Answer:
    """The answer to a form that is filled in, its fields changed by name."""
    return send("POST", form["url"], *multipart({**form["fields"], **changes}, content))


def form(s3: Any, key: str, fields: dict[str, str] | None = None, conditions: list[Any] | None = None) -> Any:
    return s3.generate_presigned_post(BUCKET, key, dict(fields or {}), list(conditions or []), 60)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_form_that_is_signed_uploads(local: LocalService, version: str) -> None:
    s3, key = client(local, version), unique("form")
    assert (post(form(s3, key), bytes(range(128)) * 3000), body_of(s3, key)) == ((204, ""), bytes(range(128)) * 3000)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_form_with_another_policy_is_refused(local: LocalService, version: str) -> None:
    s3 = client(local, version)
    policy = form(s3, "allowed")["fields"]["policy"]
    assert post(form(s3, unique("form")), policy=policy) == (403, "SignatureDoesNotMatch")


def test_what_a_form_says_of_its_file_is_kept(local: LocalService) -> None:
    s3, key = client(local, "s3v4"), unique("form")
    fields = {"Content-Type": "text/csv", "x-amz-meta-run": "7"}
    post(form(s3, key, fields, [fields | {}, ["starts-with", "$x-amz-meta-run", ""]]))
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentType"], head["Metadata"]) == ("text/csv", {"run": "7"})


def test_a_form_cannot_add_headers_to_later_downloads(local: LocalService) -> None:
    fields = {"Content-Type": "text/csv\r\nX-Injected: 1"}
    assert post(form(client(local, "s3v4"), unique("form"), fields, [fields])) == (400, "InvalidArgument")


def test_a_form_names_its_object_after_the_file(local: LocalService) -> None:
    s3, folder = client(local, "s3v4"), unique("form")
    post(form(s3, folder + "/${filename}"))
    assert body_of(s3, f"{folder}/local.csv") == b"posted"


@pytest.mark.parametrize(
    ("fields", "status", "text"), [({"success_action_status": "201"}, 201, "<Bucket>presigned</Bucket>"), ({}, 204, "")]
)
def test_a_form_is_answered_as_it_asks(local: LocalService, fields: dict[str, str], status: int, text: str) -> None:
    answered = post(form(client(local, "s3v4"), unique("form"), fields, [fields] if fields else []))
    assert (answered[0], text in answered[1]) == (status, True)


def test_a_form_leads_on_to_the_address_it_names(local: LocalService) -> None:
    s3, next_page = client(local, "s3v4"), f"{local.url}/_health"
    fields = {"success_action_redirect": next_page}
    assert post(form(s3, unique("form"), fields, [fields]))[0] == 200


@pytest.mark.parametrize(
    ("conditions", "changes", "refused"),
    [
        ([], {"key": "another"}, (403, "AccessDenied")),
        ([], {"x-amz-meta-extra": "1"}, (403, "AccessDenied")),
        ([["starts-with", "$x-amz-meta-a", "b"]], {"x-amz-meta-a": "c"}, (403, "AccessDenied")),
        ([["content-length-range", 0, 3]], {}, (400, "EntityTooLarge")),
        ([["content-length-range", 10, 20]], {}, (400, "EntityTooSmall")),
        ([["is", "$key", "b"]], {}, (400, "InvalidPolicyDocument")),
        ([], {"key": ""}, (400, "InvalidArgument")),
        ([], {"x-amz-meta-long": "x" * 20_000}, (400, "MaxPostPreDataLengthExceeded")),
    ],
    ids=["key", "extra field", "value", "too long", "too short", "condition", "no key", "long fields"],
)
def test_a_form_uploads_only_what_its_policy_allows(
    local: LocalService, conditions: list[Any], changes: dict[str, Any], refused: Answer
) -> None:
    s3, key = client(local, "s3v4"), unique("form")
    assert post(form(s3, key, conditions=conditions), **changes) == refused
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=key)


def test_a_form_expires(local: LocalService) -> None:
    late = client(local, "s3v4").generate_presigned_post(BUCKET, "late", ExpiresIn=-1)
    assert post(late) == (403, "AccessDenied")


def test_a_form_without_a_policy_is_refused(local: LocalService) -> None:
    client(local, "s3v4")
    assert send("POST", f"{local.url}/{BUCKET}", *multipart({"key": "key"}, b"x")) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no form at all", "MalformedPOSTRequest"),
        (b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--b--\r\n', "InvalidArgument"),
        (b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk', "InvalidArgument"),
    ],
    ids=["no parts", "no file", "cut short"],
)
def test_a_body_that_is_no_form_is_refused(local: LocalService, body: bytes, code: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert send("POST", f"{local.url}/{BUCKET}", body, headers) == (400, code)
