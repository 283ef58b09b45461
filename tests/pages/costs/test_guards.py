"""The Costs page: what is idle, what is protected, and what the dialog wants before it ends anything."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services import settings
from services.shutdown import background
from tests.local_service import eventually
from tests.pages.costs.costs_page import DENIED, FakeSageMaker, confirm, open_page, rows_of, select, texts

TWO = {"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}
PROTECTED = {"sagedeck:protected": "true"}
KEEP = "sagedeck/precautions.json"


def precautions(endpoint: float, blast_limit: int, production_lock: bool = False) -> bytes:
    idle = {"endpoint": endpoint, "app": 4, "warm_pool": 0.5, "job": 0.9}
    kept = {"version": 1, "idle": idle, "blast_limit": blast_limit, "production_lock": production_lock}
    return json.dumps(kept).encode()


def make_sagemaker(
    endpoints: dict[str, str] = TWO, refused: tuple[str, ...] = (), endpoint: float = 9, blast_limit: int = 5
) -> FakeSageMaker:
    """Endpoints that nobody has called for ten hours, idle after nine."""
    sagemaker = FakeSageMaker(dict(endpoints), refused)
    sagemaker.ledger[KEEP] = precautions(endpoint, blast_limit)
    return sagemaker


def rows(page: AppTest) -> dict[str, Any]:
    return {row["Name"]: row for _, row in page.dataframe[0].value.iterrows()}


def test_what_is_idle_is_told_with_what_stopping_it_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, make_sagemaker())

    assert r"**2 idle resources**: shutting them down saves \$8.28 a day, \$251.85 a month." in texts(page)
    assert list(rows(page)["fraud"]["Idle for"]) == ["idle", "10 h"]


def test_what_is_not_idle_for_long_enough_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, make_sagemaker(endpoint=11))

    assert list(rows(page)["fraud"]["Idle for"]) == ["in use", "10 h"]
    assert page.button(key="costs_all_idle").disabled


def test_thresholds_that_cannot_be_read_are_the_usual_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, make_sagemaker(refused=("get_object",)))

    assert page.warning[0].value.startswith("The strictest limits apply: production is locked.")


def test_all_idle_asks_about_everything_that_is_idle_and_not_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker()
    sagemaker.tags["churn"] = PROTECTED
    page = open_page(monkeypatch, sagemaker)

    page.button(key="costs_all_idle").click().run()

    assert [row["Resource"] for row in rows_of(page, "shutdown_plan")] == ["Endpoint fraud"]


def test_what_is_selected_is_protected_and_unprotected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"})
    page = open_page(monkeypatch, sagemaker)
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()

    page.button(key="costs_protect").click().run()
    assert sagemaker.tags["fraud"] == PROTECTED
    assert list(rows(page)["fraud"]["Protected"]) == ["protected"]

    page.button(key="costs_unprotect").click().run()
    assert sagemaker.tags["fraud"] == {}


def test_what_is_protected_is_in_the_dialog_only_to_say_that_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker()
    sagemaker.tags["fraud"] = PROTECTED

    page = select(open_page(monkeypatch, sagemaker), 0, 1)
    stays = {row["Resource"]: row["Stays because"] for row in rows_of(page, "shutdown_plan")}
    confirm(page)

    said = "Protected by its tag sagedeck:protected. Unprotect it first."
    assert stays == {"Endpoint fraud": said, "Endpoint churn": ""}
    assert sagemaker.asked == ["delete_endpoint churn", "delete_endpoint_config churn"]


def test_protecting_production_hides_no_mark_in_table_and_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"})
    sagemaker.tags["fraud"] = {"env": "prod", **PROTECTED}
    page = open_page(monkeypatch, sagemaker)
    assert list(rows(page)["fraud"]["Protected"]) == ["protected", "production"]

    assert list(rows_of(select(page, 0), "shutdown_plan")[0]["Protected"]) == ["protected", "production"]


def test_what_is_protected_while_the_dialog_is_open_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"})
    page = select(open_page(monkeypatch, sagemaker), 0)

    sagemaker.tags["fraud"] = PROTECTED
    page = confirm(page)

    assert sagemaker.asked == []
    assert "Protected by its tag" in rows_of(page, "shutdown_result")[0]["Details"]


def test_production_is_ended_once_its_name_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"})
    sagemaker.tags["fraud"] = {"env": "prod"}
    page = select(open_page(monkeypatch, sagemaker), 0).button(key="shutdown_confirm").click().run()
    assert sagemaker.asked == []
    assert [each.value for each in page.error] == ["Endpoint fraud: it is tagged as production. Type fraud to confirm."]

    page.text_input[0].set_value("fraud").run()
    confirm(page)

    assert sagemaker.endpoints == {}


def test_locked_production_is_not_counted_as_idle_and_the_dialog_says_that_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = make_sagemaker()
    sagemaker.tags["fraud"] = {"env": "prod"}
    sagemaker.ledger[KEEP] = precautions(9, 5, production_lock=True)
    page = open_page(monkeypatch, sagemaker)
    assert "**1 idle resource**" in texts(page)

    page = select(page, 0)

    assert "**None of the selected resources can be shut down.**" in texts(page)
    assert "production is locked. Unlock it in Settings first." in rows_of(page, "shutdown_plan")[0]["Stays because"]


def test_what_has_unknown_tags_is_typed_like_production(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"}, refused=("get_resources", "list_tags"))

    page = select(open_page(monkeypatch, sagemaker), 0).button(key="shutdown_confirm").click().run()

    assert sagemaker.asked == []
    assert "its tags could not be read, so it may be production. Type fraud" in page.error[0].value


def test_more_things_than_the_blast_limit_are_ended_once_their_number_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = make_sagemaker(blast_limit=1)
    page = select(open_page(monkeypatch, sagemaker), 0, 1).button(key="shutdown_confirm").click().run()
    assert sagemaker.asked == []
    assert "2 resources are selected; more than 1 at once must be confirmed" in page.error[0].value

    page.text_input(key="shutdown_number").set_value("2").run()
    confirm(page)

    assert sagemaker.endpoints == {}


def test_a_dry_run_shows_what_would_be_called_and_refused_and_calls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker()
    sagemaker.tags["churn"] = PROTECTED
    page = select(open_page(monkeypatch, sagemaker), 0, 1)

    page.button(key="shutdown_dry_run").click().run()

    assert sagemaker.asked == []
    assert "**Dry run**: no call was made. 1 resource would be shut down, 1 would stay." in texts(page)
    said = {row["Resource"]: row["Dry run"] for row in rows_of(page, "shutdown_plan")}
    assert said["Endpoint fraud"].endswith(
        "DeleteEndpoint and DeleteEndpointConfig would be called. Status: InService."
    )
    assert said["Endpoint churn"].startswith("Endpoint churn would not be shut down: Protected by its tag")


def test_no_sentence_of_a_refusal_is_lost_when_protecting_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"}, refused=("add_tags",))
    page = open_page(monkeypatch, sagemaker)
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()

    page.button(key="costs_protect").click().run()

    assert [each.value for each in page.error] == [str(DENIED)]


def test_an_endpoint_goes_once_its_inference_component_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"})
    sagemaker.components["llm"] = "fraud"
    page = confirm(select(open_page(monkeypatch, sagemaker), 0), ends=False)
    assert sagemaker.asked == ["delete_inference_component llm"]

    sagemaker.gone.add("llm")
    eventually(lambda: not background.SERVER.runs(settings.account("", "")), every=0.01)
    page.run()

    assert sagemaker.asked[1:] == ["delete_endpoint fraud", "delete_endpoint_config fraud"]
    assert [row["Details"] for row in rows_of(page, "shutdown_result")] == ["Verified: deleted."] * 2


def test_the_dialog_knows_tags_that_the_list_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({"fraud": "ml.m5.xlarge"}, refused=("get_resources",))
    sagemaker.tags["fraud"] = {"env": "prod"}

    page = select(open_page(monkeypatch, sagemaker), 0)

    assert page.text_input[0].label == "Type **fraud** to shut it down: it is tagged as production."


def test_a_dialog_about_very_many_lists_all_and_asks_only_for_the_names_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = make_sagemaker({f"e{number:02d}": "ml.m5.large" for number in range(60)})
    sagemaker.tags["e59"] = {"env": "prod"}
    page = open_page(monkeypatch, sagemaker)

    page = page.button(key="costs_all_idle").click().run()

    assert len(rows_of(page, "shutdown_plan")) == 60
    assert [field.label.partition(" to ")[0] for field in page.text_input] == [
        "Type **e59**",
        "Type **60**",
    ]


def test_a_dry_run_of_very_many_says_of_each_what_would_become_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker({f"e{number:02d}": "ml.m5.large" for number in range(60)})
    page = open_page(monkeypatch, sagemaker).button(key="costs_all_idle").click().run()

    page = page.button(key="shutdown_dry_run").click().run()

    assert sum("would be called" in row["Dry run"] for row in rows_of(page, "shutdown_plan")) == 60
    assert "60 resources would be shut down, 0 would stay." in texts(page)
    assert sagemaker.asked == []
