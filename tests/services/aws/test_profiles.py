"""Profiles that lead to no keys: one sentence that names the profile and its setting, and no prompt on the terminal."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from services.aws.account import Account
from services.aws.errors import AwsError
from tests.local_service import PROJECT
from tests.profiles import KEYS, write_profiles

ROLE = "arn:aws:iam::123456789012:role/analyst"
SERIAL = "arn:aws:iam::123456789012:mfa/ann"
ACCOUNT = {"sso_account_id": "123456789012", "sso_role_name": "analyst"}
SSO = {"sso_start_url": "https://example.com", "sso_region": "us-east-1", **ACCOUNT}
RUN = "Run the command in a terminal and correct it, then reload this page."
SIGN_IN = "Sign in again, e.g. aws sso login --profile work."
Profiles = dict[str, dict[str, str]]


def process(command: str) -> Profiles:
    return {"work": {"credential_process": command}}


def role(**given: str) -> Profiles:
    return {"work": {"role_arn": ROLE, **given}}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No sign-in of whoever runs the tests is seen."""
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path / "sso"))
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path / "sso"))
    return tmp_path


def told(monkeypatch: pytest.MonkeyPatch, folder: Path, profiles: Profiles) -> str:
    """What the first request of the profile "work" is answered."""
    write_profiles(monkeypatch, folder, **profiles)
    with pytest.raises(AwsError) as raised:
        Account("AWS", "us-east-1", "work").call("sts", "get_caller_identity")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("profiles", "sentence"),
    [
        (
            process("sh -c 'echo no ticket >&2; exit 3'"),
            f"Profile work, credential_process: the command failed (no ticket). {RUN}",
        ),
        (process("false"), f"Profile work, credential_process: the command failed. {RUN}"),
        (
            process("/nowhere/tool"),
            f"Profile work, credential_process: the command cannot be run (/nowhere/tool: No such file or "
            f"directory). {RUN}",
        ),
        (
            process("echo hello"),
            f"Profile work, credential_process: the command's output is not the JSON that AWS prescribes. {RUN}",
        ),
        (
            process("""echo '{"Version": 1}'"""),
            f"Profile work, credential_process: the command failed (Missing required key in response: "
            f"'AccessKeyId'). {RUN}",
        ),
        (
            process("sh -c 'echo"),
            f"Profile work, credential_process: the command cannot be read (No closing quotation). {RUN}",
        ),
        (
            role(source_profile="base") | {"base": {"credential_process": "false"}},
            f"Profile base, credential_process: the command failed. {RUN}",
        ),
        (
            role(web_identity_token_file="/nowhere/token"),
            "Profile work, web_identity_token_file: the file cannot be read (/nowhere/token: No such file or "
            "directory). "
            "Correct the path or renew the token, then reload this page.",
        ),
        (
            {"work": {"web_identity_token_file": "/nowhere/token"}},
            "Profile work, role_arn: it is missing beside web_identity_token_file. "
            "Add the ARN of the role to the profile.",
        ),
        (
            role(source_profile="base", mfa_serial=SERIAL) | {"base": KEYS},
            "Profile work, mfa_serial: the role needs a one-time code, which a dashboard cannot ask for. Get "
            f"temporary keys with aws sts get-session-token --serial-number {SERIAL} --token-code CODE, save them "
            "as a profile and choose that one, or use aws sso login.",
        ),
        (
            role(source_profile="nobody"),
            'Profile work, source_profile: there is no profile "nobody". Add that profile, or name another one.',
        ),
        (
            role(source_profile="base") | {"base": {}},
            'Profile work, source_profile: the profile "base" has no keys. Run aws configure --profile base.',
        ),
        (
            role(),
            "Profile work, role_arn: source_profile or credential_source is missing beside it. "
            "Add source_profile, the profile whose keys may assume the role.",
        ),
        (
            role(source_profile="base", credential_source="Environment") | {"base": KEYS},
            "Profile work, source_profile: the profile has credential_source, too. Remove one of the two.",
        ),
        (
            role(credential_source="Mars"),
            'Profile work, credential_source: AWS does not know "Mars". '
            "Use Environment, Ec2InstanceMetadata or EcsContainer.",
        ),
        (
            role(credential_source="Environment"),
            "Profile work, credential_source: there are no keys in Environment. "
            "Put keys there, or use source_profile instead.",
        ),
        (
            role(source_profile="base") | {"base": {"role_arn": ROLE, "source_profile": "work"}},
            "Profile work, source_profile: the profiles lead in a circle (work, base, work). "
            "Let one of them name a profile that has keys.",
        ),
        ({"work": SSO}, f"Profile work, sso_start_url: you are not signed in. {SIGN_IN}"),
        (
            {"work": {"sso_session": "corp", **ACCOUNT}},
            "Profile work, sso_session: there is no [sso-session corp]. "
            "Add it with aws configure sso-session, or correct the name.",
        ),
        (
            {"work": {key: value for key, value in SSO.items() if key != "sso_region"}},
            "Profile work, sso_region: it is missing. Run aws configure sso --profile work.",
        ),
        (
            {"work": {"aws_access_key_id": "AKIATESTING"}},
            "Profile work, aws_secret_access_key: it is missing beside the other half of the keys. "
            "Run aws configure --profile work.",
        ),
        (
            {"work": {"login_session": "arn:aws:iam::123456789012:user/ann"}},
            "Profile work, login_session: SageDeck cannot use aws login. Use aws sso login or keys instead.",
        ),
        (
            {"home": KEYS},
            "Profile work: The config profile (work) could not be found. "
            "Run aws configure, or choose another account in the sidebar.",
        ),
    ],
)
def test_a_profile_without_keys_is_one_sentence_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profiles: Profiles, sentence: str
) -> None:
    assert told(monkeypatch, tmp_path, profiles) == sentence


