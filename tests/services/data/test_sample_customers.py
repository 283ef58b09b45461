"""The built-in sample: always the same, with what real tables have, and something to learn in it."""

import numpy as np
import pandas as pd
import pytest

from services.data.recipe import column_types
from services.data.recipe.column_types import Encoding, Holds
from services.data.table_sources import content_hash, sample_customers, sources


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return sample_customers.customers()


def test_it_is_the_same_table_every_time(table: pd.DataFrame) -> None:
    assert content_hash.of_table(sample_customers.customers()) == content_hash.of_table(table)


def test_it_is_as_its_description_says(table: pd.DataFrame) -> None:
    cancelled = int((table[sources.CUSTOMERS.target] == "yes").sum())
    assert f"{len(table):,} customers of a subscription, {cancelled} of whom cancel" in sources.CUSTOMERS.description


def test_four_percent_of_twelve_columns_rows_are_of_the_rare_class(table: pd.DataFrame) -> None:
    assert table.shape == (3000, 12)
    assert (table["cancelled"] == "yes").mean() == pytest.approx(0.04)


def test_it_has_an_identifier_a_date_few_and_many_texts_numbers_and_missing_cells(table: pd.DataFrame) -> None:
    uses = {use.name: use for use in column_types.column_uses(table)}
    assert (uses["customer"].holds, uses["joined"].holds) == (Holds.IDENTIFIER, Holds.DATE)
    assert (uses["plan"].encoding, uses["city"].encoding) == (Encoding.ONE_HOT, Encoding.TARGET)
    assert uses["satisfaction"].missing_values == uses["payment"].missing_values == ("?",)
    assert uses["monthly_bill"].missing == table["monthly_bill"].isna().sum() > 0


def test_customers_who_cancel_call_more_and_are_less_satisfied(table: pd.DataFrame) -> None:
    cancelled = table["cancelled"] == "yes"
    satisfaction = pd.to_numeric(table["satisfaction"], errors="coerce")
    assert table.loc[cancelled, "support_calls"].mean() > 2 * table.loc[~cancelled, "support_calls"].mean()
    assert np.nanmean(satisfaction[cancelled]) < np.nanmean(satisfaction[~cancelled]) - 1
