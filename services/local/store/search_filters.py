"""What Search asks for, as SQL over the documents: filters on any property that the API's own shape of a record has.

Names and values of a request only ever travel as bound values; the text of a condition is put together from what is
written here. Source: SageMaker API reference, Filter, NestedFilters and SearchExpression.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

from services.local.protocol.wire import validation_error

SIGNS = {
    "Equals": "=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}
OPPOSITES = {"NotEquals": "Equals", "NotExists": "Exists"}
COLUMNS = {"CreationTime": "created", "LastModifiedTime": "modified"}
STATISTICS = {name.lower(): name for name in ("Min", "Max", "Avg", "StdDev", "Last", "Count")}
# Members of a map's values that stand for the value: of a trial component's parameters and artifacts.
STAND_FOR = ("NumberValue", "StringValue", "Value")
# What begins like a number; the rest of a text that is none would be read as 0.
NUMERIC = "GLOB '[-+.0-9]*'"


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with a value for each of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Property:
    """How SQL reads a property of a document, or of each `item` of the list at the JSON path `within`.

    `holds` is the type that the API's shape has, or "mixed" for text that may be a number, as hyperparameters are.
    """

    name: str
    read: Sql
    holds: str
    within: str | None = None


def expression(record: Shape, given: Mapping[str, Any]) -> Sql:
    """A SearchExpression over records of a shape. Raises ServiceError for what the shape or the API does not allow."""
    parts = [
        *(_filter(record, item) for item in given.get("Filters", [])),
        *(_nested(record, item) for item in given.get("NestedFilters", [])),
        *(expression(record, item) for item in given.get("SubExpressions", [])),
    ]
    return _join(parts, " OR " if given.get("Operator") == "Or" else " AND ")


def position(record: Shape, name: str) -> Sql:
    """What records are sorted by, for the name of a property. Raises ServiceError for one that has no order."""
    searched = resolve(record, name)
    if searched.within or searched.holds in ("structure", "list", "map"):
        raise validation_error(f"SortBy: {name} cannot be sorted by.")
    if searched.holds != "mixed":
        return searched.read
    text = searched.read.text
    return Sql(f"CASE WHEN {text} {NUMERIC} THEN CAST({text} AS REAL) ELSE {text} END", searched.read.values * 3)


def resolve(record: Shape, name: str) -> Property:
    """The property of that name. Raises ServiceError when the shape has none."""
    head, _, rest = name.partition(".")
    if head.lower() == "tags" and rest:
        read = Sql("(SELECT tags.value FROM tags WHERE tags.arn = resources.arn AND tags.key = ?)", (rest,))
        return Property(name, read, "string")
    if head.lower() == "metrics" and rest:
        return Property(name, _metric(record, rest), "double")
    if name in COLUMNS:
        return Property(name, Sql(COLUMNS[name]), "timestamp")
    return _walk(record, name)


def _metric(record: Shape, name: str) -> Sql:
    """The final value of a training job's metric; of a trial component's its last, or "NAME.max" and the like."""
    member, statistic = "FinalMetricDataList", "Value"
    if "Metrics" in record.members:
        stem, _, last_part = name.rpartition(".")
        statistic_name = STATISTICS.get(last_part.lower()) if stem else None
        member, statistic, name = "Metrics", statistic_name or "Last", stem if statistic_name else name
    if member not in record.members:
        raise _unknown(f"Metrics.{name}")
    return Sql(
        f"(SELECT json_extract(value, '$.{statistic}') FROM json_each(document, '$.{member}') "
        "WHERE json_extract(value, '$.MetricName') = ?)",
        (name,),
    )


def _walk(record: Shape, name: str) -> Property:
    shape, rest, path, within = record, name, "$", None
    while rest:
        if shape.type_name == "structure":
            head, _, rest = rest.partition(".")
            head = next((member for member in shape.members if member.lower() == head.lower()), head)
            if head not in shape.members:
                raise _unknown(name)
            shape, path = shape.members[head], f'{path}."{head}"'
        elif shape.type_name == "map":
            return _entry(name, shape.value, path, rest, within)
        elif shape.type_name == "list" and not within:
            shape, within, path = shape.member, path, "$"
        else:
            raise _unknown(name)
    return Property(name, _at(path, within), shape.type_name, within)


def _entry(name: str, value: Shape, path: str, key: str, within: str | None) -> Property:
    if value.type_name != "structure":
        return Property(name, _at(f"{path}.{_quote(key)}", within), "mixed", within)
    stem, _, last = key.rpartition(".")
    members = [last] if stem and last in value.members else [member for member in STAND_FOR if member in value.members]
    key = stem if members == [last] else key
    reads = [_at(f"{path}.{_quote(key)}.{member}", within) for member in members]
    read = Sql(f"coalesce({', '.join(part.text for part in reads)}, NULL)", sum((part.values for part in reads), ()))
    return Property(name, read, "mixed", within)


def _at(path: str, within: str | None) -> Sql:
    return Sql(f"json_extract({'item.value' if within else 'document'}, ?)", (path,))


def _quote(key: str) -> str:
    if '"' in key:
        raise validation_error(f"Search: {key} cannot be searched for its quotation mark.")
    return f'"{key}"'


def _unknown(name: str) -> Exception:
    return validation_error(f"Search: {name} is not a property of this resource.")


def _filter(record: Shape, given: Mapping[str, Any]) -> Sql:
    searched = resolve(record, given["Name"])
    operator = _operator(given)
    condition = _condition(searched, OPPOSITES.get(operator, operator), given.get("Value"))
    if searched.within:
        condition = _any_item(searched.within, condition)
    return _negate(condition) if operator in OPPOSITES else condition


def _nested(record: Shape, given: Mapping[str, Any]) -> Sql:
    """Filters that one item of a list must satisfy together."""
    parts, within = [], None
    for item in given["Filters"]:
        searched, operator = resolve(record, item["Name"]), _operator(item)
        if not searched.within or not f"{searched.name}.".lower().startswith(f"{given['NestedPropertyName']}.".lower()):
            raise validation_error(f"Search: {item['Name']} is not a property of a list {given['NestedPropertyName']}.")
        condition, within = _condition(searched, OPPOSITES.get(operator, operator), item.get("Value")), searched.within
        parts.append(_negate(condition) if operator in OPPOSITES else condition)
    assert within  # there is at least one filter
    return _any_item(within, _join(parts, " AND "))


def _any_item(within: str, condition: Sql) -> Sql:
    return Sql(
        f"EXISTS (SELECT 1 FROM json_each(document, ?) AS item WHERE {condition.text})", (within, *condition.values)
    )


def _negate(condition: Sql) -> Sql:
    return Sql(f"NOT coalesce({condition.text}, 0)", condition.values)


def _join(parts: list[Sql], word: str) -> Sql:
    if not parts:
        return Sql("1")
    return Sql(f"({word.join(f'({part.text})' for part in parts)})", sum((part.values for part in parts), ()))


def _operator(given: Mapping[str, Any]) -> str:
    """The operator of a filter, which may be left out. Raises ServiceError for one without the value it needs."""
    operator: str = given.get("Operator") or ("Equals" if given.get("Value") is not None else "Exists")
    if given.get("Value") is None and operator not in ("Exists", "NotExists"):
        raise validation_error(f"Search: the filter on {given['Name']} with the operator {operator} needs a Value.")
    return operator


def _condition(searched: Property, operator: str, value: str | None) -> Sql:
    read, values = searched.read.text, searched.read.values
    if value is None or operator == "Exists":
        return Sql(f"{read} IS NOT NULL", values)
    if operator in ("Contains", "In"):
        if searched.holds not in ("string", "mixed"):
            raise validation_error(f"Search: {operator} is not supported for {searched.name}, which is not text.")
        if operator == "Contains":
            return Sql(f"instr(lower({read}), lower(?)) > 0", (*values, value))
        choices = [choice.strip() for choice in value.split(",")]
        return Sql(f"CAST({read} AS TEXT) IN ({', '.join('?' * len(choices))})", (*values, *choices))
    number = _number(value)
    if searched.holds == "mixed" and number is not None:
        kind = "INTEGER" if isinstance(number, int) else "REAL"
        compared = f"{read} {NUMERIC} AND CAST({read} AS {kind}) {SIGNS[operator]} ?"
        return Sql(compared, (*values, *values, number))
    if operator != "Equals" and searched.holds in ("string", "mixed"):
        raise validation_error(f"Search: {operator} is not supported for {searched.name} and the text {value}.")
    return Sql(f"{read} {SIGNS[operator]} ?", (*values, _parse_value(searched, value)))


def _parse_value(searched: Property, value: str) -> Any:
    """The value of a filter as its property holds it. Raises ServiceError when it cannot be one."""
    if searched.holds in ("string", "mixed"):
        return value
    if searched.holds == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if searched.holds == "timestamp":
        return _time(searched.name, value)
    number = _number(value)
    if searched.holds in ("integer", "long", "float", "double") and number is not None:
        return number
    raise validation_error(
        f"Search: {searched.name} is compared with a value of type {searched.holds}, not with {value}."
    )


def _number(value: str) -> int | float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return int(value) if value.lstrip("+-").isdecimal() and abs(number) < 2**63 else number


def _time(name: str, value: str) -> float:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise validation_error(
            f"Search: {value} is not a time for {name}; write it like 2026-01-31T09:30:00."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def names_with(operator: str, given: Mapping[str, Any]) -> Iterator[str]:
    """The names of the properties that an expression uses an operator on, one a use."""
    nested = [item for group in given.get("NestedFilters", []) for item in group["Filters"]]
    yield from (item["Name"] for item in (*given.get("Filters", []), *nested) if item.get("Operator") == operator)
    for part in given.get("SubExpressions", []):
        yield from names_with(operator, part)
