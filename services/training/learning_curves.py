"""Learning curves of several training jobs at once, from their logs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from services.algorithms import catalogue
from services.algorithms.xgboost import XGBOOST
from services.aws.account import Account
from services.training import logs as training_logs

AT_ONCE = 5


@dataclass(frozen=True)
class LearningCurve:
    """Metric values by round, as the algorithm logs them: `values["validation:auc"][i]` belongs to `rounds[i]`.

    A value that is missing, since it was no number, is nan.

    unit: what the algorithm calls a round.
    """

    rounds: tuple[int, ...]
    values: Mapping[str, tuple[float, ...]]
    unit: str = "round"


def learning_curve(lines: Iterable[str]) -> LearningCurve:
    """The curve in a log, whichever algorithm wrote it. Rounds that were logged twice keep their last values."""
    found: dict[int, dict[str, float]] = {}
    told, unit = Counter[int](), XGBOOST.unit
    for line in lines:
        for algorithm in catalogue.ALGORITHMS:
            if measured := algorithm.measured(line):
                found.setdefault(measured[0], {}).update(measured[1])
                told[measured[0]] += 1
                unit = algorithm.unit
                break
    rounds = tuple(sorted(found))
    if len(rounds) > 1 and told[rounds[-1]] < told[rounds[-2]] and found[rounds[-1]].keys() < found[rounds[-2]].keys():
        rounds = rounds[:-1]  # of several lines, of which not all are written yet
    names = [name for name in found[rounds[-1]] if all(name in found[number] for number in rounds)] if rounds else []
    return LearningCurve(rounds, {name: tuple(found[number][name] for number in rounds) for name in names}, unit)


def read(account: Account, names: Sequence[str], now: datetime) -> dict[str, LearningCurve]:
    """The curve of each job by its name, as logged until `now`. Raises AwsError."""

    def of(name: str) -> LearningCurve:
        return learning_curve(training_logs.log_lines(account, name, now))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip(names, threads.map(of, names), strict=True))
