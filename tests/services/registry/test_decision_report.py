"""The decision report: what a reader finds in it, and that text of the data stays text."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.aws import s3
from services.data.prepared_data import PreparedData
from services.data.recipe.cleaning import Log
from services.data.recipe.recipe import Recipe
from services.evaluation.metrics import Scored
from services.html_report import Line, Table
from services.registry import decision_report, model_metrics
from services.registry import versions as model_versions
from services.registry.decision_report import DecisionReport
from services.registry.model_metrics import Rows
from tests.local_service import LocalService
from tests.pages.test_evaluate import make_training_job
from tests.services.evaluation import test_scoring
from tests.services.registry.version_factory import make_version
from tests.services.training_factory import make_data, make_model

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def make_report(classes: tuple[str, str] = ("no", "yes"), split: str = "test") -> DecisionReport:
    data = replace(test_scoring.make_data(), classes=classes, divided="Stratified 70/20/10, seed 1729")
    scored = Scored.of([0, 0, 1, 1, 0], [0.1, 0.7, 0.9, 0.2, 0.3])
    quality = model_metrics.of_scored(scored, Rows("cards", split, "s3://bucket/cards/"), classes, 0.5)
    recipe = Recipe(inputs=("amount",), steps=(Log(column="amount"),), features=("amount",))
    return DecisionReport("cards-1", "s3://bucket/model.tar.gz", make_training_job(), data, recipe, quality)


def said(report: DecisionReport) -> str:
    return decision_report.as_html(report, NOW)


def test_the_result_is_said_with_its_own_counts() -> None:
    assert (
        "On 5 test rows of cards at the threshold 0.5: 2 flagged: 1 correct, 1 false alarm; 1 of 2 positives"
        in said(make_report())
    )


def test_every_metric_has_its_interval() -> None:
    report = make_report()
    low, high = report.quality.measures["recall"].interval or (0, 0)
    assert f"<td>Recall</td><td>0.500</td><td>{low:.4f} to {high:.3f}</td>" in said(report)


def test_the_recipe_is_told_in_the_order_of_its_steps() -> None:
    assert f"1. {Log(column='amount').sentence}." in said(make_report())


def test_without_a_saved_decision_the_report_says_so() -> None:
    assert "No decision was saved for this model." in said(make_report())


def test_a_saved_decision_is_told_with_its_reason() -> None:
    page = said(replace(make_report(), decision=["Flagged from 0.31 on: a miss costs $500."]))
    assert "Flagged from 0.31 on: a miss costs $500." in page
    assert "No decision was saved" not in page


def test_few_rows_of_a_class_are_a_limit() -> None:
    assert "The rarer class has 2 rows among them" in said(make_report())


@pytest.mark.parametrize(("split", "limit"), [("validation", "expect somewhat less"), ("train", "learned from")])
def test_rows_that_the_model_was_chosen_on_are_a_limit(split: str, limit: str) -> None:
    assert limit in said(make_report(split=split))


def test_slices_and_curves_are_in_it_where_there_are_some() -> None:
    line = Line("Gains", "share of rows", "share found", [0.0, 1.0], [0.0, 1.0])
    page = said(replace(make_report(), slices=[Table(("Region", "Recall"), [("north", 0.5)])], curves=[line]))
    assert "<td>north</td><td>0.5</td>" in page
    assert 'points="0.0,240.0 460.0,0.0"' in page


def test_names_of_classes_make_no_markup() -> None:
    page = said(make_report(("<b>no</b>", "yes</title>")))
    assert "<b>no" not in page
    assert page.count("</title>") == 1


@pytest.mark.slow
def test_an_attached_report_is_found_by_the_version(local: LocalService) -> None:
    data: PreparedData = make_data(local.account, "reported")
    version = make_version(local.account, make_model(local.account, data), "Reported")
    address = decision_report.attach(local.account, version, "<p>why</p>", NOW)
    found = model_versions.version(local.account, version.arn)
    assert found.report == address
    assert s3.read_bytes(local.account, address) == b"<p>why</p>"
    assert found.job == version.job
