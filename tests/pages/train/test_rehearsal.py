"""The dress rehearsal on the Train page: an AWS account chosen, the local service  to confirm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from services import settings
from services.aws import s3
from services.aws.account import Account
from services.costs import launch_budget
from services.costs.launch_budget import LaunchBudget
from services.data.prepared_data import PreparedData
from services.local.protocol.identity import keys
from services.training import jobs as training_jobs
from services.training.jobs import JobStatus
from tests.local.factories import unique
from tests.local_service import ROLE, LocalService
from tests.pages.app import chosen, errors, metrics, open_page, stand_at, words
from tests.profiles import closed_port, write_profiles
from tests.services.training_factory import ended, make_data

pytestmark = pytest.mark.slow

PROFILE = "work"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """The AWS of these tests, which must run jobs: a second service, behind a profile of the user's own."""
    service = LocalService(tmp_path_factory.mktemp("elsewhere"))
    yield service
    service.stop()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elsewhere: LocalService, local: LocalService) -> Account:
    """An account there, with a role; This computer is the service that all tests share."""
    stand_at(monkeypatch, local.folder)
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path)
    own = keys(elsewhere.folder)
    signing = {"aws_access_key_id": own.access, "aws_secret_access_key": own.secret}
    write_profiles(monkeypatch, tmp_path, **{PROFILE: {**signing, "endpoint_url": elsewhere.url}})
    return settings.save(settings.account(PROFILE, "us-east-1"), role=ROLE, bucket=unique("bucket"))


@pytest.fixture
def there(aws: Account) -> PreparedData:
    return make_data(aws)


def open_form(data: PreparedData, **query: str) -> AppTest:
    return open_page("train", account=PROFILE, data=data.name, **query)


def rehearse(local: LocalService, page: AppTest) -> AppTest:
    """The page once the rehearsal has ended, opened again by its address alone."""
    page.button(key="rehearse").click().run()
    assert not page.exception
    name = page.session_state["rehearsal"]
    ended(local.account, name)
    return open_page("train", account=PROFILE, data=chosen(page, "data"), rehearsal=name)


def test_on_this_computer_there_is_nothing_to_rehearse(account: Account, data: PreparedData) -> None:
    assert "rehearse" not in [button.key for button in open_page("train", data=data.name).main.button]


def test_a_rehearsal_tells_what_it_took_and_what_all_rows_will_take(
    local: LocalService, aws: Account, there: PreparedData
) -> None:
    page = rehearse(local, open_form(there))
    assert not errors(page)
    assert {"Training time", "Peak memory", "validation:logloss"} <= metrics(page).keys()
    said = words(page)
    assert "280 of 280 training rows" in said
    assert "random seed 1729" in said
    assert "With all 360 rows it takes about" in said
    assert "GiB of the 16 GiB that ml.m4.xlarge has." in said


def test_what_was_rehearsed_is_sent_with_nothing_retyped(
    local: LocalService, aws: Account, there: PreparedData
) -> None:
    page = open_form(there)
    page.number_input(key="hp_eta").set_value(0.45)
    page.number_input(key="train_minutes").set_value(7).run()
    page = rehearse(local, page)
    page.button(key="send").click().run()
    assert not page.exception
    assert not errors(page)
    job = training_jobs.describe(aws, chosen(page, "job"))
    assert (job.hyperparameters["eta"], job.max_runtime, job.channels["train"]) == ("0.45", 420, there.channel("train"))
    assert "rehearsal" not in page.query_params


def test_a_running_rehearsal_can_be_stopped(local: LocalService, aws: Account, there: PreparedData) -> None:
    page = open_form(there)
    page.number_input(key="hp_num_round").set_value(100_000)
    page.button(key="rehearse").click().run()
    page.button(key="rehearse_stop").click().run()
    assert not page.exception
    assert ended(local.account, page.session_state["rehearsal"]).status == "Stopped"


def test_a_rehearsal_can_be_put_aside(local: LocalService, aws: Account, there: PreparedData) -> None:
    page = rehearse(local, open_form(there))
    page.button(key="rehearse_close").click().run()
    assert "rehearsal" not in page.query_params
    assert "send" not in [button.key for button in page.main.button]


def test_a_form_that_has_changed_since_is_told(local: LocalService, aws: Account, there: PreparedData) -> None:
    page = rehearse(local, open_form(there))
    page.number_input(key="hp_eta").set_value(0.45).run()
    assert "The form has changed since (eta)" in words(page)


def test_a_limit_binds_what_is_sent_too(local: LocalService, aws: Account, there: PreparedData) -> None:
    launch_budget.save(aws, LaunchBudget(per_launch=0.01))
    page = rehearse(local, open_form(there))
    page.button(key="send").click().run()
    assert "your limit per launch is" in errors(page)[0]
    assert not [job for job in training_jobs.summaries(aws) if job.name.startswith(there.name)]


def test_a_rehearsal_that_fails_tells_the_remedy_and_offers_nothing_to_send(
    local: LocalService, aws: Account, there: PreparedData
) -> None:
    file = there.file("train")
    rows = s3.read_bytes(aws, file) + b"0,1.5,unknown,2\n"
    aws.call("s3", "put_object", Bucket=file.bucket, Key=file.key, Body=rows)
    page = rehearse(local, open_form(there))
    assert errors(page)[0].startswith("The rehearsal did not complete: ClientError")
    assert "Prepare the data again on the Data page" in words(page)
    assert "the first is row 281." in page.main.warning[-1].value  # the form itself warns of the row, too
    assert "send" not in [button.key for button in page.main.button]


def test_without_the_local_service_one_sentence_says_so_and_the_form_still_launches(
    aws: Account, there: PreparedData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws/config").write_text(f"[profile sagedeck]\nendpoint_url = {closed_port()}\n")
    (tmp_path / "aws/credentials").write_text("[sagedeck]\naws_access_key_id = a\naws_secret_access_key = b\n")
    stand_at(monkeypatch, tmp_path)
    page = open_form(there)
    page.button(key="rehearse").click().run()
    assert len(errors(page)) == 1
    assert errors(page)[0].endswith("Start the service with make run, then reload this page.")
    page.button(key="launch").click().run()
    assert training_jobs.describe(aws, chosen(page, "job")).status in JobStatus


def test_a_rehearsal_for_another_region_is_not_sent_from_here(
    local: LocalService, aws: Account, there: PreparedData
) -> None:
    page = open_form(there)
    page.button(key="rehearse").click().run()
    name = page.session_state["rehearsal"]
    ended(local.account, name)
    make_data(settings.save(settings.account(PROFILE, "us-west-2"), role=ROLE, bucket=unique("west")))
    page = open_page("train", account=PROFILE, region="us-west-2", rehearsal=name)
    assert "This rehearsal was for account 000000000000, region us-east-1." in words(page)
    assert "send" not in [button.key for button in page.main.button]


def test_reading_the_sample_is_priced_before_the_click(aws: Account, there: PreparedData) -> None:
    assert r"AWS charges up to \$0.02 for the transfer." in words(open_form(there))
