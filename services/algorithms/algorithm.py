"""A built-in algorithm as a table of facts: its hyperparameters, its metrics, and the check its container makes.

Read by both the dashboard (forms, tuning ranges) and the service on this computer (refusals), so: tables and text only,
nothing that takes long to import. The facts of an algorithm are a JSON file beside its module.
"""

import ast
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

LISTS = ("CommaSeparatedList", "Tuple", "NestedList")
BOOLEANS = {"true": True, "false": False}


class HyperparameterError(ValueError):
    """A hyperparameter the container refuses, in the container's words.

    name:  the one it is about; empty where it is about several.
    brief: the same for a form that shows it beside its field.
    """

    def __init__(self, said: str, name: str = "", brief: str = "") -> None:
        super().__init__(said)
        self.name = name
        self.brief = brief or said


@dataclass(frozen=True)
class Interval:
    """Bounds of a number; None is unbounded. `scale` is set on recommended tuning ranges only."""

    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False
    scale: str | None = None

    def __contains__(self, value: float) -> bool:
        above = self.minimum is None or (value > self.minimum if self.open_minimum else value >= self.minimum)
        below = self.maximum is None or (value < self.maximum if self.open_maximum else value <= self.maximum)
        return above and below

    def __str__(self) -> str:
        low = "(-inf" if self.minimum is None else f"{'(' if self.open_minimum else '['}{self.minimum}"
        high = "+inf)" if self.maximum is None else f"{self.maximum}{')' if self.open_maximum else ']'}"
        return f"{low}, {high}"


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter.

    type:        "Integer", "Continuous", "Boolean", "Categorical", "CommaSeparatedList", "Tuple" or "NestedList".
    interval:    allowed numbers (also of the elements of a NestedList); None where `choices` holds them.
    choices:     allowed values (also of the elements of a CommaSeparatedList or Tuple); empty where `interval` does.
    words:       what may stand in the place of a number or a Boolean, such as "auto".
    default:     what the container takes when it is not given; None where its library decides.
    recommended: the range of numbers to tune over; None when it is none or cannot be tuned.
    """

    name: str
    type: str
    required: bool
    interval: Interval | None
    choices: tuple[Any, ...]
    words: tuple[str, ...]
    default: str | None
    tunable: bool
    recommended: Interval | None

    @property
    def allowed(self) -> Interval | list[Any]:
        """The allowed numbers or values."""
        return self.interval or list(self.choices)

    @property
    def options(self) -> str:
        """Everything that may be given, as a list for people."""
        named = [repr(each) for each in (*self.words, *self.choices)]
        return ", ".join([*named, f"a number in {self.interval}"] if self.interval else named)

    @property
    def allowed_text(self) -> str:
        """What may be given, to follow "is not": "in [0, 1]", "auto or a whole number in [1, +inf)"."""
        if self.type in LISTS:
            return "a list"
        if not self.interval:
            return f"one of {', '.join(map(str, (*self.choices, *self.words)))}"
        number = "a whole number " if self.type == "Integer" else "a number " if self.words else ""
        return " or ".join((*self.words, f"{number}in {self.interval}"))


@dataclass(frozen=True)
class Metric:
    """A metric a tuning job can aim at: e.g. "validation:auc", "Maximize", and how it is read from the log."""

    name: str
    direction: str
    regex: str


@dataclass(frozen=True)
class Wording:
    """How a container refuses: templates of `name`, `text` (given), `value` (read) and `known` (Hyperparameter)."""

    missing: str
    extraneous: str
    unreadable: str
    outside: str


@dataclass(frozen=True)
class Answers:
    """How scores are asked of a model server: the Accept header, and the scores in what it answers.

    read: a number a row, or a list of them, one a class; raises ValueError for what holds none.
    code: the same in Python, of the answer as `text`, for scripts.
    """

    accept: str
    read: Callable[[bytes], Sequence[Any]]
    code: str


@dataclass(frozen=True)
class Algorithm:
    """An algorithm's facts, from the JSON file `facts`.

    together: raises HyperparameterError for values that are each allowed, and not with each other.
    measured: the round and the metrics that a line of the log tells, such as {"validation:auc": 0.9}; None for none.
              A value that is no number is nan.
    answers:  how its model server is asked for scores.
    element:  an element of the list of that name as `choices` has it; raises HyperparameterError.
    fitting:  raises HyperparameterError for values that do not fit data of (rows an instance reads, features).
    chooses_threshold: whether each job flags rows at a threshold of its own; otherwise at 0.5.
    miscounted: the metrics that its image computes wrongly with the hyperparameters given, so that nothing can aim at
              them: "accuracy" and the like, without their channel.
    version: of its image, as the tag says, where that version has hyperparameters of its own; "" is any other.
    """

    facts: Path
    words: Wording
    together: Callable[[dict[str, Any]], None]
    measured: Callable[[str], tuple[int, dict[str, float]] | None]
    answers: Answers
    element: Callable[[str, Any], Any] = lambda name, item: item
    fitting: Callable[[dict[str, Any], int, int], None] = lambda values, rows, features: None
    chooses_threshold: bool = False
    miscounted: Callable[[Mapping[str, str]], frozenset[str]] = lambda given: frozenset()
    version: str = ""

    def of_tag(self, tag: str) -> "Algorithm":
        """The algorithm as the image with that tag has it, e.g. "1", "latest", "1.0-1-cpu-py3"."""
        tag = tag.removesuffix("-cpu-py3")
        return replace(self, version=tag) if any(tag in own["tags"] for own in self._versions) else self

    @cached_property
    def title(self) -> str:
        """Its name, for people."""
        return str(self._facts["title"])

    @cached_property
    def image(self) -> tuple[str, str]:
        """The framework and version by which the SDK's image_uris finds its image."""
        framework, version = self._facts["image"]
        return framework, version

    @cached_property
    def repositories(self) -> tuple[str, ...]:
        """What the repositories of its images are called."""
        return tuple(self._facts["repositories"])

    @cached_property
    def registries(self) -> frozenset[str]:
        """The AWS accounts that its images are in, of all regions. Source: image_uris of the SageMaker SDK."""
        return frozenset(self._facts["registries"])

    @cached_property
    def unit(self) -> str:
        """What a pass is called: "round", "epoch"."""
        return str(self._facts["rounds"]["unit"])

    @cached_property
    def rounds_name(self) -> str:
        """The hyperparameter that says how many passes there are."""
        return str(self._facts["rounds"]["name"])

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The hyperparameters that must be given."""
        return tuple(known.name for known in self.hyperparameters.values() if known.required)

    @cached_property
    def needs_validation(self) -> frozenset[str]:
        """The hyperparameters that need rows to validate on."""
        return frozenset(self._facts["needs_validation"])

    @cached_property
    def overfits(self) -> str:
        """What helps against overfitting, as an order."""
        return str(self._facts["overfits"])

    @cached_property
    def model_file(self) -> str | None:
        """The file of its archives that its library reads; None where only its own container reads them."""
        found: str | None = self._facts["model_file"]
        return found

    def objectives(self, predicted: str = "two classes") -> list[Metric]:
        """The metrics that a search can aim at, the usual one first.

        predicted: "two classes", "several classes" or "number".
        """
        known = {metric.name: metric for metric in self.tuning_metrics}
        return [known[name] for name in self._facts["objectives"][predicted]]

    def measuring(self, objective: str) -> dict[str, str]:
        """The hyperparameters that make a job measure `objective`."""
        name = self._facts["measured_by"]
        return {name: objective.partition(":")[2]} if name else {}

    @cached_property
    def usual_ranges(self) -> dict[str, Interval]:
        """Where a search looks when nobody says otherwise, by hyperparameter."""
        return {name: _interval(fact) for name, fact in self._facts["usual_ranges"].items()}

    @cached_property
    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """Every hyperparameter by name, in the container's order."""
        own: dict[str, Any] = next((own for own in self._versions if self.version in own["tags"]), {})
        facts = [*self._facts["hyperparameters"], *own.get("has", ())]
        lacks = own.get("lacks", ())
        return {fact["name"]: _hyperparameter(fact) for fact in facts if fact["name"] not in lacks}

    @cached_property
    def tuning_metrics(self) -> list[Metric]:
        """The metrics a tuning job can aim at; those of the validation channel that are maximised come first."""
        return [Metric(**fact) for fact in self._facts["tuning_metrics"]]

    @cached_property
    def metric_definitions(self) -> list[tuple[str, str]]:
        """Name and regex of everything that is read from the log, as the image defines it."""
        copied = [
            (metric.name.replace("validation", channel, 1), metric.regex.replace("validation", channel, 1))
            for channel in self._facts["measured_also_on"]
            for metric in self.tuning_metrics
        ]
        other = [(fact["name"], fact["regex"]) for fact in self._facts["other_metrics"]]
        return copied + [(metric.name, metric.regex) for metric in self.tuning_metrics] + other

    @cached_property
    def autotuned(self) -> tuple[str, ...]:
        """What Autotune searches when it is told nothing: what matters most."""
        return tuple(self._facts["autotuned"])

    def rounds(self, given: Mapping[str, str]) -> int:
        """How many passes, each a line of the log, a training with the hyperparameters `given` has at most."""
        return int(given.get(self.rounds_name, self._facts["rounds"]["default"]))

    def checked(self, given: Mapping[str, str]) -> dict[str, Any]:
        """`given` under its proper names and as values, numbers or what the type says; a word stays as it is.

        Raises HyperparameterError for the first thing the container would refuse.
        """
        table, aliases = self.hyperparameters, self._facts["aliases"]
        named = {aliases.get(name, name): value for name, value in given.items()}
        for known in table.values():
            if known.required and known.name not in named:
                raise HyperparameterError(self.words.missing.format(name=known.name), known.name)
        values: dict[str, Any] = {}
        for name, text in named.items():
            if name not in table:
                raise HyperparameterError(self.words.extraneous.format(name=name))
            values[name] = self._read(table[name], text)
        for name, value in values.items():
            self._check_range(table[name], value, named[name])
        self.together(values)
        return values

    @property
    def _versions(self) -> list[dict[str, Any]]:
        """The versions with hyperparameters of their own: their tags, what they have besides, and what they lack."""
        versions: list[dict[str, Any]] = self._facts.get("versions", [])
        return versions

    @cached_property
    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.facts.read_text())
        return facts

    def _read(self, known: Hyperparameter, text: str) -> Any:
        if text in known.words:
            return text
        try:
            return _READERS[known.type](text)
        except (ValueError, SyntaxError, KeyError):
            said = self.words.unreadable.format(name=known.name, text=text, known=known)
            raise HyperparameterError(said, known.name, f"{text} is not {known.allowed_text}") from None

    def _check_range(self, known: Hyperparameter, value: Any, text: str) -> None:
        if text in known.words or known.type == "Boolean":
            return
        if known.type not in LISTS:
            if value not in known.allowed:
                said = self.words.outside.format(name=known.name, text=text, value=value, known=known)
                raise HyperparameterError(said, known.name, f"{text} is not {known.allowed_text}")
            return
        elements = [item for group in value for item in group] if known.type == "NestedList" else value
        elements = [self.element(known.name, item) for item in elements]
        if any(isinstance(item, str) != (known.type == "CommaSeparatedList") for item in elements) or any(
            item not in known.allowed for item in elements
        ):
            brief = f"value {value} not in range {known.allowed}"
            raise HyperparameterError(f"Hyperparameter {known.name}: {brief}", known.name, brief)


