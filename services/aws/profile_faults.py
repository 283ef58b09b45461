"""Why a profile of the user's AWS configuration leads to no keys: which setting, what is wrong with it, what to do.

Also keeps botocore from asking on the terminal that the dashboard was started in, where nobody answers.
"""

from __future__ import annotations

import re
import subprocess
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import exceptions

if TYPE_CHECKING:
    from services.aws.account import Account

RUN = "Run the command in a terminal and correct it, then reload this page"
SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")  # of credential_source
SIGNED_OUT = (
    exceptions.SSOTokenLoadError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
)
OF_OTHERS = (
    OSError,
    ValueError,
    LookupError,
)  # what botocore's providers let through of the files and commands they read


class OneTimeCodeError(exceptions.BotoCoreError):
    """A profile with `mfa_serial` would have asked for a code."""

    fmt = "the role needs a one-time code, which a dashboard cannot ask for"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a setting ("" for the whole profile) of a profile, and what to do."""

    profile: str
    setting: str
    said: str
    remedy: str

    @property
    def where(self) -> str:
        """Profile and setting, as a sentence begins."""
        return f"Profile {self.profile}, {self.setting}" if self.setting else f"Profile {self.profile}"


class _DetachedProcess(subprocess.Popen[bytes]):
    """A process without a terminal to ask on."""

    def __init__(self, command: list[str], **options: Any) -> None:
        super().__init__(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)


def never_ask(core: botocore.session.Session) -> None:
    """Keep the session's providers of keys from asking on the terminal. Raises BotoCoreError."""
    chain = core.get_component("credential_provider")
    assume_role = chain.get_provider("assume-role")
    assume_role._prompter = _refuse_to_ask
    builder = assume_role._profile_provider_builder
    providers = builder.providers  # of a source_profile
    builder.providers = lambda *given, **options: _detached(providers(*given, **options))
    _detached(chain.providers)


def _refuse_to_ask(prompt: str) -> str:
    raise OneTimeCodeError


def _detached(providers: list[Any]) -> list[Any]:
    for provider in providers:
        if provider.METHOD == "custom-process":
            provider._popen = _DetachedProcess
    return providers


def is_of_credentials(error: Exception) -> bool:
    """Whether botocore let it through while it looked for keys."""
    return "botocore.credentials" in {
        frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)
    }


def explain(error: Exception, account: Account) -> Fault | None:
    """What is wrong with the account's profile; None when it is something else."""
    if account.files or isinstance(error, exceptions.HTTPClientError):  # a timeout is an OSError, but of no file
        return None
    chain = _chain(account.profile)
    for diagnose in (_process, _web_identity, _role, _sign_in, _keys):
        if fault := diagnose(error, chain):
            return fault
    return None


Chain = dict[str, dict[str, str]]  # the profile and those whose keys it uses, by name


def _chain(profile: str | None) -> Chain:
    core = botocore.session.Session(profile=profile)
    name, chain = profile or "default", Chain()
    try:
        known = core.full_config["profiles"]
    except exceptions.BotoCoreError:
        known = {}
    while name not in chain:
        chain[name] = known.get(name, {})
        name = chain[name].get("source_profile", name)
    return chain


def _holder(chain: Chain, setting: str) -> str:
    """The profile that has the setting; the first one when none has."""
    return next((name for name, settings in chain.items() if setting in settings), next(iter(chain)))


def _process(error: Exception, chain: Chain) -> Fault | None:
    setting = "credential_process"
    functions = {frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)}
    retrieval = isinstance(error, exceptions.CredentialRetrievalError) and error.kwargs["provider"] == "custom-process"
    if not retrieval and not (isinstance(error, OF_OTHERS) and "_retrieve_credentials_using" in functions):
        return None
    if isinstance(error, exceptions.CredentialRetrievalError):
        reason = " ".join(error.kwargs["error_msg"].split())[:300]
        said = f"the command failed ({reason})" if reason else "the command failed"
    elif isinstance(error, OSError):
        said = f"the command cannot be run ({error.filename}: {error.strerror})"
    elif "compat_shell_split" in functions:
        said = f"the command cannot be read ({error})"
    elif isinstance(error, IndexError):
        said = "it is empty"
    else:
        said = "the command's output is not the JSON that AWS prescribes"
    return Fault(_holder(chain, setting), setting, said, RUN)


def _web_identity(error: Exception, chain: Chain) -> Fault | None:
    setting = "web_identity_token_file"
    name = _holder(chain, setting)
    signs_in = any(setting.startswith("sso_") for own in chain.values() for setting in own)
    if isinstance(error, OSError) and not signs_in:
        said = f"the file cannot be read ({error.filename}: {error.strerror})"
        return Fault(name, setting, said, "Correct the path or renew the token, then reload this page")
    if isinstance(error, exceptions.InvalidConfigError) and "web identity" in str(error):
        return Fault(name, "role_arn", f"it is missing beside {setting}", "Add the ARN of the role to the profile")
    return None


