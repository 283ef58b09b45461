"""A saved decision wherever its model predicts or is registered, over a running local service."""

import pytest

from pages.components.queries import evaluations
from pages.components.queries.changes import changed
from services.aws import s3
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.evaluation.decision import saved_decision
from services.registry import versions as model_versions
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import LocalService, eventually
from tests.pages.app import errors, open_page, words
from tests.pages.test_registry import look, type_group
from tests.services.evaluation.decision.test_saved_decision import make_decision, put
from tests.services.training_factory import WHEN, make_model

pytestmark = pytest.mark.slow
ROWS = b"age,size,weight,predicted\n1,-3,0,mine\n0,3,1,mine\n"


@pytest.fixture
def job(local: LocalService, data: PreparedData) -> TrainingJob:
    return make_model(local.account, data)


def save(account: Account, job: TrainingJob, threshold: float) -> None:
    stored = saved_decision.read(account, job.model_uri or "")
    decision = make_decision(job.model_uri or "", threshold)
    saved_decision.save(account, decision, stored.etag if stored else None)


def deployed(account: Account, job: TrainingJob) -> str:
    name = unique("decided")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    return name


@pytest.mark.parametrize(("threshold", "flagged"), [(0.0, [1, 1]), (0.4, [1, 0]), (1.0, [0, 0])])
def test_a_file_predicted_through_an_endpoint_has_the_class_of_the_decision(
    account: Account, job: TrainingJob, threshold: float, flagged: list[int]
) -> None:
    save(account, job, threshold)
    page = open_page("endpoints", endpoint=deployed(account, job))
    page.file_uploader(key="file").set_value(("rows.csv", ROWS, "text/csv")).run()
    assert not errors(page)
    table = next(each.value for each in page.main.dataframe if "flagged" in each.value.columns)
    assert list(table.columns[:3]) == ["score", "predicted", "flagged"]
    assert table["flagged"].tolist() == flagged
    assert table["predicted"].tolist() == [("no", "yes")[each] for each in flagged]
    assert f"**{sum(flagged)}** predicted yes: a score of {threshold:g} or more" in words(page)
    assert "decided by user/ana: A miss costs 50 false alarms" in words(page)
    assert "Columns of the file that are replaced: predicted" in words(page)


def test_without_a_decision_an_endpoint_page_says_so_and_leads_to_one(account: Account, job: TrainingJob) -> None:
    page = open_page("endpoints", endpoint=deployed(account, job))
    assert "No decision is saved for this model: the usual threshold 0.5 is applied." in words(page)
    leading = {link.proto.label: link.proto.query_string for link in page.main.get("page_link")}
    assert leading["Choose threshold on Evaluate"] == f"job={job.name}"


@pytest.mark.parametrize("evaluated", [True, False])
def test_a_version_is_registered_with_the_decision_and_shows_its_reason(
    account: Account, job: TrainingJob, data: PreparedData, evaluated: bool
) -> None:
    evaluations.clear()
    save(account, job, 0.31)
    if evaluated:
        evaluations.evaluate_model(account, job, data, "test")
    page, group = open_page("registry", register=job.name), unique("Models")
    type_group(page, job, group)
    page.button(key="register").click().run()
    assert not errors(page)
    version = model_versions.versions(account, group).versions[0]
    assert version.metadata[model_versions.DECISION] == "0.31"
    assert "**Threshold 0.31:** A miss costs 50 false alarms (user/ana" in words(page)


def test_a_version_says_when_predictions_apply_a_newer_decision(account: Account, job: TrainingJob) -> None:
    save(account, job, 0.31)
    page, group = open_page("registry", register=job.name), unique("Models")
    type_group(page, job, group)
    page.button(key="register").click().run()
    assert not page.main.warning
    save(account, job, 0.4)
    assert "Predictions of this model: Threshold 0.4, decided by user/ana" in look(group, 1).main.warning[0].value


def test_a_damaged_decision_is_set_aside_where_it_is_named(
    account: Account, job: TrainingJob, data: PreparedData
) -> None:
    place = put(account, job.model_uri or "", b"{")
    evaluations.evaluate_model(account, job, data, "test")
    page = open_page("evaluate", job=job.name, split="test")
    page.button(key="set_decision_aside").click().run()
    assert not errors(page)
    assert "No decision is saved for this model" in words(page)
    assert any(".unreadable-" in key for key, _ in s3.keys(account, place))


def test_a_decision_that_somebody_saved_since_the_page_was_drawn_is_shown_and_not_overwritten(
    account: Account, job: TrainingJob, data: PreparedData
) -> None:
    save(account, job, 0.31)
    evaluations.evaluate_model(account, job, data, "validation")
    page = open_page("evaluate", job=job.name, split="validation", threshold="0.2")
    save(account, job, 0.4)
    changed(account, "decisions")  # as it is done in the other person's session
    page.button(key="save_decision").click().run()
    assert any("yours was not saved" in warning.value for warning in page.main.warning)
    assert "Saved decision: 0.4" in words(page)
    assert saved_decision.applied(account, {job.model_uri or ""}).threshold == 0.4
    page.button(key="save_decision").click().run()
    assert saved_decision.applied(account, {job.model_uri or ""}).threshold == 0.2
