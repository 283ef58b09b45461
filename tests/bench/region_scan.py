"""Asking 17 regions what runs, against the same calls one after another, with 30 ms to every region and back."""

import json
import sys
import threading
import time
from datetime import UTC, datetime

from botocore import xform_name

from services.aws.regions import DEFAULT_REGIONS
from services.inventory import all_kinds
from tests.services.inventory.standin import StandInAccount, world

LATENCY = 0.03
# Whose operations are not those of the client "sagemaker".
SERVICES = {
    "GetMetricData": "cloudwatch",
    "GetResources": "resourcegroupstaggingapi",
    "ListEarthObservationJobs": "sagemaker-geospatial",
    "ListVectorEnrichmentJobs": "sagemaker-geospatial",
}
EACH = 30  # things of each of four sorts in every region: 2,040 in all


class RegionScan:
    """One world, asked both ways; its clients are made before anything is measured."""

    def __init__(self) -> None:
        self._world = world(list(DEFAULT_REGIONS), EACH, datetime.now(UTC), LATENCY)
        self._accounts = [StandInAccount(region=region, stand_in=self._world) for region in DEFAULT_REGIONS]
        self.ours()
        self._calls = list(self._world.asked)

    def ours(self) -> float:
        """Seconds until every region has told everything."""
        self._world.asked.clear()
        began = time.perf_counter()
        found = all_kinds.start_scan(self._accounts, datetime.now(UTC))
        found.wait(600)
        took = time.perf_counter() - began
        inventory = found.partial_result()
        assert len(inventory.resources) == len(DEFAULT_REGIONS) * 4 * EACH
        assert not inventory.failures
        return took

    def threads(self) -> int:
        """The most threads that this program has while every region is asked."""
        found, most = all_kinds.start_scan(self._accounts, datetime.now(UTC)), 0
        while found.partial_result().waiting:
            most = max(most, threading.active_count())
            time.sleep(0.002)
        return most

    def first(self) -> float:
        """Seconds until rows of the first region, which one looks at, can be seen; all others are asked, too."""
        looked_at = self._accounts[0].region
        began = time.perf_counter()
        found = all_kinds.start_scan(self._accounts, datetime.now(UTC))
        while not any(resource.region == looked_at for resource in found.partial_result().resources):
            time.sleep(0.001)
        took = time.perf_counter() - began
        found.wait(600)
        return took

    def plain(self) -> float:
        """Seconds for the same calls, each after the answer to the last."""
        print(f"inventory_ratio: {len(self._calls)} calls one after another", file=sys.stderr)
        began = time.perf_counter()
        for region, operation, request in self._calls:
            client = self._world.client(SERVICES.get(operation, "sagemaker"), region)
            getattr(client, xform_name(operation))(**json.loads(request))
        return time.perf_counter() - began
