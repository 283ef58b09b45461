"""Only its owner gets in: what an unsigned, a wrongly signed, an altered and a late request is told."""

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from services.local.protocol.identity import keys
from tests.local import factories
from tests.local_service import LocalService

LIST = b'{"MaxResults": 5}'


def send(url: str, headers: dict[str, str], body: bytes | None, method: str = "POST") -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def signed(local: LocalService, body: bytes = LIST, **changes: Any) -> dict[str, str]:
    """Headers of a signed ListTrainingJobs; `changes` to the keys' secret or to the moment of signing."""
    own = keys(local.folder)
    credentials = Credentials(changes.get("access", own.access), changes.get("secret", own.secret))
    headers = {"X-Amz-Target": "SageMaker.ListTrainingJobs", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"{local.url}/", headers=headers, data=body)
    signer = SigV4Auth(credentials, "sagemaker", "us-east-1")
    moment = changes.get("at", datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"] = moment
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"
    )
    return dict(request.headers.items())


def test_its_owner_gets_in(local: LocalService) -> None:
    assert send(f"{local.url}/", signed(local), LIST)[0] == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "guessed"}, "InvalidSignatureException"),
        ({"access": "AKIASOMEONEELSE"}, "UnrecognizedClientException"),
        ({"at": datetime.now(UTC) - timedelta(hours=1)}, "InvalidSignatureException"),
        ({"at": datetime.now(UTC) + timedelta(hours=1)}, "InvalidSignatureException"),
    ],
    ids=["wrong secret", "unknown key", "an hour late", "an hour early"],
)
def test_others_do_not(local: LocalService, changes: dict[str, Any], code: str) -> None:
    status, answer = send(f"{local.url}/", signed(local, **changes), LIST)
    assert (status, code in answer) == (403, True)


def test_an_altered_body_is_noticed(local: LocalService) -> None:
    status, answer = send(f"{local.url}/", signed(local), LIST.replace(b"5", b"9"))
    assert (status, "does not match the signature" in answer) == (403, True)


def test_an_altered_header_is_noticed(local: LocalService) -> None:
    headers = signed(local) | {"X-amz-target": "SageMaker.ListModels"}
    headers.pop("X-Amz-Target")
    assert send(f"{local.url}/", headers, LIST)[0] == 403


def test_an_unsigned_request_is_told_to_sign(local: LocalService) -> None:
    status, answer = send(f"{local.url}/", {"X-Amz-Target": "SageMaker.ListModels"}, b"{}")
    assert (status, "MissingAuthenticationToken" in answer) == (403, True)


def test_another_host_is_refused(local: LocalService) -> None:
    assert send(f"{local.url}/", signed(local) | {"Host": "attacker.example"}, LIST)[0] == 403


@pytest.fixture(scope="module")
def bucket(local: LocalService) -> Any:
    factories.put_data(local)
    return local.client("s3")


def test_s3_knows_a_wrong_secret(local: LocalService) -> None:
    stranger = boto3.client(
        "s3", endpoint_url=local.url, aws_access_key_id=keys(local.folder).access, aws_secret_access_key="guessed"
    )
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.list_buckets()


@pytest.mark.parametrize("key", ["plain.csv", "a b/ü+&=?#.csv", "//double//slash", "~tilde(1)*'!.csv"])
def test_odd_keys_are_signed_as_they_are_sent(bucket: Any, key: str) -> None:
    bucket.put_object(Bucket=factories.BUCKET, Key=key, Body=b"x", Metadata={"note": "two  spaces"})
    assert bucket.get_object(Bucket=factories.BUCKET, Key=key)["Body"].read() == b"x"


def presigned(local: LocalService, seconds: int, key: str = "shared.csv") -> str:
    own = keys(local.folder)
    client = boto3.client(
        "s3",
        endpoint_url=local.url,
        region_name="us-east-1",
        aws_access_key_id=own.access,
        aws_secret_access_key=own.secret,
        config=Config(signature_version="s3v4"),
    )
    address: str = client.generate_presigned_url("get_object", {"Bucket": factories.BUCKET, "Key": key}, seconds)
    return address


def test_a_presigned_address_opens(local: LocalService, bucket: Any) -> None:
    bucket.put_object(Bucket=factories.BUCKET, Key="shared.csv", Body=b"shared")
    assert send(presigned(local, 60), {}, None, "GET") == (200, "shared")


def test_a_presigned_address_opens_nothing_else(local: LocalService, bucket: Any) -> None:
    bucket.put_object(Bucket=factories.BUCKET, Key="other.csv", Body=b"secret")
    status, answer = send(presigned(local, 60).replace("shared.csv", "other.csv"), {}, None, "GET")
    assert (status, "SignatureDoesNotMatch" in answer) == (403, True)


def test_a_presigned_address_expires(local: LocalService) -> None:
    late = presigned(local, 60).replace("X-Amz-Expires=60", "X-Amz-Expires=0")
    status, answer = send(late, {}, None, "GET")
    assert (status, "Request has expired" in answer) == (403, True)
