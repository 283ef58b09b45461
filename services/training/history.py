"""Past training jobs, a page at a time: SageMaker filters and sorts where it can, the rest is read off descriptions.

Never asks for all jobs: a page lists what it shows, and a filter that few jobs match looks at a few hundred and says
so. Reference: SageMaker API, ListTrainingJobs, which cuts a page before it filters by status: it may be empty although
more follow.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.aws import tags
from services.aws.account import Account
from services.training import jobs as training_jobs
from services.training.jobs import TrainingJob, TrainingJobSummary

ROWS = 25  # of a page
FURTHEST = 12  # pages of SageMaker's list that are looked at for one page
SORTS = {
    "Newest first": ("CreationTime", "Descending"),
    "Oldest first": ("CreationTime", "Ascending"),
    "Name": ("Name", "Ascending"),
    "Status": ("Status", "Ascending"),
}


@dataclass(frozen=True)
class HistoryQuery:
    """Which jobs are asked for; empty means any. `data` is a prepared set's name, `tag` "owner" or "owner=me".

    trials:    whether the training jobs of tuning jobs are among them.
    algorithm: its title.
    """

    name: str = ""
    status: str = ""
    data: str = ""
    tag: str = ""
    trials: bool = False
    sort: str = "Newest first"
    algorithm: str = ""


@dataclass(frozen=True)
class HistoryEntry:
    """A past job with its tags."""

    job: TrainingJob
    tags: Mapping[str, str]

    @property
    def title(self) -> str:
        """The name that somebody gave it here; empty for none."""
        return self.tags.get(tags.TITLE, "")

    @property
    def note(self) -> str:
        return self.tags.get(tags.NOTE, "")

    @property
    def algorithm(self) -> str:
        """The title of its algorithm; of another's image, the repository."""
        return self.job.algorithm.title if self.job.algorithm else self.job.image.rpartition("/")[2].partition(":")[0]

    @property
    def data(self) -> str:
        """The prepared data set it learned from, by its address; empty for data from elsewhere."""
        before, found, after = self.job.channels.get("train", "").partition("/sagedeck/data/")
        return after.partition("/")[0] if before and found else ""


@dataclass(frozen=True)
class HistoryPage:
    """Some past jobs; `following` is the token of the next page, None at the end. `looked` counts the jobs it took."""

    entries: tuple[HistoryEntry, ...]
    following: str | None
    looked: int


@dataclass(frozen=True)
class JobLookup:
    """How a job and, by its ARN, its tags are found: by asking SageMaker, or in what was answered before."""

    job: Callable[[TrainingJobSummary], TrainingJob]
    tags: Callable[[str], Mapping[str, str]]


def page(account: Account, asked: HistoryQuery, token: str | None, find: JobLookup) -> HistoryPage:
    """The page that begins at `token`, the first for None. Raises AwsError."""
    found: list[HistoryEntry] = []
    looked = 0
    for _ in range(FURTHEST):
        listed, token = _listed(account, asked, token)
        looked += len(listed)
        own = [each for each in listed if asked.trials or not each[0].tuning_job]
        with ThreadPoolExecutor(8) as pool:
            found += [entry for entry in pool.map(lambda each: _fitting(each[0], each[1], asked, find), own) if entry]
        if token is None or len(found) >= ROWS:
            break
    return HistoryPage(tuple(found), token, looked)


def _fitting(summary: TrainingJobSummary, arn: str, asked: HistoryQuery, find: JobLookup) -> HistoryEntry | None:
    """The job, if it is among those asked for as far as SageMaker's list could not tell; asks no more than it needs."""
    key, equals, value = (part.strip() for part in asked.tag.partition("="))
    if key:
        tagged = find.tags(arn)
        if key not in tagged or (equals and tagged[key] != value):
            return None
    job = find.job(summary)
    entry = HistoryEntry(job, {})
    if (asked.data and entry.data != asked.data) or (asked.algorithm and entry.algorithm != asked.algorithm):
        return None
    return HistoryEntry(job, find.tags(arn))


def _listed(
    account: Account, asked: HistoryQuery, token: str | None
) -> tuple[list[tuple[TrainingJobSummary, str]], str | None]:
    """Jobs with their ARNs, and the token of what follows."""
    by, order = SORTS[asked.sort]
    given = {"NameContains": asked.name, "StatusEquals": asked.status, "NextToken": token}
    answer = account.call(
        "sagemaker",
        "list_training_jobs",
        SortBy=by,
        SortOrder=order,
        MaxResults=ROWS,
        **{name: value for name, value in given.items() if value},
    )
    listed = [(training_jobs.summary(item), item["TrainingJobArn"]) for item in answer["TrainingJobSummaries"]]
    return listed, answer.get("NextToken")
