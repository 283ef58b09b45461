"""Fixtures of the tests over a running local service; a test over a fake has an `account` of its own."""

import pytest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from tests.local_service import LocalService
from tests.services.training_factory import make_data


@pytest.fixture(scope="module")
def account(local: LocalService) -> Account:
    return local.account


@pytest.fixture(scope="module")
def data(account: Account) -> PreparedData:
    return make_data(account)
