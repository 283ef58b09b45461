"""A threshold by money: chosen and saved on Evaluate, applied to a file through an endpoint, shown in the registry."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect
from sklearn.datasets import load_breast_cancer

from tests.journeys.visitor import Visitor, dashboard, deploy, prepare_tumours

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MISS, FALSE_ALARM = 400, 25


def test_a_threshold_by_money_is_saved_and_applied_to_a_predicted_file_and_its_version(
    running: Browser, tmp_path: Path
) -> None:
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        visitor.open("data")
        prepare_tumours(visitor, "cells")
        visitor.walk("Train")
        visitor.press("launch")
        visitor.sees("Training job completed", within=180)
        threshold = decide(visitor)
        register(visitor, threshold)
        returns(running, url, threshold)
        predict_file(visitor, tmp_path, threshold)
        visitor.sees_no_fault()


def decide(visitor: Visitor) -> float:
    """The cheapest threshold on the validation rows, as the page saves it; held against the rows it downloads."""
    visitor.walk("Evaluate")
    visitor.choose("split", "validation")
    visitor.press("score", within=120)
    visitor.sees("No decision is saved for this model")
    visitor.fill("cost_miss", str(MISS))
    visitor.fill("cost_false_alarm", str(FALSE_ALARM))
    visitor.press("use_threshold")
    threshold = float(visitor.address["threshold"][0])
    with visitor.page.expect_download() as download:
        visitor.click("download")
    rows = pd.read_csv(download.value.path())
    assert cost(rows, threshold) == min(cost(rows, each) for each in (*rows["score"], 1.0))
    visitor.sees(f"At {threshold:g}: ")
    visitor.press("save_decision")
    visitor.sees(f"Saved decision: {threshold:g}")
    visitor.sees("a miss costs $400, a false alarm $25")
    visitor.picture("decision")
    return threshold


def cost(rows: pd.DataFrame, threshold: float) -> float:
    """What the errors of scored rows cost at a threshold; the positive class is 1."""
    flagged, positive = rows["score"] >= threshold, rows.iloc[:, 1] == 1
    return float(MISS * (positive & ~flagged).sum() + FALSE_ALARM * (flagged & ~positive).sum())


def register(visitor: Visitor, threshold: float) -> None:
    visitor.page.get_by_role("link", name="Register with this threshold").click()
    visitor.sees("It waits for approval")
    visitor.settle()
    visitor.press("register")
    visitor.sees("Version 1 of", within=60)
    visitor.sees(f"Threshold {threshold:g}:")
    visitor.sees("Lowest expected cost on")
    visitor.picture("decision-version")


def returns(running: Browser, url: str, threshold: float) -> None:
    """Somebody else finds the slider where it was decided."""
    other = Visitor(running, url)
    other.open("evaluate?split=validation")
    other.sees(f"Saved decision: {threshold:g}")
    expect(other.key("threshold")).to_contain_text(f"{threshold:g}")
    other.sees_no_fault()


def predict_file(visitor: Visitor, folder: Path, threshold: float) -> None:
    deploy(visitor, "decided")
    visitor.settle()
    visitor.sees(f"Threshold {threshold:g}, decided by user/sagedeck")
    table = load_breast_cancer(as_frame=True)
    file = folder / "tumours.csv"
    table.data.to_csv(file, index=False)
    visitor.page.get_by_role("tab", name="Predict a file").click()
    visitor.page.locator("input[type=file]").set_input_files(file)
    visitor.sees("569 rows", within=60)
    visitor.settle()
    visitor.picture("decision-file")
    with visitor.page.expect_download() as download:
        visitor.press("download")
    rows = pd.read_csv(download.value.path())
    assert rows["flagged"].tolist() == (rows["score"] >= threshold).astype(int).tolist()
    assert rows["predicted"].tolist() == np.where(rows["flagged"] == 1, "malignant", "benign").tolist()
    visitor.sees(f"{rows['flagged'].sum()} predicted malignant: a score of {threshold:g} or more")
