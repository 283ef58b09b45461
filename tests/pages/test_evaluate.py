"""The Evaluate page, from a trained model to a threshold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xgboost
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import decisions, evaluations, verdicts
from pages.components.shell import page_frame, shutdown_runs
from services import settings
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData, load, save_manifest
from services.endpoints.describe import Endpoint, EndpointStatus, EndpointSummary
from services.evaluation.decision import saved_decision
from services.evaluation.decision.threshold_aims import Aim
from services.training.jobs import JobStatus, TrainingJob, TrainingJobSummary
from tests.services.evaluation.test_scoring import MODEL, FakeAccount, make_account, make_archive, make_model, matrix_of

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
PAGE = str(Path(__file__).parents[2] / "pages" / "evaluate.py")


def make_training_job(name: str = "cards-1", channel: str = "s3://bucket/sagedeck/data/cards/train/") -> TrainingJob:
    return TrainingJob(
        name=name,
        status=JobStatus.COMPLETED,
        secondary="Completed",
        transitions=(),
        hyperparameters={},
        channels={"train": channel},
        image="xgboost",
        instance_type="ml.m4.xlarge",
        instance_count=1,
        max_runtime=3600,
        created=WHEN,
        started=WHEN,
        ended=WHEN,
        billable_seconds=60,
        metrics={},
        model_uri=MODEL,
        failure=None,
        tuning_job=None,
    )


def make_test_rows() -> tuple[np.ndarray, pa.Table]:
    random = np.random.default_rng(4)
    values = np.round(random.normal(size=(300, 3)), 6)
    labels = (values[:, 0] + random.normal(size=300) > 1).astype(int)
    return labels, pa.table({name: values[:, number] for number, name in enumerate("abc")})


def keep(account: FakeAccount, data: PreparedData, model: xgboost.Booster, splits: Mapping[str, np.ndarray]) -> None:
    """Have the account hold a prepared set and a model trained on it."""
    account.objects[MODEL] = make_archive({"xgboost-model": bytes(model.save_raw("ubj"))})
    for split, rows in splits.items():
        text = "".join(",".join(f"{cell:.17g}" for cell in row) + "\n" for row in rows)
        account.objects[str(data.file(split))] = text.encode()
    save_manifest(account, data)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    """An account with one prepared set, one completed job trained on it, and no endpoint."""
    labels, features = make_test_rows()
    account = make_account()
    data = PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="Class",
        classes=("legitimate", "fraud"),
        features=("a", "b", "c"),
        rows={"train": 9, "validation": 0, "test": len(labels)},
        positives={"train": 3, "validation": 0, "test": int(labels.sum())},
        seed=1729,
        created=WHEN,
    )
    keep(account, data, make_model(), {"test": np.column_stack([labels, features.to_pandas().to_numpy()])})
    jobs = [
        TrainingJobSummary("cards-1", JobStatus.COMPLETED, WHEN, WHEN),
        TrainingJobSummary("cards-0", JobStatus.FAILED, WHEN, WHEN),
    ]
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    monkeypatch.setattr(page_frame, "_show_rate", lambda account, meter: None)  # asks of more than this account has
    monkeypatch.setattr(shutdown_runs, "banner", lambda account, with_results: None)  # so does this
    monkeypatch.setattr(data_queries, "prepared_names", lambda account: ["cards"])
    monkeypatch.setattr(data_queries, "display_names", lambda account: {"cards": "Cards of May"})
    monkeypatch.setattr(data_queries, "prepared_data", load)
    monkeypatch.setattr(job_queries, "training_jobs", lambda account: jobs)
    monkeypatch.setattr(job_queries, "training_job", lambda account, name: make_training_job(name))
    monkeypatch.setattr(endpoint_queries, "endpoints", lambda account: [])
    monkeypatch.setattr(job_queries, "completed_on", lambda account, data: [make_training_job()])
    monkeypatch.setattr(verdicts, "approved_on", lambda account, data: None)
    monkeypatch.setattr(decisions, "decision", saved_decision.read)  # caches do not take this account
    monkeypatch.setattr(decisions, "applied", lambda account, *uris: saved_decision.applied(account, {*uris}))
    evaluations.clear()
    return account


def open_page() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=150).run()
    assert not page.exception
    return page


def shown(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.main.metric}


@pytest.mark.usefixtures("account")
def test_the_page_says_what_scikit_learn_says_of_the_same_rows() -> None:
    labels, features = make_test_rows()
    scores = make_model().predict(matrix_of(features))
    flags = scores >= 0.5
    page = open_page().button(key="score").click().run()
    assert shown(page) == {
        "Precision": f"{metrics.precision_score(labels, flags):.3f}",
        "Recall": f"{metrics.recall_score(labels, flags):.3f}",
        "F1": f"{metrics.f1_score(labels, flags):.3f}",
        "Average precision": f"{metrics.average_precision_score(labels, scores):.3f}",
        "ROC AUC": f"{metrics.roc_auc_score(labels, scores):.3f}",
    }
    assert page.subheader[0].value == (
        f"{flags.sum()} flagged: {(flags & (labels == 1)).sum()} correct, "
        f"{(flags & (labels == 0)).sum()} false alarms; "
        f"{(~flags & (labels == 1)).sum()} of {(labels == 1).sum()} positives missed."
    )


@pytest.mark.usefixtures("account")
def test_only_completed_jobs_can_be_judged() -> None:
    assert open_page().selectbox(key="job").options == ["cards-1"]


@pytest.mark.usefixtures("account")
def test_a_second_browser_finds_the_evaluation_done() -> None:
    open_page().button(key="score").click().run()
    assert "Precision" in shown(open_page())


@pytest.mark.usefixtures("account")
def test_nothing_is_scored_before_it_is_asked_for() -> None:
    assert shown(open_page()) == {}


@pytest.mark.usefixtures("account")
def test_moving_the_threshold_to_one_flags_nothing_and_precision_is_undefined() -> None:
    page = open_page().button(key="score").click().run()
    page.slider(key="threshold").set_value(1.0).run()
    assert shown(page)["Precision"] == "undefined"
    assert page.subheader[0].value.startswith("No rows flagged")


@pytest.mark.usefixtures("account")
def test_a_wanted_recall_moves_the_threshold_there() -> None:
    page = open_page().button(key="score").click().run()
    page.segmented_control(key="aim").set_value(Aim.RECALL).run()
    page.button(key="use_threshold").click().run()
    assert float(shown(page)["Recall"]) >= 0.9
    assert page.slider(key="threshold").value != 0.5


def test_a_pickled_model_is_one_sentence_and_the_choice_stays(account: FakeAccount) -> None:
    account.objects[MODEL] = make_archive({"xgboost-model": b"\x80\x04."})
    page = open_page().button(key="score").click().run()
    assert "Python pickle" in page.error[0].value
    assert page.selectbox(key="job").value == "cards-1"


@pytest.mark.usefixtures("account")
def test_without_a_trained_model_the_next_step_is_to_train_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queries, "training_jobs", lambda account: [])
    assert "no completed training job" in open_page().info[0].value


@pytest.mark.usefixtures("account")
def test_only_endpoints_in_service_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        EndpointSummary("cards-live", EndpointStatus.IN_SERVICE, WHEN),
        EndpointSummary("cards-new", EndpointStatus.CREATING, WHEN),
    ]
    monkeypatch.setattr(endpoint_queries, "endpoints", lambda account: found)
    options = open_page().segmented_control(key="how").options
    assert options == ["Model file (free)", "Batch transform", "Endpoint cards-live"]


def test_scores_of_an_endpoint_are_not_shown_after_its_update(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = EndpointSummary("cards-live", EndpointStatus.IN_SERVICE, WHEN)
    first = Endpoint("cards-live", "arn", EndpointStatus.IN_SERVICE, "cards-live-1", (), WHEN, None, modified=WHEN)
    monkeypatch.setattr(endpoint_queries, "endpoints", lambda account: [summary])
    monkeypatch.setattr(endpoint_queries, "endpoint", lambda account, name: first)
    evaluation = evaluations.new_evaluation(load(account, "cards"), np.array([0, 1], np.int8), np.array([0.1, 0.9]))
    evaluations.save(evaluations.Choice(account, "cards-1", "cards-live", "cards", "test", first.edition), evaluation)
    page = open_page()
    page.segmented_control(key="how").set_value("cards-live").run()
    assert shown(page)["ROC AUC"] == "1.000"
    second = replace(first, modified=WHEN + timedelta(minutes=5))
    monkeypatch.setattr(endpoint_queries, "endpoint", lambda account, name: second)
    assert shown(page.run()) == {}


@pytest.mark.usefixtures("account")
def test_the_code_shown_is_a_script_that_python_can_read() -> None:
    compile(open_page().code[0].value, "shown", "exec")


@pytest.mark.usefixtures("account")
def test_a_judged_model_is_registered_with_the_threshold_that_was_chosen() -> None:
    page = open_page().button(key="score").click().run()
    page.slider(key="threshold").set_value(0.25).run()
    links: list[Any] = list(page.main.get("page_link"))
    leading = {link.proto.label: link.proto.query_string for link in links}
    assert leading["Register with this threshold"] == "register=cards-1&at=0.25"
