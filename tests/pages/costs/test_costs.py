"""The Costs page, from what runs to nothing running."""

import io
import json
import threading
from dataclasses import InitVar, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import prices as price_queries
from pages.components.queries import shutdowns as shutdown_queries
from services import settings
from services.aws.account import Account
from services.aws.errors import AwsError
from services.shutdown import background
from services.shutdown.background import Background
from services.shutdown.run import StepState
from tests.local_service import eventually
from tests.services.inventory.modelled import empty
from tests.services.pricing.price_records import hour

PAGE = str(Path(__file__).parents[3] / "pages" / "costs.py")
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/"
GONE = AwsError("Describe endpoint on AWS, us-east-1", "Could not find endpoint", "Refresh", "ValidationException")
DENIED = AwsError("List apps on AWS, us-east-1", "not authorized", "Ask for it", "AccessDeniedException")


CLICKED = ("get_cost_and_usage", "get_idle_recommendations", "get_free_tier_usage")


class FakeSageMaker:
    """Endpoints of one instance each, by name, with their instance types; and the operations that are refused.

    `tags` by the name of the endpoint, `asked` the operations that change something, `components` inference components
    by name and their endpoints, `gone` those that are no longer described.
    """

    def __init__(self, endpoints: dict[str, str] | None = None, refused: tuple[str, ...] = ()) -> None:
        self.endpoints, self.refused = endpoints or {}, refused
        self.tags: dict[str, dict[str, str]] = {}
        self.components: dict[str, str] = {}
        self.gone: set[str] = set()
        self.failed: set[str] = set()  # endpoints that failed at creation
        self.asked: list[str] = []
        self.lingers = False  # whether a deleted endpoint is still on its way down
        self.ledger: dict[str, bytes] = {}
        self.prices: list[str] = []

    def answer(self, operation: str, name: str) -> dict[str, Any]:
        if operation.startswith("delete") or operation in CLICKED:
            self.asked.append(f"{operation} {name}")
        if {operation, f"{operation} {name}"} & set(self.refused):
            raise DENIED
        match operation:
            case "list_endpoints":
                return {"Endpoints": [{"EndpointName": each} for each in self.endpoints]}
            case "describe_endpoint":
                if name not in self.endpoints and not self.lingers:
                    raise GONE
                variant = {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
                if name in self.failed and name in self.endpoints:
                    names = {"EndpointName": name, "EndpointArn": f"{ARN}{name}"}
                    return {**names, "EndpointStatus": "Failed", "CreationTime": datetime.now(UTC)}
                return {
                    "EndpointName": name,
                    "EndpointArn": f"{ARN}{name}",
                    "EndpointConfigName": name,
                    "EndpointStatus": "InService" if name in self.endpoints else "Deleting",
                    "CreationTime": datetime.now(UTC) - timedelta(hours=10, minutes=1),
                    "ProductionVariants": [variant],
                }
            case "describe_endpoint_config":
                variant = {"VariantName": "v", "ModelName": "m", "InstanceType": self.endpoints[name]}
                return {"EndpointConfigName": name, "ProductionVariants": [variant]}
            case "delete_endpoint":
                del self.endpoints[name]
                return {}
            case "search":
                return {"Results": []}
            case "list_inference_components":
                return {"InferenceComponents": [self._component(each) for each in self.components]}
            case "describe_inference_component":
                if name in self.gone:
                    raise GONE
                return {"InferenceComponentStatus": "Deleting"}
            case "describe_scalable_targets" | "describe_scaling_policies":
                return {"ScalableTargets": [], "ScalingPolicies": []}
            case "list_regions":
                return {"Regions": []}
            case "get_products":
                return {"PriceList": self.prices}
            case "get_cost_and_usage":
                cost = {"UnblendedCost": {"Amount": "12.5"}, "UsageQuantity": {"Amount": "54.3", "Unit": "Hrs"}}
                return {"ResultsByTime": [{"Groups": [{"Keys": ["USE1-Host:ml.m5.xlarge"], "Metrics": cost}]}]}
            case "get_idle_recommendations":
                arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"
                return {"idleRecommendations": [{"resourceArn": arn, "finding": "Idle", "lookBackPeriodInDays": 14.0}]}
            case "get_free_tier_usage":
                offer = {"description": "Notebooks", "limit": 250.0, "unit": "Hrs", "forecastedUsageAmount": 80.0}
                return {"freeTierUsages": [{**offer, "actualUsageAmount": 40.0}]}
            case "get_resources":
                return {
                    "ResourceTagMappingList": [
                        {"ResourceARN": f"{ARN}{each}", "Tags": self._tags(each)} for each in self.tags
                    ]
                }
            case "list_tags":
                return {"Tags": self._tags(name)}
            case "get_metric_data":
                return {"MetricDataResults": []}
        return empty(operation) if operation.startswith("list_") else {}

    def tag(self, operation: str, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """AddTags and DeleteTags."""
        if operation in self.refused:
            raise DENIED
        mine = self.tags.setdefault(name, {})
        mine |= {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", [])}
        for key in parameters.get("TagKeys", []):
            del mine[key]
        return {}

    def _component(self, name: str) -> dict[str, Any]:
        return {
            "InferenceComponentName": name,
            "InferenceComponentArn": f"{ARN}{name}",
            "InferenceComponentStatus": "InService",
            "EndpointName": self.components[name],
            "CreationTime": datetime.now(UTC) - timedelta(hours=10),
        }

    def _tags(self, name: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags.get(name, {}).items()]

    def objects(self, operation: str, key: str, body: bytes) -> dict[str, Any]:
        """The bucket with the ledger, and what counts as idle."""
        if {operation, f"{operation} {'/'.join(key.split('/')[:2])}"} & set(self.refused):
            raise DENIED
        match operation:
            case "put_object":
                self.ledger[key] = body
                return {"ETag": '"kept"'}
            case "list_objects_v2":
                found = [each for each in self.ledger if each.startswith(key)]
                return {"Contents": [{"Key": each, "Size": len(self.ledger[each])} for each in found]}
            case "get_object":
                if key not in self.ledger:
                    raise AwsError("Get object on AWS", "it is not there", "Write it first", "NoSuchKey")
                return {"Body": io.BytesIO(self.ledger[key]), "ETag": '"kept"'}
        return {}


@dataclass(frozen=True)
class FakeAccount(Account):
    """The account of a FakeSageMaker, which is no part of its value: the same account may change its answers."""

    title: str = "AWS"
    region: str = "us-east-1"
    behind: InitVar[FakeSageMaker | None] = None

    def __post_init__(self, behind: FakeSageMaker | None) -> None:
        object.__setattr__(self, "sagemaker", behind)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/fake"}
        if service == "s3":
            bucket: dict[str, Any] = vars(self)["sagemaker"].objects(
                operation, parameters.get("Key") or parameters.get("Prefix", ""), parameters.get("Body", b"")
            )
            return bucket
        named = parameters.get("ResourceArn", "").rpartition("/")[2]
        keys = ("EndpointName", "EndpointConfigName", "InferenceComponentName")
        name = next((parameters[key] for key in keys if key in parameters), named)
        if operation in ("add_tags", "delete_tags"):
            tagged: dict[str, Any] = vars(self)["sagemaker"].tag(operation, name, parameters)
            return tagged
        answer: dict[str, Any] = vars(self)["sagemaker"].answer(operation, name)
        return answer


def open_page(monkeypatch: pytest.MonkeyPatch, sagemaker: FakeSageMaker) -> AppTest:
    monkeypatch.setattr(settings, "account", lambda title, region: FakeAccount(behind=sagemaker))
    inventory_queries.region_scan.clear()
    inventory_queries.other_regions_scan.clear()
    cost_queries.jobs_of_month.clear()
    cost_queries.ledger.clear()
    for query in (
        price_queries.price_list,
        cost_queries.month_to_date,
        cost_queries.idle_endpoints,
        cost_queries.free_tier,
    ):
        query.clear()
    inventory_queries.with_current_tags.clear()
    for shutdowns in (inventory_queries.shutdown_policy, shutdown_queries.stored, endpoint_queries.kept_configs):
        shutdowns.clear()
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    return page


def select(page: AppTest, *rows: int) -> AppTest:
    """Select rows of the table, as a person would, and open the dialog."""
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return page.run().button(key="costs_shut_down").click().run()


def confirm(page: AppTest, ends: bool = True) -> AppTest:
    """Confirm the dialog, and look again once the shutdown has ended, or as far as it goes."""
    page.button(key="shutdown_confirm").click().run()
    (account, server) = settings.account("", ""), background.SERVER
    if ends:
        eventually(lambda: not server.runs(account), every=0.01)
    else:
        eventually(lambda: all(run.count(StepState.STOPPING) for run in server.runs(account)), every=0.01)
    return page.run()


TABLES = {"shutdown_plan": "Stays because", "shutdown_result": "Details", "ledger": "Status after"}


def rows_of(page: AppTest, table: str) -> list[dict[str, Any]]:
    """The rows of a table, which is known by a column that no other has; none when it is not drawn."""
    shown = [frame.value for frame in page.dataframe if TABLES[table] in frame.value]
    return [dict(row) for frame in shown for _, row in frame.iterrows()]


def metric(page: AppTest, label: str) -> str:
    return next(str(each.value) for each in page.metric if each.label == label)


def texts(page: AppTest) -> str:
    return "\n".join(str(each.value) for each in [*page.markdown, *page.caption])


def test_the_sum_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}))

    assert (metric(page, "Cost per hour"), metric(page, "Per day if left running")) == ("$0.345/h", "$8.28")