def number(text: str) -> float:
    """A finite number. Raises ValueError."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def logged_number(text: str) -> float:
    """A value as a log has it; nan for one that is no number or infinite, e.g. "-nan" or "inf"."""
    try:
        return number(text)
    except ValueError:
        return math.nan


def _hyperparameter(fact: dict[str, Any]) -> Hyperparameter:
    bounds, recommended = fact["range"], fact["recommended"]
    return Hyperparameter(
        fact["name"],
        fact["type"],
        fact["required"],
        _interval(bounds) if isinstance(bounds, dict) else None,
        tuple(bounds) if isinstance(bounds, list) else (),
        tuple(fact.get("words", ())),
        fact.get("default"),
        fact["tunable"],
        _interval(recommended) if recommended else None,
    )


def _interval(fact: dict[str, Any]) -> Interval:
    return Interval(
        fact.get("min_open", fact.get("min_closed")),
        fact.get("max_open", fact.get("max_closed")),
        "min_open" in fact,
        "max_open" in fact,
        fact.get("scale"),
    )


def _tuple(text: str) -> tuple[int, ...]:
    value = ast.literal_eval(text)
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _nested(text: str) -> list[list[int]]:
    value = ast.literal_eval(text)
    if not isinstance(value, list) or not all(
        isinstance(group, list) and all(isinstance(item, int) for item in group) for group in value
    ):
        raise ValueError
    return value


_READERS: dict[str, Callable[[str], Any]] = {
    "Integer": int,
    "Continuous": number,
    "Boolean": lambda text: BOOLEANS[text.lower()],
    "Categorical": str,
    "CommaSeparatedList": lambda text: text.split(","),
    "Tuple": _tuple,
    "NestedList": _nested,
}
