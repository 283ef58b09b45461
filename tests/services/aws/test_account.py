"""The door to AWS: every refusal is one sentence of three parts, and no account sees another's clients."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore import endpoint, exceptions
from botocore.stub import Stubber

from services.aws import errors as aws_errors
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address, download, read_bytes
from services.errors import Problem
from tests.profiles import KEYS, closed_port, write_profiles


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    """An account behind a profile of the test's own; nothing answers it but a Stubber."""
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: KEYS})
    return Account("AWS", "us-east-1", tmp_path.name)


def refused(account: Account, code: str, said: str = "", service: str = "sagemaker", **call: str) -> AwsError:
    """What becomes of AWS answering `code` to a request."""
    operation = call.pop("operation", "list_endpoints")
    with Stubber(account.client(service)) as stub:
        stub.add_client_error(operation, code, said)
        with pytest.raises(AwsError) as raised:
            account.call(service, operation, **call)
    return raised.value


def test_a_refusal_says_where_what_and_what_to_do(account: Account) -> None:
    error = refused(account, "ResourceLimitExceeded", "The account-level limit is 0 Instances")
    assert str(error) == (
        "List endpoints on AWS, us-east-1: The account-level limit is 0 Instances. "
        "Request a higher quota in the Service Quotas console, or stop other resources first."
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action"),
    [
        ("sagemaker", "list_endpoints", {}, "sagemaker:ListEndpoints"),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e", "Body": "1"}, "sagemaker:InvokeEndpoint"),
        ("s3", "list_objects_v2", {"Bucket": "b"}, "s3:ListBucket"),
        ("s3", "head_object", {"Bucket": "b", "Key": "k"}, "s3:GetObject"),
    ],
)
def test_a_missing_permission_names_the_iam_action(
    account: Account, service: str, operation: str, parameters: dict[str, str], action: str
) -> None:
    error = refused(account, "AccessDeniedException", "no", service, operation=operation, **parameters)
    assert error.remedy == f"Ask your administrator for the IAM action {action}"


def test_a_timeout_is_told_as_one_and_not_as_a_fault_of_the_profile() -> None:
    timeout = exceptions.ReadTimeoutError(endpoint_url="https://aws")
    said = aws_errors.translate(timeout, Account("AWS", "us-east-1"), "sagemaker", "delete_endpoint").said
    assert said == 'Read timeout on endpoint URL: "https://aws"'


def answered(code: str, **metadata: int) -> exceptions.ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}
    return exceptions.ClientError(response, "DeleteEndpoint")


@pytest.mark.parametrize(
    ("error", "unsure"),
    [
        (answered("ValidationException", HTTPStatusCode=400, RetryAttempts=0), False),
        (answered("ValidationException", HTTPStatusCode=400, RetryAttempts=1), True),
        (answered("InternalFailure", HTTPStatusCode=500, RetryAttempts=0), True),
        (exceptions.ReadTimeoutError(endpoint_url="https://aws"), True),
        (exceptions.ConnectionClosedError(endpoint_url="https://aws"), True),
        (exceptions.EndpointConnectionError(endpoint_url="https://aws"), False),
    ],
)
def test_a_request_that_may_have_been_done_all_the_same_says_so(error: Exception, unsure: bool) -> None:
    assert aws_errors.translate(error, Account("AWS", "us-east-1"), "sagemaker", "delete_endpoint").unsure is unsure


def test_a_service_that_failed_is_not_told_as_a_fault_of_the_request() -> None:
    error = answered("InternalFailure", HTTPStatusCode=500)
    told = aws_errors.translate(error, Account("AWS", "us-east-1"), "sagemaker", "list_endpoints")
    assert told.remedy == "Try again in a moment: the service failed, not the request"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "<!doctype html>\n<html lang=en>\n<title>502 Bad\n Gateway</title>\n<p>Either it is overloaded",
            "502 Bad Gateway",
        ),
        ("<HTML><HEAD></HEAD><BODY>Access denied by policy</BODY></HTML>", "403"),
    ],
)
def test_a_web_page_in_place_of_an_answer_is_told_by_its_title(page: str, said: str) -> None:
    error = exceptions.ClientError({"Error": {"Code": "403", "Message": page}}, "ListEndpoints")
    assert str(aws_errors.translate(error, Account("AWS", "us-east-1"), "sagemaker", "list_endpoints")) == (
        f"List endpoints on AWS, us-east-1: {said}. A web page came instead of an answer: try again in a moment, or "
        "check the network and its proxy."
    )