def _role(error: Exception, chain: Chain) -> Fault | None:
    first, said = next(iter(chain)), str(error)
    if isinstance(error, OneTimeCodeError | exceptions.RefreshWithMFAUnsupportedError):
        name = _holder(chain, "mfa_serial")
        call = f"aws sts get-session-token --serial-number {chain[name].get('mfa_serial', 'ARN')} --token-code CODE"
        remedy = f"Get temporary keys with {call}, save them as a profile and choose that one, or use aws sso login"
        return Fault(name, "mfa_serial", OneTimeCodeError.fmt, remedy)
    if isinstance(error, exceptions.InfiniteLoopConfigError):
        circle = ", ".join([*error.kwargs["visited_profiles"], error.kwargs["source_profile"]])
        remedy = "Let one of them name a profile that has keys"
        return Fault(first, "source_profile", f"the profiles lead in a circle ({circle})", remedy)
    if isinstance(error, exceptions.PartialCredentialsError) and error.kwargs["provider"] == "assume-role":
        remedy = "Add source_profile, the profile whose keys may assume the role"
        return Fault(_holder(chain, "role_arn"), "role_arn", f"{error.kwargs['cred_var']} is missing beside it", remedy)
    if isinstance(error, exceptions.CredentialRetrievalError) and error.kwargs["provider"] in SOURCES:
        said, remedy = (
            f"there are no keys in {error.kwargs['provider']}",
            "Put keys there, or use source_profile instead",
        )
        return Fault(_holder(chain, "credential_source"), "credential_source", said, remedy)
    if not isinstance(error, exceptions.InvalidConfigError):
        return None
    if found := re.search(r'source_profile "(.+)" referenced in the profile "(.+)" does not exist', said):
        remedy = "Add that profile, or name another one"
        return Fault(found[2], "source_profile", f'there is no profile "{found[1]}"', remedy)
    if found := re.search(r'source profile "(.+)" must have credentials', said):
        remedy = f"Run aws configure --profile {found[1]}"
        holder = next((name for name, own in chain.items() if own.get("source_profile") == found[1]), first)
        return Fault(holder, "source_profile", f'the profile "{found[1]}" has no keys', remedy)
    if found := re.search(r'profile "(.+)" contains both source_profile', said):
        return Fault(found[1], "source_profile", "the profile has credential_source, too", "Remove one of the two")
    if found := re.search(r'credential source "(.+)" referenced in profile "(.+)" is not valid', said):
        remedy = f"Use {SOURCES[0]}, {SOURCES[1]} or {SOURCES[2]}"
        return Fault(found[2], "credential_source", f'AWS does not know "{found[1]}"', remedy)
    return None


def _sign_in(error: Exception, chain: Chain) -> Fault | None:
    setting = "sso_session" if any("sso_session" in own for own in chain.values()) else "sso_start_url"
    name, said = _holder(chain, setting), str(error)
    again = f"Sign in again, e.g. aws sso login --profile {name}"
    if isinstance(error, SIGNED_OUT):
        missing = "does not exist" in said
        return Fault(name, setting, "you are not signed in" if missing else "your sign-in has expired", again)
    if isinstance(error, OF_OTHERS):
        return Fault(name, setting, "your sign-in cannot be read", again)
    if isinstance(error, exceptions.LoginError):
        return Fault(_holder(chain, "login_session"), "login_session", said, "Sign in again with aws login")
    if isinstance(error, exceptions.MissingDependencyException) and "login" in said:
        remedy = "Use aws sso login or keys instead"
        return Fault(_holder(chain, "login_session"), "login_session", "SageDeck cannot use aws login", remedy)
    if not isinstance(error, exceptions.InvalidConfigError):
        return None
    if found := re.search(r'sso-session does not exist: "(.+)"|"(.+)" sso_session configuration does not exist', said):
        remedy = "Add it with aws configure sso-session, or correct the name"
        return Fault(name, "sso_session", f"there is no [sso-session {found[1] or found[2]}]", remedy)
    if found := re.search(r"missing (?:the following|required) configuration: \W*(\w+)", said):
        return Fault(name, found[1], "it is missing", f"Run aws configure sso --profile {name}")
    if found := re.search(r"The value for (\w+) is inconsistent", said):
        return Fault(name, found[1], "its [sso-session] has another value", "Remove it from the profile")
    return None


def _keys(error: Exception, chain: Chain) -> Fault | None:
    first = next(iter(chain))
    if isinstance(error, exceptions.PartialCredentialsError):
        setting = error.kwargs["cred_var"].strip("'")
        name = next(
            (name for name, own in chain.items() if "aws_access_key_id" in own or "aws_secret_access_key" in own), first
        )
        return Fault(
            name, setting, "it is missing beside the other half of the keys", f"Run aws configure --profile {name}"
        )
    if isinstance(error, exceptions.ProfileNotFound):
        return Fault(first, "", str(error), "Run aws configure, or choose another account in the sidebar")
    if isinstance(error, exceptions.InvalidConfigError | exceptions.ConfigParseError):
        return Fault(first, "", str(error), "Correct the AWS configuration, then reload this page")
    return None
