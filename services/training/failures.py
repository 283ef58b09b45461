"""Why a job failed or a launch was refused: the likely cause in a sentence, and what to do. Pure: text in, text out.

The words looked for are those of AWS, of the algorithms' containers and of the service on this computer.
Reference: SageMaker developer guide, troubleshooting; API reference, CreateTrainingJob; Service Quotas.
"""

import re
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
PREPARE = "Prepare the data again on the Data page, which writes numbers only and no header, or correct that row"


def explain(said: str) -> Explanation | None:
    """The explanation of a FailureReason or a refusal; None for words that are known to nobody here."""
    text = " ".join(said.split())
    for cause, pattern, sentence, fix in _KNOWN:
        match = re.search(pattern, text)
        if match:
            found = _found(match)
            link = QUOTAS if cause is Cause.QUOTA else None
            return Explanation(cause, f"{sentence.format(**found)}.", f"{fix.format(**found)}.", link)
    return None


def _found(match: Match[str]) -> dict[str, str]:
    """The named parts of what was said; columns as people count them, from 1."""
    found = {name: (value or "").strip(" .'\"") for name, value in match.groupdict().items()}
    if "column" in found:
        found["column"] = str(int(found["column"]) + 1)
    return found


# Cause, the words, the sentence and the fix, which take the named parts. The first found counts: the narrower above.
_KNOWN: tuple[tuple[Cause, str, str, str], ...] = (
    (
        Cause.QUOTA,
        r"service limit '(?P<of>[^']+)' is (?P<number>\d+)",
        "This account's quota for {of} is {number}, and the job would exceed it",
        "Request more in Service Quotas, choose another instance type, or stop a job that uses it",
    ),
    (
        Cause.ROLE,
        r"[Cc]ould not assume role|cannot be assumed|sts:AssumeRole",
        "SageMaker is not allowed to assume the execution role",
        (
            "Allow sagemaker.amazonaws.com to call sts:AssumeRole in the role's trust policy, or enter another "
            "role in Settings"
        ),
    ),
    (
        Cause.ROLE,
        r"not authorized to perform:? (?P<action>[a-z-]+:\w+)",
        "A permission is missing: {action}",
        "Allow {action} in the IAM policy of the refused user or role, or enter another role in Settings",
    ),
    (
        Cause.ROLE,
        r"AccessDenied|[Aa]ccess [Dd]enied|403 Forbidden",
        "The execution role lacks access to something the job needs, usually in S3",
        "Allow s3:GetObject, s3:PutObject and s3:ListBucket on the bucket in the role's policy (IAM)",
    ),
    (
        Cause.PLACE,
        r"No S3 objects found under S3 URL \"?(?P<uri>s3://[^\" ]+)",
        "There is nothing at {uri}: the data was deleted or never written",
        "Prepare the data again on the Data page, or choose another data set",
    ),
    (
        Cause.PLACE,
        r"NoSuchBucket|[Bb]ucket (?:\S+ )?does not exist",
        "The bucket does not exist",
        "Set an existing bucket in Settings, or prepare the data again on the Data page",
    ),
    (
        Cause.CAPACITY,
        r"InsufficientCapacity|[Ii]nsufficient capacity|Unable to provision requested ML compute capacity",
        "AWS has no free instance of this type in this region at the moment",
        "Try again later, or choose another instance type or region",
    ),
    (
        Cause.SPOT,
        r"[Ss]pot.*(?:interrupt|reclaim|capacity)|MaxWaitTimeExceeded",
        "Spot capacity was interrupted or not available within the wait time",
        "Allow a longer wait, or launch without spot: XGBoost's image starts over at round 0",
    ),
    (
        Cause.TIMEOUT,
        r"MaxRuntimeExceeded|exceeded MaxRuntimeInSeconds",
        "The job reached its time limit and was stopped; its model so far may have been saved",
        "Raise the time limit, use fewer rounds, or choose a larger instance",
    ),
    (
        Cause.MEMORY,
        r"[Oo]ut ?[Oo]f ?[Mm]emory|MemoryError|bad_alloc|instance type with more memory|exit code:? 137|"
        r"Cannot allocate memory",
        "The instance ran out of memory",
        "Choose an instance type with more memory, or lower max_depth, max_leaves or max_bin",
    ),
    (
        Cause.IMAGE,
        r"CannotStartContainer|CannotPullContainer|[Cc]annot pull algorithm container|"
        r"[Ii]mage \S+ (?:does not exist|not found|cannot run here|cannot run on this computer)",
        "The container image does not exist in this region, or access to it is denied",
        "Choose an image of this region, and allow the role to read it (ecr:BatchGetImage)",
    ),
    (
        Cause.CELL,
        r"column #(?P<column>\d+): Row #(?P<row>\d+): .*?invalid value '(?P<value>[^']*)'",
        "Row {row}, column {column} of the data contains '{value}', but only numbers can be read",
        PREPARE,
    ),
    (
        Cause.CELL,
        r"Row #(?P<row>\d+): Expected (?P<expected>\d+) columns, got (?P<got>\d+)",
        "Row {row} of the data has {got} columns; the first row has {expected}",
        PREPARE,
    ),
    (Cause.CELL, r"row (?P<row>\d+) has no (?P<what>\w+)", "Row {row} of the data has no {what}", PREPARE),
    (
        Cause.CELL,
        r"first line is not data|[Nn]on-numeric value .* header",
        "Row 1 of the data is a header, but the algorithm needs CSV without a header",
        PREPARE,
    ),
    (
        Cause.LABEL,
        r"label must be (?P<labels>[^,]+), and record (?P<row>\d+) has (?P<value>\S+)\.(?:\s|$)",
        "Row {row} of the data has the label {value}; the objective needs {labels}",
        "Choose an objective for such a target, or prepare the data again on the Data page",
    ),
    (
        Cause.LABEL,
        r"labels of a (?P<kind>\w+) must be 0 or 1, and record (?P<row>\d+) has (?P<value>\S+)\.(?:\s|$)",
        "Row {row} of the data has the label {value}; a {kind} needs 0 or 1",
        "Choose another predictor_type for such a target, or prepare the data again on the Data page",
    ),
    (
        Cause.CELL,
        r"Found (?P<what>missing|infinite)\b.{0,24} values",
        "The data has {what} values, which Linear Learner cannot use",
        "Exclude these columns on the Data page, or train XGBoost, which accepts missing values",
    ),
    (
        Cause.FORMAT,
        r"Blankspace and colon not found|not an accepted ContentType|not in (?:libsvm|csv) format",
        "The files of a channel do not match its content type",
        "Set the channel's ContentType: text/csv for data prepared on the Data page",
    ),
    (
        Cause.CHANNEL,
        r"[Mm]issing required channel:? '?(?P<channel>\w+)|[Rr]equire input for data channel '?(?P<asked>\w+)|"
        r"Channel (?P<empty>\w+) holds no data",
        "The channel {channel}{asked}{empty} is missing or empty",
        "Provide at least one data file",
    ),
    (
        Cause.HYPERPARAMETER,
        r"(?P<said>(?:Extraneous hyperparameter|Missing required hyperparameter|Hyperparameter [\w-]+:|Metric '|"
        r"Require input for parameter|Do not need to setup|Linear updater|Updater \[|Only one tree grow|"
        r"\w+ can be used only when|\w+=\w+ needs a GPU)[^.]*(?:\.\d[^.]*)*)",
        "The algorithm refuses a setting: {said}",
        "Change it in the form, which checks the same rules before the launch",
    ),
    (
        Cause.HYPERPARAMETER,
        r"(?P<said>The value '[^']*' is not valid for the '\w+' hyperparameter|"
        r"No value\(s\) were specified for '\w+'|Additional hyperparameters are not allowed \('\w+' was unexpected\)|"
        r"The loss '\w+' is not valid for predictor_type '\w+'|predictor_type '\w+' needs num_classes|"
        r"(?:predictor_type|loss) \w+ cannot be learned on this computer)",
        "The algorithm refuses a setting: {said}",
        "Change it in the form, which checks the same rules before the launch",
    ),
    (
        Cause.HYPERPARAMETER,
        r"No training data processed",
        "Each instance had fewer rows than a mini-batch, so nothing was learned",
        "Lower mini_batch_size, or launch fewer instances",
    ),
    (
        Cause.HYPERPARAMETER,
        r"[Tt]raining diverged",
        "The learning rate is too high: training diverged",
        "Lower learning_rate, or remove it",
    ),
    (
        Cause.LABEL,
        r"No objective metrics found",
        "No trial measured the objective as a number, which happens where the validation rows have one class only",
        "Prepare the data again with rows of both classes in each split, or choose another objective",
    ),
    (
        Cause.NAME,
        r"already exist|ResourceInUse",
        "A job of this name exists; SageMaker does not reuse names",
        "Choose another name",
    ),
    (
        Cause.OFFERED,
        r"[Ii]nstance ?[Tt]ype.*(?:not (?:supported|available|valid)|enum value set)",
        "The region does not offer that instance type",
        "Choose another instance type or region",
    ),
    (
        Cause.THROTTLED,
        r"Throttl|Rate exceeded|TooManyRequests",
        "Too many requests to AWS",
        "Wait a moment and try again",
    ),
    (
        Cause.INTERRUPTED,
        r"service on this computer stopped|InternalServerError|[Ii]nternal error",
        "The job was interrupted by the service that ran it",
        "Clone the job",
    ),
)
