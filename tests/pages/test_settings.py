"""The Settings page on this computer; on AWS it is tested in test_on_aws.py."""

import pytest

from services import settings
from services.costs.idleness import Thresholds
from services.shutdown import policy as shutdown_policy
from services.shutdown.policy import ShutdownPolicy
from services.training import jobs as training_jobs
from tests.local_service import LocalService
from tests.pages.app import errors, open_page, stand_at, words
from tests.services.training_factory import make_data

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _here(local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, local.folder)


def test_it_says_where_one_is_and_as_whom() -> None:
    said = words(open_page("settings"))
    assert "**This computer**, account `000000000000`, region `us-east-1`" in said
    assert "`s3://sagemaker-us-east-1-000000000000`" in said


def test_role_and_bucket_are_given_here() -> None:
    page = open_page("settings")
    assert not errors(page)
    assert all(page.text_input(key=key).disabled for key in ("role", "bucket"))


def test_other_programs_are_told_how_to_come_here() -> None:
    assert open_page("settings").main.code[0].value == 'eval "$(python -m services.local env)"'


def test_a_limit_that_is_set_refuses_launches_until_it_is_raised(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    data = make_data(own_local.account)
    page = open_page("settings")
    page.number_input(key="limit_launch").set_value(0.2)
    page.button(key="keep_limits").click().run()
    assert not errors(page)
    train, tune = open_page("train", data=data.name), open_page("tune", data=data.name)
    train.button(key="launch").click().run()
    tune.button(key="launch_tuning").click().run()
    limit = r"and your limit per launch is \$0.20. Lower the maximum time or raise the limit in Settings."
    assert errors(train) == [rf"Launch {data.name}: it may cost up to \$0.24 {limit}"]
    assert len(errors(tune)) == 1
    assert rf"it may cost up to \$2.40 {limit}" in errors(tune)[0]
    assert training_jobs.summaries(own_local.account) == []
    page.number_input(key="limit_launch").set_value(0.25)
    page.number_input(key="limit_day").set_value(9.0)
    page.button(key="keep_limits").click().run()
    assert r"Today: \$0.00 of \$9.00 spent or reserved." in words(page)
    train.run()
    assert r"Reserves up to \$0.24 of \$9.00 left today (UTC)." in words(train)
    train.button(key="launch").click().run()
    assert not errors(train)
    assert len(training_jobs.summaries(own_local.account)) == 1


def test_what_counts_as_idle_and_how_much_may_end_at_once_is_kept(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    page = open_page("settings")
    page.number_input(key="idle_endpoint").set_value(12.0)
    page.number_input(key="idle_job").set_value(80.0)
    page.number_input(key="blast_limit").set_value(3)
    page.toggle(key="production_lock").set_value(True)
    page.button(key="keep_precautions").click().run()
    assert not errors(page)
    assert shutdown_policy.load(own_local.account) == ShutdownPolicy(
        Thresholds(endpoint=12.0, job=0.8), 3, production_lock=True
    )


def test_a_threshold_that_cannot_be_meant_is_refused(own_local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, own_local.folder)
    page = open_page("settings")
    page.number_input(key="idle_app").set_value(0.0)
    page.button(key="keep_precautions").click().run()
    assert errors(page) == ["Idle: app is 0. Enter a number above 0."]


def test_a_tab_that_was_left_open_takes_back_nothing_that_another_has_changed(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    forgotten, other = open_page("settings"), open_page("settings")
    other.toggle(key="production_lock").set_value(True)
    other.number_input(key="blast_limit").set_value(3)
    other.button(key="keep_precautions").click().run()
    other.number_input(key="limit_day").set_value(9.0)
    other.button(key="keep_limits").click().run()

    forgotten.number_input(key="idle_app").set_value(8.0)
    forgotten.button(key="keep_precautions").click().run()

    policy = shutdown_policy.load(own_local.account)
    assert (policy.production_lock, policy.bulk_confirm_threshold, policy.idle.app) == (True, 3, 8.0)
    assert any("changed elsewhere" in info.value for info in forgotten.info)
    forgotten.run()
    assert forgotten.toggle(key="production_lock").value
    assert forgotten.number_input(key="limit_day").value == 9.0


def test_read_only_mode_is_switched_only_by_a_click(local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = open_page("settings")
    settings.save_read_only(True)
    forgotten.run()
    assert settings.read_only()
    assert forgotten.toggle(key="read_only").value
    forgotten.toggle(key="read_only").set_value(False).run()
    assert not settings.read_only()


def test_settings_that_cannot_be_read_are_told_on_the_page_and_set_aside() -> None:
    path = settings.DATA_FOLDER / "settings.json"
    path.write_text("{")
    page = open_page("settings")
    assert any(error.value.startswith("Read-only until the settings can be read.") for error in page.sidebar.error)
    page.button(key="set_settings_aside").click().run()
    assert not errors(page)
    assert not path.exists()
