"""Training on data prepared with weighted classes begins with balanced ones, also after a look at other data."""

import pytest
from streamlit.testing.v1 import AppTest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from tests.local.factories import unique
from tests.pages.app import open_page
from tests.services.training_factory import make_data

pytestmark = pytest.mark.slow


@pytest.fixture
def weighted(account: Account) -> PreparedData:
    return make_data(account, unique("even"), weighted=True)


def weight(page: AppTest) -> float | None:
    return page.number_input(key="hp_scale_pos_weight").value


def expected(data: PreparedData) -> object:
    positives = data.positives["train"]
    return pytest.approx((data.rows["train"] - positives) / positives, rel=1e-5)


def choose(page: AppTest, data: PreparedData) -> AppTest:
    return page.selectbox(key="data").set_value(data.name).run()


def test_training_begins_with_the_weight_of_the_datas_own_rows(weighted: PreparedData) -> None:
    assert weight(open_page("train", data=weighted.name)) == expected(weighted)


def test_a_form_that_nobody_touched_follows_the_data(data: PreparedData, weighted: PreparedData) -> None:
    page = open_page("train", data=data.name)
    assert weight(page) is None
    assert weight(choose(page, weighted)) == expected(weighted)
    assert weight(choose(page, data)) is None


def test_what_somebody_has_typed_stays(data: PreparedData, weighted: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.number_input(key="hp_max_depth").set_value(7).run()
    page = choose(page, weighted)
    assert (page.number_input(key="hp_max_depth").value, weight(page)) == (7, None)
