"""Past jobs a page at a time, over an account that counts what it is asked."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from services.aws import tags
from services.aws.account import Account
from services.training import history as job_history
from services.training.history import FURTHEST, ROWS, HistoryEntry, HistoryPage, HistoryQuery, JobLookup
from services.training.jobs import TrainingJob, TrainingJobSummary
from tests.services.training.test_estimates import CHANNEL, WHEN, make_job


@dataclass(frozen=True)
class FakeAccount(Account):
    """`count` completed jobs, job-0 the newest; every third learned from other data and is tagged."""

    count: int = 0
    asked: Counter[str] = field(default_factory=Counter, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert operation == "list_training_jobs"
        self.asked["list"] += 1
        self.asked.update({name: 1 for name in parameters if name in ("NameContains", "StatusEquals")})
        begin = int(parameters.get("NextToken", 0))
        end = min(begin + parameters["MaxResults"], self.count)
        listed = [
            {
                "TrainingJobName": name(number),
                "TrainingJobArn": f"arn:{number}",
                "TrainingJobStatus": "Completed",
                "CreationTime": WHEN,
            }
            for number in range(begin, end)  # the page is cut first, then filtered
            if parameters.get("StatusEquals", "Completed") == "Completed"
        ]
        return {"TrainingJobSummaries": listed, **({"NextToken": str(end)} if end < self.count else {})}

    def job(self, summary: TrainingJobSummary) -> TrainingJob:
        self.asked["describe"] += 1
        other = int(summary.name.split("-")[1]) % 3 == 0
        return replace(make_job(summary.name), channels={"train": CHANNEL.replace("cards", "cells" if other else "x")})

    def tags(self, arn: str) -> dict[str, str]:
        self.asked["tags"] += 1
        return {} if int(arn.partition(":")[2]) % 3 else {"owner": "me"}


def name(number: int) -> str:
    """Every tenth is a trial of a tuning job."""
    return f"job-{number}-001-0123abcd" if number % 10 == 9 else f"job-{number}"


ALL = HistoryQuery(trials=True)


def page(account: FakeAccount, asked: HistoryQuery = ALL, token: str | None = None) -> HistoryPage:
    return job_history.page(account, asked, token, JobLookup(account.job, account.tags))


def numbers(found: HistoryPage) -> list[int]:
    return [int(each.job.name.split("-")[1]) for each in found.entries]


@pytest.mark.parametrize("count", [50, 5000])
def test_opening_asks_for_one_page_however_many_jobs_there_are(count: int) -> None:
    account = FakeAccount("AWS", "us-east-1", count=count)
    assert numbers(page(account)) == list(range(ROWS))
    assert account.asked == {"list": 1, "describe": ROWS, "tags": ROWS}


def test_the_next_page_goes_on_where_the_last_ended_and_the_last_says_so() -> None:
    account = FakeAccount("AWS", "us-east-1", count=30)
    first = page(account)
    last = page(account, token=first.following)
    assert numbers(last) == list(range(ROWS, 30))
    assert last.following is None


def test_names_and_statuses_are_left_to_sagemaker() -> None:
    account = FakeAccount("AWS", "us-east-1", count=5)
    page(account, HistoryQuery(name="job", status="Completed", trials=True))
    assert (account.asked["NameContains"], account.asked["StatusEquals"]) == (1, 1)


@pytest.mark.parametrize(
    "asked",
    [
        HistoryQuery(data="cells", trials=True),
        HistoryQuery(tag="owner", trials=True),
        HistoryQuery(tag="owner=me", trials=True),
    ],
)
def test_data_sets_and_tags_are_looked_for_until_a_page_is_full(asked: HistoryQuery) -> None:
    account = FakeAccount("AWS", "us-east-1", count=5000)
    found = page(account, asked)
    assert numbers(found) == list(range(0, 3 * ROWS, 3))
    assert found.looked == 3 * ROWS


def test_what_is_not_found_among_the_first_few_hundred_is_not_looked_for_without_end() -> None:
    account = FakeAccount("AWS", "us-east-1", count=5000)
    found = page(account, HistoryQuery(tag="owner=you", trials=True))
    assert account.asked["describe"] == 0
    assert (found.entries, found.looked) == ((), FURTHEST * ROWS)
    assert found.following


def test_empty_pages_of_a_status_are_turned_a_few_times_and_not_without_end() -> None:
    account = FakeAccount("AWS", "us-east-1", count=5000)
    found = page(account, HistoryQuery(status="Failed", trials=True))
    assert (found.entries, account.asked["list"]) == ((), FURTHEST)
    assert found.following


def test_trials_of_tuning_jobs_are_left_out_unless_asked_for() -> None:
    account = FakeAccount("AWS", "us-east-1", count=20)
    assert numbers(page(account, HistoryQuery())) == [number for number in range(20) if number % 10 != 9]


def test_an_entry_tells_its_data_set_name_and_note() -> None:
    entry = HistoryEntry(make_job("one"), {tags.TITLE: "the winner", tags.NOTE: "shallow trees"})
    assert (entry.data, entry.title, entry.note) == ("cards", "the winner", "shallow trees")
    elsewhere = replace(make_job("one"), channels={"train": "s3://bucket/else/"}, created=WHEN - timedelta(days=1))
    assert HistoryEntry(elsewhere, {}).data == ""


def test_of_a_job_without_channels_no_data_set_is_told() -> None:
    job: TrainingJob = replace(make_job("one"), channels={})
    assert HistoryEntry(job, {}).data == ""
