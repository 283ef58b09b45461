"""Row steps as Python that runs without SageDeck: the rows they leave, by pandas."""

from services.data.class_names import class_of
from services.data.recipe.column_types import Encoding, date_of
from services.data.recipe.recipe import AnyRowStep
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget

TEXT = """
name, value = {column!r}, {value!r}
{number}table = table[texts(table[name]) {operator} value]
"""
NUMBER_AS_TEXT = """\
if pandas.api.types.is_numeric_dtype(table[name]):
    value = {value!r}
"""
ORDER = """
table = table[{cells} {operator} {limit}]
"""
MISSING = """
table = table[texts(table[{column!r}]) {operator} ""]
"""
DUPLICATES = """
counted = table.drop(columns={apart_from!r}, errors="ignore")
table = table[~counted.duplicated()]
"""
CLASSES = """
name, classes = {target!r}, {classes!r}


def class_name(cell):
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


names = table[name].map(class_name, na_action="ignore")
table[name] = names.map(lambda cell: classes.get(cell, cell), na_action="ignore")
"""
_OF_TEXT = {
    Comparison.IS: "==",
    Comparison.IS_NOT: "!=",
    Comparison.IS_MISSING: "==",
    Comparison.IS_PRESENT: "!=",
}
_OF_ORDER = {
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
    Comparison.MORE: ">",
    Comparison.AT_LEAST: ">=",
}


def lines(step: AnyRowStep, target: str) -> str:
    """The lines that leave in `table` what the step leaves; they call `texts` of `recipe_script.FUNCTIONS`."""
    match step:
        case KeepRows():
            return _filter(step)
        case DropDuplicates():
            return DUPLICATES.format(apart_from=list(step.apart_from))
        case MapTarget():
            return CLASSES.format(target=target, classes=step.classes)


def _filter(step: KeepRows) -> str:
    operator = (_OF_TEXT | _OF_ORDER)[step.comparison]
    if not step.comparison.takes_value:
        return MISSING.format(column=step.column, operator=operator)
    value = step.value.strip()
    if step.comparison in _OF_TEXT:
        written = "" if step.number is None else class_of(step.number)
        number = NUMBER_AS_TEXT.format(value=written) if written and written != value else ""
        return TEXT.format(column=step.column, value=value, number=number, operator=operator)
    if step.number is not None:
        cells, limit = f"pandas.to_numeric(table[{step.column!r}], errors='coerce')", repr(step.number)
    else:
        date = date_of(value, Encoding.DATE)
        cells = f"pandas.to_datetime(table[{step.column!r}], errors='coerce', format='ISO8601')"
        limit = f"pandas.Timestamp({str(date.replace(tzinfo=None)) if date else value!r})"
    return ORDER.format(cells=cells, operator=operator, limit=limit)
