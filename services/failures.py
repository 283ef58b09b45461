"""Why a job failed or a launch was refused: the likely cause in a sentence, and what to do. Pure: text in, text out.

The words are those of AWS's errors, of the XGBoost container and of the service on this computer.
Reference: SageMaker developer guide, troubleshooting; API reference, CreateTrainingJob, FailureReason.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from re import Match


class Cause(StrEnum):
    """What kind of thing went wrong."""

    QUOTA = "quota"  # the account may not have so many instances of the type
    ROLE = "role"  # the execution role, or the user, may not do something
    PLACE = "place"  # no such bucket, prefix or object
    CELL = "cell"  # a row or column of the data cannot be read
    LABEL = "label"  # the target has values that the objective does not take
    FORMAT = "format"  # the content type does not fit the files
    CHANNEL = "channel"  # a channel is missing or empty
    IMAGE = "image"  # the container cannot be fetched
    CAPACITY = "capacity"  # AWS has no such instance free
    SPOT = "spot"  # spot capacity was taken away, or never came
    HYPERPARAMETER = "hyperparameter"  # a value, or two together, that the algorithm refuses
    MEMORY = "memory"  # the data or the trees do not fit
    TIMEOUT = "timeout"  # the time limit of the job
    NAME = "name"  # taken
    OFFERED = "offered"  # the region does not have the instance type
    THROTTLED = "throttled"  # asked too often
    INTERRUPTED = "interrupted"  # the service on this computer, or SageMaker itself, went away


@dataclass(frozen=True)
class Explanation:
    """A likely cause in a sentence, and a fix; `link` leads to where the fix is made."""

    cause: Cause
    sentence: str
    fix: str
    link: str | None = None


QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"


def explain(said: str) -> Explanation | None:
    """The explanation of a FailureReason or a refusal; None for words that are known to nobody here."""
    text = " ".join(said.split())
    for pattern, explained in _KNOWN:
        match = pattern.search(text)
        if match:
            return explained(match)
    return None


def _quota(match: Match[str]) -> Explanation:
    of, number = match["of"].strip(" '\""), match["number"]
    return Explanation(
        Cause.QUOTA,
        f"This account may have {number} of {of}, and the job would have passed that.",
        "Ask for more in Service Quotas, use another instance type, or stop something that uses it.",
        QUOTAS,
    )


def _role(match: Match[str]) -> Explanation:
    action = match.groupdict().get("action") or match.groupdict().get("other")
    what = f"the action {action}" if action else "what the job needs"
    return Explanation(
        Cause.ROLE,
        f"The role is not allowed {what}.",
        f"Allow {action or 'it'} in the role's policy (IAM), or enter another role on the Settings page.",
    )


def _trust(match: Match[str]) -> Explanation:
    return Explanation(
        Cause.ROLE,
        "SageMaker may not assume the execution role.",
        "Let its trust policy name sagemaker.amazonaws.com with sts:AssumeRole, or enter another role in Settings.",
    )


def _place(match: Match[str]) -> Explanation:
    where = match.groupdict().get("uri")
    return Explanation(
        Cause.PLACE,
        f"There is nothing at {where}: the data was deleted or never written." if where else "The bucket is not there.",
        "Prepare the data again on the Data page, or choose another data set.",
    )


def _cell(match: Match[str]) -> Explanation:
    found = match.groupdict()
    row = f"row {found['row']}" if found.get("row") else "a row"
    column = f", column {int(found['column']) + 1}" if found.get("column") else ""
    file = f" of {found['file']}" if found.get("file") else ""
    value = f" holds {found['value']!r}" if found.get("value") is not None else " cannot be read"
    return Explanation(
        Cause.CELL,
        f"In the data, {row}{column}{file}{value}, where only numbers are read.",
        "Prepare the data again on the Data page, which turns text into numbers, or correct that cell.",
    )


def _header(match: Match[str]) -> Explanation:
    return Explanation(
        Cause.CELL,
        f"Row 1 of {match['file']} is a header; the algorithm knows columns by their order only.",
        "Remove the header, or prepare the data on the Data page, which writes none.",
    )


def _simple(cause: Cause, sentence: str, fix: str, link: str | None = None) -> Callable[[Match[str]], Explanation]:
    """An explanation whose sentence takes named groups of the pattern."""

    def explained(match: Match[str]) -> Explanation:
        found = {name: (value or "").strip(" .") for name, value in match.groupdict().items()}
        return Explanation(cause, sentence.format(**found), fix, link)

    return explained


# The first that is found counts, so the narrower stands before the wider.
_PATTERNS: tuple[tuple[str, Callable[[Match[str]], Explanation]], ...] = (
    (r"service limit '(?P<of>[^']+)' is (?P<number>\d+)", _quota),
    (r"(?:limit|quota) (?:for|of) (?P<of>[\w. /-]+?) (?:is|of) (?P<number>\d+)", _quota),
    (r"Could not assume role|cannot be assumed|unable to assume|is not authorized to perform: sts:AssumeRole", _trust),
    (
        r"not authorized to perform:? (?P<action>[a-z-]+:\w+)|AccessDenied.*?\b(?P<other>(?:s3|kms|ecr|logs|iam):\w+)",
        _role,
    ),
    (r"IAM action (?P<action>[a-z-]+:\w+)", _role),
    (r"AccessDenied|Access Denied|403 Forbidden", _role),
    (r'No S3 objects found under S3 URL "?(?P<uri>s3://[^" ]+)', _place),
    (r"NoSuchBucket|bucket does not exist|NoSuchKey|files are gone", _place),
    (
        r"InsufficientCapacity|CapacityError|Insufficient capacity|Unable to provision requested ML compute capacity",
        _simple(
            Cause.CAPACITY,
            "AWS has no such instance free in this region just now.",
            "Try again later, or take another instance type or region.",
        ),
    ),
    (
        r"[Ss]pot.*(?:interrupt|reclaim|capacity)|MaxWaitTimeExceeded|max wait time",
        _simple(
            Cause.SPOT,
            "Spot capacity was taken away, or did not come within the time to wait.",
            "Keep checkpoints so that the next try goes on from the last one, wait longer, or launch without spot.",
        ),
    ),
    (
        r"MaxRuntimeExceeded|exceeded MaxRuntimeInSeconds|runtime exceeded",
        _simple(
            Cause.TIMEOUT,
            "The job ran into its time limit and was stopped; what it had learned so far may be kept.",
            "Raise Max minutes, ask for fewer rounds, or take a larger instance.",
        ),
    ),
    (
        r"OutOfMemory|[Oo]ut of memory|MemoryError|bad_alloc|exit code:? 137|SIGKILL|Cannot allocate memory",
        _simple(
            Cause.MEMORY,
            "The instance ran out of memory.",
            "Take an instance with more memory, or lower max_depth, max_leaves or max_bin.",
        ),
    ),
    (
        r"CannotStartContainer|CannotPullContainer|manifest for .* not found|Failed to pull|"
        r"(?:image|Image|repository) .*?(?:does not exist|not found|No such image|cannot run here|unknown)",
        _simple(
            Cause.IMAGE,
            "The container image could not be fetched.",
            "Choose an image version that exists in this region, and let the role read it (ecr:BatchGetImage).",
        ),
    ),
    (
        r"first line is not data|Non-numeric value '?\S+'? found in the header",
        _simple(Cause.CELL, "Row 1 of the data is a header.", "Remove it, or prepare the data on the Data page."),
    ),
    (
        r"file (?P<file>\S+): .*?CSV conversion error to \S+ invalid value '(?P<value>[^']*)'",
        _cell,
    ),
    (r"file (?P<file>\S+): .*?Row #(?P<row>\d+)", _cell),
    (r"row (?P<row>\d+) has no (?:label|weight)", _cell),
    (
        r"Blankspace and colon not found|not an accepted ContentType|not in (?:libsvm|csv) format|ContentType",
        _simple(
            Cause.FORMAT,
            "The files of a channel are in another format than its content type says.",
            "Give the channel its ContentType: text/csv for what the Data page prepares.",
        ),
    ),
    (
        r"[Ll]abel must be|label_? ?(?:must|should)|Check failed:.*label|labels? (?:is|are) (?:not )?(?:in|between)",
        _simple(
            Cause.LABEL,
            "The target column has values that the objective does not take: binary: needs 0 and 1.",
            "Choose an objective for such a target, or prepare the data with its positive class.",
        ),
    ),
    (
        r"[Cc]hannel '?(?P<channel>\w+)'?,? (?:holds no data|is missing|was not found)|Missing.*channel|"
        r"channel.*(?:is|are) required|Require input for data channel|no channel",
        _simple(
            Cause.CHANNEL,
            "A channel that the algorithm needs is missing or empty.",
            "Give it a train channel with at least one file; validation is needed to stop early.",
        ),
    ),
    (
        r"^(?:ClientError: )?.*?(?P<words>(?:Extraneous hyperparameter|Missing required hyperparameter|"
        r"Hyperparameter [\w-]+:|Metric '|num_class|Linear updater|Updater |Only one tree grow|_constraints can be|"
        r"early_stopping_rounds|[Ii]nvalid (?:hyper)?parameter|Unknown objective|needs a GPU).*)",
        _simple(
            Cause.HYPERPARAMETER,
            "The algorithm refuses a setting, or two that contradict each other.",
            "Change what it names; the form checks the same rules before it launches.",
        ),
    ),
    (
        r"already exist|ResourceInUse",
        _simple(Cause.NAME, "A job of that name has run; names are kept for ever.", "Choose another name."),
    ),
    (
        r"(?:instance type|InstanceType).*(?:not (?:supported|available|valid)|enum value set)",
        _simple(Cause.OFFERED, "The region does not offer the instance type.", "Take another instance type or region."),
    ),
    (
        r"Throttl|Rate exceeded|TooManyRequests",
        _simple(Cause.THROTTLED, "AWS was asked too often.", "Wait a moment, then try again."),
    ),
    (
        r"service on this computer stopped|InternalServerError|internal error",
        _simple(
            Cause.INTERRUPTED,
            "The job was not to blame: what ran it went away.",
            "Start it again with the same settings.",
        ),
    ),
)
_KNOWN = tuple((re.compile(pattern), explained) for pattern, explained in _PATTERNS)
