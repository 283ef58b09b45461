"""Tags as typed and as kept."""

import pytest

from services.aws import tags
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.training.jobs import describe
from tests.services.training_factory import make_model


def test_tags_are_read_as_they_are_written() -> None:
    given = {"project": "fraud", "cost centre": "42", "empty": ""}
    assert tags.parse(tags.to_text(given)) == given
    assert tags.parse(" ") == {}


def test_what_aws_and_the_dashboard_set_is_not_the_users_to_write() -> None:
    assert tags.to_text({"aws:created": "x", tags.NOTE: "y", "mine": "z"}) == "mine=z"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("=fraud", r"^Tag '=fraud': the key is missing\. Write tags as project=fraud, owner=me\.$"),
        ("a=b!", "^Tag 'a': only letters, digits, spaces"),
        ("aws:a=b", "^Tag 'aws:a': keys that start with aws: are reserved for AWS"),
        (f"a={'b' * 257}", "^Tag 'a': a key has at most 128 characters, a value 256"),
        (",".join(f"a{number}=b" for number in range(51)), "^Tags: there are 51 tags. Use at most 50"),
    ],
)
def test_tags_that_aws_would_refuse_are_one_sentence(typed: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        tags.parse(typed)


@pytest.mark.slow
def test_a_note_is_kept_on_the_job_and_taken_away_again(account: Account, data: PreparedData) -> None:
    arn = describe(account, make_model(account, data).name).arn
    tags.save(account, arn, {tags.NOTE: "the best so far", "owner": "me"})
    tags.save(account, arn, {tags.NOTE: "not any more", "owner": ""})
    assert tags.of(account, arn) == {tags.NOTE: "not any more"}
