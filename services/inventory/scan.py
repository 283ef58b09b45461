"""A scan of many regions at once; the result can be read while answers come in.

A region that does not answer in time becomes a Failure and delays nothing. Reading is safe from any thread.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import datetime
from functools import partial

from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.request_pool import POOL
from services.inventory.collect import CollectContext
from services.inventory.resource_tags import owner_of, tags_of
from services.inventory.resources import (
    BillableKind,
    BillableResource,
    Failure,
    Inventory,
    ResourceKind,
)
from services.pricing.price_book import LIST_PRICES, PriceBook

LIMIT = 30.0  # seconds that a region has


class Scan:
    """Starts its requests when it is made. The first region goes first, unless all are in the background."""

    def __init__(
        self,
        kinds: Mapping[ResourceKind, BillableKind],
        accounts: Sequence[Account],
        now: datetime,
        book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES,
        limit: float = LIMIT,
        background: bool = False,
    ) -> None:
        self._now, self._limit, self._began = now, limit, time.monotonic()
        self._regions = [
            _Region(kinds, account, now, book, looked_at=place == 0 and not background)
            for place, account in enumerate(accounts)
        ]

    def wait(self, seconds: float = LIMIT) -> None:
        """Until every region has answered, or `seconds` have passed."""
        wait([region.future for region in self._regions], seconds)

    def partial_result(self) -> Inventory:
        """What has come in by now. Raises AwsError when there are regions and all have refused everything."""
        late = time.monotonic() - self._began >= self._limit
        results = [region.result() for region in self._regions]
        refusals = [refusal for region in self._regions if (refusal := region.refusal())]
        if refusals and len(refusals) == len(self._regions):
            raise refusals[0]
        failures = [failure for _, failures in results for failure in failures]
        waiting = [region.account.region for region in self._regions if not region.future.done()]
        if late:
            failures += [Failure(name, f"No answer within {self._limit:g} s.", name) for name in waiting]
        resources = [resource for resources, _ in results for resource in resources]
        return inventory(self._now, resources, failures, () if late else waiting)


def inventory(
    at: datetime, resources: Sequence[BillableResource], failures: Sequence[Failure] = (), waiting: Sequence[str] = ()
) -> Inventory:
    """The inventory, the most expensive resource first."""
    return Inventory(at, tuple(sorted(resources, key=_most_expensive_first)), tuple(failures), tuple(waiting))


class _Region:
    """One region: its answers, and the first refusal of those that leave nothing to show."""

    def __init__(
        self,
        kinds: Mapping[ResourceKind, BillableKind],
        account: Account,
        now: datetime,
        book: Callable[[Account], PriceBook],
        looked_at: bool,
    ) -> None:
        self.account = account
        self._resources: dict[ResourceKind, list[BillableResource]] = {}
        self._failures: list[Failure] = []
        self._refusals: list[AwsError] = []
        self._fault: BaseException | None = None
        self._lock = threading.Lock()
        self._kinds = {kind: billable for kind, billable in kinds.items() if billable.region in ("", account.region)}
        self._left = len(self._kinds)
        self._lane = POOL.lane(looked_at)
        self.future = Future[None]()
        self._lane.submit(partial(self._ask_all, now, book))[0].add_done_callback(self._begin)

    def result(self) -> tuple[list[BillableResource], list[Failure]]:
        """Resources and failures; one failure for the whole region when it refused everything."""
        if self.future.done():
            self.future.result()  # a fault of ours is raised here, and not lost with its thread
        with self._lock:
            resources = [resource for resources in self._resources.values() for resource in resources]
            if self._refused:
                return [], [Failure(self.account.region, str(self._refusals[0]), self.account.region)]
            return resources, list(self._failures)

    def refusal(self) -> AwsError | None:
        """The refusal, when everything was refused."""
        with self._lock:
            return self._refusals[0] if self._refused else None

    @property
    def _refused(self) -> bool:
        return len(self._refusals) == len(self._kinds) and not any(self._resources.values())

    def _ask_all(self, now: datetime, book: Callable[[Account], PriceBook]) -> None:
        context = CollectContext(self.account, now, book(self.account), self._lane.map)
        for asked in self._lane.submit(*(partial(self._ask, kind, context) for kind in self._kinds)):
            asked.add_done_callback(self._count)

    def _count(self, asked: Future[None]) -> None:
        """One kind less to wait for; after the last one come the tags."""
        with self._lock:
            self._fault = self._fault or asked.exception()
            self._left -= 1
            if self._left:
                return
        if self._fault:
            self.future.set_exception(self._fault)
        else:
            self._lane.submit(self._tag)[0].add_done_callback(self._finish)

    def _finish(self, last: Future[None]) -> None:
        if fault := last.exception():
            self.future.set_exception(fault)
        else:
            self.future.set_result(None)

    def _begin(self, begun: Future[None]) -> None:
        if begun.exception():
            self._finish(begun)

    def _ask(self, kind: ResourceKind, context: CollectContext) -> None:
        try:
            for answer in self._kinds[kind].collect(context):
                if isinstance(answer, AwsError):
                    self._fail(Failure(kind, str(answer), resources=1))
                elif isinstance(answer, Failure):
                    self._fail(answer)
                else:
                    with self._lock:
                        self._resources.setdefault(kind, []).append(replace(answer, region=self.account.region))
        except AwsError as error:
            with self._lock:
                self._refusals.append(error)
            self._fail(Failure(kind, str(error)))
        except (LookupError, TypeError, ValueError) as error:  # one kind read wrongly hides no other
            said = f"the answer is not as SageDeck reads it ({type(error).__name__}: {error})"
            self._fail(Failure(kind, f"List on {self.account.title}: {said}. Look in the AWS console, and report it."))

    def _fail(self, failure: Failure) -> None:
        """Note a failure; the same error about more resources of a kind is one failure."""
        failure = replace(failure, region=self.account.region)
        with self._lock:
            for place, other in enumerate(self._failures):
                if replace(other, resources=failure.resources) == failure:
                    self._failures[place] = replace(other, resources=other.resources + failure.resources)
                    return
            self._failures.append(failure)

    def _tag(self) -> None:
        resources, _ = self.result()
        try:
            tags = tags_of(self.account, (resource.arn for resource in resources if resource.arn), self._lane.map)
        except AwsError as error:
            self._fail(Failure("Tags", str(error), resources=len(resources)))
            return
        with self._lock:
            for resources_of_kind in self._resources.values():
                resources_of_kind[:] = [
                    replace(resource, tags=tags[resource.arn], owner=resource.owner or owner_of(tags[resource.arn]))
                    if resource.arn in tags
                    else resource
                    for resource in resources_of_kind
                ]


def _most_expensive_first(resource: BillableResource) -> tuple[float, str, str, str]:
    return (-(resource.usd_per_hour or 0.0), resource.kind, resource.name, resource.region)
