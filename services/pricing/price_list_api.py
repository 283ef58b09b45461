"""AWS's own Price List: the prices of a region, asked for once a day and kept on disk.

    DATA_FOLDER/prices/eu-west-1.json

Prices are public and the same for every account, so they are kept by region. Nobody waits for them: until AWS has
answered, and where it refuses, the prices kept last stand in, or else the dated table.

Reference: AWS Price List Query API, GetProducts.
"""

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from services.aws.account import Account
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES, VOLUMES, Component, PriceBook, Storage

VERSION = 1
FRESH = timedelta(days=1)
HOME = "us-east-1"  # few regions have the API, and it answers for all of them
SOURCE = "AWS Price List"
# What the list calls a use, in lower case: it is not consistent.
USES: dict[str, Component] = {
    "hosting": "Hosting",
    "asyncinf": "AsyncInf",
    "training": "Training",
    "notebook": "Notebook",
    "studio-notebook": "Studio",
    "studio-jupyterlab": "Studio",
    "studio-codeeditor": "Studio",
    "processing": "Processing",
    "batchtransform": "Transform",
    "cluster": "Cluster",
}


class PriceList:
    """The prices of the account's region, kept in `folder`; begins to ask when made, unless those kept are fresh.

    Of an account that bills nothing there are no prices to ask for.
    """

    def __init__(self, account: Account, folder: Path, now: datetime) -> None:
        self._book = load_cached(account, folder)
        # A daemon: who ends the dashboard does not wait for dozens of pages of prices.
        self._asker = threading.Thread(target=self._ask, args=(account, folder, now), daemon=True)
        if account.bills and now - self._book.as_of >= FRESH:
            self._asker.start()

    def book(self) -> PriceBook:
        """The best that is known by now."""
        return self._book

    def wait(self) -> None:
        """Until AWS has answered, if it was asked."""
        if self._asker.ident:
            self._asker.join()

    def _ask(self, account: Account, folder: Path, now: datetime) -> None:
        try:
            self._book = fetch(account, now)
        except Problem as problem:
            self._book = replace(self._book, refusal=str(problem))
            return
        with suppress(OSError):  # what a full disk cannot keep is asked for again
            _keep(self._book, folder)


def fetch(account: Account, now: datetime) -> PriceBook:
    """The prices of the account's region by AWS itself. Raises Problem."""
    records = chain.from_iterable(_products(account, family) for family in ("ML Instance", "Storage"))
    book = parse(map(json.loads, records), account.region, now)
    if not book.hours:
        raise Problem(
            f"Price List of {account.region}", "AWS publishes no SageMaker prices there", "Choose another region"
        )
    return book


def parse(records: Iterable[Mapping[str, Any]], region: str, now: datetime) -> PriceBook:
    """The book that GetProducts' records make. Of several prices for the same the dearest counts: none is a surprise.

    Free allowances are listed at nothing or name no use, training plans are not billed by the hour: neither is a price.
    """
    hours: dict[str, dict[Component, float]] = {}
    storage: dict[Storage, float] = {}
    for record in records:
        product = record["product"]["attributes"]
        if product.get("regionCode") != region:
            continue
        use, name = USES.get(product.get("component", "").lower()), product.get("instanceName", "")
        volume = VOLUMES.get(product.get("usagetype", "").rpartition("-")[2].partition(".")[0])
        if use and name.startswith("ml.") and (price := _price(record, "Hrs")):
            rates = hours.setdefault(name, {})
            rates[use] = max(price, rates.get(use, 0.0))
        elif volume and (price := _price(record, "GB-Mo")):
            storage[volume] = max(price, storage.get(volume, 0.0))
    return PriceBook(region, now, SOURCE, hours, storage)


def load_cached(account: Account, folder: Path) -> PriceBook:
    """The prices of the account's region that were kept last, however old; the table where there are none."""
    with suppress(OSError, ValueError, LookupError, TypeError):  # none, or damaged
        document = json.loads(_file(folder, account.region).read_text())
        if document["version"] == VERSION:
            as_of = datetime.fromisoformat(document["asked"])
            return PriceBook(document["region"], as_of, SOURCE, document["usd_per_hour"], document["usd_per_gb_month"])
    return LIST_PRICES


def _keep(book: PriceBook, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "version": VERSION,
        "region": book.region,
        "asked": book.as_of.isoformat(),
        "usd_per_hour": book.hours,
        "usd_per_gb_month": book.storage,
    }
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False) as draft:
        json.dump(document, draft)
    Path(draft.name).replace(_file(folder, book.region))


def _file(folder: Path, region: str) -> Path:
    return folder / f"{region}.json"


def _products(account: Account, family: str) -> Iterator[Any]:
    """Records, each a JSON document in a string."""
    wanted = {"regionCode": account.region, "productFamily": family, "locationType": "AWS Region"}
    return account.at(HOME).pages(
        "pricing",
        "get_products",
        "PriceList",
        ServiceCode="AmazonSageMaker",
        Filters=[{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()],
        MaxResults=100,
    )


def _price(record: Mapping[str, Any], unit: str) -> float:
    """Its on-demand price in dollars for one `unit`; 0 where it has none."""
    terms = record.get("terms", {}).get("OnDemand", {}).values()
    dimensions = chain.from_iterable(term["priceDimensions"].values() for term in terms)
    return max((float(each["pricePerUnit"].get("USD", 0)) for each in dimensions if each["unit"] == unit), default=0.0)