def test_a_permission_that_aws_names_itself_is_the_one_to_ask_for(account: Account) -> None:
    said = "User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/b"
    assert (
        refused(account, "AccessDeniedException", said).remedy
        == "Ask your administrator for the IAM action iam:PassRole"
    )


def test_expired_credentials_say_how_to_sign_in_again(account: Account) -> None:
    error = refused(account, "ExpiredTokenException", "The security token included in the request is expired")
    assert error.remedy == f"Sign in again, e.g. aws sso login --profile {account.profile}"


def test_keys_that_aws_does_not_know_name_the_profile(account: Account) -> None:
    error = refused(account, "UnrecognizedClientException", "The security token included in the request is invalid")
    assert error.remedy == f"Check the keys of profile {account.profile} with aws sts get-caller-identity"


def test_throttling_says_to_wait(account: Account) -> None:
    assert refused(account, "ThrottlingException", "Rate exceeded").remedy.startswith("Wait a moment and try again")


def test_a_refusal_without_words_is_told_by_its_code(account: Account) -> None:
    assert refused(account, "Odd").said == "Odd"


def test_a_value_that_does_not_fit_is_one_line(account: Account) -> None:
    with pytest.raises(AwsError) as raised:
        account.call("sagemaker", "describe_endpoint", EndpointName=7)
    assert "\n" not in str(raised.value)
    assert raised.value.remedy == "Correct the value and try again"


def test_no_credentials_say_how_to_get_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: {}})
    with pytest.raises(AwsError, match=r"Unable to locate credentials. Run aws configure") as raised:
        Account("AWS", "us-east-1", tmp_path.name).call("sagemaker", "list_endpoints")
    assert raised.value.code == "NoCredentialsError"


def test_an_unknown_profile_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path)
    with pytest.raises(AwsError, match=r"profile \(nobody\) could not be found. Run aws configure"):
        Account("AWS", "us-east-1", "nobody").call("sagemaker", "list_endpoints")


def test_an_expired_sign_in_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sso = {"sso_start_url": "https://example.com", "sso_region": "us-east-1"}
    sso |= {"sso_account_id": "123456789012", "sso_role_name": "analyst"}
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: sso})
    with pytest.raises(AwsError) as raised:
        Account("AWS", "us-east-1", tmp_path.name).call("sagemaker", "list_endpoints")
    assert raised.value.remedy == f"Sign in again, e.g. aws sso login --profile {tmp_path.name}"


@pytest.fixture
def down(tmp_path: Path) -> Account:
    """This computer, whose service is not running."""
    files = tmp_path / "config", tmp_path / "credentials"
    files[0].write_text(f"[profile sagedeck]\nregion = us-east-1\nendpoint_url = {closed_port()}\n")
    files[1].write_text("[sagedeck]\naws_access_key_id = a\naws_secret_access_key = b\n")
    return Account("This computer", "us-east-1", "sagedeck", files)


