"""Two dashboards shut down, pause and resume while calls fail and processes die: the books are right in the end.

A seed is one history. What must never happen is checked in `chaos_account.py` as it happens, the rest at the end.
"""

import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services import settings
from services.aws import documents
from services.costs import commitments, launch_budget
from services.errors import Problem
from services.inventory.resources import Inventory, ResourceKind
from services.inventory.scan import inventory
from services.pricing.price_book import LIST_PRICES
from services.shutdown import driver as shutdown_driver
from services.shutdown import execute, grace, pause, watch
from services.shutdown import plan as shutdown_plan
from services.shutdown import policy as shutdown_policy
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_runs
from services.shutdown.driver import Driver, TakenOverError
from services.shutdown.protection import PROTECTED, Confirmation
from services.shutdown.watch import Watch
from tests.services.shutdown.chaos_account import START, Caller, ChaosAccount, Resource, World
from tests.services.shutdown.shutdown_account import PulledPlug

SEEDS, FAST = 200, 20  # in all, and those that the fast gate takes
DEEDS = 40  # of one history
MEANWHILE = 0.08  # how often others act while a call is under way
PROFILE = "work"
TOUCHES = (
    *((PROTECTED, "true"), (PROTECTED, ""), ("env", "prod"), ("env", "")),
    *((shutdown_rules.TAG, "idle 2h"), (shutdown_rules.TAG, "idle 2h delete"), ("", "")),
)
LEFT = ("production_lock", "bulk_confirm_threshold", "per_launch", "per_day", "read_only", "role")


class Inline:
    """A pool without threads, so that a seed is one order of calls."""

    def __init__(self, workers: int) -> None:
        pass

    def __enter__(self) -> "Inline":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, do: Callable[..., Any], *items: Iterable[Any]) -> Iterator[Any]:
        return iter([do(*each) for each in zip(*items, strict=False)])


class Listing:
    """What runs, as a scan that is complete at once."""

    def __init__(self, begin: Callable[[datetime], list[ChaosAccount]], fresh_for: float) -> None:
        self.begin = begin

    def look(self, wait: float) -> Inventory:
        worlds = [account.world for account in self.begin(START)]
        at = worlds[0].now if worlds else START
        return inventory(at, [one.listed() for world in worlds for one in world.alive()])


class Dashboard:
    """A server with its process, which may die and begin anew."""

    def __init__(self, world: World, place: str) -> None:
        self.world, self.place, self.lives = world, place, 0
        self.busy = False
        self.restart()

    def restart(self) -> None:
        self.lives += 1
        self.caller = Caller(f"{self.place}{self.lives}")
        self.account = ChaosAccount(objects=self.world.objects, world=self.world, caller=self.caller)
        self.drivers: dict[str, Driver] = {}
        self.coming: dict[str, pause.PausedEndpoint] = {}
        self.rules = Watch(self.account, lambda: self.world.now)

    def does(self, deed: Callable[[], object]) -> bool:
        """Whether it was done without a Problem; the process may die of it."""
        self.busy, self.caller.began = True, self.world.deeds
        try:
            deed()
        except PulledPlug:
            self.restart()
            return False
        except Problem:
            return False
        finally:
            self.busy, self.caller.run, self.caller.only_reads = False, "", False
        return True

    def drive(self, run: shutdown_runs.ShutdownRun | None) -> None:
        if run:
            self.drivers[run.name] = Driver(self.account, run, lambda: self.world.now)

    def begin(self, steps: list[shutdown_plan.Step], typed: Confirmation) -> None:
        if any(step.acts for step in steps):
            shutdown_plan.check_confirmation(steps, typed, shutdown_policy.load(self.account).bulk_confirm_threshold)
            self.drive(shutdown_runs.begin(self.account, steps, typed, self.caller.name, self.world.now))

    def advance(self, name: str) -> None:
        """As the background thread does."""
        driver = self.drivers[name]
        self.caller.run = name
        try:
            driver.advance()
        except (TakenOverError, documents.UnreadableDocumentError):
            del self.drivers[name]
        if driver.run.ended:
            self.drivers.pop(name, None)

    def advance_all(self) -> None:
        for name in list(self.drivers):
            if name in self.drivers:  # unless the process died of another
                self.does(partial(self.advance, name))
        for name, paused in list(self.coming.items()):
            self.does(partial(self.settle, name, paused))

    def settle(self, name: str, paused: pause.PausedEndpoint) -> None:
        if pause.settle(self.account, paused, self.world.now):
            del self.coming[name]

    def look_at_rules(self) -> None:
        self.caller.only_reads = settings.read_only()
        for run in self.rules.look(self.caller.name):
            self.drive(run)

    def take_over(self) -> None:
        """Continue whatever nobody drives, and see to what is being resumed."""
        for run in shutdown_runs.recent(self.account, self.world.now).runs:
            if run.ended is None and run.name not in self.drivers:
                self.drive(shutdown_runs.take_over(self.account, run, self.caller.name, self.world.now))
        for paused in pause.paused_endpoints(self.account).endpoints:
            if paused.resuming:
                self.coming[paused.name] = paused

    def resume(self, paused: pause.PausedEndpoint) -> None:
        pause.resume(self.account, paused, self.world.now, LIST_PRICES)
        self.coming[paused.name] = paused


