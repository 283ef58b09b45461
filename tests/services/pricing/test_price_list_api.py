"""The Price List: what it says, how long it is kept, and what stands in where it is silent."""

import json
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.aws.errors import AwsError
from services.pricing.price_book import LIST_PRICES, Component, PriceBook
from services.pricing.price_list_api import PriceList, load_cached, parse
from tests.services.inventory.modelled import ModelledAccount
from tests.services.pricing.price_records import gigabyte, hour, record

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
DENIED = AwsError(
    "Get products on AWS, us-east-1",
    "User is not authorized to perform: pricing:GetProducts",
    "Ask your administrator for the IAM action pricing:GetProducts",
    "AccessDeniedException",
)


def read(*records: str) -> PriceBook:
    return parse(map(json.loads, records), "eu-west-1", NOW)


@dataclass(frozen=True)
class Ireland(ModelledAccount):
    region: str = "eu-west-1"
    sought: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.sought.append({"region": self.region, **parameters})
        return super().call(service, operation, **parameters)


@dataclass(frozen=True)
class Slow(Ireland):
    """Answers once `told` is set."""

    told: threading.Event = field(default_factory=threading.Event, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.told.wait(20)
        return super().call(service, operation, **parameters)


def ireland(*records: str) -> Ireland:
    return Ireland(answers={"get_products": {"PriceList": list(records)}})


def learned(account: ModelledAccount, folder: Path, now: datetime = NOW) -> PriceBook:
    """The book once AWS has answered."""
    prices = PriceList(account, folder, now)
    prices.wait()
    return prices.book()


@pytest.mark.parametrize(
    ("called", "component"),
    [
        ("Hosting", "Hosting"),
        ("AsyncInf", "AsyncInf"),
        ("Training", "Training"),
        ("Notebook", "Notebook"),
        ("Studio-Notebook", "Studio"),
        ("studio-jupyterlab", "Studio"),
        ("studio-codeeditor", "Studio"),
        ("Processing", "Processing"),
        ("BatchTransform", "Transform"),
        ("Cluster", "Cluster"),
        ("hosting", "Hosting"),
    ],
)
def test_each_use_has_the_price_that_the_list_gives_it(called: str, component: Component) -> None:
    assert read(hour("ml.m5.xlarge", called, 0.256)).hours == {"ml.m5.xlarge": {component: 0.256}}


def test_a_use_without_a_price_is_unknown_whatever_others_cost() -> None:
    assert read(hour("ml.p4d.24xlarge", "Cluster", 25.91)).usd_per_hour("ml.p4d.24xlarge", "Training") is None


@pytest.mark.parametrize(
    "free",
    [
        record(0, instanceName="ml.m5.xlarge", instanceType="ml.m5.xlarge-FreeMonitorParent"),
        record(0, instanceName="ml.m5.xlarge", component="Hosting"),
        record(13.57, unit="Quantity", instanceName="ml.m5.xlarge", component="Cluster"),
        record(0.2, instanceName="ml.m5.xlarge"),
        hour("ml.m5.xlarge", "Hosting", 0.2, region="eu-west-3"),
        hour("N/A", "Hosting", 0.2),
        '{"product": {"attributes": {"regionCode": "eu-west-1", "instanceName": "ml.m5", "component": "Hosting"}}}',
    ],
    ids=["monitor", "nothing", "training plan", "no use", "another region", "no instance", "no terms"],
)
def test_what_is_no_price_by_the_hour_for_a_use_there_is_left_out(free: str) -> None:
    assert read(free).hours == {}


def test_of_two_prices_the_dearer_counts() -> None:
    book = read(*(hour("ml.t3.medium", "studio-jupyterlab", usd) for usd in (0.05, 0.06, 0.04)))
    assert book.usd_per_hour("ml.t3.medium", "Studio") == 0.06


def test_storage_has_the_price_of_its_use() -> None:
    usages = ("Host:VolumeUsage.gp2", "Train:VolumeUsage.gp2", "Notebk:VolumeUsage.gp2", "Studio:VolumeUsage.gp3")
    book = read(
        *(gigabyte(usage, usd) for usage, usd in zip(usages, (0.15, 0.16, 0.17, 0.18), strict=True)),
        gigabyte("UnifiedStudio:VolumeUsage.gp3", 9.0),
    )
    assert book.storage == {"Hosting": 0.15, "Training": 0.16, "Notebook": 0.17, "Studio": 0.18}
    assert book.usd_per_gb_month("Processing") is None


def test_a_list_of_several_pages_is_read_to_its_end(tmp_path: Path) -> None:
    first = {"PriceList": [hour("ml.m5.large", "Training", 0.128)], "NextToken": "more"}
    second = {"PriceList": [hour("ml.m5.xlarge", "Training", 0.256)]}
    account = Ireland(answers={"get_products": first, "get_products more": second})
    assert set(learned(account, tmp_path).hours) == {"ml.m5.large", "ml.m5.xlarge"}


def test_the_prices_of_a_region_are_asked_for_where_the_list_lives(tmp_path: Path) -> None:
    account = ireland(hour("ml.m5.large", "Training", 0.128))
    book = learned(account, tmp_path)
    asked = account.sought[0]
    assert asked["region"] == "us-east-1"
    assert {each["Field"]: each["Value"] for each in asked["Filters"]} == {
        "regionCode": "eu-west-1",
        "productFamily": "ML Instance",
        "locationType": "AWS Region",
    }
    assert book.told("eu-west-1") == "AWS Price List of eu-west-1, 24 November 2026"


def test_fresh_prices_are_read_from_disk_and_not_asked_for(tmp_path: Path) -> None:
    learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path)
    again = ireland()
    book = learned(again, tmp_path, NOW + timedelta(hours=23))
    assert (book.usd_per_hour("ml.m5.large", "Training"), again.asked) == (0.128, [])


