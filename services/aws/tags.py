"""Tags of what runs in SageMaker: the user's own on a job, and the note and the name that SageDeck keeps as tags.

Reference: SageMaker API, Tag; AWS Billing, tag naming limits.
"""

import re
from collections.abc import Mapping

from services.aws.account import Account
from services.errors import Problem

LIMIT = 50  # tags of one resource
ALLOWED = re.compile(r"[\w \t.:/=+\-@]*")
NOTE, TITLE = "sagedeck:note", "sagedeck:name"
REHEARSAL = "sagedeck:rehearsal"  # on a job that rehearsed another: that one's account, region and name


def parse(text: str) -> dict[str, str]:
    """The tags in "project=fraud, owner=me". Raises Problem for what is no tag."""
    found: dict[str, str] = {}
    for piece in (piece.strip() for piece in text.split(",")):
        key, _, value = (part.strip() for part in piece.partition("="))
        if not piece:
            continue
        if not key:
            raise Problem(f"Tag {piece!r}", "the key is missing", "Write tags as project=fraud, owner=me")
        found[key] = value
    validate(found)
    return found


def validate(tags: Mapping[str, str]) -> None:
    """Raises Problem for tags that SageMaker would refuse."""
    for key, value in tags.items():
        if len(key) > 128 or len(value) > 256:
            raise Problem(f"Tag {key[:40]!r}", "a key has at most 128 characters, a value 256", "Shorten it")
        if not ALLOWED.fullmatch(key) or not ALLOWED.fullmatch(value):
            raise Problem(
                f"Tag {key!r}",
                "only letters, digits, spaces and . : / = + - @ _ are allowed",
                ("Remove the other characters"),
            )
        if key.lower().startswith("aws:"):
            raise Problem(f"Tag {key!r}", "keys that start with aws: are reserved for AWS", "Choose another name")
    if len(tags) > LIMIT:
        raise Problem("Tags", f"there are {len(tags)} tags", f"Use at most {LIMIT}")


def to_text(tags: Mapping[str, str]) -> str:
    """The text that `parsed` reads, without the tags that AWS and SageDeck set themselves."""
    return ", ".join(f"{key}={value}" for key, value in tags.items() if not key.startswith(("aws:", "sagedeck:")))


def of(account: Account, arn: str) -> dict[str, str]:
    """All tags of a resource. Raises AwsError."""
    return {tag["Key"]: tag["Value"] for tag in account.pages("sagemaker", "list_tags", "Tags", ResourceArn=arn)}


def save(account: Account, arn: str, tags: Mapping[str, str]) -> None:
    """Set tags of a resource; an empty value takes the tag away. Raises Problem, AwsError."""
    validate(tags)
    given = [{"Key": key, "Value": value} for key, value in tags.items() if value]
    if given:
        account.call("sagemaker", "add_tags", ResourceArn=arn, Tags=given)
    gone = [key for key, value in tags.items() if not value]
    if gone:
        account.call("sagemaker", "delete_tags", ResourceArn=arn, TagKeys=gone)
