"""Shutting down from the Costs page: the dialog, the way down, the result and the ledger."""

import json
from datetime import timedelta
from typing import Any

import pytest

from pages.components.queries import shutdowns as shutdown_queries
from services import settings
from services.shutdown import background
from services.shutdown import driver as shutdown_driver
from services.shutdown.background import Background
from tests.local_service import eventually
from tests.pages.costs.costs_page import (
    DENIED,
    FakeAccount,
    FakeSageMaker,
    confirm,
    metric,
    open_page,
    rows_of,
    select,
    texts,
)


def test_nothing_selected_cannot_be_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))

    assert page.button(key="costs_shut_down").disabled


def test_the_dialog_lists_the_calls_before_any_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"})
    page = select(open_page(monkeypatch, sagemaker), 1)

    (row,) = rows_of(page, "shutdown_plan")
    assert (row["Resource"], row["$/h"], row["Still billed"]) == (
        "Endpoint churn",
        0.115,
        "only the storage of its model file in S3",
    )
    assert row["API calls"] == "DeleteEndpoint EndpointName=churn, then DeleteEndpointConfig EndpointConfigName=churn"
    assert sagemaker.asked == []


def test_cancel_calls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    page = select(open_page(monkeypatch, sagemaker), 0)

    page.button(key="shutdown_cancel").click().run()

    assert (sagemaker.asked, rows_of(page, "shutdown_plan")) == ([], [])


def test_what_was_confirmed_is_shut_down_verified_and_told_in_one_sentence_with_a_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})

    page = confirm(select(open_page(monkeypatch, sagemaker), 0))

    assert sagemaker.asked == ["delete_endpoint fraud", "delete_endpoint_config fraud"]
    assert r"**1 of 1 resource is shut down**, which saves \$0.230/h." in texts(page)
    (row,) = rows_of(page, "shutdown_result")
    assert (row["Resource"], list(row["Result"]), row["Details"]) == (
        "Endpoint fraud",
        ["shut down"],
        "Verified: deleted.",
    )
    assert metric(page, "Cost per hour") == "$0.000/h"


def test_a_result_is_told_in_every_tab_until_it_is_dismissed(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    confirm(select(open_page(monkeypatch, sagemaker), 0))

    other = open_page(monkeypatch, sagemaker)
    assert len(rows_of(other, "shutdown_result")) == 1
    other.button(key="shutdown_dismiss").click().run()

    assert rows_of(other, "shutdown_result") == []
    assert rows_of(open_page(monkeypatch, sagemaker), "shutdown_result") == []


def test_what_is_still_on_its_way_down_is_not_called_gone_and_has_a_stop_button(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    page = select(open_page(monkeypatch, sagemaker), 0)

    sagemaker.lingers = True
    page = confirm(page, ends=False)

    (progress,) = [each.proto for each in page.get("progress") if "shut down" in each.proto.text]
    assert progress.text == "Shutting down: 0 of 1 resource shut down. Endpoint fraud: stopping."
    (stop,) = [each for each in page.button if str(each.key).startswith("shutdown_stop_")]
    stop.click().run()
    assert rows_of(page, "shutdown_result") == []


def test_a_shutdown_that_has_just_ended_is_never_called_interrupted(
    monkeypatch: pytest.MonkeyPatch, server: Background
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    sagemaker.lingers = True
    account = FakeAccount(behind=sagemaker)
    confirm(select(open_page(monkeypatch, sagemaker), 0), ends=False)
    (stored,) = shutdown_queries.stored(account).runs  # remembered for some seconds
    sagemaker.lingers = False
    eventually(lambda: not server.runs(account), every=0.01)

    (run,) = shutdown_queries.runs(account).runs

    assert (stored.ended, bool(run.ended), server.interrupted(account, run)) == (None, True, False)


def test_a_shutdown_that_a_restart_interrupted_goes_on_on_a_click(
    monkeypatch: pytest.MonkeyPatch, server: Background
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    sagemaker.lingers = True
    confirm(select(open_page(monkeypatch, sagemaker), 0), ends=False)
    server.close()
    again = Background()
    monkeypatch.setattr(background, "SERVER", again)
    (key,) = [each for each in sagemaker.ledger if each.startswith("sagedeck/shutdowns/")]
    document = json.loads(sagemaker.ledger[key])
    sagemaker.ledger[key] = json.dumps({**document, "heartbeat": "2026-01-01T00:00:00Z"}).encode()
    sagemaker.lingers = False

    page = open_page(monkeypatch, sagemaker)
    assert "**Shutdown interrupted**: 0 of 1 resource is shut down." in texts(page)
    page.button(key=f"shutdown_continue_{document['name']}").click().run()
    eventually(lambda: not again.runs(settings.account("", "")), every=0.01)

    assert len(rows_of(page.run(), "shutdown_result")) == 1
    again.close()


def test_a_shutdown_is_in_the_ledger_with_what_it_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    page = confirm(select(open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})), 0))

    (row,) = rows_of(page, "ledger")
    assert (row["Kind"], row["Name"], row["$/h"], row["Status after"]) == ("Endpoint", "fraud", 0.23, "deleted")
    assert r"saved so far** by 1 shutdown, \$0.230/h in total." in texts(page)


def test_a_plan_that_cannot_be_stored_is_told_and_nothing_is_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("put_object",))
    page = select(open_page(monkeypatch, sagemaker), 0)

    page.button(key="shutdown_confirm").click().run()

    assert ([each.value for each in page.error], list(sagemaker.endpoints)) == ([str(DENIED)], ["fraud"])


