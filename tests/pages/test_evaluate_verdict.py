"""The Evaluate page says whether a model is any good before its numbers, and has models chosen on validation rows."""

from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pytest
import xgboost
from streamlit.testing.v1 import AppTest

from pages.components.queries import jobs as job_queries
from pages.components.queries import verdicts
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.sets import looks
from services.training.jobs import TrainingJob
from tests.pages.app import REFUSED, words
from tests.pages.test_evaluate import PAGE, WHEN, account, keep, make_training_job, open_page
from tests.services.evaluation.test_scoring import FakeAccount

__all__ = ["account"]  # the fixture
FEATURES = ("amount", "hour", "closed_at")


def make_rows(leaks: bool = False, rows: int = 400, seed: int = 4) -> np.ndarray:
    """Labels and three features, the first of which tells something; a leak is the label itself."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 3))
    labels = (values[:, 0] + random.normal(size=rows) > 0.7).astype(float)
    if leaks:
        values[:, 2] = labels * 5 + values[:, 2] / 10
    return np.column_stack([labels, values])


def make_set(account: FakeAccount, leaks: bool = False, constant: bool = False) -> PreparedData:
    """The set `cards` of the fixture with validation rows, and a model of it."""
    splits = {name: make_rows(leaks, seed=seed) for name, seed in (("train", 1), ("validation", 2), ("test", 3))}
    data = PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="Class",
        classes=("legitimate", "fraud"),
        features=FEATURES,
        rows=dict.fromkeys(splits, 400),
        positives={name: int(rows[:, 0].sum()) for name, rows in splits.items()},
        seed=1729,
        created=WHEN,
    )
    account.objects.pop("s3://bucket/sagedeck/data/cards/manifest.json")
    train = splits["train"]
    parameters = {"objective": "binary:logistic", "nthread": 1, "gamma": 1e9 if constant else 0}
    keep(account, data, xgboost.train(parameters, xgboost.DMatrix(train[:, 1:], train[:, 0]), 10), splits)
    return data


def open_on(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def score(page: AppTest) -> AppTest:
    page.button(key="score").click().run()
    assert not page.exception
    assert not page.main.error
    return page


def headline(page: AppTest) -> str:
    return next(one.value for one in page.main.markdown if one.value.startswith("### "))


def looked(page: AppTest) -> list[str]:
    return [one.value for one in page.main.caption if "visibility" in one.value]


def test_rows_begin_with_validation(account: FakeAccount) -> None:
    make_set(account)
    box = open_page().selectbox(key="split")
    assert (box.value, box.options) == ("validation", ["validation", "test", "train"])


def test_the_rows_that_the_address_names_are_shown(account: FakeAccount) -> None:
    make_set(account)
    assert open_on(split="test").selectbox(key="split").value == "test"


@pytest.mark.usefixtures("account")
def test_a_set_without_validation_rows_begins_with_test_rows() -> None:
    assert open_page().selectbox(key="split").options == ["test", "train"]


def test_a_final_model_that_learned_validation_rows_begins_with_test_rows(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(account)
    final = make_training_job(channel="s3://bucket/sagedeck/data/cards/train-and-validation/")
    monkeypatch.setattr(job_queries, "training_job", lambda account, name: final)
    assert open_page().selectbox(key="split").value == "test"


def test_a_useful_model_is_told_better_than_a_random_ranking_before_its_numbers(account: FakeAccount) -> None:
    make_set(account)
    page = score(open_page())
    assert "Better than a random ranking" in headline(page)
    assert "check_circle" in headline(page)


def test_a_model_that_learned_nothing_is_told_so(account: FakeAccount) -> None:
    make_set(account, constant=True)
    assert "gives every row the same score" in headline(score(open_page()))


def test_a_leaking_model_names_the_column_and_leads_to_the_data(account: FakeAccount) -> None:
    make_set(account, leaks=True)
    page = score(open_page())
    assert "Suspiciously good" in headline(page)
    assert "The likely leak is closed\\_at" in words(page) or "The likely leak is closed_at" in words(page)
    links: list[Any] = list(page.main.get("page_link"))
    assert ("Prepare the data", "data=cards") in {(link.proto.label, link.proto.query_string) for link in links}


def test_train_rows_are_told_as_learned(account: FakeAccount) -> None:
    make_set(account)
    assert "The model has learned from these train rows" in words(score(open_on(split="train")))


def test_validation_rows_are_no_look_at_test_rows(account: FakeAccount) -> None:
    data = make_set(account)
    assert looked(score(open_page())) == []
    assert looks.read(account, data).looks == ()


def test_a_look_at_test_rows_is_counted_once_and_not_on_each_rerun(account: FakeAccount) -> None:
    make_set(account)
    page = score(open_on(split="test"))
    page.slider(key="threshold").set_value(0.3).run()
    page.run()
    assert len(looked(page)) == 1
    assert "First look at the test rows of cards" in looked(page)[0]


def test_each_further_scoring_of_test_rows_is_said_to_make_the_result_more_optimistic(account: FakeAccount) -> None:
    make_set(account)
    page = score(score(open_on(split="test")))
    assert (
        "Test rows of cards were looked at 2 times, by 1 model: each further choice makes the result more optimistic."
        in looked(page)[0]
    )


def test_a_look_that_cannot_be_counted_leaves_the_result(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    make_set(account)

    def refuse(*_: Any) -> NoReturn:
        raise REFUSED

    monkeypatch.setattr(looks, "count", refuse)
    page = score(open_on(split="test"))
    assert "was not counted" in looked(page)[0]
    assert page.main.metric


def test_a_refused_registry_leaves_the_verdict(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    make_set(account)

    def refuse(*_: Any) -> NoReturn:
        raise REFUSED

    monkeypatch.setattr(verdicts, "approved_on", refuse)
    page = open_page().button(key="score").click().run()
    assert "Better than a random ranking" in headline(page)


def two_jobs(account: Any, data: str) -> list[TrainingJob]:
    """The job of the page, and one that did better on validation rows."""
    return [
        replace(make_training_job(name), metrics={"validation:auc": value})
        for name, value in (("cards-1", 0.7), ("cards-2", 0.8))
    ]


def test_the_models_of_the_set_are_ranked_on_validation_rows(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(account)
    monkeypatch.setattr(job_queries, "completed_on", two_jobs)
    page = open_page()
    table = page.main.dataframe[0].value
    assert [address.partition("job=")[2].partition("&")[0] for address in table["Model"]] == ["cards-2", "cards-1"]
    assert table["auc"].tolist() == [0.8, 0.7]
    assert table["Choice"].tolist() == ["best", "shown"]


def test_test_rows_of_a_model_that_is_not_the_best_are_warned_of(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(account)
    monkeypatch.setattr(job_queries, "completed_on", two_jobs)
    assert "cards-2 is better on validation rows (auc 0.8 against 0.7)" in words(open_on(split="test"))


def test_one_click_ranks_all_models_by_their_validation_scores(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(account)
    monkeypatch.setattr(job_queries, "completed_on", two_jobs)
    page = open_page()
    page.button(key="rank_on_validation").click().run()
    assert not page.exception
    table = page.main.dataframe[0].value
    assert table["average precision"].notna().all()