def test_prices_a_day_old_are_asked_for_anew(tmp_path: Path) -> None:
    learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path)
    dearer = ireland(hour("ml.m5.large", "Training", 0.13))
    assert learned(dearer, tmp_path, NOW + timedelta(days=1)).usd_per_hour("ml.m5.large", "Training") == 0.13
    assert load_cached(dearer, tmp_path).as_of == NOW + timedelta(days=1)


def test_nobody_waits_for_the_list(tmp_path: Path) -> None:
    account = Slow(answers={"get_products": {"PriceList": [hour("ml.m5.large", "Training", 0.128)]}})
    prices = PriceList(account, tmp_path, NOW)
    assert prices.book() == LIST_PRICES
    account.told.set()
    prices.wait()
    assert prices.book().source == "AWS Price List"


def test_refused_prices_are_those_of_the_table_and_the_missing_action_is_named(tmp_path: Path) -> None:
    book = learned(Ireland(answers={"get_products": DENIED}), tmp_path)
    assert replace(book, refusal="") == LIST_PRICES
    assert book.refusal.endswith("Ask your administrator for the IAM action pricing:GetProducts.")
    assert book.told("eu-west-1") == "list price of us-east-1, 28 September 2026 (those of eu-west-1 may differ)"


def test_refused_prices_are_those_kept_last_with_their_date(tmp_path: Path) -> None:
    learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path)
    book = learned(Ireland(answers={"get_products": DENIED}), tmp_path, NOW + timedelta(days=30))
    assert (book.usd_per_hour("ml.m5.large", "Training"), book.as_of) == (0.128, NOW)


def test_an_empty_list_is_no_list_of_prices(tmp_path: Path) -> None:
    book = learned(ireland(), tmp_path)
    assert replace(book, refusal="") == LIST_PRICES
    assert book.refusal.startswith("Price List of eu-west-1: AWS publishes no SageMaker prices there.")


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"version": 1}', '{"version": 2, "region": "eu-west-1"}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(damaged: str, tmp_path: Path) -> None:
    (tmp_path / "eu-west-1.json").write_text(damaged)
    assert load_cached(ireland(), tmp_path) == LIST_PRICES
    assert learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path).source == "AWS Price List"


def test_a_disk_that_takes_nothing_does_not_lose_the_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    book = learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path / "file")
    assert book.usd_per_hour("ml.m5.large", "Training") == 0.128


def test_each_region_has_its_own_prices(tmp_path: Path) -> None:
    learned(ireland(hour("ml.m5.large", "Training", 0.128)), tmp_path)
    learned(
        ModelledAccount(
            region="sa-east-1",
            answers={"get_products": {"PriceList": [hour("ml.m5.large", "Training", 0.18, region="sa-east-1")]}},
        ),
        tmp_path,
    )
    prices = {
        place: load_cached(ModelledAccount(region=place), tmp_path) for place in ("eu-west-1", "sa-east-1", "eu-west-3")
    }
    assert {place: book.usd_per_hour("ml.m5.large", "Training") for place, book in prices.items()} == {
        "eu-west-1": 0.128,
        "sa-east-1": 0.18,
        "eu-west-3": 0.115,
    }
    assert prices["eu-west-3"].region == "us-east-1"


def test_what_bills_nothing_has_no_prices_to_ask_for(tmp_path: Path) -> None:
    here = Ireland(files=(tmp_path, tmp_path))
    assert (learned(here, tmp_path), here.asked) == (LIST_PRICES, [])
