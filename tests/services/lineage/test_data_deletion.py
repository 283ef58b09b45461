"""Deleting a prepared set: what was made from it is found, what it takes is said, and it never half exists."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from services import settings
from services.aws import s3
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError
from services.data import prepared_data, shards
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation import batch_scoring, kept_scores, labelled_rows
from services.evaluation.kept_scores import KeptScores
from services.lineage import data_deletion, dependents
from services.lineage.data_deletion import DataDeletion
from services.lineage.dependents import Dependents
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from tests.local_service import eventually
from tests.services.registry.version_factory import make_version
from tests.services.training_factory import WHEN, make_data, make_model, make_plan

MADE = Dependents(
    training_jobs=("a", "b"),
    tuning_jobs=("t",),
    trials=("t-001",),
    versions=("version 1 of m",),
    evaluations=("test rows scored with a",),
)


def kinds(deletion: DataDeletion) -> list[str]:
    return [deletion.kind(file) for file in deletion.files]


def test_every_file_of_a_set_is_listed_the_manifest_first(account: Account) -> None:
    data = make_data(account)
    prepared_data.put_together(account, data)
    shards.cut(account, data, 2)
    deletion = data_deletion.plan(account, data.name)
    copies = "Train and validation copies"
    assert kinds(deletion) == [
        "Manifest",
        "Raw test rows",
        "Raw validation rows",
        *("Share of an instance",) * 2,
        "Test rows",
        *(copies,) * 2,
        "Train rows",
        "Validation rows",
    ]
    assert deletion.size == sum(size for _, size in s3.keys(account, data.address))


def test_a_set_that_nobody_used_is_deleted_whole_and_its_name_is_free_again(account: Account) -> None:
    data, other = make_data(account), make_data(account)
    deletion = data_deletion.plan(account, data.name)
    assert (data_deletion.consequences(deletion), deletion.dependents) == ((), Dependents())
    assert data_deletion.delete(account, deletion, WHEN) == ()
    assert list(s3.keys(account, data.address)) == []
    assert prepared_data.load(account, other.name) == other
    make_data(account, data.name)


def test_labelled_files_and_scores_of_a_set_are_deleted_with_it(account: Account) -> None:
    data = make_data(account)
    frame = pd.DataFrame({name: [0.5, 1.5] for name in data.features}).assign(**{data.target: list(data.classes)})
    rows = labelled_rows.read(frame, data, None, "File may.csv")
    part = labelled_rows.keep(account, data, rows, "may.csv", "a" * 64, WHEN).part
    scores = KeptScores(np.array([0.25, 0.75]), 2, WHEN, 1.0)
    kept_scores.keep(account, kept_scores.folder(account, data.name, part) / "b.parquet", scores)
    deletion = data_deletion.plan(account, data.name)
    assert kinds(deletion).count("Labelled file") == 2
    assert kinds(deletion).count("Scores of its rows") == 1
    assert deletion.dependents == Dependents()
    assert data_deletion.delete(account, deletion, WHEN) == ()
    assert kept_scores.scored_on(account, data) == []


def test_a_set_is_no_set_any_more_when_its_deletion_breaks_off(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_data(account)
    deletion = data_deletion.plan(account, data.name)
    allowed = iter([False, False])

    def breaks_off() -> bool:
        return next(allowed, True)

    monkeypatch.setattr(settings, "read_only", breaks_off)
    with pytest.raises(Problem, match="read-only mode was switched on"):
        data_deletion.delete(account, deletion, WHEN)
    assert data.name not in prepared_data.names(account)
    assert list(s3.keys(account, data.address))


def test_in_read_only_mode_nothing_is_deleted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(account)
    deletion = data_deletion.plan(account, data.name)
    monkeypatch.setattr(settings, "read_only", lambda: True)
    with pytest.raises(Problem, match=r"read-only mode was switched on\. Switch it off in Settings to go on\.$"):
        data_deletion.delete(account, deletion, WHEN)
    assert prepared_data.load(account, data.name) == data


def test_a_set_that_was_prepared_anew_meanwhile_is_not_deleted(account: Account) -> None:
    data = make_data(account)
    deletion = data_deletion.plan(account, data.name)
    agreed = replace(deletion, data=replace(data, created=data.created - timedelta(days=1)))
    with pytest.raises(ChangedMeanwhileError):
        data_deletion.delete(account, agreed, WHEN)
    assert prepared_data.load(account, data.name) == data


def test_what_no_longer_works_is_said_with_its_counts(account: Account, data: PreparedData) -> None:
    said = data_deletion.consequences(DataDeletion(data, (), MADE))
    assert said == (
        "2 jobs can no longer be evaluated on their test rows, nor trained again on these rows.",
        "1 tuning job can no longer be compared on test rows, and no final model can be trained.",
        "The Endpoints page can no longer predict rows or files with models of these jobs: the names of their "
        "columns are deleted.",
        "1 registered version can no longer be measured on these rows; the saved metrics stay.",
        "1 batch evaluation can no longer be opened: the scores stay, but their labels are deleted.",
    )


def test_a_single_job_is_spoken_of_as_one(data: PreparedData) -> None:
    said = data_deletion.consequences(
        DataDeletion(replace(data, has_recipe=True), (), Dependents(training_jobs=("a",)))
    )
    assert said == (
        "1 job can no longer be evaluated on its test rows, nor trained again on these rows.",
        "The Endpoints page can no longer predict rows or files with models of these jobs: the recipe is deleted.",
    )


@pytest.mark.slow
def test_whatever_was_made_from_a_set_is_found_and_nothing_of_another(account: Account) -> None:
    data, other = make_data(account), make_data(account)
    job = make_model(account, data)
    make_version(account, make_model(account, other), "others")
    make_version(account, job, "models")
    name = batch_scoring.launch(account, job, data, "test", "ml.m4.xlarge", WHEN)
    eventually(lambda: not batch_scoring.describe(account, name).status.active)
    assert dependents.find(account, data) == Dependents(
        training_jobs=(job.name,),
        models=(job.name,),
        versions=("version 1 of models",),
        evaluations=(f"test rows scored with {job.name}",),
    )


@pytest.mark.slow
def test_the_name_of_a_deleted_set_that_jobs_learned_from_is_never_given_again(account: Account) -> None:
    data = make_data(account)
    make_model(account, data)
    assert data_deletion.delete(account, data_deletion.plan(account, data.name), WHEN) == ()
    with pytest.raises(Problem, match="jobs learned from a deleted one of that name"):
        make_data(account, data.name)


@pytest.mark.slow
def test_a_set_that_a_job_reads_is_not_deleted(account: Account) -> None:
    data = make_data(account)
    name = training_launch.launch(account, make_plan(data, num_round="100000"))
    deletion = data_deletion.plan(account, data.name)
    assert deletion.dependents.running == (f"training job {name}",)
    with pytest.raises(Problem, match=f"training job {name} still reads it"):
        data_deletion.delete(account, deletion, WHEN)
    training_jobs.stop(account, name)
    assert prepared_data.load(account, data.name) == data


@pytest.mark.slow
def test_a_set_is_not_deleted_once_more_was_made_from_it_than_was_agreed_to(account: Account) -> None:
    data = make_data(account)
    deletion = data_deletion.plan(account, data.name)
    make_model(account, data)
    with pytest.raises(Problem, match="has changed in the meantime"):
        data_deletion.delete(account, deletion, WHEN)
    assert prepared_data.load(account, data.name) == data
