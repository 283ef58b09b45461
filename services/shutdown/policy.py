"""What counts as idle, how many things are ended without a second thought, and whether production may be; kept in S3.

    s3://BUCKET/sagedeck/precautions.json

Whatever of ours ends something heeds them; AWS itself knows nothing of them.
"""

from dataclasses import asdict, dataclass, field

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.costs.idleness import Thresholds
from services.errors import Problem

VERSION = 1


@dataclass(frozen=True)
class ShutdownPolicy:
    """Thresholds of idleness, and what is asked or refused before something is ended.

    bulk_confirm_threshold:     more things than that are ended only once their number is typed.
    production_lock: whether what is tagged as production is not ended at all.
    """

    idle: Thresholds = field(default_factory=Thresholds)
    bulk_confirm_threshold: int = 5
    production_lock: bool = False


def load(account: Account) -> ShutdownPolicy:
    """What is set; the defaults where nothing was ever kept. Raises AwsError."""
    try:
        document = s3.read_json(account, _address(account))
    except AwsError as error:
        if error.is_missing:
            return ShutdownPolicy()
        raise
    return ShutdownPolicy(
        Thresholds(**document["idle"]), document["blast_limit"], document.get("production_lock", False)
    )


def save(account: Account, policy: ShutdownPolicy) -> None:
    """Set them. Raises Problem for what cannot be meant, AwsError."""
    for each, value in asdict(policy.idle).items():
        if value <= 0:
            raise Problem("Idle", f"{each.replace('_', ' ')} is {value:g}", "Enter a number above 0")
    if policy.idle.job > 1:
        raise Problem("Idle", "a job cannot run longer than its time limit", "Enter at most 100 %")
    if policy.bulk_confirm_threshold < 1:
        raise Problem("Confirmation limit", f"it is {policy.bulk_confirm_threshold}", "Enter 1 or more")
    address = _address(account)
    s3.ensure_bucket(account, address.bucket)
    s3.write_json(
        account,
        address,
        {
            "version": VERSION,
            "idle": asdict(policy.idle),
            "blast_limit": policy.bulk_confirm_threshold,
            "production_lock": policy.production_lock,
        },
    )


def _address(account: Account) -> Address:
    return Address(account.default_bucket(), "sagedeck/precautions.json")
