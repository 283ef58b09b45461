"""A journey on an AWS account in a real browser: two tabs, and two dashboards on one data folder. moto is the AWS.

moto trains nothing: its jobs are completed at once and its models are files that are not there. What is seen here is
that the same clicks make their calls there, and that nobody is told anything of this computer instead.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.visitor import AWS, Visitor, dashboard, deploy, prepare_tumours, set_the_role, train

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_path_on_an_account_in_two_tabs_and_two_dashboards(aws_home: Path, running: Browser) -> None:
    with dashboard(aws_home) as second_address:
        with dashboard(aws_home) as address:
            analyst, owner = Visitor(running, address), Visitor(running, address)
            set_the_role(analyst)
            prepare_tumours(analyst, "cells")
            train(analyst)
            deploy(analyst, "cells-live")
            owner.open(f"costs?{AWS}")
            owner.sees("Running resources")
            shut_down(analyst)
            owner.sees("1 of 1 resource is shut down")
            colleague = Visitor(running, second_address)
            colleague.open(f"costs?{AWS}")
            colleague.sees("by 1 shutdown")
        # The second dashboard goes on alone, with a local service of its own.
        colleague.open("costs")
        colleague.sees("Nothing is running")
    assert [*analyst.faults, *owner.faults, *colleague.faults] == []


def shut_down(visitor: Visitor) -> None:
    visitor.walk("Costs")
    visitor.tick_row("cells-live")
    visitor.press("costs_shut_down")
    visitor.picture("costs-on-aws")
    visitor.click("shutdown_confirm")
    visitor.sees("1 of 1 resource is shut down")
    visitor.settle()
    visitor.sees_no_fault()