@pytest.mark.parametrize("token", ['{"accessToken": "a", "expiresAt": "2020-01-01T00:00:00Z"}', "{}"])
def test_a_sign_in_that_has_expired_or_is_damaged_says_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str
) -> None:
    (tmp_path / "sso").mkdir()
    (tmp_path / "sso" / f"{hashlib.sha1(b'https://example.com').hexdigest()}.json").write_text(token)
    sentence = told(monkeypatch, tmp_path, {"work": SSO})
    assert sentence.startswith("Profile work, sso_start_url: ")
    assert sentence.endswith(SIGN_IN)


def test_a_token_of_an_sso_session_that_has_expired_says_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_profiles(monkeypatch, tmp_path, work={"sso_session": "corp", **ACCOUNT})
    with (tmp_path / "config").open("a") as file:
        file.write("[sso-session corp]\nsso_start_url = https://example.com\nsso_region = us-east-1\n")
    with pytest.raises(AwsError) as raised:
        Account("AWS", "us-east-1", "work").call("sts", "get_caller_identity")
    assert str(raised.value) == f"Profile work, sso_session: you are not signed in. {SIGN_IN}"


@pytest.mark.parametrize(
    "profiles",
    [
        role(source_profile="base", mfa_serial=SERIAL) | {"base": KEYS},
        process("sh -c 'read code </dev/tty && echo {}'"),
        process("sh -c 'read code && echo {}'"),
        role(source_profile="base") | {"base": {"credential_process": "sh -c 'read code </dev/tty && echo {}'"}},
    ],
)
def test_nothing_is_ever_asked_on_the_terminal_of_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profiles: Profiles
) -> None:
    write_profiles(monkeypatch, tmp_path, **profiles)
    code = (
        "from services.aws.account import Account\n"
        "from services.aws.errors import AwsError\n"
        "try: Account('AWS', 'us-east-1', 'work').call('sts', 'get_caller_identity')\n"
        "except AwsError as error: print('told', error.where)\n"
    )
    spawn = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"  # on a terminal at which nobody ever types
    command = [sys.executable, "-c", spawn, sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith("told Profile ")
