"""Any model on any rows: best trials, versions, archives, models of others, labelled files, and scores that stay."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import evaluations
from pages.components.queries import jobs as job_queries
from pages.components.queries import models as model_queries
from pages.components.queries import registry as registry_queries
from services.aws.errors import AwsError
from services.data.prepared_data import load
from services.endpoints.describe import Endpoint, EndpointStatus, EndpointSummary
from services.evaluation import labelled_rows, model_file
from services.evaluation.models import attached_data, uploaded_models
from services.evaluation.models.uploaded_models import UploadedModelDocument
from services.registry.versions import Approval, ModelGroup, ModelVersion, VersionPage
from tests.pages.test_evaluate import PAGE, WHEN, account, make_test_rows, make_training_job, open_page, shown
from tests.services.evaluation.test_scoring import MODEL, FakeAccount, make_archive, make_model

__all__ = ["account"]  # the fixture
UPLOADED = UploadedModelDocument(name="theirs.tar.gz", sha256="c" * 64, size=900, columns=3, uploaded=WHEN)
LIVE = Endpoint("cards-live", "arn", EndpointStatus.IN_SERVICE, "cards-live-1", (), WHEN, None, modified=WHEN)


@dataclass(eq=False)
class Server:
    """An endpoint that gives every row the same score, and refuses the one whose first cell is `refused`."""

    refused: float | None = None

    def __call__(self, body: bytes) -> bytes:
        cells = [float(row.split(b",")[0]) for row in body.splitlines()]
        if self.refused in cells:
            raise AwsError("Invoke endpoint on Fake", "Unable to evaluate payload", "Check the rows", "ModelError")
        return b"\n".join(b"0.5" for _ in cells)


def open_with(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = value
    assert not page.run().exception
    return page


def make_version(**members: Any) -> ModelVersion:
    version = ModelVersion(
        group="cards",
        number=3,
        arn="arn:3",
        approval=Approval.APPROVED,
        state="Completed",
        created=WHEN,
        changed=None,
        note="",
        reason="",
        image="",
        model_uri=MODEL,
        metrics_uri="",
        metadata={"sagedeck:data": "cards"},
    )
    return replace(version, **members)


def register(monkeypatch: pytest.MonkeyPatch, version: ModelVersion) -> None:
    monkeypatch.setattr(registry_queries, "groups", lambda account: [ModelGroup("cards", "arn")])
    monkeypatch.setattr(registry_queries, "versions", lambda *_: VersionPage((version,), None))


def upload(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the account hold an archive that somebody uploaded."""
    place = str(uploaded_models.home(account) / UPLOADED.sha256 / uploaded_models.FILE)
    account.objects[place] = make_archive({"xgboost-model": bytes(make_model().save_raw("ubj"))})
    monkeypatch.setattr(model_queries, "uploaded", lambda account: [UPLOADED])
    monkeypatch.setattr(model_queries, "model", model_file.load)


def serve(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = EndpointSummary("cards-live", EndpointStatus.IN_SERVICE, WHEN)
    monkeypatch.setattr(endpoint_queries, "endpoints", lambda account: [summary])
    monkeypatch.setattr(endpoint_queries, "endpoint", lambda account, name: LIVE)
    monkeypatch.setattr("services.endpoints.describe.describe", lambda account, name: LIVE)


@pytest.mark.usefixtures("account")
def test_the_best_trial_of_a_search_is_evaluated_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queries, "tuning_jobs", lambda account: [SimpleNamespace(name="search", completed=4)])
    search = SimpleNamespace(name="search", best="search-003-abcd1234", best_value=0.98127, objective="validation:auc")
    monkeypatch.setattr(job_queries, "tuning_job", lambda account, name: search)
    page = open_with(tuning="search")
    assert "search-003-abcd1234, validation:auc 0.9813" in page.caption[1].value.replace("\\", "")
    assert "ROC AUC" in shown(page.button(key="score").click().run())


def test_a_registered_version_is_evaluated_on_the_set_it_is_registered_with(
    monkeypatch: pytest.MonkeyPatch, account: FakeAccount
) -> None:
    register(monkeypatch, make_version())
    page = open_with(group="cards", version="3")
    assert page.selectbox(key="evaluated_version").options == ["3 (Approved)"]
    assert "ROC AUC" in shown(page.button(key="score").click().run())


@pytest.mark.usefixtures("account")
def test_a_version_of_a_job_shares_its_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, make_version(metadata={"sagedeck:training-job": "cards-1"}))
    monkeypatch.setattr(job_queries, "ended_training_job", lambda account, name: make_training_job(name))
    open_page().button(key="score").click().run()
    assert "ROC AUC" in shown(open_with(group="cards", version="3"))


