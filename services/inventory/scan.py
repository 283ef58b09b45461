"""The question what runs, put to many regions at once; the answers can be looked at while they come in.

A region that does not answer in time is told as such, and keeps nobody waiting. Reading is safe from any thread.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime

from services.aws.account import Account
from services.aws.errors import AwsError
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

AT_ONCE = 16  # kinds, and things of kinds, that one region is asked at a time
LIMIT = 30.0  # seconds that a region has
PACE = 0.02  # seconds between two regions' beginnings: the first has its first answers before all talk at once


class Scan:
    """Begins to ask when it is made."""

    def __init__(
        self,
        kinds: Mapping[ResourceKind, BillableKind],
        accounts: Sequence[Account],
        now: datetime,
        book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES,
        limit: float = LIMIT,
    ) -> None:
        self._now, self._limit, self._began = now, limit, time.monotonic()
        self._regions = [_Region(kinds, account, now, book, place * PACE) for place, account in enumerate(accounts)]

    def wait(self, seconds: float = LIMIT) -> None:
        """Until every region has answered, or `seconds` have passed."""
        wait([region.asked for region in self._regions], seconds)

    def partial_result(self) -> Inventory:
        """What has been told by now. Raises AwsError when there are regions and all have refused everything."""
        late = time.monotonic() - self._began >= self._limit
        told = [region.told() for region in self._regions]
        refusals = [refusal for region in self._regions if (refusal := region.refusal())]
        if refusals and len(refusals) == len(self._regions):
            raise refusals[0]
        failures = [failure for _, failures in told for failure in failures]
        waiting = [region.account.region for region in self._regions if not region.asked.done()]
        if late:
            failures += [Failure(name, f"No answer within {self._limit:g} s.", name) for name in waiting]
        things = [thing for things, _ in told for thing in things]
        return inventory(self._now, things, failures, () if late else waiting)


def inventory(
    at: datetime, things: Sequence[BillableResource], failures: Sequence[Failure] = (), waiting: Sequence[str] = ()
) -> Inventory:
    """The list as people read it, dearest first."""
    return Inventory(at, tuple(sorted(things, key=_dearest_first)), tuple(failures), tuple(waiting))


class _Region:
    """One region: its answers, and the first refusal of those that leave nothing to show."""

    def __init__(
        self,
        kinds: Mapping[ResourceKind, BillableKind],
        account: Account,
        now: datetime,
        book: Callable[[Account], PriceBook],
        delay: float,
    ) -> None:
        self.account = account
        self._things: dict[ResourceKind, list[BillableResource]] = {}
        self._failures: list[Failure] = []
        self._refusals: list[AwsError] = []
        self._lock = threading.Lock()
        self._kinds = {kind: each for kind, each in kinds.items() if each.region in ("", account.region)}
        asker = ThreadPoolExecutor(1)
        self.asked = asker.submit(self._ask_all, now, book, delay)
        asker.shutdown(wait=False)

    def told(self) -> tuple[list[BillableResource], list[Failure]]:
        """What runs, and what could not be asked; one sentence for the whole region when that is all of it."""
        if self.asked.done():
            self.asked.result()  # a fault of ours is raised here, and not lost with its thread
        with self._lock:
            things = [thing for things in self._things.values() for thing in things]
            if self._refused:
                return [], [Failure(self.account.region, str(self._refusals[0]), self.account.region)]
            return things, list(self._failures)

    def refusal(self) -> AwsError | None:
        """The refusal, when everything was refused."""
        with self._lock:
            return self._refusals[0] if self._refused else None

    @property
    def _refused(self) -> bool:
        return len(self._refusals) == len(self._kinds) and not any(self._things.values())

    def _ask_all(self, now: datetime, book: Callable[[Account], PriceBook], delay: float) -> None:
        time.sleep(delay)
        # Two pools: a kind that waits for its things must not hold the hands that ask about them.
        with ThreadPoolExecutor(AT_ONCE) as askers, ThreadPoolExecutor(AT_ONCE) as hands:
            asking = CollectContext(self.account, now, book(self.account), hands.map)
            list(askers.map(lambda kind: self._ask(kind, asking), self._kinds))
        self._tag()

    def _ask(self, kind: ResourceKind, asking: CollectContext) -> None:
        try:
            for answer in self._kinds[kind].collect(asking):
                if isinstance(answer, AwsError):
                    self._fail(Failure(kind, str(answer), resources=1))
                elif isinstance(answer, Failure):
                    self._fail(answer)
                else:
                    with self._lock:
                        self._things.setdefault(kind, []).append(replace(answer, region=self.account.region))
        except AwsError as error:
            with self._lock:
                self._refusals.append(error)
            self._fail(Failure(kind, str(error)))

    def _fail(self, failure: Failure) -> None:
        """Note a failure; the same sentence about more things of a kind is one failure."""
        failure = replace(failure, region=self.account.region)
        with self._lock:
            for place, other in enumerate(self._failures):
                if replace(other, resources=failure.resources) == failure:
                    self._failures[place] = replace(other, resources=other.resources + failure.resources)
                    return
            self._failures.append(failure)

    def _tag(self) -> None:
        things, _ = self.told()
        try:
            tags = tags_of(self.account, (thing.arn for thing in things if thing.arn))
        except AwsError as error:
            self._fail(Failure("Tags", str(error), resources=len(things)))
            return
        with self._lock:
            for found in self._things.values():
                found[:] = [
                    replace(thing, tags=tags[thing.arn], owner=thing.owner or owner_of(tags[thing.arn]))
                    if thing.arn in tags
                    else thing
                    for thing in found
                ]


def _dearest_first(thing: BillableResource) -> tuple[float, str, str, str]:
    return (-(thing.usd_per_hour or 0.0), thing.kind, thing.name, thing.region)
