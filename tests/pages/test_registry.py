"""The Registry page, over a running local service: register, look, compare, decide, delete."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import evaluations
from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.registry import approval as model_approval
from services.registry import versions as model_versions
from services.registry.versions import Approval, ModelVersion
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.pages.app import chosen, errors, metrics, open_page, stand_at, words
from tests.services.registry.version_factory import group_of, make_version, measured
from tests.services.training_factory import make_data, make_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(local: LocalService, data: PreparedData) -> TrainingJob:
    return make_model(local.account, data, eval_metric="auc")


@pytest.fixture(scope="module")
def better(local: LocalService, data: PreparedData) -> TrainingJob:
    """Another model of the same data, with more rounds."""
    return make_model(local.account, data, eval_metric="auc", num_round="9")


@pytest.fixture
def group() -> str:
    return unique("Models")


@pytest.fixture
def versions(
    account: Account, job: TrainingJob, better: TrainingJob, data: PreparedData, group: str
) -> list[ModelVersion]:
    """Two judged versions of `group`; the first is approved."""
    made = [
        make_version(account, each, group, measured(account, each, data), note)
        for each, note in ((job, "the first"), (better, "more rounds"))
    ]
    model_approval.decide(account, made[0], Approval.APPROVED, "good enough")
    return made


def table(page: AppTest, number: int = 0) -> list[dict[str, Any]]:
    shown = page.main.dataframe[number].value
    return [dict(zip(shown.columns, row, strict=True)) for row in shown.itertuples(index=False)]


def type_group(page: AppTest, job: TrainingJob, name: str) -> None:
    """Type the name of a group; AppTest knows only options that are there."""
    box = page.selectbox(key=f"register_in_{job.name}")
    box.options.append(name)
    box.set_value(name).run()


def links(page: AppTest) -> dict[str, str]:
    """Where the links of a page lead, by their labels: what their address selects."""
    found: list[Any] = list(page.main.get("page_link"))
    return {link.proto.label: link.proto.query_string for link in found}


def said_in_dialog(page: AppTest) -> str:
    """What the page and its dialog say, errors too."""
    return "\n".join(str(each.value) for each in (*page.markdown, *page.caption, *page.warning, *page.error))


def look(group: str, version: int, **query: str) -> AppTest:
    page = open_page("registry", group=group, version=str(version), **query)
    assert not page.exception
    return page


def seen(page: AppTest) -> str:
    """Which version is looked at."""
    return next(each.value for each in page.main.subheader if each.value.startswith("Version "))


def test_without_a_model_the_next_step_is_to_judge_one(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    assert "No model is registered yet." in words(open_page("registry"))
    assert "no completed training job to register" in words(open_page("registry", registry_view="Register"))


def test_a_job_that_nobody_judged_is_registered_with_its_own_metrics_and_says_so(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    evaluations.clear()
    page = open_page("registry", register=job.name)
    assert "was not evaluated within the last hour" in words(page)
    assert f"those the job measured on validation rows of {data.name}" in words(page)
    type_group(page, job, group)
    page.button(key="register").click().run()
    assert not page.exception
    assert not errors(page)
    assert seen(page) == f"Version 1 of {group}"
    assert model_versions.versions(account, group).versions[0].measures.keys() == {"validation:auc"}


def test_a_judged_job_is_registered_with_its_held_out_metrics_and_the_threshold(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    evaluations.clear()
    page = open_page("registry", register=job.name, at="0.25")
    page.button(key="judge").click().run()
    assert page.number_input(key=f"register_at_{job.name}").value == 0.25
    type_group(page, job, group)
    page.text_area(key=f"register_note_{job.name}").set_value("for cells").run()
    page.button(key="register").click().run()
    assert not page.exception
    version = model_versions.versions(account, group).versions[0]
    assert (version.note, version.metadata[model_versions.DECISION]) == ("for cells", "0.25")
    assert model_versions.quality(account, version).measures == measured(account, job, data, 0.25).measures
    assert set(metrics(page)) == {"Average precision", "Precision", "Recall", "ROC AUC"}


@pytest.mark.usefixtures("account")
def test_a_bad_group_name_is_one_sentence_and_nothing_typed_is_lost(job: TrainingJob) -> None:
    page = open_page("registry", register=job.name)
    type_group(page, job, "two words")
    page.text_area(key=f"register_note_{job.name}").set_value("for cells").run()
    page.button(key="register").click().run()
    assert errors(page) == [
        "Group 'two words': a name holds letters, digits and single hyphens, at most 63 characters. Change it."
    ]
    assert chosen(page, f"register_in_{job.name}") == "two words"
    assert page.text_area(key=f"register_note_{job.name}").value == "for cells"


def test_a_group_that_is_deleted_meanwhile_is_one_sentence_and_made_anew_by_a_second_click(
    account: Account, job: TrainingJob, group: str
) -> None:
    model_approval.delete_version(account, make_version(account, job, group).arn)
    page = open_page("registry", register=job.name)
    type_group(page, job, group)
    model_approval.delete_group(account, group)
    page.button(key="register").click().run()
    assert errors(page)[0].startswith(f"Group {group}: it does not exist; it may have been deleted.")
    assert chosen(page, f"register_in_{job.name}") == group
    page.button(key="register").click().run()
    assert not errors(page)
    assert len(model_versions.versions(account, group).versions) == 1


@pytest.mark.usefixtures("account")
def test_the_threshold_of_one_job_is_not_that_of_another(
    job: TrainingJob, better: TrainingJob, data: PreparedData, account: Account
) -> None:
    for each in (job, better):
        evaluations.evaluate_model(account, each, data, "test")
    page = open_page("registry", register=job.name, at="0.25")
    page.selectbox(key="register_job").set_value(better.name).run()
    assert page.number_input(key=f"register_at_{better.name}").value == 0.5


@pytest.mark.usefixtures("account")
def test_a_finished_job_leads_to_its_registration(job: TrainingJob) -> None:
    assert links(open_page("train", job=job.name))["Register"] == f"register={job.name}"


@pytest.mark.usefixtures("account")
def test_a_job_that_is_older_than_the_list_is_registered_when_it_is_asked_for(
    job: TrainingJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_queries, "training_jobs", lambda account: [])
    assert chosen(open_page("registry", register=job.name), "register_job") == job.name


@pytest.mark.usefixtures("account")
def test_a_job_that_is_gone_is_one_sentence() -> None:
    page = open_page("registry", register="never-was")
    assert len(errors(page)) == 1
    assert "not found" in errors(page)[0]


@pytest.mark.usefixtures("account")
def test_versions_are_listed_newest_first_and_say_whether_their_data_is_that_of_the_approved_one(
    versions: list[ModelVersion], group: str, data: PreparedData
) -> None:
    rows = table(open_page("registry", group=group))
    assert [(row["Version"], row["Status"], row["Data vs approved"]) for row in rows] == [
        (2, ["Pending approval"], "same rows"),
        (1, ["Approved"], "this version"),
    ]
    assert (rows[0]["Data set"], rows[0]["Note"]) == (data.name, "more rounds")
    assert rows[0]["Average precision"] == f"{versions[1].measures['average_precision']:.4f}"


@pytest.mark.usefixtures("account", "versions")
def test_the_version_of_the_address_is_shown_and_the_newest_without_one(group: str) -> None:
    page = open_page("registry", group=group)
    assert "more rounds" in words(page)
    page.query_params["version"] = "1"
    page.run()
    assert "good enough" in words(page)


@pytest.mark.usefixtures("account", "versions")
def test_a_version_is_compared_with_the_approved_one(group: str) -> None:
    page = look(group, 2)
    compared = {row[""]: row for row in table(page, 1)}
    assert compared["Average precision"]["Difference"][0] in "+−"
    said = words(page)
    assert "Both were measured on the same test rows" in said
    assert "Both trained on the same rows" in said
    assert table(page, 2) == [{"": "num_round", "version 2": "9", "version 1": "5"}]


def test_metrics_on_other_rows_are_said_not_to_be_comparable(account: Account, job: TrainingJob, group: str) -> None:
    other = make_data(account, rows=500)
    make_version(account, job, group)
    make_version(account, make_model(account, other, eval_metric="auc"), group)
    page = look(group, 2)
    assert page.warning[0].value.startswith(
        f"Not comparable: version 2 was measured on validation rows of {other.name}, version 1 on"
    )
    assert "They trained on different rows" in words(page)
    assert table(page, 1)[0]["Difference"] == "not comparable"


def test_approving_shows_the_approved_one_beside_it_and_keeps_the_reason(
    account: Account, versions: list[ModelVersion], group: str
) -> None:
    page = look(group, 2)
    page.button(key="approve").click().run()
    assert "Version 1 is approved now. The latest approved version is in use: version 2 after this." in said_in_dialog(
        page
    )
    page.text_area(key=f"reason_Approved_{versions[1].arn}").set_value("finds more").run()
    page.button(key="decide_confirm").click().run()
    assert not page.exception
    decided = model_versions.version(account, versions[1].arn)
    assert (decided.approval, decided.reason) == (Approval.APPROVED, "finds more")
    assert links(page)["Deploy this version"] == f"job={versions[1].job}"


def test_a_rejection_without_a_reason_is_one_sentence(
    account: Account, versions: list[ModelVersion], group: str
) -> None:
    page = look(group, 2)
    page.button(key="reject").click().run()
    page.button(key="decide_confirm").click().run()
    assert "Reason: it is missing. Enter a reason." in said_in_dialog(page)
    page.text_area(key=f"reason_Rejected_{versions[1].arn}").set_value("overfits").run()
    page.button(key="decide_confirm").click().run()
    assert model_versions.version(account, versions[1].arn).approval is Approval.REJECTED


def test_deleting_lists_what_is_called_and_asks_once(
    account: Account, versions: list[ModelVersion], group: str
) -> None:
    page = look(group, 2)
    page.button(key="delete_version").click().run()
    assert f"DeleteModelPackage ModelPackageName={versions[1].arn}" in [each.value for each in page.code]
    page.button(key="delete_confirm").click().run()
    assert not page.exception
    assert not errors(page)
    assert [each.number for each in model_versions.versions(account, group).versions] == [1]
    assert seen(page) == f"Version 1 of {group}"


def test_an_empty_group_can_be_deleted(account: Account, job: TrainingJob, group: str) -> None:
    model_approval.delete_version(account, make_version(account, job, group).arn)
    page = open_page("registry", group=group)
    page.button(key="delete_group").click().run()
    page.button(key="delete_confirm").click().run()
    assert not page.exception
    assert group not in {each.name for each in model_versions.groups(account)}


def test_a_version_that_is_gone_is_one_sentence(account: Account, versions: list[ModelVersion], group: str) -> None:
    model_approval.delete_version(account, versions[1].arn)
    page = look(group, 2)
    assert errors(page) == [f"Version {group.lower()}/2: it does not exist; it may have been deleted. Reload the page."]


def test_a_model_file_that_is_gone_cannot_be_approved(account: Account, job: TrainingJob, group: str) -> None:
    source = Address.parse(job.model_uri or "")
    target = Address(source.bucket, f"{group}/output/model.tar.gz")
    s3.copy(account, source, target)
    version = make_version(account, replace(job, model_uri=str(target)), group)
    account.call("s3", "delete_object", Bucket=target.bucket, Key=target.key)
    page = look(group, 1)
    page.button(key="approve").click().run()
    page.text_area(key=f"reason_Approved_{version.arn}").set_value("good").run()
    page.button(key="decide_confirm").click().run()
    assert (
        f"Version 1: its model file {target} was deleted. Reject the version, or train the model again."
        in said_in_dialog(page)
    )
    assert page.text_area(key=f"reason_Approved_{version.arn}").value == "good"


@pytest.mark.usefixtures("account")
def test_the_code_shown_is_a_script_that_python_can_read(job: TrainingJob) -> None:
    compile(open_page("registry", register=job.name).code[0].value, "shown", "exec")


def test_versions_are_turned_page_by_page(
    account: Account, job: TrainingJob, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_versions, "ROWS", 2)
    for _ in range(3):
        make_version(account, job, group)
    page = open_page("registry", group=group)
    page.button(key="further").click().run()
    assert [row["Version"] for row in table(page)] == [1]
    page.button(key="back").click().run()
    assert [row["Version"] for row in table(page)] == [3, 2]
    assert group_of(account, group).name == chosen(page, "group")