def test_an_uploaded_model_is_evaluated_once_its_data_set_is_attached(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(account, monkeypatch)
    page = open_with(model=UPLOADED.sha256)
    assert "unknown here" in page.info[0].value
    page.button(key="attach").click().run()
    assert "ROC AUC" in shown(page.button(key="score").click().run())
    assert "ROC AUC" in shown(open_with(model=UPLOADED.sha256))


def test_columns_that_are_attached_must_be_as_many_as_the_model_takes(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(account, monkeypatch)
    page = open_with(model=UPLOADED.sha256)
    page.segmented_control(key="attach_way").set_value("Column names").run()
    page.text_input(key="attach_target").set_value("Class")
    page.text_input(key="attach_classes").set_value("legitimate, fraud")
    page.text_area[0].set_value("a, b")
    page.button(key="attach").click().run()
    assert "it was trained on 3 columns, and 2 are named: a, b" in page.error[0].value
    page.text_area[0].set_value("a, b, c")
    page.button(key="attach").click().run()
    assert not page.error
    assert page.file_uploader(key="labelled_0")


def test_a_job_of_data_from_elsewhere_is_attached_to_a_set_once(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_training_job(channel="s3://other/train/")
    monkeypatch.setattr(job_queries, "training_job", lambda account, name: elsewhere)
    monkeypatch.setattr(model_queries, "model", model_file.load)
    page = open_page()
    assert "s3://other/train/" in page.info[0].value.replace("\\", "")
    assert (page.selectbox(key="attach_data").options, page.selectbox(key="attach_data").value) == (
        ["Cards of May"],
        "cards",
    )
    page.button(key="attach").click().run()
    assert open_page().button(key="score")


def test_what_was_attached_can_be_attached_again(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(account, monkeypatch)
    attached = attached_data.ModelDataDocument(data="cards", attached=WHEN)
    attached_data.attach(account, uploaded_models.model_of(account, UPLOADED), attached)
    page = open_with(model=UPLOADED.sha256)
    assert "Data attached" in "".join(caption.value for caption in page.caption)
    page.button(key="detach").click().run()
    assert page.button(key="attach")


def test_an_attached_set_that_was_deleted_is_said_and_another_can_be_attached(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(account, monkeypatch)
    attached = attached_data.ModelDataDocument(data="gone", attached=WHEN)
    attached_data.attach(account, uploaded_models.model_of(account, UPLOADED), attached)
    page = open_with(model=UPLOADED.sha256)
    assert "Data set gone: there is no prepared data set" in page.warning[0].value
    assert page.button(key="attach")


def test_a_labelled_file_is_one_more_choice_of_rows(account: FakeAccount) -> None:
    labels, features = make_test_rows()
    frame = features.to_pandas().iloc[:200].assign(Class=np.array(["legitimate", "fraud"])[labels[:200]])
    data = load(account, "cards")
    labelled_rows.keep(account, data, labelled_rows.read(frame, data, None, "x"), "may.csv", "d" * 64, WHEN)
    page = open_with(split="may.csv (dddddd)")
    page.button(key="score").click().run()
    assert "ROC AUC" in shown(page)
    assert "200 rows of may.csv" in "".join(caption.value for caption in page.caption).replace("\\", "")


@pytest.mark.usefixtures("account")
def test_after_a_restart_the_scores_are_shown_without_scoring() -> None:
    first = shown(open_page().button(key="score").click().run())
    evaluations.clear()
    assert shown(open_page()) == first


def test_damaged_scores_are_said_and_scored_again(account: FakeAccount) -> None:
    open_page().button(key="score").click().run()
    evaluations.clear()
    (place,) = [key for key in account.objects if key.endswith(".parquet")]
    account.objects[place] = account.objects[place][:-9]
    page = open_page()
    assert "Kept scores: their file was damaged and has been removed" in page.warning[0].value
    assert "ROC AUC" in shown(page.button(key="score").click().run())


def test_an_endpoint_that_fails_in_the_middle_is_one_sentence_and_scoring_goes_on_from_there(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(account, monkeypatch)
    server = Server(refused=make_test_rows()[1]["a"][199].as_py())
    object.__setattr__(account, "answer", server)
    page = open_page()
    page.segmented_control(key="how").set_value("cards-live").run()
    page.button(key="score").click().run()
    assert "row 200 was refused" in page.error[0].value
    assert "199 of 300 rows are scored" in "".join(
        caption.value for caption in open_with(how="Endpoint cards-live").caption
    )
    account.bodies.clear()
    server.refused = None
    assert "ROC AUC" in shown(page.button(key="score").click().run())
    assert sum(body.count(b"\n") for body in account.bodies) == 300 - 199


@pytest.mark.usefixtures("account")
def test_the_price_and_the_time_stand_beside_the_scoring_method() -> None:
    page = open_page()
    captions = "".join(caption.value for caption in page.caption)
    assert "Free, about 10 s" in captions


def test_equal_scores_of_every_row_are_shown_and_not_a_fault(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(account, monkeypatch)
    object.__setattr__(account, "answer", Server())
    page = open_page()
    page.segmented_control(key="how").set_value("cards-live").run()
    assert shown(page.button(key="score").click().run())["ROC AUC"] == "0.500"


def test_a_file_with_one_class_only_is_evaluated_as_far_as_that_goes(account: FakeAccount) -> None:
    _, features = make_test_rows()
    frame = features.to_pandas().iloc[:50].assign(Class="legitimate")
    data = load(account, "cards")
    labelled_rows.keep(account, data, labelled_rows.read(frame, data, None, "x"), "may.csv", "d" * 64, WHEN)
    page = open_with(split="may.csv (dddddd)")
    page.button(key="score").click().run()
    assert shown(page)["ROC AUC"] == "undefined"