def test_a_service_that_is_down_is_told_within_seconds(down: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []  # between the attempts, which fail at once
    monkeypatch.setattr(endpoint, "time", SimpleNamespace(sleep=pauses.append))
    with pytest.raises(AwsError, match=r"nothing answers at http://127.0.0.1:.* Start the service with make run"):
        down.call("sagemaker", "list_endpoints")
    assert sum(pauses) < 4


@pytest.mark.slow
def test_a_service_that_hangs_while_it_is_asked_frees_the_page_within_half_a_minute(down: Account) -> None:
    assert down.files
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        down.files[0].write_text(f"[profile sagedeck]\nregion = us-east-1\nendpoint_url = {url}\n")
        start = time.monotonic()
        with pytest.raises(AwsError, match="Read timeout on endpoint URL"):
            down.call("sagemaker", "list_endpoints")
        assert time.monotonic() - start < 30


def test_a_transfer_that_cannot_reach_s3_speaks_as_any_request_does(down: Account, tmp_path: Path) -> None:
    with pytest.raises(AwsError, match="on This computer, us-east-1: nothing answers at"):
        download(down, Address("bucket", "key"), tmp_path / "file")


def test_a_failed_transfer_is_told_in_the_words_of_who_refused_it(account: Account) -> None:
    failed = S3UploadFailedError("Failed to upload /a/b to bucket/key")
    failed.__context__ = exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "UploadPart")
    with pytest.raises(AwsError) as raised, account.speaking("s3", "put_object"):
        raise failed
    assert (raised.value.code, raised.value.remedy) == (
        "AccessDenied",
        "Ask your administrator for the IAM action s3:PutObject",
    )


class Short(http.server.BaseHTTPRequestHandler):
    """Promises a hundred bytes, sends three and hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"abc")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def broken_off() -> Iterator[str]:
    """The address of an S3 that breaks off every answer."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Short) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_that_breaks_off_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken_off: str
) -> None:
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: {**KEYS, "endpoint_url": broken_off}})
    with pytest.raises(AwsError, match=r"Get object on AWS, us-east-1: .* Check the network"):
        read_bytes(Account("AWS", "us-east-1", tmp_path.name), Address("bucket", "key"))


@pytest.mark.parametrize(
    ("code", "said", "missing"),
    [
        ("NoSuchKey", "The specified key does not exist.", True),
        ("404", "Not Found", True),
        ("ResourceNotFoundException", "The specified log group does not exist.", True),
        ("ValidationException", 'Could not find endpoint "x".', True),
        ("ValidationException", "RecordNotFound", True),
        ("ValidationException", "1 validation error detected", False),
        ("AccessDeniedException", "not authorized: does not exist, or no access", False),
    ],
)
def test_missing_is_told_apart_from_refused(account: Account, code: str, said: str, missing: bool) -> None:
    assert refused(account, code, said).is_missing is missing


def test_a_list_is_read_page_by_page_as_it_is_consumed(account: Account) -> None:
    stub = Stubber(account.client("sagemaker"))
    stub.add_response("list_tags", {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "more"}, {"ResourceArn": "arn"})
    with stub:
        found = account.pages("sagemaker", "list_tags", "Tags", ResourceArn="arn")
        assert next(found)["Key"] == "a"
        page = {"Tags": [{"Key": "b", "Value": "2"}]}
        stub.add_response("list_tags", page, {"ResourceArn": "arn", "NextToken": "more"})
        assert [tag["Key"] for tag in found] == ["b"]


def test_a_list_that_fails_on_its_second_page_fails(account: Account) -> None:
    with Stubber(account.client("sagemaker")) as stub:
        stub.add_response("list_tags", {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "more"})
        stub.add_client_error("list_tags", "ThrottlingException", "Rate exceeded")
        with pytest.raises(AwsError, match="Rate exceeded"):
            list(account.pages("sagemaker", "list_tags", "Tags", ResourceArn="arn"))


def test_equal_accounts_share_a_client_and_others_never_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, down: Account
) -> None:
    write_profiles(monkeypatch, tmp_path, work=KEYS, home=KEYS)
    first = Account("AWS", "us-east-1", "work")
    others = [Account("AWS", "us-east-1", "home"), Account("AWS", "eu-west-1", "work"), down]
    assert Account("AWS", "us-east-1", "work").client("sagemaker") is first.client("sagemaker")
    assert len({id(each.client("sagemaker")) for each in (first, *others)}) == 4


def test_each_account_signs_with_its_own_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = [f"{tmp_path.name}-{number}" for number in range(2)]
    write_profiles(monkeypatch, tmp_path, **{name: {**KEYS, "aws_access_key_id": name} for name in names})
    sessions = [Account("AWS", "us-east-1", name).session() for name in names]
    assert [session.get_credentials().access_key for session in sessions] == names


