"""Opening the Costs page over 5,000 things that bill and over 50: disks of Studio's spaces, which a list alone tells.

From the address until the sum counts all of them and nothing left to draw, in a browser with an empty cache. Cold is
as a person comes to it: nothing has been asked for longer than an answer is fresh, so that every page of the list and
of the tags is asked for anew; the first of all finds nothing remembered either, later ones an old list to show when
news takes longer than the page waits. Warm is with a fresh answer: the page's own work, and the browser's.
"""

import contextlib
import time
from pathlib import Path
from types import TracebackType

from services.local.service import open_service
from services.local.store.resources import ResourceType
from tests.bench.page_opening import WARM_UP, painted
from tests.journeys import visitor as journeys
from tests.journeys.visitor import Visitor

MANY, FEW = 5000, 50
REMEMBERED = 11.0  # seconds after which an answer is asked for anew
DOMAIN = "d-bench"


class CostsPage:
    """Two dashboards, one over many disks and one over few."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "CostsPage":
        self._open = contextlib.ExitStack()
        self._urls = {}
        for count in (MANY, FEW):
            home = self._folder / f"billing-{count}"
            home.mkdir()
            fill(home / "data", count)
            self._urls[count] = self._open.enter_context(journeys.dashboard(home))
        self._browser = self._open.enter_context(journeys.chromium())
        time.sleep(WARM_UP)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def cold(self, count: int) -> float:
        """Seconds until the table stands, when the account is asked anew."""
        time.sleep(REMEMBERED)
        return self._opened(count)

    def warm(self, count: int) -> float:
        """Seconds until the table stands, right after somebody else has opened the page."""
        self._opened(count)
        return self._opened(count)

    def _opened(self, count: int) -> float:
        visitor = Visitor(self._browser, self._urls[count])
        began = time.perf_counter()
        visitor.page.goto(f"{visitor.url}/costs", wait_until="commit")
        visitor.page.get_by_test_id("stMetricValue").get_by_text(f"{count:,}", exact=True).wait_for()
        visitor.page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for()
        painted(visitor.page)
        took = time.perf_counter() - began
        visitor.page.context.close()
        return took


def fill(folder: Path, spaces: int) -> None:
    """Have so many spaces with a disk in a service's folder, each tagged with whose it is."""
    resources = open_service(folder).resources
    resources.create(ResourceType.DOMAIN, DOMAIN, {"DomainId": DOMAIN, "DomainName": "bench", "Status": "InService"})
    for number in range(spaces):
        name = f"space-{number:04d}"
        space = {
            "DomainId": DOMAIN,
            "SpaceName": name,
            "Status": "InService",
            "SpaceSettings": {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 5 + number % 95}}},
            "Tags": [{"Key": "owner", "Value": f"person-{number % 40}"}],
        }
        resources.create(ResourceType.SPACE, f"{DOMAIN}/{name}", space, parent=DOMAIN)
