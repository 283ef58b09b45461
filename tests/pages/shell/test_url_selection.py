"""What one is at: the address decides on arrival, the box from then on, and the address is written after it."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import jobs as job_queries
from services.aws.account import Account
from tests.pages.app import chosen, open_page
from tests.services.training_factory import make_data, make_model


def page() -> None:
    """A page that shows a job; the test says which page, and in which account."""
    import streamlit as st

    from pages.components.shell import url_selection
    from services.aws.account import Account

    url_selection.arrive(st.session_state["title"], Account("AWS", "us-east-1", st.session_state["profile"]))
    if st.session_state["drawn"]:
        url_selection.choose("Job", st.session_state["jobs"], "job", key=st.session_state["key"])


def arrive(address: str = "", title: str = "Train", key: str = "job") -> AppTest:
    """The page in a new session."""
    opened = AppTest.from_function(page, default_timeout=150)
    opened.session_state["profile"] = "mine"
    return walk(opened, address, title, key)


def walk(there: AppTest, address: str = "", title: str = "Evaluate", key: str = "job", drawn: bool = True) -> AppTest:
    """The same session on a page with that address; its run breaks off before the box unless `drawn`."""
    there.query_params.clear()
    if address:
        there.query_params["job"] = address
    for name, value in {"title": title, "key": key, "drawn": drawn, "jobs": ["new", "old", "first"]}.items():
        there.session_state[name] = value
    there.run()
    assert not there.exception
    return there


def test_the_address_decides_on_arrival() -> None:
    assert chosen(arrive("old"), "job") == "old"


def test_without_an_address_the_first_is_shown_and_the_address_names_it() -> None:
    there = arrive()
    assert chosen(there, "job") == "new"
    assert there.query_params["job"] == "new"


def test_what_is_shown_stays_when_something_newer_comes() -> None:
    there = arrive()
    there.session_state["jobs"] = ["newer", "new"]
    assert chosen(there.run(), "job") == "new"


def test_a_choice_is_written_into_the_address() -> None:
    there = arrive("old")
    there.selectbox(key="job").set_value("first").run()
    assert (chosen(there, "job"), there.query_params["job"]) == ("first", "first")


def test_a_link_wins_over_what_was_chosen_on_the_page_before() -> None:
    there = arrive()
    there.selectbox(key="job").set_value("first").run()
    assert chosen(walk(there, "old"), "job") == "old"


def test_a_link_wins_even_when_the_first_run_breaks_off() -> None:
    there = arrive("first")
    walk(there, "old", drawn=False)
    there.session_state["drawn"] = True
    assert chosen(there.run(), "job") == "old"


def test_without_a_link_the_next_page_shows_what_the_page_before_did() -> None:
    there = arrive()
    there.selectbox(key="job").set_value("first").run()
    walk(there, key="deploy_job")
    assert (chosen(there, "deploy_job"), there.query_params["job"]) == ("first", "first")


def test_what_cannot_be_chosen_is_told_until_something_is_chosen() -> None:
    there = arrive("running")
    for _ in range(2):
        (warning,) = there.warning
        assert warning.value == "running is not available here; new is shown instead."
        there.run()
    there.selectbox(key="job").set_value("old").run()
    assert not there.warning


def test_what_is_no_longer_there_is_told_once() -> None:
    there = arrive("old")
    there.session_state["jobs"] = ["new", "first"]
    (warning,) = there.run().warning
    assert warning.value == "old is not available here; new is shown instead."
    assert not there.run().warning


def test_what_could_not_be_chosen_here_is_shown_again_where_it_can() -> None:
    there = walk(arrive("running"), title="Data", drawn=False)
    there.query_params.clear()
    there.session_state["title"], there.session_state["jobs"], there.session_state["drawn"] = "Train", ["running"], True
    assert chosen(there.run(), "job") == "running"


def test_another_account_leaves_nothing_of_the_first() -> None:
    there = arrive("old")
    there.session_state["profile"] = "other"
    assert chosen(there.run(), "job") == "new"
    assert there.query_params["job"] == "new"


@pytest.mark.slow
def test_a_model_that_is_older_than_the_list_is_judged_by_its_address(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:

    job = make_model(account)
    monkeypatch.setattr(job_queries, "training_jobs", lambda account: [])
    assert chosen(open_page("evaluate", job=job.name), "job") == job.name


@pytest.mark.slow
def test_a_model_that_is_gone_is_told_and_another_can_be_chosen(account: Account) -> None:
    make_model(account)
    opened = open_page("evaluate", job="gone")
    assert chosen(opened, "job") != "gone"
    assert opened.warning[0].value.startswith("gone is not available here")


@pytest.mark.slow
def test_a_data_set_in_the_address_opens_the_form_and_a_job_opens_its_view(account: Account) -> None:
    data = make_data(account)
    job = make_model(account, data)
    assert open_page("train", data=data.name).segmented_control(key="view").value == "New job"
    assert open_page("train", job=job.name).segmented_control(key="view").value == "Jobs"
    assert open_page("tune", data=data.name).segmented_control(key="tune_view").value == "New search"
