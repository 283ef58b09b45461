"""A table of a business, with text, gaps and a number that means "unknown", from an upload to a raw row predicted."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROWS = 1500
JOBS = ("cook", "nurse", "clerk", "?")


def table() -> pd.DataFrame:
    """Customers who leave, mostly the clerks and those of few months; 999 months means that nobody knows."""
    random = np.random.default_rng(13)
    frame = pd.DataFrame(
        {
            "customer": [f"C-{number:05d}" for number in random.permutation(ROWS)],
            "job": random.choice(JOBS, ROWS),
            "town": random.choice([f"town {number}" for number in range(60)], ROWS),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 2000, ROWS), unit="D"),
            "months": random.choice([*range(1, 25), 999], ROWS),
            "bill": [f"{amount:.2f}".replace(".", ",") for amount in random.uniform(5, 99, ROWS)],
        }
    )
    leaves = 0.1 + 0.6 * (frame["job"] == "clerk") + 0.2 * (frame["months"] < 6)
    frame["since"] = frame["since"].dt.strftime("%d/%m/%Y")
    return frame.assign(left=np.where(random.random(ROWS) < leaves, "yes", "no"))


def test_text_gaps_and_dates_go_the_whole_path_and_a_raw_row_is_predicted(running: Browser, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    table().to_csv(file, index=False, sep=";")
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        prepare(visitor, file)
        train(visitor)
        deploy(visitor)
        assert predict(visitor, job="clerk", months="2") > 0.5 > predict(visitor, job="nurse", months="20")
        predict_file(visitor, file)
        assert visitor.faults == []


def prepare(visitor: Visitor, file: Path) -> None:
    visitor.open("data?source=Upload")
    visitor.page.locator("input[type=file]").first.set_input_files(file)
    visitor.sees("3 of 6 columns are text: 1 one-hot encoded, 1 target encoded, 1 excluded.")
    visitor.sees_in_table("999 in")
    visitor.sees_in_table("? in")
    visitor.settle()
    visitor.picture("data-business-table")
    add_step(visitor)
    visitor.press("prepare")
    visitor.sees("customers is prepared at")
    visitor.sees("11 features")


def add_step(visitor: Visitor) -> None:
    """Fill the months that nobody knows, as the page previews it."""
    visitor.key("add_step_form").locator("summary").click()
    visitor.settle()
    visitor.choose("step_operation", "Fill missing cells")
    visitor.choose("step_column", "months")
    visitor.press("add_step")
    visitor.sees("Fill missing cells of months with the median of the training rows, 1")
    visitor.key("preview_steps_0").get_by_role("button").first.click()
    visitor.sees("Counts of all 1,050 training rows")
    visitor.picture("data-recipe")
    visitor.page.keyboard.press("Escape")
    visitor.settle()


def train(visitor: Visitor) -> None:
    visitor.walk("Train")
    visitor.press("launch")
    visitor.sees("Training job completed")


def deploy(visitor: Visitor) -> None:
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Deploy").click()
    visitor.settle()
    visitor.page.get_by_label("Endpoint name").fill("leaving")
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("InService")
    visitor.settle()


def predict(visitor: Visitor, job: str, months: str) -> float:
    """The score of a row whose other cells are missing."""
    visitor.key("feature_job").locator("input").first.click()
    visitor.page.get_by_role("option", name=job).click()
    visitor.key("feature_months").locator("input").fill(months)
    visitor.key("feature_since").locator("input").fill("24/12/2024")
    visitor.press("predict_row")
    shown = visitor.page.get_by_test_id("stMetric").filter(has_text="Score for left = yes")
    expect(shown.get_by_test_id("stMetricValue")).to_have_text(re.compile(r"0\.\d+"))
    visitor.picture("predict-raw-row")
    return float(shown.get_by_test_id("stMetricValue").inner_text())


def predict_file(visitor: Visitor, file: Path) -> None:
    """The raw file itself."""
    visitor.page.get_by_role("tab", name="Predict a file").click()
    visitor.page.locator("input[type=file]").first.set_input_files(file)
    visitor.sees(f"{ROWS:,} rows scored")
