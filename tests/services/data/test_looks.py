"""Looks at test rows are counted once each, beside the data set, whoever else counts at the same time."""

from datetime import timedelta
from typing import Any

import pytest

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.data.sets import looks
from services.stored_documents import unreadable
from tests.services.evaluation.test_scoring import make_account, make_data
from tests.services.training_factory import WHEN


def test_the_test_rows_of_a_new_set_were_never_looked_at() -> None:
    assert looks.read(make_account(), make_data()).looks == ()


def test_each_scoring_is_a_look_and_models_are_counted() -> None:
    account, data = make_account(), make_data()
    for model, minutes in (("one", 0), ("one", 5), ("two", 9)):
        looks.count(account, data, model, WHEN + timedelta(minutes=minutes))
    found = looks.read(account, data)
    assert (len(found.looks), found.models) == (3, 2)


def test_the_same_scores_shown_again_are_no_further_look() -> None:
    account, data = make_account(), make_data()
    looks.count(account, data, "one", WHEN)
    assert len(looks.count(account, data, "one", WHEN).looks) == 1


@pytest.mark.slow
def test_a_look_that_somebody_counts_in_between_is_not_lost(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.services.training_factory import make_data as make_set

    data, read = make_set(account), documents.read

    def read_late(*given: Any) -> Any:
        """Reads, and before it answers somebody else counts."""
        found = read(*given)
        monkeypatch.setattr(documents, "read", read)
        looks.count(account, data, "other", WHEN)
        return found

    monkeypatch.setattr(documents, "read", read_late)
    found = looks.count(account, data, "one", WHEN)
    assert [look.model for look in found.looks] == ["other", "one"]


@pytest.mark.slow
def test_damaged_looks_are_named_and_found_for_setting_aside(account: Account) -> None:
    from tests.services.training_factory import make_data as make_set

    data = make_set(account)
    place = looks.address(data)
    account.call("s3", "put_object", Bucket=place.bucket, Key=place.key, Body=b"[")
    with pytest.raises(UnreadableDocumentError, match=r"test-looks\.json"):
        looks.read(account, data)
    assert str(place) in {fault.address for fault in unreadable(account)}
