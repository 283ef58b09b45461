"""What was assumed of AWS, and what was seen; as a report that can be shown to strangers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.errors import Problem


class Result(StrEnum):
    """How an assumption fared."""

    AS_ASSUMED = "as assumed"
    DIFFERENT = "different"  # AWS answered, and otherwise
    NOT_SEEN = "not seen"  # AWS refused, or there is nothing to see it on


@dataclass(frozen=True)
class Observation:
    """One assumption, how it fared, and what was seen."""

    assumption: str
    result: Result
    seen: str = ""

    def __str__(self) -> str:
        """A line of the report."""
        return f"- **{self.result}**: {self.assumption}{f' ({self.seen})' if self.seen else ''}"


Check = Callable[[], str]


class DifferentError(Exception):
    """AWS answered other than assumed; the message says how."""


class NotSeenError(Exception):
    """There is nothing on the account to see it on; the message says what is missing."""


def observe(assumption: str, check: Check) -> Observation:
    """The observation of one check, which returns what it saw, or raises DifferentError, NotSeenError or Problem."""
    try:
        return Observation(assumption, Result.AS_ASSUMED, check())
    except DifferentError as error:
        return Observation(assumption, Result.DIFFERENT, str(error))
    except NotSeenError as error:
        return Observation(assumption, Result.NOT_SEEN, str(error))
    except Problem as problem:
        return Observation(assumption, Result.NOT_SEEN, str(problem))
    except (LookupError, TypeError, ValueError) as error:  # an answer without what we read of it
        return Observation(assumption, Result.DIFFERENT, f"{type(error).__name__}: {error}")


def written(observations: list[Observation], where: str) -> str:
    """The report as Markdown, without account numbers and who asked."""
    counts = {result: sum(each.result is result for each in observations) for result in Result}
    summary = ", ".join(f"{number} {result}" for result, number in counts.items())
    text = "\n".join([f"# SageDeck on {where}", "", summary, "", *map(str, observations), ""])
    return re.sub(r"(?<!\d)\d{12}(?!\d)", "<account>", re.sub(r":(user|assumed-role)/[^\s)]+", r":\1/<name>", text))


def observed(checks: dict[str, Check]) -> Iterator[Observation]:
    """The observations of `checks`, by assumption, one after the other."""
    for assumption, check in checks.items():
        yield observe(assumption, check)
