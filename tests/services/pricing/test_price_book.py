"""What an hour of SageMaker costs."""

from dataclasses import replace

import pytest
from botocore.session import Session

from services.pricing import price_book
from services.pricing.price_book import LIST_PRICES, PriceBook, describe_source

# Which of SageMaker's own lists of accepted values stands for which use.
SHAPES: dict[price_book.Component, str] = {
    "Hosting": "ProductionVariantInstanceType",
    "Training": "TrainingInstanceType",
    "Notebook": "InstanceType",
    "Studio": "AppInstanceType",
    "Processing": "ProcessingInstanceType",
    "Transform": "TransformInstanceType",
}


@pytest.fixture
def book() -> PriceBook:
    """The dated table, read anew."""
    return price_book.read_list_prices()


def test_the_table_says_whose_prices_it_holds_and_of_when(book: PriceBook) -> None:
    assert book.told("us-east-1") == "list price of us-east-1, 28 September 2026"
    assert book == LIST_PRICES


def test_one_price_holds_for_every_use_that_the_table_does_not_name(book: PriceBook) -> None:
    assert {book.usd_per_hour("ml.m5.xlarge", component) for component in SHAPES} == {0.23}


def test_an_instance_of_a_cluster_has_a_price_of_its_own_or_an_unknown_one(book: PriceBook) -> None:
    assert book.usd_per_hour("ml.p4d.24xlarge", "Cluster") == 25.91
    assert book.usd_per_hour("ml.p4d.24xlarge", "Training") == 25.251
    assert book.usd_per_hour("ml.m5.xlarge", "Cluster") is None


@pytest.mark.parametrize(
    ("component", "price"), [("Hosting", 1.4084), ("Training", 1.408), ("Processing", 1.408), ("Notebook", 1.41)]
)
def test_a_use_with_a_price_of_its_own_has_that_price(
    book: PriceBook, component: price_book.Component, price: float
) -> None:
    assert book.usd_per_hour("ml.g5.xlarge", component) == price


@pytest.mark.parametrize("unheard_of", ["ml.z9.xlarge", "m5.xlarge", ""])
def test_a_price_that_is_not_known_is_none_and_not_nothing(unheard_of: str) -> None:
    assert LIST_PRICES.usd_per_hour(unheard_of, "Training") is None


def test_types_to_choose_from_start_with_the_cheapest() -> None:
    prices = [LIST_PRICES.usd_per_hour(name, "Notebook") or 0.0 for name in LIST_PRICES.instance_types("Notebook")]

    assert prices == sorted(prices)


@pytest.mark.parametrize("component", SHAPES)
def test_only_types_that_sagemaker_accepts_for_that_use_are_offered(component: price_book.Component) -> None:
    accepted = Session().get_service_model("sagemaker").shape_for(SHAPES[component]).enum

    assert set(LIST_PRICES.instance_types(component)) <= set(accepted)


def test_the_guides_own_type_can_be_chosen_for_training() -> None:
    assert "ml.m4.xlarge" in LIST_PRICES.instance_types("Training")


def test_the_most_a_launch_can_cost_is_every_instance_of_every_job_up_to_its_limit() -> None:
    # 9 jobs x 2 instances x 1.5 h x $0.24 = $6.48
    assert LIST_PRICES.maximum_of_launch("ml.m4.xlarge", 2, 5400, jobs=9) == pytest.approx(6.48)
    assert LIST_PRICES.maximum_of_launch("ml.m4.xlarge", 2, 5400) == pytest.approx(0.72)


def test_the_most_a_launch_can_cost_is_unknown_with_its_price() -> None:
    assert LIST_PRICES.maximum_of_launch("ml.z9.xlarge", 1, 3600) is None


def test_volumes_are_priced_by_the_gigabyte_and_by_use(book: PriceBook) -> None:
    uses: dict[price_book.Storage, float | None] = {
        "Hosting": 0.14,
        "Training": 0.14,
        "Notebook": 0.14,
        "Studio": 0.112,
        "Processing": 0.10,
    }
    assert {use: book.usd_per_gb_month(use) for use in uses} == uses


def test_whose_prices_they_are_is_told_once_for_all_regions_that_share_them() -> None:
    books = {"us-east-1": LIST_PRICES, "eu-west-1": LIST_PRICES, "sa-east-1": LIST_PRICES}
    shared = "list price of us-east-1, 28 September 2026 (those of eu-west-1, sa-east-1 may differ)"
    assert describe_source(books) == shared
    own = replace(LIST_PRICES, region="eu-central-1", source="AWS price list")
    told = "AWS price list of eu-central-1, 28 September 2026"
    assert describe_source({**books, "eu-central-1": own}) == f"{shared}; {told}"
