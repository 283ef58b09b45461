"""Notebook instances, and a Studio domain with its people and the apps they left open."""

from dataclasses import dataclass

from services.local.demo.account import HOUR, PROJECTS, DemoAccount, tags
from services.local.protocol.identity import ROLE
from services.local.store.resources import ResourceType


@dataclass(frozen=True)
class _App:
    """An app: opened `days` ago, last used `idle` hours ago."""

    owner: str
    space: str | None  # None: in the owner's user profile
    type: str
    instance: str
    days: float
    idle: float


APPS = (
    _App("ada", "ada-notebooks", "JupyterLab", "ml.t3.medium", 9, 2),
    _App("katherine", "fraud-team", "JupyterLab", "ml.m5.xlarge", 12, 5 * 24),
    _App("grace", "grace-editor", "CodeEditor", "ml.m5.large", 3, 26),
    _App("linus", None, "KernelGateway", "ml.g4dn.xlarge", 8, 7.5 * 24),
)
# Name, owner, instance type, gigabytes, days since it was made, days since it was stopped (None: it runs).
NOTEBOOKS = (
    ("fraud-exploration", "ada", "ml.t3.xlarge", 20, 16, None),
    ("credit-gpu", "linus", "ml.g4dn.xlarge", 100, 4, None),
    ("onboarding", "grace", "ml.t3.medium", 50, 21, 18),
)


def notebook_instances(account: DemoAccount) -> None:
    """Two that have been in service for days, and one stopped whose volume still bills."""
    for name, owner, instance, gigabytes, made, stopped in NOTEBOOKS:
        account.ago(days=made)
        account.call(
            "CreateNotebookInstance",
            NotebookInstanceName=name,
            InstanceType=instance,
            VolumeSizeInGB=gigabytes,
            RoleArn=ROLE,
            Tags=tags(owner),
        )
        if stopped is not None:
            account.ago(days=stopped)
            account.call("StopNotebookInstance", NotebookInstanceName=name)


def domain(account: DemoAccount) -> None:
    """The domain with a profile for everyone, a space for most apps, and the apps."""
    account.ago(days=27)
    domain_id = account.call(
        "CreateDomain",
        DomainName="data-science",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        Tags=tags("ada", project="platform"),
    )["DomainId"]
    for number, owner in enumerate(PROJECTS):
        account.ago(days=26 - 2 * number)
        account.call("CreateUserProfile", DomainId=domain_id, UserProfileName=owner, Tags=tags(owner))
    for app in APPS:
        account.ago(days=app.days)
        if app.space:
            account.call(
                "CreateSpace",
                DomainId=domain_id,
                SpaceName=app.space,
                OwnershipSettings={"OwnerUserProfileName": app.owner},
                SpaceSharingSettings={"SharingType": "Shared" if app.space == "fraud-team" else "Private"},
                SpaceSettings={
                    "AppType": app.type,
                    "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
                },
                Tags=tags(app.owner),
            )
        _create_app(account, domain_id, app)


def _create_app(account: DemoAccount, domain_id: str, app: _App) -> None:
    owner = {"SpaceName": app.space} if app.space else {"UserProfileName": app.owner}
    account.call(
        "CreateApp",
        DomainId=domain_id,
        **owner,
        AppType=app.type,
        AppName="default",
        ResourceSpec={"InstanceType": app.instance},
        Tags=tags(app.owner),
    )
    used = account.now - app.idle * HOUR
    account.calendar.set(used)
    path = f"{domain_id}/{app.space or app.owner}/{app.type}/default"
    with account.service.resources.changing(ResourceType.APP, path) as opened:
        opened["LastUserActivityTimestamp"] = used