def test_a_ledger_that_cannot_be_written_is_told_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("put_object sagedeck/ledger",))
    monkeypatch.setattr(shutdown_driver, "PATIENCE", timedelta(milliseconds=1))  # of the hour that it is tried for

    page = confirm(select(open_page(monkeypatch, sagemaker), 0))

    assert sagemaker.endpoints == {}
    assert f"It is not recorded in the ledger: {DENIED}" in rows_of(page, "shutdown_result")[0]["Details"]


def test_one_refusal_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(
        endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}, refused=("delete_endpoint fraud",)
    )

    page = confirm(select(open_page(monkeypatch, sagemaker), 0, 1))

    assert rows_of(page, "shutdown_result")[0]["Details"] == f"Endpoint fraud: {DENIED} It still runs."
    assert r"**1 of 2 resources are shut down**, which saves \$0.115/h. 1 refused." in texts(page)
    assert list(sagemaker.endpoints) == ["fraud"]


def test_an_endpoint_that_failed_at_creation_has_no_price_until_the_bill_says_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    sagemaker.failed.add("fraud")
    page = select(open_page(monkeypatch, sagemaker), 0)
    assert "1 endpoint failed at creation: no price until AWS's bill says one." in texts(page)

    page = confirm(page)

    told = "**1 of 1 resource is shut down**, 1 endpoint that failed at creation: no price until AWS's bill says one."
    assert told in texts(page)
    assert r"\$0.000/h in total. 1 failed at creation: no price until AWS's bill says one." in texts(page)


def test_read_only_mode_stops_a_shutdown_that_has_begun_and_the_page_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    class Switching(FakeSageMaker):
        def answer(self, operation: str, name: str) -> dict[str, Any]:
            answer = super().answer(operation, name)
            if operation == "delete_endpoint":
                settings.save_read_only(True)
            return answer

    sagemaker = Switching(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"})

    page = confirm(select(open_page(monkeypatch, sagemaker), 0, 1))

    assert sagemaker.asked == ["delete_endpoint fraud"]
    assert "1 not made. Read-only mode was switched on: no further call was made." in texts(page)
    assert [row["Details"] for row in rows_of(page, "shutdown_result")] == [
        "Read-only mode was switched on. No call was made: stopped before.",
        "Read-only mode was switched on before its last call. Verified: deleted.",
    ]