def test_each_thing_has_its_row_with_price_and_cost_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))

    row = page.dataframe[0].value.iloc[0]

    assert row["Name"] == "fraud"
    assert row["Runs on"] == "ml.m5.xlarge × 1"
    assert row["$/h"] == 0.23
    assert row["Cost so far"] == pytest.approx(2.3, abs=0.01)
    assert list(row["Idle for"]) == ["in use", "10 h"]
    assert row["Note"] == "Never used"


def test_the_longest_idle_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))

    assert metric(page, "Longest idle endpoint") == "10 h"


def test_an_unknown_price_is_told_beside_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.z9.xlarge"}))

    assert page.metric[0].delta == "plus 1 with unknown price"


def test_what_could_not_be_asked_is_told_and_the_rest_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("list_apps",))

    page = open_page(monkeypatch, sagemaker)

    assert [each.value for each in page.warning] == [f"Studio app not included. {DENIED}"]
    assert len(page.dataframe[0].value) == 1


def test_many_that_could_not_be_asked_are_one_warning_with_their_sentences_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = ("list_apps", "list_clusters", "list_mlflow_apps")

    page = open_page(monkeypatch, FakeSageMaker(refused=refused))

    assert [each.value for each in page.warning] == [
        "3 kinds of resources not included: Studio app, MLflow app, HyperPod cluster."
    ]
    assert f"- HyperPod cluster not included. {DENIED}" in texts(page)


