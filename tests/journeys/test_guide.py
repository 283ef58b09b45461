"""The guide's journey in a real browser: from the empty app to a judged model and back to zero running cost.

On the real card fraud set when it is beside the project, on the generated one otherwise. The screenshots are in
`screenshots/`, to be looked at.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect
from sklearn.metrics import precision_score, recall_score

from tests.journeys.visitor import Visitor, dashboard
from tests.local_service import SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CARD_FRAUD = SHARED / "creditcard.csv.gz"
PAGES = ("Start", "Data", "Train", "Tune", "History", "Evaluate", "Registry", "Endpoints", "Costs", "Settings")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    if CARD_FRAUD.exists():
        (home / CARD_FRAUD.name).symlink_to(CARD_FRAUD)
    with dashboard(home) as address:
        yield address


def card_fraud() -> pd.DataFrame:
    """The table the journey is made with."""
    if CARD_FRAUD.exists():
        return pd.read_csv(CARD_FRAUD)
    from services.data.table_sources.sources import generated

    return generated()


def expected_at_half(frame: pd.DataFrame) -> tuple[float, float]:
    """Precision and recall at 0.5 on the test split, computed as the guide's notebook does, without our code."""
    import xgboost

    frame = frame[["Class", *frame.columns.drop("Class")]].sample(frac=1, random_state=1729)
    train, validation, test = np.split(frame.to_numpy("float32"), [int(0.7 * len(frame)), int(0.9 * len(frame))])
    settings = {
        "max_depth": 5,
        "eta": 0.2,
        "gamma": 4,
        "min_child_weight": 6,
        "subsample": 0.8,
        "objective": "binary:logistic",
    }
    seen, watched = (xgboost.DMatrix(split[:, 1:], split[:, 0]) for split in (train, validation))
    model = xgboost.train(settings, seen, 100, evals=[(watched, "validation")], verbose_eval=False)
    flagged = model.predict(xgboost.DMatrix(test[:, 1:])) >= 0.5
    return precision_score(test[:, 0], flagged), recall_score(test[:, 0], flagged)


def test_a_newcomer_takes_card_fraud_from_a_csv_to_a_judged_model_and_back_to_zero_cost(
    url: str, running: Browser, tmp_path: Path
) -> None:
    visitor, frame = Visitor(running, url), card_fraud()
    explore_and_prepare(visitor)
    train(visitor)
    precision, recall = expected_at_half(frame)
    evaluate(visitor, precision, recall, how=None)
    register(visitor)
    tune(visitor)
    deploy_and_predict(visitor, frame, tmp_path)
    evaluate(visitor, precision, recall, how="Endpoint journey")
    shut_down(visitor)
    for title in PAGES:
        visitor.walk(title)
        expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    assert visitor.faults == []


def explore_and_prepare(visitor: Visitor) -> None:
    visitor.open("")
    visitor.sees("choose and prepare a data set")
    visitor.picture("start-empty")
    visitor.press("next_step_data")
    if CARD_FRAUD.exists():
        visitor.fill("path", f"~/{CARD_FRAUD.name}")
    else:
        visitor.page.get_by_text("Generated", exact=True).click()
    visitor.sees("492 of 284,807 rows")
    visitor.sees("0.17 %")
    visitor.sees("finds none of the 492")
    visitor.picture("data")
    visitor.fill("name", "journey")
    visitor.press("tutorial_split")
    visitor.sees("The AWS tutorial's split is in use")
    visitor.press("prepare")
    visitor.sees("journey is prepared at")
    visitor.picture("data-prepared")


def train(visitor: Visitor) -> None:
    visitor.walk("Train")
    expect(visitor.key("hp_max_depth").locator("input")).to_have_value("5")
    visitor.press("launch")
    visitor.sees("Training job completed", within=180)
    visitor.picture("train")


def evaluate(visitor: Visitor, precision: float, recall: float, how: str | None) -> None:
    visitor.walk("Evaluate")
    if how:
        visitor.page.get_by_text(how).click()
        visitor.settle()
    visitor.choose("split", "test")  # rows begin with validation, by which a model is chosen
    visitor.press("score")
    visitor.sees("Average precision")
    visitor.settle()
    assert (visitor.metric("Precision"), visitor.metric("Recall")) == (f"{precision:.3f}", f"{recall:.3f}")
    visitor.sees("flagged")
    visitor.picture("evaluate-endpoint" if how else "evaluate")


def register(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Register with this threshold").click()
    visitor.sees("It waits for approval")
    visitor.settle()
    visitor.press("register")
    visitor.sees("Version 1 of")
    visitor.settle()
    visitor.press("approve")
    visitor.page.get_by_role("textbox", name="Reason").fill("The settings of the AWS tutorial")
    visitor.press("decide_confirm")
    visitor.sees("The settings of the AWS tutorial")
    visitor.sees("Deploy this version")
    visitor.picture("registry")


def tune(visitor: Visitor) -> None:
    visitor.walk("Tune")
    visitor.sees("Recommended ranges: ")
    visitor.press("search_preset_1")
    visitor.sees("AWS tutorial ranges: ")
    expect(visitor.key("eta_high").locator("input")).to_have_value("1")
    visitor.fill("tune_rounds", "20")
    visitor.press("launch_tuning")
    visitor.sees("of 9 trials")
    visitor.picture("tune-running")
    visitor.sees("Evaluate best model", within=300)
    visitor.settle()
    visitor.picture("tune")


def deploy_and_predict(visitor: Visitor, frame: pd.DataFrame, folder: Path) -> None:
    visitor.walk("Endpoints")
    visitor.page.get_by_label("Endpoint name").fill("journey")
    visitor.page.get_by_label("Endpoint name").press("Enter")
    visitor.settle()
    visitor.press("deploy")
    visitor.sees("InService")
    visitor.settle()
    fraud = frame[frame["Class"] == 1].iloc[0]
    for name in ("V4", "V14"):
        visitor.page.get_by_label(name, exact=True).fill(str(fraud[name]))
    visitor.press("predict_row")
    visitor.sees("Score for Class = 1")
    visitor.page.get_by_role("tab", name="Predict a file").click()
    rows = folder / "rows.csv"
    frame.head(1000).to_csv(rows, index=False)
    visitor.page.locator("input[type=file]").set_input_files(rows)
    visitor.sees("1,000 rows")
    with visitor.page.expect_download() as download:
        visitor.press("download")
    assert len(pd.read_csv(download.value.path())) == 1000
    visitor.picture("endpoints")


def shut_down(visitor: Visitor) -> None:
    visitor.walk("Costs")
    visitor.sees_in_table("journey")
    visitor.picture("costs")
    visitor.tick_first_row()
    visitor.press("costs_shut_down")
    visitor.sees_in_table("DeleteEndpoint EndpointName=journey, then DeleteEndpointConfig")
    visitor.picture("costs-dialog")
    visitor.press("shutdown_confirm")
    visitor.sees("Nothing is running")
    visitor.settle()
    assert visitor.metric("Running now") == "$0.000/h"
    visitor.picture("costs-empty")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1440), ("light", 480), ("dark", 480)])
def test_every_page_opens_by_its_address_in_dark_and_on_a_narrow_window(
    url: str, running: Browser, scheme: str, width: int
) -> None:
    visitor = Visitor(running, url, width, scheme)
    for title in PAGES:
        visitor.open("" if title == "Start" else title.lower())
        expect(visitor.page.get_by_role("heading", name=re.compile(f"^{title}$"), level=1)).to_be_visible()
        expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
        visitor.picture(f"{title.lower()}-{scheme}-{width}")
    assert visitor.faults == []