class History:
    """What happens to one account, by one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.world = World(self.chance, meanwhile=self.meanwhile)
        self.left: dict[str, set[Any]] = {name: {None} for name in LEFT}  # what may have been stored last
        self.left |= {"production_lock": {False}, "bulk_confirm_threshold": {5}, "read_only": {False}}
        for name, config in (("e0", "shared"), ("e1", "shared"), ("e2", "c2"), ("e3", "c3")):
            identity = {"EndpointName": name, "EndpointConfigName": config}
            self.world.resources.append(Resource(ResourceKind.ENDPOINT, name, identity))
            self.world.configs.add(config)
        for name in ("n0", "n1"):
            identity = {"NotebookInstanceName": name}
            self.world.resources.append(Resource(ResourceKind.NOTEBOOK_INSTANCE, name, identity))
        space = {"DomainId": "d", "SpaceName": "s"}
        self.world.resources.append(Resource(ResourceKind.SPACE_VOLUME, "s", space))
        for name in ("a0", "a1"):
            identity = {**space, "AppType": "JupyterLab", "AppName": name}
            parent = (ResourceKind.SPACE_VOLUME, "d", "s")
            self.world.resources.append(Resource(ResourceKind.STUDIO_APP, f"s / {name}", identity, parent=parent))
        self.dashboards = [Dashboard(self.world, place) for place in "ab"]

    def play(self) -> None:
        for _ in range(DEEDS):
            self.anything()
            self.world.pass_time(self.chance.choice((1, 5, 20, 20, 61, 200, 650)))

    def anything(self) -> None:
        dashboard = self.chance.choice([one for one in self.dashboards if not one.busy])
        choices: list[tuple[int, Callable[[Dashboard], object]]] = [
            (9, Dashboard.advance_all),
            (3, self.shut_down),
            (2, self.pause),
            (2, self.resume),
            (4, lambda one: one.does(one.look_at_rules)),
            (3, lambda one: one.does(one.take_over)),
            (1, self.stop),
            (1, self.keep),
            (4, lambda one: self.touch()),
            (3, self.set_guard),
        ]
        weights, deeds = zip(*choices, strict=True)
        self.chance.choices(deeds, weights)[0](dashboard)

    def meanwhile(self, caller: Caller) -> None:
        """Others act while a call is under way; what they do is not interrupted again."""
        free = [one for one in self.dashboards if not one.busy]
        if len(free) != 1 or self.chance.random() >= MEANWHILE:
            return
        if self.chance.random() < 0.2:
            self.world.pass_time(70)  # so long that the run counts as interrupted
            free[0].does(free[0].take_over)
        self.anything()

    def some(self) -> Resource | None:
        alive = self.world.alive()
        return self.chance.choice(alive) if alive else None

    def typed(self, steps: list[shutdown_plan.Step]) -> Confirmation:
        """A person types what is asked for, or every name."""
        every = self.chance.random() < 0.3
        names = {
            step.resource.key: step.resource.name
            for step in steps
            if every or execute.deletion_protection.guard(step.resource.tags).wants_name
        }
        return Confirmation(names, str(sum(step.acts for step in steps)))

    def shut_down(self, dashboard: Dashboard) -> None:
        alive = self.world.alive()
        chosen = self.chance.sample(alive, min(len(alive), self.chance.choice((1, 1, 2, 3))))
        running, selected = [one.listed() for one in alive], [one.listed() for one in chosen]

        def deed() -> None:
            locked = shutdown_policy.load_or_strictest(dashboard.account)[0].production_lock
            steps = shutdown_plan.plan(selected, running, locked, pause.kept_configs(dashboard.account))
            dashboard.begin(steps, self.typed(steps))

        dashboard.does(deed)

    def pause(self, dashboard: Dashboard) -> None:
        endpoints = [one for one in self.world.alive() if one.kind is ResourceKind.ENDPOINT]
        if endpoints:
            steps = [shutdown_plan.pause_step(self.chance.choice(endpoints).listed())]
            dashboard.does(lambda: dashboard.begin(steps, self.typed(steps)))

    def resume(self, dashboard: Dashboard) -> None:
        self.world.per_launch_began = set(self.left["per_launch"])

        def deed() -> None:
            paused = [one for one in pause.paused_endpoints(dashboard.account).endpoints if not one.resuming]
            if paused:
                dashboard.resume(self.chance.choice(paused))

        dashboard.does(deed)

    def stop(self, dashboard: Dashboard) -> None:
        def deed() -> None:
            found = shutdown_runs.recent(dashboard.account, self.world.now).runs
            for run in [one for one in found if one.ended is None][:1]:
                shutdown_runs.change(dashboard.account, run, stop_requested=True)

        dashboard.does(deed)

    def keep(self, dashboard: Dashboard) -> None:
        marked = [one for one in self.world.alive() if grace.STOP_AT in one.tags]
        if marked and dashboard.does(partial(grace.keep, dashboard.account, marked[0].listed(), self.world.now)):
            self.world.deeds += 1
            marked[0].kept = self.world.deeds

    def touch(self) -> None:
        """A person sets or takes away a tag outside, or deletes something there."""
        one = self.some()
        if one is None:
            return
        key, value = self.chance.choice(TOUCHES)
        if key:
            self.world.tag(one, key, value)
            return
        being_called = [
            step["step"]["resource"]["name"]
            for run in self.world.runs()
            for step in run["steps"]
            if step["state"] == "calling"
        ]
        if one.name not in being_called and one.status == "InService" and one.kind is not ResourceKind.SPACE_VOLUME:
            one.status = "Stopped" if one.kind is ResourceKind.NOTEBOOK_INSTANCE else "gone"

    def set_guard(self, dashboard: Dashboard) -> None:
        name = self.chance.choice(LEFT)
        value: Any = self.chance.choice(
            {
                "production_lock": (True, True, False),
                "bulk_confirm_threshold": (1, 2, 5),
                "per_launch": (None, 0.01, 100.0),
                "per_day": (None, 0.01, 100.0),
                "read_only": (True, False, False),
                "role": ("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"),
            }[name]
        )
        self.world.locked_since = None if name == "production_lock" else self.world.locked_since
        self.world.read_only_since = None if name == "read_only" else self.world.read_only_since
        if name == "per_launch":
            self.world.per_launch_began.add(value)
        deeds = {
            "read_only": lambda: settings.save_read_only(value),
            "role": lambda: settings.save(replace(dashboard.account, profile=PROFILE), role=value),
            "per_launch": lambda: launch_budget.change(dashboard.account, per_launch=value),
            "per_day": lambda: launch_budget.change(dashboard.account, per_day=value),
        }
        deed = deeds.get(name, lambda: shutdown_policy.change(dashboard.account, **{name: value}))
        done = dashboard.does(deed)
        self.left[name] = {value} if done else self.left[name] | {value}
        if self.left["production_lock"] == {True} and self.world.locked_since is None:
            self.world.deeds += 1
            self.world.locked_since = self.world.deeds
        if self.left["read_only"] == {True} and self.world.read_only_since is None:
            self.world.deeds += 1
            self.world.read_only_since = self.world.deeds

    def end(self) -> None:
        """No more trouble: whatever is open is brought to its end."""
        self.world.trouble, self.world.meanwhile = 0.0, lambda caller: None
        for _ in range(60):
            for dashboard in self.dashboards:
                dashboard.does(dashboard.take_over)
                dashboard.advance_all()
            self.world.pass_time(30)
            if not any(one.changes_at for one in self.world.resources) and not self.world.unfinished():
                break

    def wrong_in_the_end(self) -> list[str]:
        """The promises that are not kept now that everything has settled."""
        account, world = self.dashboards[0].account, self.world
        runs = shutdown_runs.recent(account, world.now).runs
        wrong = [f"run {run.name} stays open" for run in runs if run.ended is None]
        recorded, done = world.ledger(), world.shut_down()
        again = Counter((str(one.kind), one.name) for one in world.resources if one.unseen)
        wrong += [f"{key} is in the ledger, and no run has shut it down" for key in recorded - done]
        wrong += [f"{key} was shut down, and is not in the ledger" for key in done - recorded - again]
        for one in (one for one in world.newest() if one.kind is ResourceKind.ENDPOINT):
            stored = world.paused(one.name)
            if one.status == "InService" and stored:
                wrong.append(f"{one.name} runs, and is listed as paused")
            elif one.status == "gone" and one.pausing and (not stored or stored["resuming"]):
                wrong.append(f"{one.name} was paused, and cannot be resumed ({stored and 'it is for ever'})")
        policy, budget = shutdown_policy.load(account), launch_budget.load(account)
        found = {
            "production_lock": policy.production_lock,
            "bulk_confirm_threshold": policy.bulk_confirm_threshold,
            "per_launch": budget.per_launch,
            "per_day": budget.per_day,
            "read_only": settings.read_only(),
            "role": settings.account(PROFILE, "us-east-1").role,
        }
        wrong += [f"{name} is {value}" for name, value in found.items() if value not in self.left[name]]
        return wrong


@pytest.fixture(scope="module", autouse=True)
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (documents, execute, shutdown_driver, commitments):
            patch.setattr(module, "ThreadPoolExecutor", Inline)
        patch.setattr(
            documents, "parse", lru_cache(maxsize=1024)(documents.parse)
        )  # most are read many times as they are
        patch.setattr(watch, "CachedScan", Listing)
        patch.setattr(watch.all_kinds, "start_scan", lambda accounts, now, book: accounts)
        patch.setattr(watch.aws_regions, "other_regions", lambda account: watch.aws_regions.OtherRegions(()))
        patch.setattr(settings, "DATA_FOLDER", tmp_path_factory.mktemp("settings"))
        patch.delenv("SAGEDECK_READ_ONLY", raising=False)
        yield


@pytest.fixture
def history(seed: int, monkeypatch: pytest.MonkeyPatch) -> History:
    Path(settings.DATA_FOLDER, "settings.json").unlink(missing_ok=True)
    numbers = itertools.count()
    monkeypatch.setattr(secrets, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    return History(seed)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow) if seed >= FAST else seed for seed in range(SEEDS)]
)
def test_in_the_end_the_ledger_is_what_the_account_shows_and_every_guard_is_as_it_was_left(history: History) -> None:
    history.play()
    history.end()

    assert history.world.violations + history.wrong_in_the_end() == []
