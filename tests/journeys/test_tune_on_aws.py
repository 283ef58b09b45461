"""A search on an AWS account in a real browser, launched and opened again. moto is the AWS.

moto runs no trials: a search is completed at once, its best trial is a job that does not exist, of value 1. It has no
ListTrainingJobsForHyperParameterTuningJob, so there is no table or picture of the trials; its AddTags fails for a
search, so the baseline cannot be noted. It answers both with a web page of status 500, as a proxy would. So what is
seen is what was sent, that each of the two refusals is one sentence, and that neither takes away the rest.
"""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import AWS, Visitor, prepare_tumours, set_the_role
from tests.moto_account import ROLE, client

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BROKEN = "500 Internal Server Error"
TRIALS = f"List training jobs for hyper parameter tuning job on AWS, us-east-1: {BROKEN}. A web page came"


def test_a_search_is_launched_as_it_was_filled_in_and_its_page_opened_by_its_address(
    on_aws: Visitor, aws_url: str, running: Browser
) -> None:
    set_the_role(on_aws)
    prepare_tumours(on_aws, "cells")
    search = launch(on_aws)
    was_sent(aws_url, search)
    on_aws.sees(f"Baseline of {search}: {BROKEN}; the search itself has started")
    is_shown(on_aws)
    on_aws.picture("tune-on-aws")
    colleague = Visitor(running, on_aws.url)
    colleague.open(f"tune?{AWS}&tuning={search}")
    is_shown(colleague)
    colleague.open(f"tune?{AWS}&tune_view=Searches")
    expect(colleague.key("tuning").locator("input").first).to_have_value(search)
    for visitor in (on_aws, colleague):
        visitor.sees_no_fault()


def launch(visitor: Visitor) -> str:
    """The name of the search that is launched, of four trials."""
    visitor.walk("Tune")
    visitor.fill("max_jobs", "4")
    visitor.fill("parallel", "2")
    visitor.sees("maximum $1.20 (time limits)")  # of the baseline, too
    visitor.press("launch_tuning")
    visitor.sees("Bayesian search, maximizes validation:auc")
    (name,) = visitor.address["tuning"]
    return name


def was_sent(url: str, search: str) -> None:
    sagemaker = client(url, "sagemaker")
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=search)
    config, definition = job["HyperParameterTuningJobConfig"], job["TrainingJobDefinition"]
    assert config["HyperParameterTuningJobObjective"] == {"Type": "Maximize", "MetricName": "validation:auc"}
    limits = config["ResourceLimits"]
    assert (limits["MaxNumberOfTrainingJobs"], limits["MaxParallelTrainingJobs"]) == (4, 2)
    assert sorted(item["Name"] for kind in config["ParameterRanges"].values() for item in kind) == [
        *("alpha", "eta", "max_depth", "min_child_weight")
    ]
    assert definition["RoleArn"] == ROLE
    (baseline,) = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert baseline["TrainingJobName"].startswith(f"{search}-baseline-")


def is_shown(visitor: Visitor) -> None:
    """What moto knows of the search, and one sentence for what it cannot say."""
    visitor.sees("Best trial: validation:auc 1.00000")
    visitor.sees(TRIALS)
    expect(visitor.page.get_by_text(re.compile("doctype", re.IGNORECASE))).to_have_count(0)
    for way_on in ("Evaluate best model", "Register best model", "Deploy best model"):
        expect(visitor.page.get_by_role("link", name=way_on)).to_be_visible()