def test_nothing_running_says_so_and_shows_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    assert metric(page, "Cost per hour") == "$0.000/h"
    assert r"Nothing is running: \$0.000/h." in texts(page)
    assert len(page.get("page_link")) >= 1


def test_nothing_is_not_claimed_of_what_could_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(refused=("list_apps",)))

    assert "No running resources found." in texts(page)


def subheaders(page: AppTest) -> list[str]:
    return [str(each.value) for each in page.subheader]


def test_things_are_compared_in_a_chart_once_there_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    one = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))
    two = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"}))

    assert ("Highest cost" in subheaders(one), "Highest cost" in subheaders(two)) == (False, True)


def test_the_last_day_is_drawn_and_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))  # for 10 h and a minute

    assert "Last 24 hours" in subheaders(page)
    assert r"\$2.30 in total, by hour (UTC)." in texts(page)


def test_a_month_whose_jobs_cannot_be_asked_is_told_to_lack_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("search",)))

    assert f"Training jobs of this month not included. {DENIED}" in [each.value for each in page.warning]


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


def test_a_selection_never_slides_to_another_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge", "churn": "ml.m5.large"})
    page = open_page(monkeypatch, sagemaker)
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()

    del sagemaker.endpoints["fraud"]  # by somebody else; its row is now another's
    page.button(key="costs_refresh").click().run()

    assert page.button(key="costs_shut_down").disabled


