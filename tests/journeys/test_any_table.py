"""Tables that nobody made for SageDeck, by the clicks that its pages propose: from an upload to a raw row predicted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import Visitor, dashboard
from tests.local_service import SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ERRORS = ("stException", "stAlertContentError")


def random_table(seed: int = 4) -> pd.DataFrame:
    """Text with many values and with few, gaps, dates, numbers as text, and three classes that depend on some."""
    random, rows = np.random.default_rng(seed), 900
    frame = pd.DataFrame(
        {
            "order": [f"N{number:06d}" for number in random.permutation(rows)],
            "weight": random.gamma(2, 3, rows).round(2),
            "shape": random.choice(["round", "flat", "?", "long"], rows),
            "shop": random.choice([f"shop {number}" for number in range(45)], rows),
            "sold": pd.Series(pd.Timestamp("2024-03-01") + pd.to_timedelta(random.integers(0, 500, rows), "D")),
            "price": [f"{price:.2f} €" for price in random.uniform(2, 80, rows)],
        }
    )
    score = frame["weight"] + 4 * (frame["shape"] == "flat") + random.normal(0, 1.5, rows)
    frame["grade"] = pd.cut(score, [-np.inf, 4, 8, np.inf], labels=["low", "middle", "high"]).astype(str)
    frame.loc[random.random(rows) < 0.1, "weight"] = np.nan
    frame["sold"] = frame["sold"].dt.strftime("%Y-%m-%d")
    return frame


@dataclass(frozen=True)
class Case:
    """A table; `said` is what the page must say of it, by pandas; `excluded` a column that a finding names."""

    file: str
    sep: str
    said: Callable[[pd.DataFrame], str]
    excluded: str = ""


def rare_class(target: str, rare: str, name: str) -> Callable[[pd.DataFrame], str]:
    def sentence(frame: pd.DataFrame) -> str:
        return f"{name}: {(frame[target] == rare).sum():,} of {len(frame):,} rows"

    return sentence


CASES = {
    "bank marketing": Case("bank-additional-full.csv", ";", rare_class("y", "yes", "Class yes"), "duration"),
    "hypothyroid": Case("hypothyroid.csv", ",", rare_class("class", "hypothyroid", "Hypothyroid")),
    "churn": Case("telco-customer-churn.csv", ",", rare_class("Churn", "Yes", "Class Yes")),
    "abalone": Case("abalone.csv", ",", lambda frame: f"mean {frame['rings'].mean():.4g}"),
    "white wine": Case(
        "winequality-white.csv",
        ",",
        lambda frame: f"{frame['quality'].nunique()} classes, class 6 has {(frame['quality'] == 6).sum():,} rows",
    ),
}


@pytest.fixture(scope="module")
def visitor(running: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with dashboard(tmp_path_factory.mktemp("any") / "home") as url:
        yield Visitor(running, url)


@pytest.mark.parametrize("name", CASES)
def test_a_well_known_table_goes_the_whole_path(visitor: Visitor, name: str) -> None:
    case = CASES[name]
    file = SHARED / case.file
    if not file.exists():
        pytest.skip(f"{case.file} is not beside the project")
    upload(visitor, file)
    visitor.sees(case.said(pd.read_csv(file, sep=case.sep)))
    if case.excluded:
        exclude(visitor, case.excluded)
    whole_path(visitor, name)


def test_a_random_table_of_three_classes_goes_the_whole_path(visitor: Visitor, tmp_path: Path) -> None:
    frame, file = random_table(), tmp_path / "orders.csv"
    frame.to_csv(file, index=False)
    upload(visitor, file)
    visitor.sees("3 classes")
    whole_path(visitor, "random")


def upload(visitor: Visitor, file: Path) -> None:
    visitor.open("data?source=Upload")
    if visitor.key("remove_upload").count():
        visitor.press("remove_upload")
    visitor.page.locator("input[type=file]").first.set_input_files(file)
    visitor.sees(f"{file.name}, uploaded")
    visitor.settle()


def exclude(visitor: Visitor, column: str) -> None:
    """By the button of the finding that names a column."""
    finding = (
        visitor.page.get_by_test_id("stHorizontalBlock")
        .filter(has_text=f"{column}")
        .filter(has=visitor.page.get_by_role("button", name="Exclude column"))
    )
    finding.last.get_by_role("button", name="Exclude column").click()
    visitor.settle()
    visitor.sees("Excluded")


def whole_path(visitor: Visitor, name: str) -> None:
    no_errors(visitor)
    visitor.picture(f"any-{name.replace(' ', '-')}-data")
    visitor.press("prepare")
    visitor.sees("is prepared at")
    no_errors(visitor)
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Train a model").click()
    visitor.settle()
    no_errors(visitor)
    visitor.press("launch")
    visitor.sees("Training job completed", within=180)
    no_errors(visitor)
    visitor.key("predict_open").locator("summary").click()
    visitor.settle()
    visitor.press("fill_row")
    visitor.press("predict_row")
    answer = visitor.page.get_by_test_id("stMetric").filter(has_text=("Score for" if is_two(visitor) else "Predicted"))
    expect(answer.first).to_be_visible()
    no_errors(visitor)
    visitor.picture(f"any-{name.replace(' ', '-')}-predicted")
    visitor.page.get_by_test_id("stMain").get_by_role("link", name="Evaluate").first.click()
    visitor.settle()
    visitor.press("score")
    no_errors(visitor)
    visitor.picture(f"any-{name.replace(' ', '-')}-evaluated")
    assert visitor.faults == []


def is_two(visitor: Visitor) -> bool:
    """Whether the answer is the score of one of two classes."""
    return visitor.page.get_by_text("Score for").count() > 0


def no_errors(visitor: Visitor) -> None:
    visitor.settle(120)
    for box in ERRORS:
        expect(visitor.page.get_by_test_id(box)).to_have_count(0)