def test_keys_that_were_renewed_are_used_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account = Account("AWS", "us-east-1", tmp_path.name)
    for key in ("expired", "renewed"):
        write_profiles(monkeypatch, tmp_path, **{tmp_path.name: {**KEYS, "aws_access_key_id": key}})
        assert account.session().get_credentials().access_key == key


def test_an_account_with_files_does_not_look_at_the_users_own(down: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert down.session().get_credentials().access_key == "a"


def test_the_default_bucket_is_named_as_sagemaker_names_it(account: Account) -> None:
    answer = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/a", "UserId": "a"}
    with Stubber(account.client("sts")) as stub:
        stub.add_response("get_caller_identity", answer)
        assert account.default_bucket() == "sagemaker-us-east-1-123456789012"


def test_a_bucket_that_was_set_is_used_without_asking() -> None:
    assert Account("AWS", "us-east-1", bucket="mine").default_bucket() == "mine"


def test_profiles_are_those_of_the_users_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path, work={}, home={})
    assert aws_regions.profiles() == ["work", "home"]


def test_a_profiles_own_region_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path, work={"region": "eu-central-1"})
    regions = aws_regions.regions("work")
    assert regions[0] == "eu-central-1"
    assert "us-east-1" in regions
    assert len(regions) == len(set(regions))


def test_a_broken_aws_configuration_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path)
    (tmp_path / "config").write_text("region = nowhere\n")
    with pytest.raises(Problem, match=r"AWS configuration: Unable to parse config file: .* Correct the file"):
        aws_regions.profiles()


def test_elsewhere_is_every_other_region_that_is_switched_on(account: Account) -> None:
    regions = [{"RegionName": name, "RegionOptStatus": "ENABLED"} for name in ("us-east-1", "eu-west-1", "mars-1")]
    with Stubber(account.client("account")) as stub:
        stub.add_response("list_regions", {"Regions": regions})
        assert aws_regions.other_regions(account) == aws_regions.OtherRegions((account.at("eu-west-1"),))


def test_where_regions_cannot_be_listed_the_first_ones_are_meant_and_it_is_told(account: Account) -> None:
    with Stubber(account.client("account")) as stub:
        stub.add_client_error("list_regions", "AccessDeniedException", "no")
        found = aws_regions.other_regions(account)
    assert len(found.accounts) == 16
    assert found.refusal
    assert found.refusal.remedy == "Ask your administrator for the IAM action account:ListRegions"


def test_this_computer_is_nowhere_else(tmp_path: Path) -> None:
    assert aws_regions.other_regions(Account("This computer", "us-east-1", files=(tmp_path, tmp_path))).accounts == ()


def reader(account: Account) -> Account:
    return replace(account, read_only=True)


def test_in_read_only_mode_a_change_is_refused_before_it_is_sent(account: Account) -> None:
    with pytest.raises(AwsError) as raised:
        reader(account).call("sagemaker", "delete_endpoint", EndpointName="fraud")

    assert str(raised.value) == (
        "Delete endpoint on AWS, us-east-1: this dashboard is in read-only mode, and DeleteEndpoint changes something. "
        "Switch read-only mode off in Settings."
    )


def test_in_read_only_mode_one_may_look(account: Account) -> None:
    with Stubber(reader(account).client("sagemaker")) as stub:
        stub.add_response("list_endpoints", {"Endpoints": []})
        assert reader(account).call("sagemaker", "list_endpoints") == {"Endpoints": []}


def test_read_only_mode_binds_clients_that_others_make_of_the_session(account: Account) -> None:
    sagemaker = reader(account).session().client("sagemaker", "eu-west-1")

    with pytest.raises(aws_errors.ReadOnlyError):
        sagemaker.stop_training_job(TrainingJobName="fraud")


def test_read_only_mode_refuses_uploads(account: Account) -> None:
    with pytest.raises(AwsError, match="read-only mode, and PutObject changes something"):
        reader(account).call("s3", "put_object", Bucket="b", Key="k", Body=b"1")
