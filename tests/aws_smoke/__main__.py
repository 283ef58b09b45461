"""The command line: `python -m tests.aws_smoke --profile work [--run --cap 1]`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services import settings
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.errors import Problem
from services.pricing import price_list_api
from services.pricing.price_book import LIST_PRICES
from tests import aws_smoke
from tests.aws_smoke import journey, reading, report
from tests.aws_smoke.report import Observation, Result


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing differed, 1 when something did, 2 when it could not begin or go on."""
    options = _parser().parse_args(arguments)
    found: list[Observation] = []
    try:
        account = _account(options.profile, options.region)
        for seen in _observations(account, options.run, options.cap):
            print(seen, flush=True)
            found.append(seen)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    finally:
        options.report.write_text(report.written(found, options.profile))
        print(f"Report: {options.report}. It holds no account number; read it before you show it to others.")
    return int(any(seen.result is Result.DIFFERENT for seen in found))


def _observations(account: Account, run: bool, cap: float) -> Iterator[Observation]:
    yield from report.observed(reading.checks(replace(account, read_only=True)))
    if run:
        book = price_list_api.fetch(account, datetime.now(UTC)) if account.bills else LIST_PRICES
        most = journey.check_cap(book, cap)
        print(f"Training and an endpoint now, for at most ${most:.2f}.", flush=True)
        yield from journey.observations(account)


def _account(profile: str, region: str | None) -> Account:
    if profile == settings.THIS_COMPUTER:
        return settings.account(profile, settings.LOCAL_REGION)
    return settings.account(profile, region or aws_regions.regions(profile)[0])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.aws_smoke", description=aws_smoke.__doc__)
    parser.add_argument(
        "--profile", required=True, help='a profile of your AWS configuration, or "This computer" for a rehearsal'
    )
    parser.add_argument("--region", help="default: the profile's region")
    parser.add_argument("--run", action="store_true", help="also train and deploy, which costs money")
    parser.add_argument("--cap", type=float, default=1.0, help="dollars that --run may cost at most; default: 1")
    parser.add_argument("--report", type=Path, default=Path("aws-smoke.md"), help="default: aws-smoke.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
