"""The Costs page over a fake account, for its tests."""

import io
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
from services.shutdown.run import StepState
from tests.local_service import eventually
from tests.services.inventory.modelled import empty

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
                asked = f"delete_inference_component {name}" in self.asked
                return {"InferenceComponentStatus": "Deleting" if asked else "InService"}
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
        object.__setattr__(self, "behind", behind)  # for dataclasses.replace

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
    monkeypatch.setattr(
        settings, "account", lambda title, region: FakeAccount(behind=sagemaker, read_only=settings.read_only())
    )
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
    page = AppTest.from_file(PAGE, default_timeout=150).run()
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
