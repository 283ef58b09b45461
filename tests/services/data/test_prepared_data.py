"""Prepared data: found by its manifest, read back whole."""

from dataclasses import replace

import pytest

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from tests.services.fake_s3 import FakeS3
from tests.services.training_factory import make_data


def test_a_prepared_set_comes_back_whole(account: Account, data: PreparedData) -> None:
    assert prepared_data.load(account, data.name) == data


def test_its_channels_are_where_its_files_are(account: Account, data: PreparedData) -> None:
    for split in prepared_data.SPLITS:
        assert s3.read_bytes(account, data.file(split)).count(b"\n") == data.rows[split]
        assert str(data.file(split)).startswith(data.channel(split))


def test_every_prepared_set_is_named(account: Account, data: PreparedData) -> None:
    assert data.name in prepared_data.names(account)


def test_a_folder_without_a_manifest_is_no_prepared_set(account: Account, data: PreparedData) -> None:
    s3.write_json(account, prepared_data.home(account) / "half-done" / "train" / "data.csv", {})
    assert "half-done" not in prepared_data.names(account)


def test_before_anything_is_prepared_there_are_no_names(account: Account) -> None:
    assert prepared_data.names(replace(account, bucket="never-made")) == []


def test_a_list_that_cannot_be_asked_is_not_an_empty_one() -> None:
    class Refusing(FakeS3):
        def call(self, service: str, operation: str, **parameters: object) -> dict[str, object]:
            raise AwsError("List objects", "Access Denied", "Ask", "AccessDenied")

    with pytest.raises(AwsError, match="Access Denied"):
        prepared_data.names(Refusing("AWS", "us-east-1", bucket="bucket"))


def test_a_set_that_is_not_there_says_where_to_prepare_it(account: Account) -> None:
    with pytest.raises(
        Problem, match=r"^Data set nobody: there is no prepared data set of that name\. Prepare it on the Data page\.$"
    ):
        prepared_data.load(account, "nobody")


def test_a_training_channel_leads_to_its_set(account: Account, data: PreparedData) -> None:
    assert prepared_data.trained_on(account, data.channel("train")) == data


@pytest.mark.parametrize("channel", ["s3://elsewhere/sagedeck/data/cells/train/", "s3://{bucket}/other/train/"])
def test_data_from_elsewhere_is_not_taken_for_ours(account: Account, channel: str) -> None:
    with pytest.raises(Problem, match="it was not prepared here, so its test rows are unknown"):
        prepared_data.trained_on(account, channel.format(bucket=account.default_bucket()))


def test_a_set_that_older_versions_wrote_is_read(account: Account, data: PreparedData) -> None:
    members = s3.read_json(account, prepared_data.manifest(data.address))
    older = {name: members[name] for name in members if name not in ("title", "source_sha256", "kind", "class_rows")}
    address = prepared_data.home(account) / "older"
    s3.write_json(account, prepared_data.manifest(address), {**older, "name": "older"})
    read = prepared_data.load(account, "older")
    assert (read.display_name, read.source_sha256) == ("older", "")


def test_a_renamed_set_keeps_its_address_and_is_shown_otherwise(account: Account) -> None:
    data = make_data(account)
    prepared_data.rename(account, data.name, "  Cells of  May ")
    renamed = prepared_data.trained_on(account, data.channel("train"))
    assert renamed == replace(data, title="Cells of May")
    assert prepared_data.display_names(account)[data.name] == renamed.display_name == "Cells of May"


def test_a_set_is_shown_by_its_name_again_once_it_is_renamed_to_that(account: Account) -> None:
    data = make_data(account)
    prepared_data.rename(account, data.name, "May")
    prepared_data.rename(account, data.name, data.name)
    assert prepared_data.load(account, data.name) == data


def test_two_sets_are_never_called_alike(account: Account, data: PreparedData) -> None:
    other = make_data(account)
    taken = r"^Display name '.+': another data set is called that\. Choose another name\.$"
    with pytest.raises(Problem, match=taken):
        prepared_data.rename(account, other.name, data.name.upper())
    prepared_data.rename(account, data.name, "June")
    with pytest.raises(Problem, match=taken):
        prepared_data.rename(account, other.name, "june")
    with pytest.raises(Problem, match=r"^Data set june: another one is called that\. Choose another name\.$"):
        make_data(account, "june")
    prepared_data.rename(account, data.name, data.name)


@pytest.mark.parametrize("title", ["", "   ", "x" * 61, "two\u200blines"])
def test_a_display_name_that_cannot_be_shown_is_refused(account: Account, data: PreparedData, title: str) -> None:
    with pytest.raises(Problem, match="Use 1 to 60 letters, digits, spaces and signs"):
        prepared_data.rename(account, data.name, title)


def test_a_set_whose_manifest_is_damaged_is_still_listed_by_its_name(account: Account, data: PreparedData) -> None:
    address = prepared_data.manifest(prepared_data.home(account) / "damaged")
    account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=b"{")
    assert prepared_data.display_names(account)["damaged"] == "damaged"
    account.call("s3", "delete_object", Bucket=address.bucket, Key=address.key)