def test_the_price_lists_prices_count_once_they_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"})
    sagemaker.prices = [hour("ml.m5.xlarge", "Hosting", 0.5, region="us-east-1")]
    page = open_page(monkeypatch, sagemaker)

    price_queries.price_list(FakeAccount(behind=sagemaker)).wait()
    page.button(key="costs_refresh").click().run()

    assert metric(page, "Cost per hour") == "$0.500/h"
    assert "On-demand: AWS Price List of us-east-1," in texts(page)


def test_prices_that_are_refused_are_those_of_the_table_with_its_date_and_what_to_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}, refused=("get_products",))
    page = open_page(monkeypatch, sagemaker)

    price_queries.price_list(FakeAccount(behind=sagemaker)).wait()
    page.run()

    assert metric(page, "Cost per hour") == "$0.230/h"
    assert "On-demand: list price of us-east-1, 28 September 2026." in texts(page)
    assert f"Current prices are not available. {DENIED}" in texts(page)


def test_aws_is_asked_for_the_bill_on_a_click_only_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = FakeSageMaker()
    page = open_page(monkeypatch, sagemaker)
    before = list(sagemaker.asked)

    page.button(key="ask_spend").click().run()
    cost_queries.month_to_date.clear()
    page.run()

    assert (before, sagemaker.asked) == ([], ["get_cost_and_usage "])
    assert next(each.value for each in page.metric if each.label.startswith("SageMaker, 1 to ")) == "$12.50"
    assert page.dataframe[0].value.iloc[0].tolist() == ["USE1-Host:ml.m5.xlarge", "54.30 Hrs", 12.5]


def test_endpoints_that_aws_finds_idle_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    page.button(key="ask_idle").click().run()

    assert [each.value for each in page.warning] == ["**fraud**, observed for 14 days: Idle."]


def test_the_free_tier_is_a_bar_an_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker())

    page.button(key="ask_free_tier").click().run()

    bar = page.get("progress")[0].proto
    assert (bar.value, bar.text) == (16, "Notebooks: 40.0 of 250 Hrs used, 80.0 by the end of the month")


@pytest.mark.parametrize(("key", "operation"), [*zip(("spend", "idle", "free_tier"), CLICKED, strict=True)])
def test_a_question_that_is_refused_is_one_sentence(key: str, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, FakeSageMaker(refused=(operation,)))

    page.button(key=f"ask_{key}").click().run()

    assert [each.value for each in page.error] == [str(DENIED)]


def test_where_nothing_is_billed_there_is_no_bill_to_ask_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = FakeAccount(files=(tmp_path, tmp_path), behind=FakeSageMaker())
    monkeypatch.setattr(settings, "account", lambda title, region: here)

    page = AppTest.from_file(PAGE, default_timeout=30).run()

    assert "Nothing is billed on this computer." in texts(page)
    assert not [each.key for each in page.button if str(each.key).startswith("ask_")]


HUNG = threading.Event()  # while it is not set, sa-east-1 does not answer


class RegionalAccount(FakeAccount):
    """The same endpoints in every region."""

    def at(self, region: str) -> Account:
        return self if region == self.region else RegionalAccount(region=region, behind=vars(self)["sagemaker"])

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "list_regions":
            return {"Regions": [{"RegionName": name} for name in ("us-east-1", "eu-west-1", "sa-east-1")]}
        if self.region == "sa-east-1":
            HUNG.wait(20)
        return super().call(service, operation, **parameters)


def test_other_regions_are_counted_and_named_and_one_that_is_slow_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = RegionalAccount(behind=FakeSageMaker(endpoints={"fraud": "ml.m5.xlarge"}))
    monkeypatch.setattr(settings, "account", lambda title, region: account)
    for query in (
        inventory_queries.region_scan,
        inventory_queries.other_regions_scan,
        cost_queries.jobs_of_month,
        cost_queries.ledger,
        price_queries.price_list,
    ):
        query.clear()

    inventory_queries.other_regions_scan(account).look(0.5)
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    HUNG.set()

    assert [row["Region"] for _, row in page.dataframe[0].value.iterrows()] == ["eu-west-1", "us-east-1"]
    assert metric(page, "Cost per hour") == "$0.460/h"
    assert page.info[0].value == "1 region still loading: sa-east-1."
