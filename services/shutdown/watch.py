"""The auto-shutdown rules of one account while the dashboard's server runs: once a minute, over what runs by then."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from services import settings
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.errors import Problem
from services.inventory import all_kinds
from services.inventory.cached_scan import CachedScan
from services.inventory.resources import Inventory
from services.inventory.scan import Scan
from services.inventory.scan import inventory as inventory_of
from services.shutdown import janitor
from services.shutdown import policy as shutdown_policy
from services.shutdown import rules as shutdown_rules
from services.shutdown.run import ShutdownRun

EVERY = timedelta(minutes=1)  # between two runs of the rules
FRESH = timedelta(seconds=45)  # how old the list of this region may be; a scan takes 30 s at most
REGIONS_EVERY = timedelta(hours=1)  # between two readings of which regions there are


class Watch:
    """Scans an account and applies its rules. For one thread."""

    def __init__(self, account: Account, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.account, self._clock = account, clock
        self.changed = False  # whether the last look marked a resource, or took a mark away
        self._last = self._regions_read = datetime.min.replace(tzinfo=UTC)
        self._own = CachedScan(self._start([account]), fresh_for=30)
        self._others = CachedScan(self._start([]), fresh_for=300)

    def look(self, owner: str) -> list[ShutdownRun]:
        """Apply the rules when it is time and everything has been read: the shutdowns to drive.

        Never in read-only mode. Never raises Problem: what is wrong is stored with the time.
        """
        now = self._clock()
        if now - self._last < EVERY or self.account.read_only or settings.read_only():
            return []
        runs, problems, any_rules = list[ShutdownRun](), list[str](), False
        try:
            inventory = self._inventory(now)
            if inventory.waiting or now - inventory.at > FRESH:  # the scan that was begun just now is not complete
                return []
            proposal = janitor.propose(self.account, inventory, now)
            any_rules, problems = proposal.any_rules, list(proposal.problems)
            self.changed = bool(proposal.grace.begin or proposal.grace.release)
            runs += janitor.interrupted(self.account, owner, now)
            at_most = shutdown_policy.load_or_strictest(self.account)[0].bulk_confirm_threshold
            begun = janitor.apply_rules(self.account, proposal, at_most, owner, now)
            runs += [begun] if begun else []
        except Problem as problem:
            any_rules, problems = True, [*problems, str(problem)]
        self._last = now
        if any_rules:
            with suppress(Problem):  # nobody to tell but the document itself
                shutdown_rules.note_run(self.account, now, "the dashboard", problems)
        return runs

    def _inventory(self, now: datetime) -> Inventory:
        """What runs in all regions, as far as it has come in. Raises AwsError."""
        if now - self._regions_read >= REGIONS_EVERY:
            self._others = CachedScan(self._start(aws_regions.other_regions(self.account).accounts), fresh_for=300)
            self._regions_read = now
        own, others = self._own.look(0), self._others.look(0)
        return inventory_of(
            own.at,
            (*own.resources, *others.resources),
            (*own.failures, *others.failures),
            (*own.waiting, *others.waiting),
        )

    def _start(self, accounts: Sequence[Account]) -> Callable[[datetime], Scan]:
        return lambda now: all_kinds.start_scan(accounts, now, janitor.kept_book)
